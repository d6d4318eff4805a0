/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_cgroup.c: the files of a cgroup on arbitrary bytes, in a directory that is none.
 *
 * The input is cut at zero bytes into the files, in the order below. What `events` makes of them is
 * JSON.
 */
#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/container/stats.h"
#include "runtime/sandbox/cgroup.h"
#include "tests/fuzz/fuzz.h"

static const char *const names[] = {
	"memory.events", "memory.max", "memory.current",	"memory.peak",
	"memory.stat",	 "cpu.stat",   "cpu.pressure",		"io.stat",
	"pids.current",	 "pids.max",   "cpuset.cpus.effective", "hugetlb.2MB.current",
};

/* check_stats - the numbers of a document that is given to engines. */
static void check_stats(const struct cgroup *cg)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "stats", .arena = &arena, .err = &err};
	struct json_object *stats = stats_read(cg, &err), *again;
	const char *text;

	REQUIRE(stats || err.what[0]);
	text = stats ? json_object_to_json_string(stats) : "{}";
	if (json_is_utf8(text)) { /* the keys of memory.stat are the kernel's */
		again = json_parse(text, strlen(text), &source);
		REQUIRE(again);
		json_object_put(again);
	}
	json_object_put(stats);
	arena_free(&arena);
}

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

		/* the kernel has not as many processors as a long list of ranges */
		if (!strncmp(names[i], "cpuset", 6) && strlen(text) > 24)
			text[24] = '\0';
		fuzz_fill(files[i], text, strlen(text));
		free(text);
	}
	cg.dir = dir;
	if (cgroup_oom_read(&cg, &oom, &err) < 0)
		REQUIRE(err.what[0]);
	check_stats(&cg);
	return 0;
}
