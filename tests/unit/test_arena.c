/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_arena.c: pieces are zeroed, aligned and apart (lib/arena.c).
 *
 * AddressSanitizer finds what these cannot: leaks and writes past a piece.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "lib/arena.h"

static void pieces_are_zeroed_aligned_and_do_not_overlap(void **state)
{
	enum { PIECES = 300 };
	unsigned char *pieces[PIECES];
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < PIECES; i++) {
		size_t size = 1 + i * 7 % 500;

		pieces[i] = arena_alloc(&arena, size, 1, &err);
		assert_non_null(pieces[i]);
		assert_int_equal((uintptr_t)pieces[i] % _Alignof(max_align_t), 0);
		for (size_t j = 0; j < size; j++)
			assert_int_equal(pieces[i][j], 0);
		memset(pieces[i], (int)i, size);
	}
	for (size_t i = 0; i < PIECES; i++)
		for (size_t j = 0; j < 1 + i * 7 % 500; j++)
			assert_int_equal(pieces[i][j], (unsigned char)i);
}

static void a_piece_may_be_larger_than_a_block(void **state)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;
	size_t size = 1 << 20;
	char *big = arena_new(&arena, char, size, &err);

	(void)state;
	assert_non_null(big);
	big[0] = big[size - 1] = 1;
	assert_non_null(arena_new(&arena, char, 1, &err));
}

static void nothing_has_an_address_too(void **state)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_non_null(arena_alloc(&arena, 0, 8, &err));
}

static void sizes_that_overflow_are_refused(void **state)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_null(arena_alloc(&arena, SIZE_MAX / 2, 4, &err));
	assert_int_equal(err.errnum, ENOMEM);
	err.errnum = 0;
	assert_null(arena_alloc(&arena, 1, SIZE_MAX - 4, &err));
	assert_int_equal(err.errnum, ENOMEM);
}

static void strings_are_copies(void **state)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;
	char original[] = "abc";
	char *copy = arena_strdup(&arena, original, &err);
	char *text = arena_printf(&arena, &err, "%s-%d", original, 42);

	(void)state;
	original[0] = 'X';
	assert_string_equal(copy, "abc");
	assert_string_equal(text, "abc-42");
	assert_string_equal(arena_strdup(&arena, "", &err), "");
}

static void an_arena_can_be_used_again_after_being_freed(void **state)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;

	(void)state;
	assert_non_null(arena_strdup(&arena, "one", &err));
	arena_free(&arena);
	assert_string_equal(arena_strdup(&arena, "two", &err), "two");
	arena_free(&arena);
	arena_free(&arena);
}

static void drop(void *object)
{
	*(int *)object += 1;
}

static void what_is_adopted_is_dropped_once_with_the_arena(void **state)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	int dropped[2] = {0};

	(void)state;
	assert_int_equal(arena_adopt(&arena, &dropped[0], drop, &err), 0);
	assert_int_equal(arena_adopt(&arena, &dropped[1], drop, &err), 0);
	assert_int_equal(dropped[0] + dropped[1], 0);
	arena_free(&arena);
	arena_free(&arena);
	assert_int_equal(dropped[0], 1);
	assert_int_equal(dropped[1], 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_adopted_is_dropped_once_with_the_arena),
		cmocka_unit_test(pieces_are_zeroed_aligned_and_do_not_overlap),
		cmocka_unit_test(a_piece_may_be_larger_than_a_block),
		cmocka_unit_test(nothing_has_an_address_too),
		cmocka_unit_test(sizes_that_overflow_are_refused),
		cmocka_unit_test(strings_are_copies),
		cmocka_unit_test(an_arena_can_be_used_again_after_being_freed),
	};

	return cmocka_run_group_tests_name("lib/arena", tests, NULL, NULL);
}
