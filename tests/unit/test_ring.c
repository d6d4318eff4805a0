/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_ring.c: the newest lines of a service's output (init/ring.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "init/ring.h"

static struct ring r;
static char text[RING_TEXT_MAX + 1];

static const char *copy(void)
{
	text[ring_copy(&r, text)] = '\0';
	return text;
}

static void add(uint64_t ms, const char *s)
{
	ring_add(&r, ms, s, strlen(s));
}

static int start_over(void **state)
{
	(void)state;
	memset(&r, 0, sizeof(r));
	return 0;
}

static void each_line_has_the_time_of_its_first_byte(void **state)
{
	(void)state;
	assert_string_equal(copy(), "");
	add(1002, "one\ntw");
	add(123456, "o\n\nthree");
	assert_string_equal(copy(), "[    1.002] one\n[    1.002] two\n[  123.456] \n"
				    "[  123.456] three");
}

static void control_characters_cannot_reach_a_terminal(void **state)
{
	(void)state;
	ring_add(&r, 0, "a\033[2J\0\tb\r\x7f\n", 11);
	assert_string_equal(copy(), "[    0.000] a?[2J?\tb??\n");
}

static void the_oldest_lines_go_whole_and_are_counted(void **state)
{
	char line[32];
	const char *all;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(line, sizeof(line), "line %d\n", i);
		add(0, line);
	}
	all = copy();
	assert_int_equal(all[0], '(');
	assert_non_null(strstr(all, " bytes before this)\n[    0.000] line "));
	assert_string_equal(all + strlen(all) - 10, "line 1999\n");
	assert_true(strlen(all) > RING_BYTES - 64);
}

static void a_line_longer_than_the_ring_does_not_break_it(void **state)
{
	(void)state;
	for (int i = 0; i < RING_BYTES; i++)
		add(0, "xyz");
	assert_null(strchr(strchr(copy(), '\n') + 1, 'x'));
	add(7, "\nnext\n");
	assert_non_null(strstr(copy(), ")\n[    0.007] next\n"));
}

static void what_was_dropped_is_marked_where_it_was(void **state)
{
	(void)state;
	add(1, "half a li");
	ring_skip(&r, 1000);
	ring_skip(&r, 24);
	assert_string_equal(copy(), "[    0.001] half a li\n(1024 bytes dropped)\n");
	add(2, "after\n");
	assert_string_equal(copy(), "[    0.001] half a li\n[    0.002] (1024 bytes dropped)\n"
				    "[    0.002] after\n");
}

#define TEST(f) cmocka_unit_test_setup(f, start_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(each_line_has_the_time_of_its_first_byte),
		TEST(control_characters_cannot_reach_a_terminal),
		TEST(the_oldest_lines_go_whole_and_are_counted),
		TEST(a_line_longer_than_the_ring_does_not_break_it),
		TEST(what_was_dropped_is_marked_where_it_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
