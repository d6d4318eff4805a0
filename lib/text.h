/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h: putting a path or a place together piece by piece.
 *
 * For what is done at every start, where printf's machinery costs more than the text: eight pages of code,
 * which nothing else needs unless something is wrong.
 */
#ifndef CLOISON_LIB_TEXT_H
#define CLOISON_LIB_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * text_append_n - put the @n bytes at @text behind the first @used of @buf, as far as there is room, and a NUL.
 * Returns what the length would be with room for all: @size or more when something was cut.
 */
static inline size_t text_append_n(char *buf, size_t size, size_t used, const char *text, size_t n)
{
	for (size_t i = 0; i < n && used + i + 1 < size; i++)
		buf[used + i] = text[i];
	used += n;
	buf[used < size ? used : size - 1] = '\0';
	return used;
}

/* text_append - the same with all of @text. */
static inline size_t text_append(char *buf, size_t size, size_t used, const char *text)
{
	return text_append_n(buf, size, used, text, strlen(text));
}

/* text_append_number - the same with the decimal digits of @number. */
static inline size_t text_append_number(char *buf, size_t size, size_t used, uint64_t number)
{
	char digits[sizeof("18446744073709551615")];
	char *p = digits + sizeof(digits);

	do {
		*--p = (char)('0' + number % 10);
		number /= 10;
	} while (number > 0);
	return text_append_n(buf, size, used, p, (size_t)(digits + sizeof(digits) - p));
}

#endif
