/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_sha256.c: the examples of FIPS 180-4 and the lengths around a block's end.
 */
#include "lib/sha256.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void check(const char *text, size_t len, const char *want)
{
	char got[SHA256_HEX_SIZE];

	sha256_hex(text, len, got);
	assert_string_equal(got, want);
}

static void examples_of_the_standard(void **state)
{
	(void)state;
	check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
	      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void a_million_letters(void **state)
{
	static char text[1000000];

	(void)state;
	memset(text, 'a', sizeof(text));
	check(text, sizeof(text),
	      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void lengths_around_a_block(void **state)
{
	static const struct {
		size_t len;
		const char *want;
	} rows[] = {
		{55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
		{56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
		{63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
		{64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
		{65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
	};
	char text[65];

	(void)state;
	memset(text, 'a', sizeof(text));
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		check(text, rows[i].len, rows[i].want);
}

static void a_missing_file_is_named(void **state)
{
	struct error err = ERROR_INIT;
	char got[SHA256_HEX_SIZE];

	(void)state;
	assert_int_equal(sha256_file("/nonexistent/file", got, &err), -1);
	assert_non_null(strstr(err.what, "/nonexistent/file"));
}

/* in pieces of every length, the digest is that of the whole */
static void piece_by_piece(void **state)
{
	static char text[1000];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 7);
	for (size_t piece = 1; piece <= 200; piece++) {
		char whole[SHA256_HEX_SIZE], got[SHA256_HEX_SIZE];
		struct sha256 s;

		sha256_hex(text, sizeof(text), whole);
		sha256_begin(&s);
		for (size_t at = 0; at < sizeof(text); at += piece)
			sha256_update(&s, text + at,
				      sizeof(text) - at < piece ? sizeof(text) - at : piece);
		sha256_end(&s, got);
		assert_string_equal(got, whole);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples_of_the_standard), cmocka_unit_test(a_million_letters),
		cmocka_unit_test(lengths_around_a_block),   cmocka_unit_test(piece_by_piece),
		cmocka_unit_test(a_missing_file_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
