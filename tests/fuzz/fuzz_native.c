/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_native.c: native_request_check() and native_config() on an arbitrary request, with an arbitrary
 * configuration, passwd and group as the image: four texts with a zero byte between them.
 *
 * What has been refused has a reason; what has not is a configuration, whose root is absolute; and a request that is
 * wrong never becomes one.
 */
#include <json-c/json.h>

#include "fuzz.h"
#include "lib/error.h"
#include "runtime/native/native.h"

static const char *const names[] = {"images/x/config.json", "images/x/rootfs/etc/passwd",
				    "images/x/rootfs/etc/group"};

/* images - the directory of the one image, which is filled with the input's next parts. */
static const char *images(const uint8_t **data, size_t *size)
{
	static int fds[ARRAY_SIZE(names)];
	static char path[512], dir[512];

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = fuzz_part(data, size);

		if (fds[i] <= 0)
			fds[i] = fuzz_file(names[i], path, sizeof(path));
		if (!dir[0])
			snprintf(dir, sizeof(dir), "%.*s", (int)(strstr(path, "/x/") - path), path);
		fuzz_fill(fds[i], text, strlen(text));
		free(text);
	}
	return dir;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_part(&data, &size);
	struct json_object *request = json_tokener_parse(text), *config;
	const char *dir = images(&data, &size);
	struct error err = ERROR_INIT;
	int rc;

	free(text);
	rc = native_request_check(request, &err);
	REQUIRE(rc == 0 || err.what[0]);
	err = (struct error)ERROR_INIT;
	config = native_config(request, dir, &err);
	REQUIRE(config || err.what[0]);
	REQUIRE(rc == 0 || !config);
	if (config) {
		struct json_object *root = json_object_object_get(config, "root");
		const char *path = json_object_get_string(json_object_object_get(root, "path"));

		REQUIRE(path && path[0] == '/');
	}
	json_object_put(config);
	json_object_put(request);
	return 0;
}
