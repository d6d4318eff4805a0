/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_state.c: state.json, and the stat line of a process, on arbitrary bytes.
 *
 * What state_read() accepts is written by state_write() and state_write_process(), and read again as the
 * same. Of a text that is cut off, whole lines count.
 */
#include "runtime/container/state.c"
#include "tests/fuzz/fuzz.h"

static bool same(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static void require_same(const struct state *a, const struct state *b)
{
	REQUIRE(a->pid == b->pid && a->start_ticks == b->start_ticks &&
		a->start_ticks_end == b->start_ticks_end);
	REQUIRE(same(a->bundle, b->bundle) && same(a->rootfs, b->rootfs));
	REQUIRE(same(a->cgroup_path, b->cgroup_path) && same(a->created, b->created));
	REQUIRE(same(a->oci_version, b->oci_version) && a->n_annotations == b->n_annotations);
	for (size_t i = 0; i < a->n_annotations; i++)
		REQUIRE(same(a->annotations[i].key, b->annotations[i].key) &&
			same(a->annotations[i].value, b->annotations[i].value));
}

static void check_state(const uint8_t *data, size_t size)
{
	static int dir = FD_EMPTY;
	struct error err = ERROR_INIT;
	struct arena arena = {0};
	struct state state, again;
	int file;

	if (dir < 0) {
		char path[4096];

		close(fuzz_file("state/" STATE_FILE, path, sizeof(path)));
		*strrchr(path, '/') = '\0';
		dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		REQUIRE(dir >= 0);
	}
	file = openat(dir, STATE_FILE, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	REQUIRE(file >= 0);
	fuzz_fill(file, data, size);
	close(file);
	if (state_read(dir, "id", &arena, &state, &err) < 0) {
		REQUIRE(err.what[0]);
	} else {
		REQUIRE(state.bundle && state.rootfs && state.cgroup_path && state.oci_version);
		REQUIRE(state.pid >= 0 && same(state.id, "id"));
		file = openat(dir, STATE_FILE, O_WRONLY | O_APPEND | O_TRUNC | O_CLOEXEC);
		REQUIRE(file >= 0 && state_write(file, &state, &err) == 0);
		if (state.pid)
			REQUIRE(state_write_process(dir, file, &state, &err) == 0);
		close(file);
		/* Escapes may make it longer than the reader takes. */
		if (state_read(dir, "id", &arena, &again, &err) == 0)
			require_same(&state, &again);
		else
			REQUIRE(size > JSON_MAX_BYTES / 6);
	}
	arena_free(&arena);
}

/* check_stat - whatever a process calls itself, the kernel's fields behind are what is read. */
static void check_stat(const char *name)
{
	uint64_t ticks = 0;
	char text[1024], letter = 0;

	snprintf(text, sizeof(text),
		 "1 (%.64s) S 1 1 1 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 987654321 1 2 3\n", name);
	REQUIRE(parse_stat(text, &ticks, &letter) == 0);
	REQUIRE(letter == 'S' && ticks == 987654321);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	uint64_t ticks;
	char letter;

	check_state(data, size);
	check_stat(text);
	if (parse_stat(text, &ticks, &letter) < 0)
		REQUIRE(errno == EPROTO);
	free(text);
	return 0;
}
