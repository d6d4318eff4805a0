/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_xxh64.c: what `xxh64sum` 0.8.1 prints, for lengths around the steps of the algorithm.
 */
#include "lib/xxh64.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void short_texts(void **state)
{
	(void)state;
	assert_true(xxh64("", 0) == 0xef46db3751d8e999);
	assert_true(xxh64("a", 1) == 0xd24ec4f1a98c6e5b);
	assert_true(xxh64("abc", 3) == 0x44bc2cf5ad770999);
	assert_true(xxh64("Nobody inspects the spammish repetition", 39) == 0xfbcea83c8a378bf1);
}

static void lengths_around_stripes_and_words(void **state)
{
	static const struct {
		size_t len;
		uint64_t want;
	} rows[] = {
		{31, 0xfe47067cda802916}, {32, 0x856e843298f99ad7},	 {33, 0x18f3ff0c21e3b24b},
		{40, 0x569ea6843111ef03}, {44, 0x4ce2d8dd5a1ba6fe},	 {63, 0x6ad86a2f6c603cc9},
		{64, 0xecdb66a0aa9322e2}, {1000000, 0xdc483aaa9b4fdc40},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		/* Of its own size, and at an odd address: the sanitizer sees a byte too many. */
		char *text = malloc(rows[i].len + 1);

		assert_non_null(text);
		memset(text, 'a', rows[i].len + 1);
		assert_true(xxh64(text + 1, rows[i].len) == rows[i].want);
		free(text);
	}
}

static void one_bit_is_seen_wherever_it_is(void **state)
{
	char text[100] = {0};
	uint64_t plain = xxh64(text, sizeof(text));

	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(text); bit++) {
		text[bit / 8] = (char)(1 << (bit % 8));
		assert_true(xxh64(text, sizeof(text)) != plain);
		text[bit / 8] = 0;
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_texts),
		cmocka_unit_test(lengths_around_stripes_and_words),
		cmocka_unit_test(one_bit_is_seen_wherever_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
