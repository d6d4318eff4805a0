/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_tar.c: an archive from a container, or from whoever is at the other end of cp.
 *
 * Names come out relative and without "..", whatever was in the archive; there are no more data than came in; and
 * what is written again reads the same.
 */
#include "runtime/cli/native/tar.h"
#include "tests/fuzz/fuzz.h"

struct input {
	const uint8_t *data;
	size_t left, most; /* most: at once */
};

static ssize_t pull(void *context, void *to, size_t size, struct error *err)
{
	struct input *in = context;

	(void)err;
	if (size > in->left)
		size = in->left;
	if (size > in->most)
		size = in->most;
	memcpy(to, in->data, size);
	in->data += size;
	in->left -= size;
	return (ssize_t)size;
}

static void check_path(const char *path)
{
	size_t n = strlen(path);

	REQUIRE(n > 0 && n < PATH_MAX && path[0] != '/' && path[n - 1] != '/');
	for (const char *p = path; *p; p++)
		if (p == path || p[-1] == '/')
			REQUIRE(strncmp(p, "../", 3) != 0 && strcmp(p, "..") != 0 && *p != '/');
}

static uint8_t again[65536];
static size_t again_length;

static int push(void *context, const void *data, size_t size, struct error *err)
{
	(void)context;
	(void)err;
	REQUIRE(again_length + size <= sizeof(again));
	memcpy(again + again_length, data, size);
	again_length += size;
	return 0;
}

/* write_again - what was read of @e, without its data. */
static void write_again(const struct tar_entry *e)
{
	static struct tar_entry copy, back;
	struct error err = ERROR_INIT;
	struct input in = {.data = again, .most = 512};
	struct tar_reader r = {.pull = pull, .context = &in};

	if (e->type == TAR_HARD_LINK)
		return; /* is not written */
	copy = *e;
	copy.size = 0;
	again_length = 0;
	REQUIRE(tar_put_header(push, NULL, &copy, &err) == 0 && tar_put_end(push, NULL, &err) == 0);
	in.left = again_length;
	REQUIRE(tar_next(&r, &back, &err) == 1);
	REQUIRE(!strcmp(back.path, copy.path) && !strcmp(back.link, copy.link));
	REQUIRE(back.type == copy.type && back.uid == copy.uid && back.gid == copy.gid &&
		back.mode == copy.mode);
	REQUIRE(tar_next(&r, &back, &err) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct tar_entry e;
	struct input in = {.data = data, .left = size, .most = size % 3 ? 4096 : 100};
	struct tar_reader r = {.pull = pull, .context = &in};
	struct error err = ERROR_INIT;
	size_t total = 0;
	char chunk[1000];
	int rc;

	while ((rc = tar_next(&r, &e, &err)) == 1) {
		ssize_t n;

		check_path(e.path);
		if (e.type == TAR_HARD_LINK)
			check_path(e.link);
		write_again(&e);
		while ((n = tar_data(&r, chunk, sizeof(chunk), &err)) > 0)
			total += (size_t)n;
		if (n < 0)
			break;
	}
	REQUIRE(total <= size);
	REQUIRE(rc >= 0 || err.what[0]);
	return 0;
}
