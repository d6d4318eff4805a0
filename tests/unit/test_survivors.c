/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_survivors.c: reading /proc/PID/stat (init/survivors.c).
 */
#include "init/survivors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct survivor s;

static int parse(const char *stat)
{
	return survivor_parse(&s, stat, strlen(stat));
}

static void a_process_is_read(void **state)
{
	(void)state;
	assert_int_equal(parse("123 (sleep) S 1 123 123 0 -1 4194304 90 0 0 0"), 0);
	assert_string_equal(s.name, "sleep");
	assert_int_equal(s.state, 'S');
	assert_false(s.kernel);
}

static void threads_of_the_kernel_are_told_by_their_flag(void **state)
{
	(void)state;
	assert_int_equal(parse("2 (kthreadd) S 0 0 0 0 -1 2129984 0 0"), 0);
	assert_true(s.kernel);
}

static void a_name_may_hold_anything(void **state)
{
	(void)state;
	assert_int_equal(parse("9 (a) S 1 (b\n\x1b[m) D 1 2 3 4 5 6 7"), 0);
	assert_string_equal(s.name, "a) S 1 (b??[m");
	assert_int_equal(s.state, 'D');
	assert_int_equal(parse("9 () R 1 2 3 4 5 6 7"), 0);
	assert_string_equal(s.name, "");
	assert_int_equal(parse("9 (longer than fifteen bytes) R 1 2 3 4 5 6 7"), 0);
	assert_int_equal(strlen(s.name), sizeof(s.name) - 1);
}

static void what_is_cut_off_is_refused(void **state)
{
	static const char whole[] = "123 (sleep) S 1 123 123 0 -1 4";

	(void)state;
	assert_int_equal(survivor_parse(&s, whole, sizeof(whole) - 1), 0);
	for (size_t len = 0; len < sizeof(whole) - 2; len++) {
		char *part = malloc(len + 1); /* the sanitizer sees a byte too many behind it */

		assert_non_null(part);
		memcpy(part + 1, whole, len);
		assert_int_equal(survivor_parse(&s, part + 1, len), -1);
		free(part);
	}
	assert_int_equal(parse(") ( S 1 2 3 4 5 6 7"), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_is_read),
		cmocka_unit_test(threads_of_the_kernel_are_told_by_their_flag),
		cmocka_unit_test(a_name_may_hold_anything),
		cmocka_unit_test(what_is_cut_off_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
