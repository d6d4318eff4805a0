/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_backoff.c: how long a service that ended waits for its next start (init/backoff.c).
 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "init/backoff.h"

static void short_runs_wait_twice_as_long_each_time_up_to_a_cap(void **state)
{
	static const unsigned int expected[] = {250,  500,   1000,  2000, 4000,
						8000, 16000, 30000, 30000};
	struct backoff b = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		assert_int_equal(backoff_next_ms(&b, 3, BACKOFF_CAP_MS, 0), expected[i]);
}

static void a_healthy_run_is_followed_at_once_and_clears_the_record(void **state)
{
	struct backoff b = {0};

	(void)state;
	for (int i = 0; i < 5; i++)
		backoff_next_ms(&b, 0, BACKOFF_CAP_MS, 0);
	assert_int_equal(backoff_next_ms(&b, BACKOFF_HEALTHY_MS, BACKOFF_CAP_MS, 0), 0);
	assert_int_equal(backoff_next_ms(&b, BACKOFF_HEALTHY_MS - 1, BACKOFF_CAP_MS, 0),
			 BACKOFF_FIRST_MS);
}

static void the_count_of_failures_does_not_wrap(void **state)
{
	struct backoff b = {.failures = UINT_MAX};

	(void)state;
	assert_int_equal(backoff_next_ms(&b, 0, BACKOFF_CAP_MS, 0), BACKOFF_CAP_MS);
	assert_int_equal(backoff_next_ms(&b, 0, BACKOFF_CAP_MS, 0), BACKOFF_CAP_MS);
	assert_true(b.failures == UINT_MAX);
}

static void a_service_may_have_a_cap_of_its_own(void **state)
{
	struct backoff b = {0};

	(void)state;
	assert_int_equal(backoff_next_ms(&b, 0, 400, 0), 250);
	for (int i = 0; i < 100; i++)
		assert_int_equal(backoff_next_ms(&b, 0, 400, 0), 400);
	assert_int_equal(backoff_next_ms(&b, 0, 1, 0), 1);
}

static void jitter_takes_up_to_a_quarter_away(void **state)
{
	unsigned int least = UINT_MAX;
	unsigned int most = 0;

	(void)state;
	for (uint32_t random = 0; random < 100000; random++) {
		struct backoff b = {.failures = 20};
		unsigned int wait_ms = backoff_next_ms(&b, 0, BACKOFF_CAP_MS, random * 2654435761U);

		least = wait_ms < least ? wait_ms : least;
		most = wait_ms > most ? wait_ms : most;
	}
	assert_int_equal(most, BACKOFF_CAP_MS);
	assert_int_equal(least, BACKOFF_CAP_MS - BACKOFF_CAP_MS / 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_service_may_have_a_cap_of_its_own),
		cmocka_unit_test(jitter_takes_up_to_a_quarter_away),
		cmocka_unit_test(short_runs_wait_twice_as_long_each_time_up_to_a_cap),
		cmocka_unit_test(a_healthy_run_is_followed_at_once_and_clears_the_record),
		cmocka_unit_test(the_count_of_failures_does_not_wrap),
	};

	return cmocka_run_group_tests_name("init/backoff", tests, NULL, NULL);
}
