/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lang.c: see lang.h. A pattern's "*" stands for any text, and is put where its number ("$1", "$2",
 * ...) stands in the French.
 */
#include "bench/lang.h"

#include "bench/french.h"
#include "lib/fd.h"

#include <string.h>

#define MAX_PARTS 6

static bool french;
static const char *missing;

void lang_set(bool on)
{
	french = on;
	missing = NULL;
}

const char *lang_code(void)
{
	return french ? "fr" : "en";
}

const char *lang_missing(void)
{
	return missing;
}

static const char *find(const char *english)
{
	for (size_t i = 0; i < ARRAY_SIZE(french_texts); i++)
		if (strcmp(french_texts[i][0], english) == 0)
			return french_texts[i][1];
	return NULL;
}

const char *tr(const char *english)
{
	const char *text = french ? find(english) : english;

	if (!text && !missing)
		missing = english;
	return text ? text : english;
}

struct part {
	const char *text;
	size_t len;
};

/* match - whether @text follows @pattern; the texts for its stars into @parts. */
static bool match(const char *pattern, const char *text, struct part parts[MAX_PARTS])
{
	size_t n = 0;

	while (*pattern) {
		size_t len = strcspn(pattern, "*");
		const char *at;

		if (strncmp(pattern, text, len) != 0)
			return false;
		pattern += len;
		text += len;
		if (!*pattern)
			break;
		pattern++;
		len = strcspn(pattern, "*");
		at = text;
		/* the shortest text for the star after which the rest can follow */
		while (len ? *at && strncmp(at, pattern, len) != 0 : *at != '\0')
			at++;
		if (len && !*at)
			return false;
		if (n < MAX_PARTS)
			parts[n++] = (struct part){text, (size_t)(at - text)};
		text = at;
	}
	return *text == '\0';
}

static void fill(const char *format, const struct part *parts, char *buf, size_t size)
{
	size_t used = 0;

	for (; *format && used + 1 < size; format++) {
		if (*format == '$' && format[1] >= '1' && format[1] < '1' + MAX_PARTS) {
			const struct part *p = &parts[*++format - '1'];
			size_t n = p->len < size - 1 - used ? p->len : size - 1 - used;

			memcpy(buf + used, p->text, n);
			used += n;
		} else {
			buf[used++] = *format;
		}
	}
	buf[used] = '\0';
}

const char *tr_text(const char *english, char *buf, size_t size)
{
	struct part parts[MAX_PARTS] = {0};
	const char *text = french ? find(english) : NULL;

	for (size_t i = 0; french && !text && i < ARRAY_SIZE(french_patterns); i++)
		if (match(french_patterns[i][0], english, parts)) {
			fill(french_patterns[i][1], parts, buf, size);
			return buf;
		}
	fill(text ? text : english, parts, buf, size);
	return buf;
}
