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
		cmocka_unit_test(memory_used_before_comes_back_zeroed_from_calloc),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests_name("runtime/cli/alloc", tests, NULL, NULL);
}
