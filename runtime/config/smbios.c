/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smbios.c: OEM strings.
 *
 * A structure begins with its type, its own length and a handle; behind that length are its strings,
 * each ended by a NUL, and an empty one ends them. All lengths are the firmware's and none is trusted.
 *
 * Sources: DMTF DSP0134, sections 6.1 and 7.12; RFC 4648, section 4.
 */
#include "runtime/config/smbios.h"

#include <string.h>

#include "runtime/config/doc.h"

#define OEM_STRINGS 11
#define HEADER_BYTES 4
#define STRINGS_MAX 255
#define STRING_MAX 4095
#define WHOLE "cloison.config="

static int base64_value(char c)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* base64_decode - in place of nothing: @out has room for 3/4 of it. -1: it is none. */
static ssize_t base64_decode(const char *text, char *out)
{
	size_t length = strlen(text), n = 0;
	uint32_t bits = 0;
	unsigned int have = 0;

	if (length % 4 == 0)
		for (int pad = 0; pad < 2 && length && text[length - 1] == '='; pad++)
			length--;
	if (length % 4 == 1)
		return -1;
	for (size_t i = 0; i < length; i++) {
		int v = base64_value(text[i]);

		if (v < 0)
			return -1;
		bits = bits << 6 | (uint32_t)v;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = (char)(bits >> have & 0xff);
		}
	}
	return (ssize_t)n;
}

static void take_whole(struct config *c, const struct config_origin *where, const char *text)
{
	char yaml[STRING_MAX];
	ssize_t n = base64_decode(text, yaml);

	if (n < 0)
		config_complain(c, where, "cloison.config", "not base64");
	else
		config_read_yaml(c, where, yaml, (size_t)n);
}

void config_read_smbios(struct config *c, const struct config_origin *where, const uint8_t *raw,
			size_t size)
{
	struct config_origin at = *where;
	const char *p, *end = (const char *)raw + size;

	at.line = 0;
	if (size < HEADER_BYTES || raw[0] != OEM_STRINGS || raw[1] < HEADER_BYTES ||
	    raw[1] > size) {
		config_complain(c, &at, NULL, "not a structure of OEM strings");
		return;
	}
	p = (const char *)raw + raw[1];
	for (at.line = 1; at.line <= STRINGS_MAX && p < end && *p; at.line++) {
		const char *nul = memchr(p, '\0', (size_t)(end - p));
		char string[STRING_MAX + 1];

		if (!nul || nul - p > STRING_MAX) {
			config_complain(c, &at, NULL,
					"a string without an end, or a very long one");
			return;
		}
		memcpy(string, p, (size_t)(nul - p) + 1);
		p = nul + 1;
		if (!strncmp(string, WHOLE, strlen(WHOLE)))
			take_whole(c, &at, string + strlen(WHOLE));
		else if (!strncmp(string, "cloison.", 8) && !config_read_word(c, &at, string))
			config_complain(c, &at, NULL, "`%.64s`: unknown", string);
	}
}
