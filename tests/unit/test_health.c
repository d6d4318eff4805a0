/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_health.c: who has to speak for the watchdog to be fed (init/health.c).
 */
#include "init/health.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int clear(void **state)
{
	(void)state;
	health_forget("a");
	health_forget("b");
	return 0;
}

static void nobody_needed_is_healthy(void **state)
{
	(void)state;
	assert_null(health_silent(0));
	assert_null(health_silent(UINT64_MAX));
}

static void who_speaks_in_time_is_healthy_and_who_does_not_is_named(void **state)
{
	(void)state;
	assert_true(health_need("a", 5000, 1000));
	assert_null(health_silent(5999));
	assert_string_equal(health_silent(6000), "a");
	health_spoke("a", 6000);
	assert_null(health_silent(10999));
	assert_string_equal(health_silent(11000), "a");
}

static void to_be_needed_again_is_no_sign_of_life(void **state)
{
	(void)state;
	assert_true(health_need("a", 5000, 1000));
	assert_true(health_need("a", 5000, 5900));
	assert_string_equal(health_silent(6000), "a");
	assert_true(health_need("a", 7000, 6000));
	assert_null(health_silent(7999));
	assert_string_equal(health_silent(8000), "a");
}

static void who_is_forgotten_need_not_speak(void **state)
{
	(void)state;
	assert_true(health_need("a", 10, 0));
	health_forget("a");
	assert_null(health_silent(100));
	health_spoke("a", 100);
	assert_null(health_silent(1000));
	health_forget("never seen");
}

static void the_one_silent_for_longest_is_named(void **state)
{
	(void)state;
	assert_true(health_need("a", 20, 0));
	assert_true(health_need("b", 10, 0));
	assert_string_equal(health_silent(15), "b");
	assert_string_equal(health_silent(100), "b");
	health_spoke("b", 100);
	assert_string_equal(health_silent(100), "a");
}

static void there_is_a_most_of_parties_and_no_nameless_one(void **state)
{
	char name[16];

	(void)state;
	assert_false(health_need("", 10, 0));
	for (int i = 0; i < HEALTH_PARTIES; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		assert_true(health_need(name, 10, 0));
	}
	assert_false(health_need("one more", 10, 0));
	health_forget("p3");
	assert_true(health_need("a", 10, 0));
	for (int i = 0; i < HEALTH_PARTIES; i++) {
		snprintf(name, sizeof(name), "p%d", i);
		health_forget(name);
	}
}

static void a_long_name_is_cut_and_still_found(void **state)
{
	char name[2 * HEALTH_NAME_BYTES];

	(void)state;
	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_true(health_need(name, 10, 0));
	assert_int_equal(strlen(health_silent(10)), HEALTH_NAME_BYTES - 1);
	health_spoke(name, 10);
	assert_null(health_silent(19));
	health_forget(name);
	assert_null(health_silent(100));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(nobody_needed_is_healthy, clear),
		cmocka_unit_test_setup(who_speaks_in_time_is_healthy_and_who_does_not_is_named,
				       clear),
		cmocka_unit_test_setup(to_be_needed_again_is_no_sign_of_life, clear),
		cmocka_unit_test_setup(who_is_forgotten_need_not_speak, clear),
		cmocka_unit_test_setup(the_one_silent_for_longest_is_named, clear),
		cmocka_unit_test_setup(there_is_a_most_of_parties_and_no_nameless_one, clear),
		cmocka_unit_test_setup(a_long_name_is_cut_and_still_found, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
