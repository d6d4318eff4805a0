/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_records.c: exit records that wait for the supervisor (init/records.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "init/records.h"

static struct records r;
static struct init_message m;

static void add(int n)
{
	for (int i = 0; i < n; i++)
		records_add(&r, 100 + i, 256, 5);
}

/* send_all - the number of exit records that were to be sent; their numbers follow each other. */
static uint64_t send_all(void)
{
	uint64_t sent = 0;
	uint64_t last = 0;

	while (records_peek(&r, &m)) {
		if (m.kind == INIT_EXIT) {
			assert_true(last == 0 || m.seq == last + 1);
			last = m.seq;
			sent++;
		}
		records_sent(&r, &m);
	}
	return sent;
}

static int start_over(void **state)
{
	(void)state;
	records_init(&r);
	return 0;
}

static void a_record_says_what_was_put_in_and_counts_from_1(void **state)
{
	(void)state;
	records_add(&r, 42, 9, 1234567890123);
	assert_true(records_peek(&r, &m));
	assert_int_equal(m.kind, INIT_EXIT);
	assert_int_equal(m.seq, 1);
	assert_int_equal(m.pid, 42);
	assert_int_equal(m.status, 9);
	assert_int_equal(m.time_ns, 1234567890123);
	records_sent(&r, &m);
	assert_false(records_peek(&r, &m));
}

static void what_is_not_acknowledged_is_sent_again_after_a_rewind(void **state)
{
	(void)state;
	add(5);
	assert_int_equal(send_all(), 5);
	assert_true(records_ack(&r, 2));
	assert_int_equal(send_all(), 0);
	records_rewind(&r);
	assert_true(records_peek(&r, &m));
	assert_int_equal(m.seq, 3);
	assert_int_equal(send_all(), 3);
}

static void what_was_not_sent_cannot_be_acknowledged(void **state)
{
	(void)state;
	add(3);
	assert_true(records_peek(&r, &m));
	records_sent(&r, &m);
	assert_false(records_ack(&r, 2));
	assert_false(records_ack(&r, UINT64_MAX));
	assert_true(records_ack(&r, 1));
	assert_true(records_ack(&r, 0)); /* of no consequence */
	assert_int_equal(send_all(), 2);
}

static void the_oldest_go_when_there_is_no_room_and_the_loss_is_told_once(void **state)
{
	(void)state;
	add(INIT_RECORDS + 7);
	assert_true(records_peek(&r, &m));
	assert_int_equal(m.kind, INIT_LOST);
	assert_int_equal(m.seq, 7);
	records_sent(&r, &m);
	assert_true(records_peek(&r, &m));
	assert_int_equal(m.kind, INIT_EXIT);
	assert_int_equal(m.seq, 8);
	assert_int_equal(send_all(), INIT_RECORDS);
}

static void a_loss_of_records_that_were_sent_is_told_too(void **state)
{
	(void)state;
	add(10);
	assert_int_equal(send_all(), 10);
	add(INIT_RECORDS);
	assert_true(records_peek(&r, &m));
	assert_int_equal(m.kind, INIT_LOST);
	assert_int_equal(m.seq, 10);
	assert_int_equal(send_all(), INIT_RECORDS);
	records_rewind(&r);
	assert_int_equal(send_all(), INIT_RECORDS);
}

static void an_acknowledgement_of_what_was_overwritten_changes_nothing(void **state)
{
	(void)state;
	add(10);
	assert_int_equal(send_all(), 10);
	add(INIT_RECORDS);
	assert_true(records_ack(&r, 4));
	records_rewind(&r);
	assert_int_equal(send_all(), INIT_RECORDS);
}

#define TEST(f) cmocka_unit_test_setup(f, start_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_record_says_what_was_put_in_and_counts_from_1),
		TEST(what_is_not_acknowledged_is_sent_again_after_a_rewind),
		TEST(what_was_not_sent_cannot_be_acknowledged),
		TEST(the_oldest_go_when_there_is_no_room_and_the_loss_is_told_once),
		TEST(a_loss_of_records_that_were_sent_is_told_too),
		TEST(an_acknowledgement_of_what_was_overwritten_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
