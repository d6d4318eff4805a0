/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_nearest.c: what is near, and what is not.
 */
#include "lib/nearest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char *find(const char *text)
{
	static const char *const names[] = {"run", "rm", "rename", "doctor", "logs", "explain"};
	struct nearest n = nearest_begin(text);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		nearest_try(&n, names[i]);
	return n.name;
}

static void one_letter_is_wrong(void **state)
{
	(void)state;
	assert_string_equal(find("doctr"), "doctor");	/* left out */
	assert_string_equal(find("doctorr"), "doctor"); /* put in */
	assert_string_equal(find("lags"), "logs");	/* changed */
	assert_string_equal(find("log"), "logs");
	assert_string_equal(find("rn"), "run"); /* as near as rm, and before it */
}

static void three_letters_are_wrong(void **state)
{
	(void)state;
	assert_string_equal(find("exlpian"), "explain");
	assert_null(find("exlpanai")); /* four */
}

static void what_is_far_is_not_guessed(void **state)
{
	char text[200];

	(void)state;
	assert_null(find(""));
	assert_null(find("x"));
	assert_null(find("xyz"));
	assert_null(find("zz9")); /* two of three are not half */
	memset(text, 'r', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_null(find(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_letter_is_wrong),
		cmocka_unit_test(three_letters_are_wrong),
		cmocka_unit_test(what_is_far_is_not_guessed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
