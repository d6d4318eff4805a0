/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_json.c: lib/json on arbitrary bytes.
 *
 * Four things must hold of every text. It is accepted with a known member (json.h) if and only if
 * it is without, and says the same then. What is accepted, written out again, is accepted again and
 * is equal. And decoding by a table either fills what its users rely on or says where it stopped.
 */
#include <json-c/json.h>

#include "lib/json.h"
#include "tests/fuzz/fuzz.h"

struct inner {
	const char *name;
	int16_t number;
};

struct outer {
	bool flag, seen;
	uint16_t small;
	uint64_t large;
	int64_t negative;
	const char *text, *mapped;
	char *const *words;
	size_t n_inner, n_map;
	const struct inner *inner, *map;
	struct inner one;
};

static int decode_inner(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{.key = "name",
		 .kind = JSON_STRING,
		 .required = true,
		 JSON_INTO(struct inner, name)},
		{.key = "number",
		 .kind = JSON_NUMBER,
		 JSON_INTO(struct inner, number),
		 .min = INT16_MIN,
		 .max = INT16_MAX},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_map(const struct json_at *at, void *into)
{
	struct inner *inner = into;

	inner->name = json_string(at);
	return inner->name ? 0 : -1;
}

static int decode_known(const struct json_at *at, void *into)
{
	(void)into;
	return json_is_known(at) ? 0 : json_fail(at, "is another");
}

static const struct json_field fields[] = {
	{.key = "flag", .kind = JSON_BOOL, JSON_FLAGGED(struct outer, flag, seen)},
	{.key = "small", .kind = JSON_NUMBER, JSON_INTO(struct outer, small), .max = UINT16_MAX},
	{.key = "large", .kind = JSON_NUMBER, JSON_INTO(struct outer, large), .max = UINT64_MAX},
	{.key = "negative",
	 .kind = JSON_NUMBER,
	 JSON_INTO(struct outer, negative),
	 .min = INT64_MIN,
	 .max = INT64_MAX},
	{.key = "text", .kind = JSON_STRING, JSON_INTO(struct outer, text)},
	{.key = "words", .kind = JSON_STRINGS, JSON_TERMINATED(struct outer, words)},
	{.key = "inner",
	 .kind = JSON_ARRAY,
	 JSON_LIST(struct outer, inner, n_inner),
	 .decode = decode_inner},
	{.key = "map", .kind = JSON_MAP, JSON_LIST(struct outer, map, n_map), .decode = decode_map},
	{.key = "one", .kind = JSON_OBJECT, JSON_INTO(struct outer, one), .decode = decode_inner},
	{.key = "known", .kind = JSON_ANY, JSON_INTO(struct outer, mapped), .decode = decode_known},
};

static const struct json_skip skip[] = {JSON_SKIP(1, "skip"), JSON_SKIP(2, "known"), {0}};
static const struct json_known known = {"\"known\"", 7, "{\"a\":[1,\"x\"]}", 13};

static struct json_object *parse(const char *text, size_t size, const struct json_known *with,
				 const struct json_skip *without, struct arena *arena)
{
	struct error err = ERROR_INIT;
	const struct json_source source = {
		.name = "text", .arena = arena, .err = &err, .known = with, .skip = without};
	struct json_object *tree = json_parse(text, size, &source);

	REQUIRE(tree || err.what[0]);
	return tree;
}

static void decode(struct json_object *tree, const struct json_known *with, struct arena *arena)
{
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "text",
					   .arena = arena,
					   .err = &err,
					   .known = with};
	const struct json_at at = {.source = &source, .value = tree};
	struct outer o = {.small = 7};

	if (!json_object_is_type(tree, json_type_object))
		return;
	if (json_decode_fields(&at, fields, ARRAY_SIZE(fields), &o) < 0) {
		REQUIRE(err.what[0]);
		return;
	}
	for (size_t i = 0; i < o.n_inner; i++)
		REQUIRE(o.inner[i].name);
	/* A known member that stands elsewhere must not pass for a string. */
	for (size_t i = 0; i < o.n_map; i++)
		REQUIRE(o.map[i].name);
	for (size_t i = 0; o.words && o.words[i]; i++)
		REQUIRE(strlen(o.words[i]) < JSON_MAX_BYTES);
	REQUIRE(!o.flag || o.seen);
}

/* map_says - decoded with the known member, the map is what it is without. */
static int map_says(struct json_object *tree, struct arena *arena)
{
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "text", .arena = arena, .err = &err};
	const struct json_at at = {.source = &source, .value = tree};
	struct outer o = {0};

	if (!json_object_is_type(tree, json_type_object))
		return 0;
	return json_decode_fields(&at, fields + 4, ARRAY_SIZE(fields) - 5, &o);
}

static void check_round(struct json_object *tree, struct arena *arena)
{
	size_t len;
	const char *text = json_object_to_json_string_length(tree, JSON_C_TO_STRING_PLAIN, &len);
	struct json_object *again;

	REQUIRE(text);
	if (len > JSON_MAX_BYTES)
		return;
	again = parse(text, len, NULL, NULL, arena);
	REQUIRE(again && json_object_equal(tree, again));
	json_object_put(again);
}

/* same_but_skipped - @key: that of @plain; which ones are skipped at what depth is not told apart. */
static bool same_but_skipped(struct json_object *plain, struct json_object *part, const char *key)
{
	if (json_object_get_type(plain) != json_object_get_type(part))
		return false;
	if (json_object_is_type(part, json_type_array)) {
		size_t n = json_object_array_length(part);

		if (n == 0 && (strcmp(key, "skip") == 0 || strcmp(key, "known") == 0))
			return true;
		if (json_object_array_length(plain) != n)
			return false;
		for (size_t i = 0; i < n; i++)
			if (!same_but_skipped(json_object_array_get_idx(plain, i),
					      json_object_array_get_idx(part, i), ""))
				return false;
		return true;
	}
	if (json_object_is_type(part, json_type_object)) {
		if (json_object_object_length(part) == 0 &&
		    (strcmp(key, "skip") == 0 || strcmp(key, "known") == 0))
			return true;
		if (json_object_object_length(plain) != json_object_object_length(part))
			return false;
		json_object_object_foreach(part, name, value)
		{
			struct json_object *other;

			if (!json_object_object_get_ex(plain, name, &other) ||
			    !same_but_skipped(other, value, name))
				return false;
		}
		return true;
	}
	return json_object_equal(plain, part);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct arena arena = {0};
	struct json_object *plain = parse(text, size, NULL, NULL, &arena);
	struct json_object *with = parse(text, size, &known, NULL, &arena);
	struct json_object *part = parse(text, size, NULL, skip, &arena);

	REQUIRE(!plain == !with);
	if (plain) {
		decode(plain, NULL, &arena);
		decode(with, &known, &arena);
		REQUIRE(map_says(plain, &arena) == map_says(with, &arena));
		check_round(plain, &arena);
		REQUIRE(part && same_but_skipped(plain, part, ""));
	}
	json_object_put(plain);
	json_object_put(with);
	json_object_put(part);
	arena_free(&arena);
	free(text);
	return 0;
}
