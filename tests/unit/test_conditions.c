/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_conditions.c: who waits for whom among services (init/conditions.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "init/conditions.h"

static struct service_def defs[SERVICES_MAX];
static size_t count;
static struct conditions c;
static char said[4096];

static void tell(void *context, size_t i, const char *why)
{
	size_t used = strlen(said);

	(void)context;
	snprintf(said + used, sizeof(said) - used, "%s %s\n", defs[i].name, why);
}

static void ignore(void *context, unsigned int line, const char *key, const char *why)
{
	(void)context;
	(void)line;
	(void)key;
	(void)why;
}

/* add - a service with these lines in its file. */
static void add(const char *name, const char *lines)
{
	char text[1024];

	snprintf(text, sizeof(text), "exec = /x\n%s\n", lines);
	servicedef_defaults(&defs[count], name);
	servicedef_parse(&defs[count], text, strlen(text), ignore, NULL);
	count++;
}

static void link_all(void)
{
	const struct service_def *list[SERVICES_MAX];

	said[0] = '\0';
	for (size_t i = 0; i < count; i++)
		list[i] = &defs[i];
	conditions_link(&c, list, count, tell, NULL);
}

static int start_over(void **state)
{
	(void)state;
	count = 0;
	return 0;
}

static size_t place(size_t service)
{
	for (size_t i = 0; i < count; i++)
		if (c.order[i] == service)
			return i;
	fail();
	return 0;
}

static void a_need_is_found_by_the_name_of_a_service_or_what_it_provides(void **state)
{
	(void)state;
	add("a", "needs = c wire");
	add("b", "provides = net wire");
	add("c", "needs = net");
	link_all();
	assert_string_equal(said, "");
	assert_int_equal(c.of[0].need_count, 2);
	assert_int_equal(c.of[0].needs[0], 2);
	assert_int_equal(c.of[0].needs[1], 1);
	assert_true(place(1) < place(2) && place(2) < place(0));
}

static void a_need_that_nobody_sets_is_named(void **state)
{
	(void)state;
	add("a", "needs = nothing");
	add("b", "");
	link_all();
	assert_string_equal(said, "a needs `nothing`, which no service provides\n");
	assert_true(c.of[0].refused);
	assert_false(c.of[1].refused);
}

static void a_circle_is_named_with_its_members_alone(void **state)
{
	(void)state;
	add("a", "needs = b");
	add("b", "needs = c");
	add("c", "needs = d");
	add("d", "needs = b");
	add("e", "");
	link_all();
	assert_non_null(strstr(said, "b the needs go in a circle: b -> c -> d -> b\n"));
	assert_non_null(strstr(said, "a needs `b`, which is not started\n"));
	for (size_t i = 0; i < 4; i++)
		assert_true(c.of[i].refused);
	assert_false(c.of[4].refused);
}

static void who_needs_what_nobody_sets_is_told_that_alone(void **state)
{
	(void)state;
	add("a", "needs = b nothing");
	add("b", "needs = a");
	link_all();
	assert_string_equal(said, "a needs `nothing`, which no service provides\n"
				  "b needs `a`, which is not started\n");
}

static void a_service_that_needs_itself_is_a_circle(void **state)
{
	(void)state;
	add("a", "needs = a");
	link_all();
	assert_string_equal(said, "a the needs go in a circle: a -> a\n");
}

static void two_circles_are_named_once_each(void **state)
{
	(void)state;
	add("a", "needs = b");
	add("b", "needs = a");
	add("c", "needs = d a");
	add("d", "needs = c");
	link_all();
	assert_string_equal(said, "a the needs go in a circle: a -> b -> a\n"
				  "c the needs go in a circle: c -> d -> c\n");
}

static void who_needs_one_with_a_bad_file_is_told_that_it_is_not_started(void **state)
{
	(void)state;
	add("a", "needs = b");
	add("b", "colour = red");
	add("c", "needs = a");
	link_all();
	assert_string_equal(said, "a needs `b`, which is not started\n"
				  "c needs `a`, which is not started\n");
}

static void two_services_that_provide_the_same_are_told(void **state)
{
	(void)state;
	add("a", "provides = net");
	add("b", "provides = net");
	add("c", "needs = net");
	link_all();
	assert_string_equal(said, "b provides `net`, which is provided by `a`\n");
	assert_false(c.of[2].refused);
}

static void the_longest_chain_and_the_longest_circle_fit(void **state)
{
	char name[SERVICE_NAME_MAX + 1];
	char needs[64];

	(void)state;
	for (unsigned int i = 0; i < SERVICES_MAX; i++) {
		snprintf(name, sizeof(name), "%032u", i);
		snprintf(needs, sizeof(needs), "needs = %032u", (i + 1) % SERVICES_MAX);
		add(name, i + 1 < SERVICES_MAX ? needs : "");
	}
	link_all();
	assert_string_equal(said, "");
	for (size_t i = 0; i < SERVICES_MAX; i++)
		assert_int_equal(c.order[i], SERVICES_MAX - 1 - i);
	count--;
	add("last", "needs = 00000000000000000000000000000000");
	snprintf(defs[SERVICES_MAX - 1].name, sizeof(name), "%032d", SERVICES_MAX - 1);
	link_all();
	assert_non_null(strstr(said, "the needs go in a circle: "));
	assert_int_equal(said[strlen(said) - 2], said[SERVICE_NAME_MAX - 1]);
}

#define TEST(f) cmocka_unit_test_setup(f, start_over)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_need_is_found_by_the_name_of_a_service_or_what_it_provides),
		TEST(a_need_that_nobody_sets_is_named),
		TEST(a_circle_is_named_with_its_members_alone),
		TEST(who_needs_what_nobody_sets_is_told_that_alone),
		TEST(a_service_that_needs_itself_is_a_circle),
		TEST(two_circles_are_named_once_each),
		TEST(who_needs_one_with_a_bad_file_is_told_that_it_is_not_started),
		TEST(two_services_that_provide_the_same_are_told),
		TEST(the_longest_chain_and_the_longest_circle_fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
