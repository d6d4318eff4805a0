/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_json.c: limits, strictness and positions of the JSON adapter, and its decoding by tables
 * (lib/json.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"

struct fixture {
	struct arena arena;
	struct error err;
	struct json_source source;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->source = (struct json_source){.name = "file", .arena = &f->arena, .err = &f->err};
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->arena);
	free(f);
	return 0;
}

static struct json_object *parse(struct fixture *f, const char *text, size_t length)
{
	/* A copy of exactly this length, so that AddressSanitizer sees a read beyond the NUL. */
	char *copy = malloc(length + 1);
	struct json_object *tree;

	memcpy(copy, text, length);
	copy[length] = '\0';
	tree = json_parse(copy, length, &f->source);
	free(copy);
	return tree;
}

static void assert_accepted(struct fixture *f, const char *text)
{
	struct json_object *tree = parse(f, text, strlen(text));

	if (!tree)
		print_error("%s: %s\n", text, f->err.what);
	assert_non_null(tree);
	json_free(&tree);
	assert_null(tree);
}

static void assert_refused(struct fixture *f, const char *text, size_t length, const char *message)
{
	struct json_object *tree = parse(f, text, length);

	if (tree)
		print_error("accepted: %s\n", text);
	assert_null(tree);
	assert_string_equal(f->err.what, message);
}

static void valid_texts_are_accepted(void **state)
{
	static const char *const texts[] = {
		"{}",
		" \t\r\n{ \"a\" : [ 1 , 2.5e3 , -0 , \"\\u00e9\\n\" , true , null ] } \n ",
		"[]",
		"\"x\"",
		"18446744073709551615",
		"-9223372036854775808",
		"[1e400, 123456789012345678901234567890.5]",
		"{\"a\":1,\"a\":2}",
		"\"\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\"",
		"\"\\\\u0000\"", /* a backslash, then "u0000" */
		"\"\x7f\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_accepted(*state, texts[i]);
}

static void invalid_texts_are_refused_with_their_position(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"", "file: line 1 column 1: unexpected end of file"},
		{" \n ", "file: line 2 column 2: unexpected end of file"},
		{"{", "file: line 1 column 2: unexpected end of file"},
		{"{\n\"a\": {\n\t\"b\": [1,", "file: line 3 column 10: unexpected end of file"},
		{"\"abc", "file: line 1 column 5: unexpected end of file"},
		{"\"\xc3\xa9\xc3\xa9", "file: line 1 column 4: unexpected end of file"},
		{"\"abc\\", "file: line 1 column 6: unexpected end of file"},
		{"\"abc\\u00", "file: line 1 column 9: unexpected end of file"},
		{"{} x", "file: line 1 column 4: unexpected character"},
		{"{}\n{}", "file: line 2 column 1: unexpected character"},
		{"null", "file: must be an object, is null"},
		{"[1,]", "file: line 1 column 4: unexpected character"},
		{"[01]", "file: line 1 column 2: not a number"},
		{"[-01]", "file: line 1 column 2: not a number"},
		{"[1.]", "file: line 1 column 2: not a number"},
		{"[.5]", "file: line 1 column 2: unexpected character"},
		{"[1e]", "file: line 1 column 2: not a number"},
		{"[1e+]", "file: line 1 column 2: not a number"},
		{"[-]", "file: line 1 column 2: not a number"},
		{"[+1]", "file: line 1 column 2: unexpected character"},
		{"[0x1]", "file: line 1 column 3: unexpected character"},
		{"[NaN]", "file: line 1 column 2: unexpected character"},
		{"[-Infinity]", "file: line 1 column 2: not a number"},
		{"[nan]", "file: line 1 column 3: null expected"},
		{"[1 true]", "file: line 1 column 4: array value separator ',' expected"},
		{"// no\n{}", "file: line 1 column 1: unexpected character"},
		{"/* no */{}", "file: line 1 column 1: unexpected character"},
		{"{'a':1}", "file: line 1 column 2: unexpected character"},
		{"{\"a\" 1}", "file: line 1 column 6: object property name separator ':' expected"},
		{"{\"a\":1 \"b\"}", "file: line 1 column 8: object value separator ',' expected"},
		{"[1 2]", "file: line 1 column 4: array value separator ',' expected"},
		{"[TRUE]", "file: line 1 column 2: unexpected character"},
		{"\"a\nb\"", "file: line 1 column 3: control character in a string"},
		{"{\"a\tb\":1}", "file: line 1 column 4: control character in a string"},
		{"\"a\\u0000\"", "file: line 1 column 3: NUL character in a string"},
		{"{\"a\\u0000b\":1}", "file: line 1 column 4: NUL character in a string"},
		{"{\"a\": 18446744073709551616}", "file: line 1 column 7: number out of range"},
		{"{\"a\": -9223372036854775809}", "file: line 1 column 7: number out of range"},
		{"\"\x80\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xc0\xaf\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xc1\xbf\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xe0\x9f\xbf\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xed\xa0\x80\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xf0\x8f\xbf\xbf\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xf4\x90\x80\x80\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xf5\x80\x80\x80\"", "file: line 1 column 2: not UTF-8"},
		{"\"\xe2\x82\"", "file: line 1 column 2: not UTF-8"},
		{"\"a\xe2\x82", "file: line 1 column 3: not UTF-8"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(*state, cases[i].text, strlen(cases[i].text), cases[i].message);
	assert_refused(*state, "{\"a\":\0 1}", 9, "file: line 1 column 6: NUL byte");
	assert_refused(*state, "{}\0", 3, "file: line 1 column 3: NUL byte");
}

/* Every 2-byte and every 3-byte beginning, judged by mbrtowc's rules written out another way. */
static void utf8_is_judged_as_the_standard_does(void **state)
{
	struct fixture *f = *state;

	for (unsigned int code = 0x80; code < 0x10ffff; code += code < 0x3000 ? 1 : 97) {
		char text[8] = "\"";
		size_t n = 1;
		struct json_object *tree;

		if (code < 0x800) {
			text[n++] = (char)(0xc0 | code >> 6);
		} else if (code < 0x10000) {
			text[n++] = (char)(0xe0 | code >> 12);
			text[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		} else {
			text[n++] = (char)(0xf0 | code >> 18);
			text[n++] = (char)(0x80 | (code >> 12 & 0x3f));
			text[n++] = (char)(0x80 | (code >> 6 & 0x3f));
		}
		text[n++] = (char)(0x80 | (code & 0x3f));
		text[n++] = '"';
		tree = parse(f, text, n);
		if (code >= 0xd800 && code <= 0xdfff)
			assert_null(tree);
		else
			assert_non_null(tree);
		json_free(&tree);
	}
}

static void nesting_is_limited_to_64_levels(void **state)
{
	enum { DEEP = 10000 };
	static char text[2 * DEEP + 1];

	for (size_t depth = 1; depth <= 66; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		text[2 * depth] = '\0';
		if (depth <= JSON_MAX_DEPTH)
			assert_accepted(*state, text);
		else
			assert_refused(*state, text, strlen(text),
				       "file: line 1 column 65: nested too deeply; the limit is "
				       "64 levels");
	}
	memset(text, '[', DEEP);
	memset(text + DEEP, ']', DEEP);
	assert_refused(*state, text, sizeof(text) - 1,
		       "file: line 1 column 65: nested too deeply; the limit is 64 levels");
}

static void a_text_longer_than_1_mib_is_refused(void **state)
{
	static char text[JSON_MAX_BYTES + 2];

	memset(text, ' ', sizeof(text) - 1);
	text[0] = '{';
	text[JSON_MAX_BYTES - 1] = '}';
	text[JSON_MAX_BYTES] = '\0';
	assert_accepted(*state, text);
	text[JSON_MAX_BYTES] = ' ';
	assert_refused(*state, text, JSON_MAX_BYTES + 1,
		       "file is 1048577 bytes long; the limit is 1048576");
}

/* A text truncated anywhere is an error, never a crash. */
static void truncation_at_every_byte_is_an_error(void **state)
{
	static const char text[] =
		"{\"ab\": [true, false, null, -12.5e3, \"\\u00e9\\\"\\\\\xc3\xa9\", {}], \"c\": {\"d\": 0}}";
	struct fixture *f = *state;

	assert_accepted(f, text);
	for (size_t length = 0; length < strlen(text); length++) {
		struct json_object *tree = parse(f, text, length);

		assert_null(tree);
		assert_non_null(strstr(f->err.what, "file: line 1 column "));
	}
}

/* --- files */

static struct json_object *read_file(struct fixture *f, const char *path)
{
	f->source.name = path;
	return json_read(AT_FDCWD, path, &f->source);
}

static void write_file(const char *path, const char *text, off_t length)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(ftruncate(fd, length), 0);
	close(fd);
}

static void files_that_are_not_what_they_should_be_are_refused(void **state)
{
	struct fixture *f = *state;
	char dir[] = "/tmp/cloison-test-json.XXXXXX";
	struct json_object *tree;

	assert_non_null(mkdtemp(dir));
	assert_int_equal(chdir(dir), 0);
	assert_null(read_file(f, "missing"));
	assert_int_equal(f->err.errnum, ENOENT);
	assert_string_equal(f->err.what, "cannot open `missing`");
	assert_null(read_file(f, "."));
	assert_string_equal(f->err.what, ". is not a regular file");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	assert_null(read_file(f, "fifo")); /* and does not wait for a writer */
	assert_string_equal(f->err.what, "fifo is not a regular file");
	assert_null(read_file(f, "/dev/null"));
	assert_string_equal(f->err.what, "/dev/null is not a regular file");
	write_file("c.json", "", 0);
	assert_null(read_file(f, "c.json"));
	assert_string_equal(f->err.what, "c.json is empty");
	write_file("c.json", "{}", 10485760);
	assert_null(read_file(f, "c.json"));
	assert_string_equal(f->err.what, "c.json is 10485760 bytes long; the limit is 1048576");
	write_file("c.json", "{}", 2);
	tree = read_file(f, "c.json");
	assert_non_null(tree);
	json_free(&tree);
	unlink("c.json");
	unlink("fifo");
	assert_int_equal(chdir("/"), 0);
	rmdir(dir);
}

/* --- decoding */

struct inner {
	const char *name;
	uint16_t small;
};

struct outer {
	bool yes, has_u32;
	uint32_t u32;
	uint64_t u64;
	int64_t i64;
	int i;
	const char *text;
	char *const *words;
	size_t n_inners, n_map;
	const struct inner *inners;
	const struct inner *map;
	struct inner one;
};

static int decode_inner(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"name", JSON_STRING, .required = true, JSON_INTO(struct inner, name)},
		{"small", JSON_NUMBER, JSON_INTO(struct inner, small), .max = UINT16_MAX},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_pair(const struct json_at *at, void *into)
{
	struct inner *inner = into;

	inner->name = json_string(at);
	return inner->name ? 0 : -1;
}

static const struct json_field outer_fields[] = {
	{"yes", JSON_BOOL, JSON_INTO(struct outer, yes)},
	{"u32", JSON_NUMBER, JSON_FLAGGED(struct outer, u32, has_u32), .min = 10,
	 .max = UINT32_MAX},
	{"u64", JSON_NUMBER, JSON_INTO(struct outer, u64), .max = UINT64_MAX},
	{"i64", JSON_NUMBER, JSON_INTO(struct outer, i64), .min = INT64_MIN, .max = INT64_MAX},
	{"i", JSON_NUMBER, JSON_INTO(struct outer, i), .min = -5, .max = 5},
	{"text", JSON_STRING, JSON_INTO(struct outer, text)},
	{"words", JSON_STRINGS, JSON_TERMINATED(struct outer, words)},
	{"inners", JSON_ARRAY, JSON_LIST(struct outer, inners, n_inners), .decode = decode_inner},
	{"map", JSON_MAP, JSON_LIST(struct outer, map, n_map), .decode = decode_pair},
	{"one", JSON_OBJECT, JSON_INTO(struct outer, one), .decode = decode_inner},
};

static int decode(struct fixture *f, const char *text, struct outer *outer)
{
	_cleanup_json_ struct json_object *tree = parse(f, text, strlen(text));
	const struct json_at at = {.source = &f->source, .value = tree};

	assert_non_null(tree);
	return json_decode_fields(&at, outer_fields, ARRAY_SIZE(outer_fields), outer);
}

static void values_go_where_the_table_says(void **state)
{
	struct outer o = {0};

	assert_int_equal(
		decode(*state,
		       "{\"yes\":true,\"u32\":4294967295,\"u64\":18446744073709551615,"
		       "\"i64\":-9223372036854775808,\"i\":-5,\"text\":\"t\",\"words\":[\"a\",\"\"],"
		       "\"inners\":[{\"name\":\"x\",\"small\":65535},{\"name\":\"y\"}],"
		       "\"map\":{\"k\":\"v\",\"l\":\"w\"},\"one\":{\"name\":\"z\"},\"unknown\":{}}",
		       &o),
		0);
	assert_true(o.yes && o.has_u32);
	assert_int_equal(o.u32, UINT32_MAX);
	assert_true(o.u64 == UINT64_MAX);
	assert_true(o.i64 == INT64_MIN);
	assert_int_equal(o.i, -5);
	assert_string_equal(o.text, "t");
	assert_string_equal(o.words[0], "a");
	assert_string_equal(o.words[1], "");
	assert_null(o.words[2]);
	assert_int_equal(o.n_inners, 2);
	assert_int_equal(o.inners[0].small, 65535);
	assert_string_equal(o.inners[1].name, "y");
	assert_int_equal(o.n_map, 2);
	assert_string_equal(o.one.name, "z");
}

static void absent_and_null_leave_the_member_alone(void **state)
{
	struct outer o = {.u32 = 77, .text = "before"};

	assert_int_equal(decode(*state, "{\"u32\":null}", &o), 0);
	assert_int_equal(o.u32, 77);
	assert_false(o.has_u32);
	assert_string_equal(o.text, "before");
	assert_null(o.words);
}

static void mistakes_are_named_by_their_place(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"[]", "file: must be an object, is an array"},
		{"{\"yes\":1}", "file: yes: must be true or false, is a number"},
		{"{\"yes\":\"true\"}", "file: yes: must be true or false, is a string"},
		{"{\"u32\":9}", "file: u32: must be a whole number from 10 to 4294967295, is 9"},
		{"{\"u32\":4294967296}",
		 "file: u32: must be a whole number from 10 to 4294967295, is 4294967296"},
		{"{\"u32\":-1}", "file: u32: must be a whole number from 10 to 4294967295, is -1"},
		{"{\"u32\":10.0}",
		 "file: u32: must be a whole number from 10 to 4294967295, is a number with a "
		 "fraction or exponent"},
		{"{\"u64\":-1}",
		 "file: u64: must be a whole number from 0 to 18446744073709551615, is -1"},
		{"{\"i64\":9223372036854775808}",
		 "file: i64: must be a whole number from -9223372036854775808 to "
		 "9223372036854775807, is 9223372036854775808"},
		{"{\"i\":-6}", "file: i: must be a whole number from -5 to 5, is -6"},
		{"{\"i\":6}", "file: i: must be a whole number from -5 to 5, is 6"},
		{"{\"text\":[]}", "file: text: must be a string, is an array"},
		{"{\"words\":\"a\"}", "file: words: must be an array of strings, is a string"},
		{"{\"words\":[\"a\",2]}", "file: words[1]: must be a string, is a number"},
		{"{\"words\":[null]}", "file: words[0]: must be a string, is null"},
		{"{\"inners\":[{\"name\":\"x\"},{}]}", "file: inners[1].name: is missing"},
		{"{\"inners\":[{\"name\":\"x\",\"small\":65536}]}",
		 "file: inners[0].small: must be a whole number from 0 to 65535, is 65536"},
		{"{\"inners\":[1]}", "file: inners[0]: must be an object, is a number"},
		{"{\"map\":[]}", "file: map: must be an object, is an array"},
		{"{\"map\":{\"k\":{}}}", "file: map.k: must be a string, is an object"},
		{"{\"one\":{\"name\":null}}", "file: one.name: is missing"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct outer o = {0};

		assert_int_equal(decode(f, cases[i].text, &o), -1);
		assert_string_equal(f->err.what, cases[i].message);
	}
}

/* --- the known member */

static const char known_text[] = "{\"long\": [\n1, 2]}";
static const struct json_known known = {.key = "\"k\"",
					.key_length = 3,
					.text = known_text,
					.length = sizeof(known_text) - 1};

static bool is_known(struct fixture *f, const char *text, const char *key)
{
	_cleanup_json_ struct json_object *tree = NULL;
	struct json_at at = {.source = &f->source}, member;

	f->source.known = &known;
	tree = parse(f, text, strlen(text));
	assert_non_null(tree);
	at.value = tree;
	assert_true(json_member(&at, key, &member));
	return json_is_known(&member);
}

static void the_known_member_is_recognised_however_it_is_spaced(void **state)
{
	assert_true(is_known(*state, "{\"a\": 1, \"k\": {\"long\": [\n1, 2]}, \"b\": 2}", "k"));
	assert_true(is_known(*state, "{\"k\": 3, \"k\": {\"long\": [\n1, 2]}}", "k"));
	assert_false(is_known(*state, "{\"k\": {\"long\": [\n1, 3]}}", "k"));
	assert_true(is_known(*state, "{\"k\":{\"long\":[1,2]}}", "k"));
	assert_true(is_known(*state, "{\"k\" : { \"long\" :\t[ 1 ,\r\n2 ] } }", "k"));
	assert_false(is_known(*state, "{\"k\": {\"lo ng\": [1, 2]}}", "k"));
	assert_false(is_known(*state, "{\"k\": {\"long\": [1, 22]}}", "k"));
	assert_false(is_known(*state, "{\"k\": {\"l\\u006fng\": [1, 2]}}", "k"));
	assert_false(is_known(*state, "{\"k\": {\"long\": [1, 2, 3]}}", "k"));
	assert_false(is_known(*state, "{\"l\": {\"k\": {\"long\": [1, 2]}}, \"k\": 1}", "k"));
	assert_false(is_known(*state, "{\"other\": {\"long\": [\n1, 2]}}", "other"));
	assert_false(is_known(*state, "{\"k\": \"\"}", "k"));
	assert_false(is_known(*state, "{\"k\": \"\\\\u0000\"}", "k"));
}

static void positions_after_the_known_member_are_right(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"k\": {\"long\": [\n1, 2]}", "file: line 2 column 7: unexpected end of file"},
		{"{\"k\": {\"long\": [\n1, 2]}, 1}",
		 "file: line 2 column 9: quoted object property name expected"},
		{"{1 \"k\": {\"long\": [\n1, 2]}}",
		 "file: line 1 column 2: quoted object property name expected"},
		{"{\"a\"\"k\": {\"long\": [\n1, 2]}}",
		 "file: line 1 column 5: object property name separator ':' expected"},
	};
	struct fixture *f = *state;

	f->source.known = &known;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_refused(f, cases[i].text, strlen(cases[i].text), cases[i].message);
}

/* --- what is skipped */

static void what_does_not_matter_is_empty(void **state)
{
	static const struct json_skip skip[] = {JSON_SKIP(1, "s"), JSON_SKIP(2, "t"), {0}};
	static const char *const cases[][2] = {
		{"{\"s\": [1, [2], {\"a\": \"]\"}], \"b\": 1}", "{\"s\":[],\"b\":1}"},
		{"{\"s\" :\n\t{ \"a\\\"}\" : [ ] } }", "{\"s\":{}}"},
		{"{\"a\": {\"s\": [1], \"t\": [1]}, \"t\": [2]}",
		 "{\"a\":{\"s\":[1],\"t\":[]},\"t\":[2]}"},
		{"{\"s\": 1}", "{\"s\":1}"},
		{"{\"s\": \"s\", \"a\": [\"s\", [1]]}", "{\"s\":\"s\",\"a\":[\"s\",[1]]}"},
		{"{\"s\":[],\"s\":[],\"s\":[],\"s\":[],\"s\":[],\"s\":[]}", "{\"s\":[]}"},
		{"{\"\\u0073\": [1]}", "{\"s\":[1]}"},
		{"{\"ss\": [1], \"s \": [1]}", "{\"ss\":[1],\"s \":[1]}"},
		{"{\"a\": \"eight bytes or more\", \"s\": [\"eight bytes or more]\", \"\\\\\"]}",
		 "{\"a\":\"eight bytes or more\",\"s\":[]}"},
	};
	struct fixture *f = *state;

	f->source.skip = skip;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		_cleanup_json_ struct json_object *tree =
			parse(f, cases[i][0], strlen(cases[i][0]));

		assert_non_null(tree);
		assert_string_equal(json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN),
				    cases[i][1]);
	}
	assert_refused(f, "{\"s\": [", 7, "file: line 1 column 8: unexpected end of file");
	assert_refused(f, "{\"s\": [\"\\", 9, "file: line 1 column 10: unexpected end of file");
}

/* Spaces, marks and slashes are left out of what is parsed: they must not change what is said. */
static void spacing_changes_nothing(void **state)
{
	static const char *const good[] = {
		"  {\n\t\"a\" :\r\n        [ 1 , -2.5e3 ,\n                true,null ] ,\"b\":\"c\\/  d\"}  \n",
		"{\"a\":[1,-2.5e3,true,null],\"b\":\"c/  d\"}",
	};
	static const struct {
		const char *text, *message;
	} bad[] = {
		{"{\"a\": [1 2]}", "file: line 1 column 10: array value separator ',' expected"},
		{"{\"a\":\n   [tr ue]}", "file: line 2 column 7: boolean expected"},
		{"{\"a\": -\n1}", "file: line 1 column 7: not a number"},
		{"{\"a\"\n\"b\": 1}",
		 "file: line 2 column 1: object property name separator ':' expected"},
		{"{\"a\": \"b\" \"c\"}",
		 "file: line 1 column 11: object value separator ',' expected"},
	};
	struct fixture *f = *state;
	struct json_object *trees[ARRAY_SIZE(good)];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		trees[i] = parse(f, good[i], strlen(good[i]));
		assert_non_null(trees[i]);
	}
	assert_true(json_object_equal(trees[0], trees[1]));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		json_free(&trees[i]);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_refused(f, bad[i].text, strlen(bad[i].text), bad[i].message);
}

static void the_arena_keeps_a_lasting_tree(void **state)
{
	static const char text[] = "{\"s\": \"long enough to be found again\"}";
	struct fixture *f = *state;
	const char *s = NULL;
	const struct json_field field = {"s", JSON_STRING, .size = sizeof(s)};
	struct json_at at = {.source = &f->source};

	f->source.lasting = true;
	at.value = parse(f, text, strlen(text));
	assert_non_null(at.value);
	assert_int_equal(json_decode_fields(&at, &field, 1, &s), 0);
	assert_string_equal(s, "long enough to be found again");
	assert_ptr_equal(s, json_object_get_string(json_object_object_get(at.value, "s")));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(valid_texts_are_accepted),
		TEST(invalid_texts_are_refused_with_their_position),
		TEST(utf8_is_judged_as_the_standard_does),
		TEST(nesting_is_limited_to_64_levels),
		TEST(a_text_longer_than_1_mib_is_refused),
		TEST(truncation_at_every_byte_is_an_error),
		TEST(files_that_are_not_what_they_should_be_are_refused),
		TEST(values_go_where_the_table_says),
		TEST(absent_and_null_leave_the_member_alone),
		TEST(mistakes_are_named_by_their_place),
		TEST(the_known_member_is_recognised_however_it_is_spaced),
		TEST(positions_after_the_known_member_are_right),
		TEST(what_does_not_matter_is_empty),
		TEST(spacing_changes_nothing),
		TEST(the_arena_keeps_a_lasting_tree),
	};

	return cmocka_run_group_tests_name("lib/json", tests, NULL, NULL);
}
