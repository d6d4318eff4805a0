/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_mark.c: marks are found in any stream, whatever the pieces it comes in.
 */
#include "bench/mark.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define MANY 8

struct found {
	struct mark marks[MANY];
	size_t n;
};

static void take(const struct mark *mark, void *arg)
{
	struct found *f = arg;

	if (f->n < MANY)
		f->marks[f->n++] = *mark;
}

/* feed - @text in pieces of @size bytes, stamped 1, 2, 3 ... */
static struct found feed(const char *text, size_t size)
{
	struct mark_parser p = {0};
	struct found f = {0};
	size_t len = strlen(text);
	int64_t stamp = 0;

	for (size_t at = 0; at < len; at += size)
		mark_feed(&p, text + at, len - at < size ? len - at : size, ++stamp, take, &f);
	return f;
}

static void what_is_written_is_read(void **state)
{
	char text[MARK_SIZE + 1] = "";
	struct found f;

	(void)state;
	mark_format(text, MARK_START, 0x0123456789abcdef);
	assert_string_equal(text, "@clsn:S:0123456789abcdef\n");
	f = feed(text, sizeof(text));
	assert_int_equal(f.n, 1);
	assert_int_equal(f.marks[0].kind, MARK_START);
	assert_true(f.marks[0].value == 0x0123456789abcdef);
}

static void every_cut_gives_the_same_marks(void **state)
{
	static const char text[] = "noise\r\n@clsn:P:00000000000000ff\r\nmore @clsn:E:"
				   "ffffffffffffffff@clsn:S:0000000000000001";

	(void)state;
	for (size_t size = 1; size < sizeof(text); size++) {
		struct found f = feed(text, size);

		assert_int_equal(f.n, 3);
		assert_int_equal(f.marks[0].kind, 'P');
		assert_true(f.marks[0].value == 0xff);
		assert_true(f.marks[1].value == UINT64_MAX);
		assert_true(f.marks[2].value == 1);
	}
}

static void the_stamp_is_that_of_the_first_byte(void **state)
{
	struct found f = feed("12@clsn:P:0000000000000000\n", 1);

	(void)state;
	assert_int_equal(f.n, 1);
	assert_int_equal(f.marks[0].stamp_ns, 3);
}

static void what_only_resembles_a_mark_is_none(void **state)
{
	static const char *const texts[] = {
		"@clsn:P:000000000000000",     "@clsn:p:0000000000000000\n",
		"@clsn:P:00000000000000FF\n",  "@clsn P:0000000000000000\n",
		"@clsn:P;0000000000000000\n",  "clsn:P:0000000000000000\n",
		"@clsn:P:000000000000 0000\n", "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		assert_int_equal(feed(texts[i], 3).n, 0);
}

static void a_mark_may_follow_a_broken_one(void **state)
{
	(void)state;
	assert_int_equal(feed("@clsn:P:0000@clsn:P:0000000000000007\n", 5).n, 1);
	assert_int_equal(feed("@@clsn:P:0000000000000007\n", 5).n, 1);
	assert_int_equal(feed("@cls@clsn:@clsn:P:0000000000000007\n", 5).n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_is_read),
		cmocka_unit_test(every_cut_gives_the_same_marks),
		cmocka_unit_test(the_stamp_is_that_of_the_first_byte),
		cmocka_unit_test(what_only_resembles_a_mark_is_none),
		cmocka_unit_test(a_mark_may_follow_a_broken_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
