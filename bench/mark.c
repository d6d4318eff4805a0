/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.c: writing marks and finding them in a stream.
 *
 * The parser keeps only how far it is into a mark. '@' occurs nowhere but at a mark's start, so on
 * a mismatch the byte at hand either begins a new mark or belongs to none: no byte is read twice.
 */
#include "bench/mark.h"

static const char magic[] = MARK_MAGIC;

void mark_format(char out[MARK_SIZE], char kind, uint64_t value)
{
	char *p = out;

	for (int i = 0; i < MARK_MAGIC_SIZE; i++)
		*p++ = magic[i];
	*p++ = kind;
	*p++ = ':';
	for (int shift = 60; shift >= 0; shift -= 4)
		*p++ = "0123456789abcdef"[(value >> shift) & 15];
	*p = '\n';
}

/* hex_digit - the value of a lower-case hexadecimal digit, or -1. */
static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* accepts - whether @c is what a mark has at position p->have; takes it in if so. */
static int accepts(struct mark_parser *p, char c)
{
	int digit;

	if (p->have < MARK_MAGIC_SIZE)
		return c == magic[p->have];
	if (p->have == MARK_MAGIC_SIZE) {
		p->kind = c;
		return c >= 'A' && c <= 'Z';
	}
	if (p->have == MARK_MAGIC_SIZE + 1)
		return c == ':';
	digit = hex_digit(c);
	if (digit < 0)
		return 0;
	p->value = p->value << 4 | (uint64_t)digit;
	return 1;
}

void mark_feed(struct mark_parser *p, const char *buf, size_t len, int64_t stamp_ns, mark_fn fn,
	       void *arg)
{
	for (size_t i = 0; i < len; i++) {
		if (!accepts(p, buf[i]))
			p->have = 0;
		if (p->have == 0) {
			if (buf[i] != magic[0])
				continue;
			p->stamp_ns = stamp_ns;
			p->value = 0;
		}
		if (++p->have == MARK_SIZE - 1) {
			struct mark mark = {
				.value = p->value,
				.stamp_ns = p->stamp_ns,
				.kind = p->kind,
			};

			p->have = 0;
			fn(&mark, arg);
		}
	}
}
