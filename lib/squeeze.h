/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * squeeze.h: the check of a JSON text, and what json-c is fed instead of it; for json.c.
 */
#ifndef CLOISON_LIB_SQUEEZE_H
#define CLOISON_LIB_SQUEEZE_H

#include "lib/json.h"

/* The string that stands for the known member: it has a NUL in it, so no file can contain it. */
#define JSON_MARKER "\"\\u0000\""

/* A text on its way to json-c. */
struct json_squeezed {
	char *out; /* room for all of the text, and JSON_SQUEEZE_SLACK; ends in a NUL */
	size_t length;
	size_t known, after; /* where the known member's value was; both the length: nowhere */
	size_t wrong;	     /* the byte that is wrong */
};

/* The marker, or a write of eight bytes, and a NUL. */
#define JSON_SQUEEZE_SLACK sizeof(JSON_MARKER)

/*
 * json_squeeze - find in @text what json-c would accept, though it is wrong: control characters and NUL
 * in strings, what is not UTF-8, quotes and numbers of another kind than JSON's; and copy the rest
 * without the white space that says nothing, which is that beside a bracket, a comma, a colon or a
 * quote, and with the marker for the known member.
 * @text:  @length bytes with a NUL after them
 * @known: NULL: none
 * @skip:  values that become empty ones; nobody looks whether they are JSON. NULL: none
 * Returns NULL, or what is wrong with the byte to->wrong.
 * Source: RFC 8259, sections 2, 6, 7 and 8.1.
 */
const char *json_squeeze(const char *text, size_t length, const struct json_known *known,
			 const struct json_skip *skip, struct json_squeezed *to) must_check;

#endif
