/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wire.c: writing and reading messages of D-Bus.
 */
#include "runtime/systemd/wire.h"

#include <string.h>

#define LITTLE_ENDIAN_MARK 'l'
#define VERSION 1

enum field {
	FIELD_PATH = 1,
	FIELD_INTERFACE,
	FIELD_MEMBER,
	FIELD_ERROR,
	FIELD_REPLY_TO,
	FIELD_DESTINATION,
	FIELD_SENDER,
	FIELD_SIGNATURE
};

/* ---- writing --------------------------------------------------------------------------------- */

static void put(struct wire *w, const void *bytes, size_t n)
{
	if (w->failed || n > w->room - w->len) {
		w->failed = true;
		return;
	}
	memcpy(w->at + w->len, bytes, n);
	w->len += n;
}

void wire_align(struct wire *w, size_t to)
{
	static const uint8_t zeros[8];

	put(w, zeros, (to - (w->len - w->base) % to) % to);
}

/* number - the low @n bytes of @v, at a multiple of @n. */
static void number(struct wire *w, uint64_t v, size_t n)
{
	uint8_t bytes[8];

	for (size_t i = 0; i < n; i++)
		bytes[i] = (uint8_t)(v >> 8 * i);
	wire_align(w, n);
	put(w, bytes, n);
}

void wire_byte(struct wire *w, uint8_t v)
{
	number(w, v, 1);
}

void wire_u16(struct wire *w, uint16_t v)
{
	number(w, v, 2);
}

void wire_u32(struct wire *w, uint32_t v)
{
	number(w, v, 4);
}

void wire_u64(struct wire *w, uint64_t v)
{
	number(w, v, 8);
}

void wire_string(struct wire *w, const char *s)
{
	wire_u32(w, (uint32_t)strlen(s));
	put(w, s, strlen(s) + 1);
}

void wire_signature(struct wire *w, const char *s)
{
	if (strlen(s) > UINT8_MAX)
		w->failed = true;
	wire_byte(w, (uint8_t)strlen(s));
	put(w, s, strlen(s) + 1);
}

/* patch_u32 - fill in a number that was not known before. */
static void patch_u32(struct wire *w, size_t at, size_t v)
{
	for (size_t i = 0; !w->failed && i < 4; i++)
		w->at[at + i] = (uint8_t)(v >> 8 * i);
}

size_t wire_array(struct wire *w, size_t align)
{
	size_t at;

	wire_u32(w, 0);
	at = w->len - 4;
	wire_align(w, align);
	return at;
}

void wire_array_end(struct wire *w, size_t array, size_t align)
{
	size_t first = array + 4;

	/* The padding before the first element does not count. */
	first += (align - (first - w->base) % align) % align;
	patch_u32(w, array, w->len - first);
}

static void header_field(struct wire *w, enum field field, const char *signature, const char *value)
{
	wire_align(w, 8);
	wire_byte(w, (uint8_t)field);
	wire_signature(w, signature);
	if (signature[0] == 'g')
		wire_signature(w, value);
	else
		wire_string(w, value);
}

void wire_begin(struct wire *w, uint32_t serial, const struct wire_call *call)
{
	size_t fields;

	w->base = w->len;
	wire_byte(w, LITTLE_ENDIAN_MARK);
	wire_byte(w, WIRE_CALL);
	wire_byte(w, 0);
	wire_byte(w, VERSION);
	wire_u32(w, 0); /* length of the body */
	wire_u32(w, serial);
	fields = wire_array(w, 8);
	header_field(w, FIELD_PATH, "o", call->path);
	header_field(w, FIELD_INTERFACE, "s", call->interface);
	header_field(w, FIELD_MEMBER, "s", call->member);
	header_field(w, FIELD_DESTINATION, "s", call->destination);
	if (*call->signature)
		header_field(w, FIELD_SIGNATURE, "g", call->signature);
	wire_array_end(w, fields, 8);
	wire_align(w, 8);
	w->body = w->len;
}

void wire_end(struct wire *w)
{
	patch_u32(w, w->base + 4, w->len - w->body);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* What is left to be read of a message; alignment counts from its beginning. */
struct reader {
	const uint8_t *at;
	size_t len, pos;
	bool failed;
};

/* take - the next @n bytes, after zeros up to a multiple of @align. NULL: there are not so many. */
static const uint8_t *take(struct reader *r, size_t align, size_t n)
{
	size_t pos = r->pos + (align - r->pos % align) % align;

	if (r->failed || pos > r->len || n > r->len - pos) {
		r->failed = true;
		return NULL;
	}
	r->pos = pos + n;
	return r->at + pos;
}

static uint32_t read_number(const uint8_t *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static uint32_t read_u32(struct reader *r)
{
	const uint8_t *p = take(r, 4, 4);

	return p ? read_number(p) : 0;
}

/* read_text - @len bytes without a NUL among them, and the NUL that ends them. */
static const char *read_text(struct reader *r, size_t len)
{
	const uint8_t *p = len < WIRE_MESSAGE_MAX ? take(r, 1, len + 1) : NULL;

	if (!p || memchr(p, 0, len + 1) != p + len) {
		r->failed = true;
		return NULL;
	}
	return (const char *)p;
}

static const char *read_string(struct reader *r)
{
	return read_text(r, read_u32(r));
}

static const char *read_signature(struct reader *r)
{
	const uint8_t *len = take(r, 1, 1);

	return len ? read_text(r, *len) : NULL;
}

/* read_field - one field of the header: a code and a value that says its type. */
static void read_field(struct reader *r, struct wire_message *m)
{
	const uint8_t *code = take(r, 8, 1);
	const char *type = read_signature(r), *text = NULL;
	uint32_t value = 0;

	if (!code || !type || !type[0] || type[1]) {
		r->failed = true;
		return;
	}
	if (type[0] == 's' || type[0] == 'o')
		text = read_string(r);
	else if (type[0] == 'g')
		text = read_signature(r);
	else if (type[0] == 'u')
		value = read_u32(r);
	else
		r->failed = true;
	if (*code == FIELD_REPLY_TO && type[0] == 'u')
		m->reply_to = value;
	else if (*code == FIELD_INTERFACE)
		m->interface = text;
	else if (*code == FIELD_MEMBER)
		m->member = text;
	else if (*code == FIELD_ERROR)
		m->error_name = text;
	else if (*code == FIELD_SIGNATURE && type[0] == 'g')
		m->signature = text;
}

size_t wire_size(const uint8_t *h)
{
	uint32_t body = read_number(h + 4), fields = read_number(h + 12);

	if (h[0] != LITTLE_ENDIAN_MARK || h[3] != VERSION || body > WIRE_MESSAGE_MAX ||
	    fields > WIRE_MESSAGE_MAX)
		return 0;
	fields += WIRE_HEADER;
	fields += (8 - fields % 8) % 8;
	return fields + body > WIRE_MESSAGE_MAX ? 0 : fields + body;
}

bool wire_parse(const uint8_t *text, size_t len, struct wire_message *m)
{
	struct reader r = {.at = text, .pos = WIRE_HEADER};

	*m = (struct wire_message){0};
	if (len < WIRE_HEADER || wire_size(text) != len)
		return false;
	m->type = text[1];
	r.len = WIRE_HEADER + read_number(text + 12);
	while (!r.failed && r.pos < r.len)
		read_field(&r, m);
	m->body_len = read_number(text + 4);
	m->body = text + len - m->body_len;
	return !r.failed;
}

bool wire_strings(const struct wire_message *m, size_t skip_u32, const char **to, size_t n)
{
	struct reader r = {.at = m->body, .len = m->body_len};
	const char *signature = m->signature ? m->signature : "";

	for (; skip_u32 > 0; skip_u32--) {
		if (*signature++ != 'u')
			return false;
		read_u32(&r);
	}
	for (size_t i = 0; i < n; i++) {
		if (signature[i] != 's' && signature[i] != 'o')
			return false;
		to[i] = read_string(&r);
	}
	return !r.failed;
}
