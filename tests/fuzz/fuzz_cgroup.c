/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_cgroup.c: the files of a cgroup on arbitrary bytes, in a directory that is none.
 *
 * The input is cut at zero bytes into memory.events and memory.max.
 */
#include "runtime/sandbox/cgroup.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {"memory.events", "memory.max"};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int files[ARRAY_SIZE(names)], dir = FD_EMPTY;
	struct cgroup cg = CGROUP_INIT;
	struct error err = ERROR_INIT;
	struct cgroup_oom oom;

	if (dir < 0) {
		char path[4096];

		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			char below[64];

			snprintf(below, sizeof(below), "cgroup/%s", names[i]);
			files[i] = fuzz_file(below, path, sizeof(path));
		}
		*strrchr(path, '/') = '\0';
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		REQUIRE(dir >= 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char *text = fuzz_part(&data, &size);

		fuzz_fill(files[i], text, strlen(text));
		free(text);
	}
	cg.dir = dir;
	if (cgroup_oom_read(&cg, &oom, &err) < 0)
		REQUIRE(err.what[0]);
	return 0;
}
