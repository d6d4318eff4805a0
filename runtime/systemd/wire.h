/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.h: messages of D-Bus, the part of it that talking to systemd takes.
 *
 * The reference library would be a quarter of a megabyte of a program of less than half of one, for
 * five calls. Written are method calls in little-endian order; read are replies, errors and signals
 * in that order, checked byte by byte against their length, at most WIRE_MESSAGE_MAX long.
 * Source: D-Bus Specification, "Message Protocol" and "Type System".
 */
#ifndef CLOISON_SYSTEMD_WIRE_H
#define CLOISON_SYSTEMD_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fd.h"

#define WIRE_MESSAGE_MAX 65536
#define WIRE_HEADER 16 /* bytes that tell how long a message is */

enum wire_type { WIRE_CALL = 1, WIRE_RETURN = 2, WIRE_ERROR = 3, WIRE_SIGNAL = 4 };

/* Messages being written, one after the other. Once one does not fit nothing more is written. */
struct wire {
	uint8_t *at;
	size_t room, len;
	size_t base, body; /* of the message being written */
	bool failed;
};

struct wire_call {
	const char *destination, *path, *interface, *member;
	const char *signature; /* "" without a body */
};

/* wire_begin, wire_end - around the body's values. */
void wire_begin(struct wire *w, uint32_t serial, const struct wire_call *call);
void wire_end(struct wire *w);

/* Values, aligned as their types demand. */
void wire_align(struct wire *w, size_t to);
void wire_byte(struct wire *w, uint8_t v);
void wire_u16(struct wire *w, uint16_t v);
void wire_u32(struct wire *w, uint32_t v);
void wire_u64(struct wire *w, uint64_t v);
void wire_string(struct wire *w, const char *s);
void wire_signature(struct wire *w, const char *s);

/* wire_array - begin an array of elements aligned to @align; to be given to wire_array_end(). */
size_t wire_array(struct wire *w, size_t align);
void wire_array_end(struct wire *w, size_t array, size_t align);

/* A message that was read; the strings are in its buffer. NULL: it has no such field. */
struct wire_message {
	enum wire_type type;
	uint32_t reply_to;
	const char *interface, *member, *error_name, *signature;
	const uint8_t *body;
	size_t body_len;
};

/* wire_size - the length of the message that begins with these WIRE_HEADER bytes; 0: not one of ours. */
size_t wire_size(const uint8_t *header) must_check;

/* wire_parse - read the message of @len bytes, aligned to 8. False: it is broken. */
bool wire_parse(const uint8_t *text, size_t len, struct wire_message *m) must_check;

/* wire_strings - the first @n values of the body into @to, which all have to be strings or paths. */
bool wire_strings(const struct wire_message *m, size_t skip_u32, const char **to,
		  size_t n) must_check;

#endif
