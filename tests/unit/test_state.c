/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_state.c: state.json as a file that grows by whole lines, and what tells a process from another.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys.h"
#include "runtime/container/state.h"

static const struct annotation annotations[] = {
	{.key = "plain", .value = "a/b"},
	{.key = "q\"\\\n", .value = "\x01\x7f \xc3\xa9 }\n{"},
};

static const struct state full = {
	.id = "web",
	.oci_version = "1.2.0",
	.bundle = "/b \"x\"\n",
	.rootfs = "/b/r\xc3\xa9",
	.cgroup_path = "cloison/web",
	.systemd_unit = "",
	.created = "2026-11-24T00:00:00.000000Z",
	.pid = 2147483647,
	.start_ticks = 0,
	.start_ticks_end = UINT64_MAX,
	.poststop = true,
	.n_annotations = 2,
	.annotations = annotations,
};

static int make_dir(void **fixture)
{
	static char path[] = "/tmp/cloison-state.XXXXXX";

	if (!mkdtemp(path))
		return -1;
	*fixture = path;
	return 0;
}

static int remove_dir(void **fixture)
{
	return rmdir(*fixture);
}

/* A directory of containers with one in it. */
struct one {
	int root, dir, file;
};

static struct one make_one(void **fixture)
{
	struct one one = {.file = FD_EMPTY};
	struct error err = ERROR_INIT;

	one.dir = state_make_dir(*fixture, "web", &one.root, &one.file, &err);
	assert_true(one.dir >= 0 && one.file >= 0);
	return one;
}

static void remove_one(struct one *one)
{
	struct error err = ERROR_INIT;

	assert_int_equal(state_remove_dir(one->root, "web", one->dir, &err), 0);
	close(one->file);
	close(one->dir);
	close(one->root);
}

static void reads_as(int dir, bool container, bool process)
{
	struct error err = ERROR_INIT;
	struct arena arena = {0};
	struct state s;

	assert_int_equal(state_read(dir, "web", &arena, &s, &err), 0);
	assert_string_equal(s.bundle, container ? full.bundle : "");
	assert_string_equal(s.rootfs, container ? full.rootfs : "");
	assert_int_equal(s.poststop, container);
	assert_int_equal(s.n_annotations, container ? 2 : 0);
	for (size_t i = 0; i < s.n_annotations; i++) {
		assert_string_equal(s.annotations[i].key, annotations[i].key);
		assert_string_equal(s.annotations[i].value, annotations[i].value);
	}
	assert_int_equal(s.pid, process ? full.pid : 0);
	assert_true(s.start_ticks_end == (process ? UINT64_MAX : 0));
	arena_free(&arena);
}

/* Whenever a writer is killed, or a reader looks: all of a line or nothing of it. */
static void whole_lines_alone_count(void **fixture)
{
	struct one one = make_one(fixture);
	struct error err = ERROR_INIT;
	size_t first, length;
	char text[4096];
	int in;

	reads_as(one.dir, false, false);
	assert_int_equal(state_write(one.file, &full, &err), 0);
	reads_as(one.dir, true, false);
	first = (size_t)lseek(one.file, 0, SEEK_END);
	assert_int_equal(state_write_process(one.dir, one.file, &full, &err), 0);
	reads_as(one.dir, true, true);
	in = openat(one.dir, STATE_FILE, O_RDONLY | O_CLOEXEC);
	length = (size_t)read(in, text, sizeof(text));
	close(in);
	assert_true(length > first && length < sizeof(text));
	for (size_t n = length; n--;) {
		assert_int_equal(ftruncate(one.file, (off_t)n), 0);
		reads_as(one.dir, n >= first, false);
	}
	remove_one(&one);
}

/* Who has no descriptor of the file any more adds the same line. */
static void process_is_added_by_name(void **fixture)
{
	struct one one = make_one(fixture);
	struct error err = ERROR_INIT;

	assert_int_equal(state_write(one.file, &full, &err), 0);
	assert_int_equal(state_write_process(one.dir, FD_EMPTY, &full, &err), 0);
	reads_as(one.dir, true, true);
	remove_one(&one);
}

/* systemd tells where a scope is when it is there, which is after the first line was written. */
static void the_cgroup_may_come_with_the_process(void **fixture)
{
	struct one one = make_one(fixture);
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	struct state s = full, read;

	s.cgroup_path = "";
	assert_int_equal(state_write(one.file, &s, &err), 0);
	s.cgroup_path = "/system.slice/a\\x2d\"b\".scope";
	assert_int_equal(state_write_process(one.dir, one.file, &s, &err), 0);
	assert_int_equal(state_read(one.dir, "one", &arena, &read, &err), 0);
	assert_string_equal(read.cgroup_path, s.cgroup_path);
	arena_free(&arena);
	remove_one(&one);
}

static void a_cgroup_path_that_has_no_place_is_refused_from_the_first(void **fixture)
{
	struct one one = make_one(fixture);
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	struct state s = full, read;
	char path[642], line[800];
	int n;

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	s.cgroup_path = path;
	assert_int_equal(state_write(one.file, &s, &err), -1);
	assert_int_equal(err.errnum, ENAMETOOLONG);
	assert_int_equal(lseek(one.file, 0, SEEK_END), 0);

	n = snprintf(line, sizeof(line), "{\"bundle\":\"/\",\"cgroupPath\":\"%s\"}\n", path);
	assert_int_equal(write(one.file, line, (size_t)n), n);
	assert_int_equal(state_read(one.dir, "one", &arena, &read, &err), -1);
	assert_int_equal(err.errnum, ENAMETOOLONG);
	arena_free(&arena);

	path[640] = '\0';
	assert_int_equal(ftruncate(one.file, 0), 0);
	assert_int_equal(state_write(one.file, &s, &err), 0);
	assert_int_equal(state_write_process(one.dir, one.file, &s, &err), 0);
	remove_one(&one);
}

static void strings_are_written_as_json_c_does(void **fixture)
{
	struct one one = make_one(fixture);
	struct error err = ERROR_INIT;
	struct state s = full;
	char wanted[256], text[4096];
	struct json_object *o;
	ssize_t n;
	int in;

	for (int c = 1; c < 0x80; c++) {
		char path[] = {'/', (char)c, 'x', '\0'};

		s.rootfs = path;
		o = json_object_new_string(path);
		snprintf(wanted, sizeof(wanted), ",\"rootfs\":%s,",
			 json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE));
		json_object_put(o);
		assert_int_equal(ftruncate(one.file, 0), 0);
		assert_int_equal(state_write(one.file, &s, &err), 0);
		in = openat(one.dir, STATE_FILE, O_RDONLY | O_CLOEXEC);
		n = read(in, text, sizeof(text) - 1);
		close(in);
		assert_true(n > 0);
		text[n] = '\0';
		assert_non_null(strstr(text, wanted));
	}
	s.rootfs = "\xff";
	assert_int_equal(state_write(one.file, &s, &err), -1);
	assert_int_equal(err.errnum, EILSEQ);
	remove_one(&one);
}

static void an_id_is_taken_once(void **fixture)
{
	struct one one = make_one(fixture);
	struct error err = ERROR_INIT;
	int root = FD_EMPTY, file = FD_EMPTY;

	assert_int_equal(state_make_dir(*fixture, "web", &root, &file, &err), -1);
	assert_int_equal(err.errnum, EEXIST);
	assert_int_equal(root, FD_EMPTY);
	assert_int_equal(file, FD_EMPTY);
	remove_one(&one);
}

static void time_is_that_of_strftime(void **fixture)
{
	char wanted[64], text[STATE_TIME_SIZE];
	struct timespec when = {0};
	struct tm tm;

	(void)fixture;
	for (int i = 0; i < 100000; i++) {
		size_t n;

		/* from 1970 to 9999, all days of the year and times of the day */
		when.tv_sec = (time_t)i * 2534021;
		when.tv_nsec = (long)i * 9999;
		gmtime_r(&when.tv_sec, &tm);
		n = strftime(wanted, sizeof(wanted), "%Y-%m-%dT%H:%M:%S", &tm);
		snprintf(wanted + n, sizeof(wanted) - n, ".%06ldZ", when.tv_nsec / 1000);
		state_format_time(&when, text);
		assert_string_equal(text, wanted);
	}
}

/* is - what is said of @pid when it is to have begun from @from to @to. */
static bool is(pid_t pid, uint64_t from, uint64_t to)
{
	const struct state s = {.pid = pid, .start_ticks = from, .start_ticks_end = to};
	char letter = '?';

	return state_is_process(&s, &letter);
}

static void a_process_began_between_two_readings(void **fixture)
{
	const struct timespec tick = {.tv_nsec = 30000000};

	(void)fixture;
	for (int i = 0; i < 20; i++) {
		uint64_t before = state_now_ticks(), after;
		pid_t pid = fork();

		if (pid == 0) {
			pause();
			_exit(0);
		}
		after = state_now_ticks();
		assert_true(is(pid, before, after));
		nanosleep(&tick, NULL);
		/* another that had its pid would have begun later or earlier */
		assert_false(is(pid, after + 1, state_now_ticks()));
		assert_false(is(pid, 0, before - 1));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		assert_false(is(pid, before, after));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_lines_alone_count),
		cmocka_unit_test(process_is_added_by_name),
		cmocka_unit_test(the_cgroup_may_come_with_the_process),
		cmocka_unit_test(a_cgroup_path_that_has_no_place_is_refused_from_the_first),
		cmocka_unit_test(strings_are_written_as_json_c_does),
		cmocka_unit_test(an_id_is_taken_once),
		cmocka_unit_test(time_is_that_of_strftime),
		cmocka_unit_test(a_process_began_between_two_readings),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
