/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_mountinfo.c: the order in which PID 1 takes off mounts (init/mountinfo.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "init/mountinfo.h"

#define LINE(id, point) id " 1 0:21 / " point " rw,nosuid shared:7 - tmpfs tmpfs rw,size=1k\n"

static const char appliance[] =
	LINE("1", "/") LINE("20", "/") LINE("21", "/proc") LINE("22", "/sys") LINE("23", "/dev")
		LINE("24", "/dev/pts") LINE("25", "/run") LINE("26", "/sys/fs/cgroup");

static struct mountinfo m;

static void feed(const char *text, size_t piece)
{
	size_t len = strlen(text);

	mountinfo_begin(&m);
	for (size_t at = 0; at < len; at += piece)
		mountinfo_feed(&m, text + at, len - at < piece ? len - at : piece);
}

static int clear(void **state)
{
	(void)state;
	memset(&m, 0, sizeof(m));
	return 0;
}

static void the_last_mount_is_named_however_the_text_is_cut(void **state)
{
	(void)state;
	for (size_t piece = 1; piece < sizeof(appliance); piece++) {
		feed(appliance, piece);
		assert_int_equal(m.last_id, 26);
		assert_string_equal(m.last_path, "/sys/fs/cgroup");
	}
}

static void what_pid_1_needs_is_never_named(void **state)
{
	(void)state;
	feed(LINE("20", "/") LINE("21", "/proc") LINE("23", "/dev"), 7);
	assert_int_equal(m.last_id, 0);
	feed(LINE("20", "/") LINE("21", "/proc/x") LINE("23", "/dev"), 7);
	assert_string_equal(m.last_path, "/proc/x");
}

static void mounts_that_could_not_be_taken_off_are_passed_over(void **state)
{
	static const char *const order[] = {"/sys/fs/cgroup", "/run", "/dev/pts", "/sys"};

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		feed(appliance, 64);
		assert_string_equal(m.last_path, order[i]);
		assert_true(mountinfo_keep(&m));
	}
	feed(appliance, 64);
	assert_int_equal(m.last_id, 0);
}

static void one_of_two_mounts_on_the_same_point_can_be_kept(void **state)
{
	static const char twice[] = LINE("30", "/a") LINE("31", "/a");

	(void)state;
	feed(twice, 5);
	assert_int_equal(m.last_id, 31);
	assert_true(mountinfo_keep(&m));
	feed(twice, 5);
	assert_int_equal(m.last_id, 30);
}

static void no_more_mounts_are_kept_than_there_is_room_for(void **state)
{
	(void)state;
	feed(appliance, 64);
	for (int i = 0; i < MOUNTINFO_KEEP_MAX; i++)
		assert_true(mountinfo_keep(&m));
	assert_false(mountinfo_keep(&m));
}

static void escaped_bytes_are_read(void **state)
{
	(void)state;
	feed(LINE("30", "/a\\040b\\011c\\134d\\012"), 3);
	assert_string_equal(m.last_path, "/a b\tc\\d\n");
}

static void a_malformed_line_is_passed_over(void **state)
{
	static const char *const bad[] = {
		"\n",
		"31\n",
		"31 1 0:2 /\n",
		"31 1 0:2 / \n",
		"x 1 0:2 / /b rw\n",
		"99999999999 1 0:2 / /b rw\n",
		" 1 0:2 / /b rw\n",
		LINE("31", "/b\\04"),
		LINE("31", "/b\\08x"),
		LINE("31", "/b\\000x"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		char text[256];

		snprintf(text, sizeof(text), "%s%s", LINE("30", "/a"), bad[i]);
		feed(text, 9);
		assert_int_equal(m.last_id, 30);
		assert_string_equal(m.last_path, "/a");
	}
}

static void a_line_that_is_cut_off_is_not_believed(void **state)
{
	(void)state;
	feed(LINE("30", "/a") "31 1 0:2 / /b", 4);
	assert_string_equal(m.last_path, "/a");
}

/* feed_path - one line whose mount point has @len bytes */
static void feed_path(size_t len)
{
	char *text = NULL;
	char *point = malloc(len + 1);

	assert_non_null(point);
	memset(point, 'x', len);
	point[len] = '\0';
	assert_true(asprintf(&text, "30 1 0:2 / %s rw\n", point) > 0);
	feed(text, 100);
	free(text);
	free(point);
}

static void a_path_that_is_too_long_is_passed_over(void **state)
{
	(void)state;
	feed_path(PATH_MAX - 1);
	assert_int_equal(strlen(m.last_path), PATH_MAX - 1);
	feed_path(PATH_MAX);
	assert_int_equal(m.last_id, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(the_last_mount_is_named_however_the_text_is_cut, clear),
		cmocka_unit_test_setup(what_pid_1_needs_is_never_named, clear),
		cmocka_unit_test_setup(mounts_that_could_not_be_taken_off_are_passed_over, clear),
		cmocka_unit_test_setup(one_of_two_mounts_on_the_same_point_can_be_kept, clear),
		cmocka_unit_test_setup(no_more_mounts_are_kept_than_there_is_room_for, clear),
		cmocka_unit_test_setup(escaped_bytes_are_read, clear),
		cmocka_unit_test_setup(a_malformed_line_is_passed_over, clear),
		cmocka_unit_test_setup(a_line_that_is_cut_off_is_not_believed, clear),
		cmocka_unit_test_setup(a_path_that_is_too_long_is_passed_over, clear),
	};

	return cmocka_run_group_tests_name("init/mountinfo", tests, NULL, NULL);
}
