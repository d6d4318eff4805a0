/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_alloc.c: the command's malloc (runtime/cli/alloc.c), under other names: the test itself
 * keeps the C library's.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#undef malloc
#undef calloc
#undef realloc
#undef free
#define malloc own_malloc
#define calloc own_calloc
#define realloc own_realloc
#define free own_free
void *own_malloc(size_t size);
void *own_calloc(size_t count, size_t size);
void *own_realloc(void *data, size_t size);
void own_free(void *data);
#include "runtime/cli/alloc.c" // NOLINT(bugprone-suspicious-include)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static void assert_filled(const unsigned char *data, size_t size, unsigned char with)
{
	for (size_t i = 0; i < size; i++)
		assert_int_equal(data[i], with);
}

/* Random calls against a record of what each piece must hold. */
static void pieces_keep_what_is_in_them(void **state)
{
	struct {
		unsigned char *data;
		size_t size;
		unsigned char with;
	} pieces[64] = {0};
	unsigned int random = 1;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t i, size;

		random = random * 1103515245 + 12345;
		i = random >> 8 & 63;
		size = random >> 16 & 511;
		if (random >> 28 == 0)
			size *= 700; /* beyond a chunk, now and then */
		assert_filled(pieces[i].data, pieces[i].size, pieces[i].with);
		switch (random >> 25 & 3) {
		case 0:
			free(pieces[i].data);
			pieces[i].data = malloc(size);
			break;
		case 1:
			free(pieces[i].data);
			pieces[i].data = calloc(size, 1);
			assert_filled(pieces[i].data, size, 0);
			break;
		default:
			pieces[i].data = realloc(pieces[i].data, size);
			assert_filled(pieces[i].data, size < pieces[i].size ? size : pieces[i].size,
				      pieces[i].with);
		}
		assert_non_null(pieces[i].data);
		assert_int_equal((uintptr_t)pieces[i].data % _Alignof(max_align_t), 0);
		pieces[i].size = size;
		pieces[i].with = (unsigned char)(random >> 3);
		memset(pieces[i].data, pieces[i].with, size);
	}
}

static void the_last_piece_is_given_back_and_grows_in_place(void **state)
{
	char *one = malloc(100), *two;

	(void)state;
	free(one);
	two = malloc(50);
	assert_ptr_equal(one, two);
	assert_ptr_equal(realloc(two, 200), two);
	memset(two, 'x', 200);
	one = malloc(1);
	assert_true(one >= two + 200);
	two = realloc(two, 5000);
	assert_filled((unsigned char *)two, 200, 'x');
}

/* Whatever the piece's place, rounding up must not lead beyond the chunk. */
static void a_piece_may_grow_to_the_end_of_its_chunk(void **state)
{
	(void)state;
	for (int before = 1; before <= 3; before++) {
		char *data;
		size_t room;

		assert_non_null(
			malloc(CHUNK_BYTES)); /* a chunk of its own, so that the next is new */
		for (int i = 0; i < before; i++)
			data = malloc(1);
		room = (size_t)(end - data);
		assert_ptr_equal(realloc(data, room), data);
		assert_true(next <= end);
		memset(data, 1, room);
		assert_non_null(malloc(1));
	}
}

static void pieces_freed_in_any_order_are_used_again(void **state)
{
	static const unsigned char orders[][4] = {
		{0, 1, 2, 3}, {3, 2, 1, 0}, {1, 2, 0, 3}, {2, 0, 3, 1}, {1, 3, 0, 2},
	};
	char *first = malloc(1), *pieces[4];

	(void)state;
	free(first);
	for (size_t round = 0; round < ARRAY_SIZE(orders) * 2000; round++) {
		const unsigned char *order = orders[round % ARRAY_SIZE(orders)];

		for (size_t i = 0; i < 4; i++)
			pieces[i] = malloc(i * 50);
		assert_ptr_equal(pieces[0], first);
		for (size_t i = 0; i < 4; i++)
			free(pieces[order[i]]);
	}
	assert_ptr_equal(malloc(1), first);
	free(first);
}

static void a_piece_in_use_stays_when_those_around_it_go(void **state)
{
	char *before = malloc(64), *kept = malloc(64), *after = malloc(64), *again;

	(void)state;
	memset(kept, 'k', 64);
	free(before);
	free(after);
	again = malloc(64);
	assert_ptr_equal(again, after);
	memset(again, 'x', 64);
	assert_filled((unsigned char *)kept, 64, 'k');
	free(again);
	free(kept);
	assert_ptr_equal(malloc(64), before);
	free(before);
}

static void a_piece_that_has_to_move_leaves_its_place(void **state)
{
	char *one = malloc(64), *two = malloc(64), *moved;

	(void)state;
	memset(one, 'm', 64);
	moved = realloc(one, 128);
	assert_ptr_not_equal(moved, one);
	assert_filled((unsigned char *)moved, 64, 'm');
	free(two);
	free(moved);
	assert_ptr_equal(malloc(64), one);
	free(one);
}

/* Within a chunk and across its end, where the next one begins. */
static void what_is_freed_each_time_takes_no_more_chunks(void **state)
{
	const char *chunk = NULL;

	(void)state;
	for (int round = 0; round < 500; round++) {
		char *pieces[100];

		for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
			pieces[i] = calloc(1, i * 8);
		for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
			free(pieces[(i * 37 + (size_t)round) % ARRAY_SIZE(pieces)]);
		if (round == 1)
			chunk = end;
		assert_true(round < 1 || chunk == end);
	}
}

static void memory_used_before_comes_back_zeroed_from_calloc(void **state)
{
	char *data = malloc(1000);

	(void)state;
	memset(data, 'x', 1000);
	free(data);
	data = calloc(10, 50);
	assert_filled((unsigned char *)data, 500, 0);
}

static void what_cannot_be_is_refused(void **state)
{
	static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 15, PTRDIFF_MAX,
				       (size_t)PTRDIFF_MAX + 1};
	char *data = malloc(1);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		errno = 0;
		assert_null(malloc(sizes[i]));
		assert_int_equal(errno, ENOMEM);
		assert_null(calloc(1, sizes[i]));
		assert_null(realloc(data, sizes[i]));
	}
	assert_null(calloc(SIZE_MAX / 2, 3));
	assert_non_null(malloc(0));
	free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_keep_what_is_in_them),
		cmocka_unit_test(the_last_piece_is_given_back_and_grows_in_place),
		cmocka_unit_test(a_piece_may_grow_to_the_end_of_its_chunk),
		cmocka_unit_test(pieces_freed_in_any_order_are_used_again),
		cmocka_unit_test(a_piece_in_use_stays_when_those_around_it_go),
		cmocka_unit_test(a_piece_that_has_to_move_leaves_its_place),
		cmocka_unit_test(what_is_freed_each_time_takes_no_more_chunks),
		cmocka_unit_test(memory_used_before_comes_back_zeroed_from_calloc),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests_name("runtime/cli/alloc", tests, NULL, NULL);
}
