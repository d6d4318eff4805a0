/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * json.h: reading JSON files into C structures, with errors that name the place.
 *
 * json-c parses the text; this adapter adds limits (size, depth), the strictness json-c leaves out
 * and positions in messages:
 *
 *	config.json: line 3 column 17: unexpected end of file
 *
 * The tree is then decoded by tables: a struct json_field per key says the JSON type, the range
 * and where the value goes. A value travels with the way to it (struct json_at), so every message
 * names the place without anyone having to build its text beforehand:
 *
 *	config.json: process.rlimits[2].hard: must be a whole number from 0 to 18446744073709551615,
 *	is a string
 *
 * Keys that no table names are ignored, as the OCI specification demands; null counts as absent.
 */
#ifndef CLOISON_LIB_JSON_H
#define CLOISON_LIB_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/arena.h"
#include "lib/error.h"

#define JSON_MAX_BYTES 1048576
#define JSON_MAX_DEPTH 64

struct json_object; /* json-c's */

/*
 * A member that often stands in documents and is too long to be parsed each time: where its value is
 * @text, however it is spaced, it is skipped, and json_is_known() is true of it.
 */
struct json_known {
	const char *key; /* with its quotes */
	size_t key_length;
	const char *text; /* valid JSON, longer than the marker "\u0000" */
	size_t length;
};

/*
 * A member that does not matter: an object or an array as the value of @key is taken for an empty one. In an array of
 * these one without a key is the last.
 */
struct json_skip {
	unsigned int depth; /* of its object: 1 is the document's own */
	const char
		*key; /* with its quotes, and without escapes; one that has them is not skipped */
	size_t key_length;
};

#define JSON_SKIP(at, name)                                      \
	{                                                        \
		(at), "\"" name "\"", sizeof("\"" name "\"") - 1 \
	}

/* What all values of one document share. */
struct json_text {
	const char *data; /* ends in a NUL, not counted */
	size_t length;
};

struct json_source {
	const char *name; /* of the file, for messages */
	struct arena *arena;
	struct error *err;
	const struct json_known *known; /* NULL: none */
	const struct json_skip *skip;	/* NULL: nothing */
	struct json_text *keep;		/* json_read: receives the text, in the arena; NULL: no */
	/* The tree becomes the arena's, and strings are decoded to where they are in it. */
	bool lasting;
};

/* A value and the way to it: the chain of parents is on the stack of those who decode. */
struct json_at {
	const struct json_source *source;
	const struct json_at *parent; /* NULL: the whole document */
	const char *key;	      /* NULL: element @index of an array */
	size_t index;
	struct json_object *value; /* NULL: null */
};

/* json_decode - fill @into from @at->value. Returns 0, or -1 with the source's error set. */
typedef int json_decode(const struct json_at *at, void *into);

enum json_kind {
	JSON_BOOL,    /* bool */
	JSON_NUMBER,  /* integer member of @size bytes, in @min..@max */
	JSON_STRING,  /* const char *, which lives as long as the arena */
	JSON_STRINGS, /* array of strings: pointer to a NULL-terminated array of them */
	JSON_OBJECT,  /* @decode fills the member */
	JSON_ANY,     /* the same, and checks the type */
	JSON_ARRAY,   /* pointer to elements of @size bytes, each filled by @decode */
	JSON_MAP, /* the same for an object whose keys are names: @decode finds them in at->key */
};

struct json_field {
	const char *key;
	enum json_kind kind;
	bool required;
	size_t offset;	     /* of the member */
	size_t size;	     /* of the member, or of an element */
	size_t count_offset; /* JSON_STRINGS, JSON_ARRAY, JSON_MAP: of a size_t; NO_COUNT: none */
	size_t flag_offset;  /* 0: none; of a bool that says that the key was there */
	json_decode *decode; /* for the scalar kinds: an optional check that runs afterwards */
	int64_t min;
	uint64_t max;
};

#define JSON_NO_COUNT SIZE_MAX

/* Where a field goes: a member; elements and their count; NULL-terminated strings without one. */
#define JSON_INTO(type, member) \
	.offset = offsetof(type, member), .size = sizeof(((type *)0)->member)
#define JSON_FLAGGED(type, member, flag) \
	JSON_INTO(type, member), .flag_offset = offsetof(type, flag)
#define JSON_LIST(type, member, count)                                          \
	.offset = offsetof(type, member), .size = sizeof(*((type *)0)->member), \
	.count_offset = offsetof(type, count)
#define JSON_TERMINATED(type, member)                                           \
	.offset = offsetof(type, member), .size = sizeof(*((type *)0)->member), \
	.count_offset = JSON_NO_COUNT

/*
 * json_read - parse the regular file @path, relative to the directory @dirfd.
 * @source: names the file in messages
 * Returns the tree, to be given back with json_free() unless the source is lasting, or NULL with the
 * source's error set.
 * Opening never blocks and nothing but a regular file is read.
 */
struct json_object *json_read(int dirfd, const char *path, const struct json_source *source);

/* json_parse - the same for a text in memory; text[length] must be a NUL. */
struct json_object *json_parse(const char *text, size_t length, const struct json_source *source);

void json_free(struct json_object **tree);
#define _cleanup_json_ __attribute__((cleanup(json_free)))

/*
 * json_decode_fields - decode the object @at by a table.
 * @into: the structure whose members the table names; absent keys leave theirs alone
 * Returns 0, or -1 with the source's error set.
 */
int json_decode_fields(const struct json_at *at, const struct json_field *fields, size_t count,
		       void *into) must_check;

/* json_decode_value - decode the value @at by one row; the row's offset is not used. */
int json_decode_value(const struct json_at *at, const struct json_field *field,
		      void *into) must_check;

/* json_member - the member @key of the object @at as a value of its own; false: absent or null. */
bool json_member(const struct json_at *at, const char *key, struct json_at *member);

/* json_member_n - the same for the key of the @length bytes at @key. */
bool json_member_n(const struct json_at *at, const char *key, size_t length,
		   struct json_at *member);

/* json_is_empty - whether @at is false, 0, "", [] or {}. */
bool json_is_empty(const struct json_at *at);

/* json_is_known - whether @at is the source's known member. */
bool json_is_known(const struct json_at *at);

/* json_string - the text of a string, valid as long as the tree; NULL with the error set. */
const char *json_string(const struct json_at *at) must_check;

/* json_fail - set the error "<file>: <place>: <text>". Returns -1 always. */
int json_fail(const struct json_at *at, const char *fmt, ...)
	__attribute__((cold, format(printf, 2, 3)));

/* json_fail_key - the same for the member @key of @at, present or not. */
int json_fail_key(const struct json_at *at, const char *key, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* json_is_utf8 - whether the string may stand in a JSON text: RFC 8259, section 8.1. */
bool json_is_utf8(const char *text) must_check;

/* json_make_utf8 - replace each byte that is not part of UTF-8 by "?". */
void json_make_utf8(char *text);

/* json_place - write "process.rlimits[2].hard" to @buf. */
void json_place(const struct json_at *at, char *buf, size_t size);

#endif
