/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_loop.c: descriptors and timers of one loop.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/loop.h"

static struct loop loop;
static char order[16];

struct named {
	struct loop_timer timer;
	char name;
};

static void note(struct loop_timer *timer)
{
	size_t n = strlen(order);

	order[n] = owner_of(timer, struct named, timer)->name;
	order[n + 1] = '\0';
}

static int prepare(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	order[0] = '\0';
	return loop_init(&loop, &err);
}

static int release(void **state)
{
	(void)state;
	close(loop.epoll);
	return 0;
}

static void turn(void)
{
	struct error err = ERROR_INIT;

	assert_int_equal(loop_turn(&loop, &err), 0);
}

static void timers_come_in_the_order_of_their_times(void **state)
{
	struct named a = {.name = 'a'}, b = {.name = 'b'}, c = {.name = 'c'}, d = {.name = 'd'};

	(void)state;
	loop_after(&loop, &a.timer, 3, note);
	loop_after(&loop, &b.timer, 1, note);
	loop_after(&loop, &c.timer, 2, note);
	loop_after(&loop, &d.timer, 4, note);
	loop_after(&loop, &d.timer, 0, note); /* set anew */
	loop_cancel(&loop, &a.timer);
	while (strlen(order) < 3)
		turn();
	assert_string_equal(order, "dbc");
	assert_null(loop.first);
	assert_null(loop.last);
}

struct pair {
	struct loop_source a, b;
	int called;
};

static struct pair *pair;

static void remove_the_other(struct loop_source *source, uint32_t events)
{
	(void)events;
	pair->called++;
	loop_remove(&loop, source == &pair->a ? &pair->b : &pair->a);
}

static void a_source_that_was_removed_is_not_called(void **state)
{
	struct pair p = {.a = LOOP_SOURCE_INIT, .b = LOOP_SOURCE_INIT};
	struct error err = ERROR_INIT;
	int one[2], two[2];

	(void)state;
	pair = &p;
	assert_int_equal(pipe(one), 0);
	assert_int_equal(pipe(two), 0);
	assert_int_equal(write(one[1], "x", 1), 1);
	assert_int_equal(write(two[1], "x", 1), 1);
	assert_int_equal(loop_add(&loop, &p.a, one[0], EPOLLIN, remove_the_other, &err), 0);
	assert_int_equal(loop_add(&loop, &p.b, two[0], EPOLLIN, remove_the_other, &err), 0);
	turn();
	assert_int_equal(p.called, 1);
	loop_close(&loop, &p.a);
	loop_close(&loop, &p.b);
	assert_int_equal(p.a.fd, FD_EMPTY);
	close(one[0]);
	close(one[1]);
	close(two[0]);
	close(two[1]);
}

static void count_call(struct loop_source *source, uint32_t events)
{
	(void)events;
	owner_of(source, struct pair, a)->called++;
}

static void a_source_waits_for_what_it_was_told(void **state)
{
	struct pair p = {.a = LOOP_SOURCE_INIT};
	struct named stop = {.name = 's'};
	struct error err = ERROR_INIT;
	int one[2];

	(void)state;
	assert_int_equal(pipe(one), 0);
	assert_int_equal(write(one[1], "x", 1), 1);
	assert_int_equal(loop_add(&loop, &p.a, one[0], 0, count_call, &err), 0);
	loop_after(&loop, &stop.timer, 1, note);
	while (!order[0])
		turn();
	assert_int_equal(p.called, 0);
	loop_wait_for(&loop, &p.a, EPOLLIN);
	turn();
	assert_int_equal(p.called, 1);
	loop_close(&loop, &p.a);
	close(one[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(timers_come_in_the_order_of_their_times, prepare,
						release),
		cmocka_unit_test_setup_teardown(a_source_that_was_removed_is_not_called, prepare,
						release),
		cmocka_unit_test_setup_teardown(a_source_waits_for_what_it_was_told, prepare,
						release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
