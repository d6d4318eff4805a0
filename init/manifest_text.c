/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest_text.c: reading the manifest.
 *
 * The checksum of the last line is compared first, so a manifest that was cut off or damaged is told from
 * one that was never right. Nothing else of it is believed either: every number has a bound, every path is
 * absolute and without "." and "..", and they are sorted, so that the search and the order of checks
 * (directories before what is in them) can rely on it. No system call is made here; the unit tests and a
 * fuzzer run the same code.
 */
#include "init/manifest_text.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/fd.h"
#include "lib/xxh64.h"

#define FIRST_LEN (sizeof(MANIFEST_FIRST_LINE) - 1)
#define CHECK_DIGITS 16

/* Where configuration and bundles are added. */
static const char *const added[] = {
	"/etc/cloison",
	"/usr/share/cloison/bundles",
};

enum words { TYPE, MODE, UID, GID, SIZE, CHECK, PATH, WORDS };

static const struct {
	char letter;
	uint32_t mode;
} types[] = {
	{'d', S_IFDIR}, {'f', S_IFREG}, {'h', S_IFREG},
	{'l', S_IFLNK}, {'c', S_IFCHR}, {'b', S_IFBLK},
};

/* digit - its value, or 255. */
static unsigned int digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 : 255;
}

/* number - all of @word, no sign, no prefix; false when it is none or above @max. */
static bool number(const char *word, unsigned int base, uint64_t max, uint64_t *value)
{
	uint64_t v = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		unsigned int d = digit(*word);

		if (d >= base || v > (max - d) / base)
			return false;
		v = v * base + d;
	}
	*value = v;
	return true;
}

static bool number_32(const char *word, unsigned int base, uint32_t max, uint32_t *value)
{
	uint64_t v;

	if (!number(word, base, max, &v))
		return false;
	*value = (uint32_t)v;
	return true;
}

static bool is_path(const char *p)
{
	if (*p != '/' || strlen(p) >= MANIFEST_PATH_BYTES)
		return false;
	while (*p == '/') {
		size_t n = strcspn(++p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			return false;
		p += n;
	}
	return true;
}

/* split - the words of @line, with one blank between them; false when they are not WORDS. */
static bool split(char *line, char *words[WORDS])
{
	for (int i = 0; i < WORDS; i++) {
		words[i] = line;
		line = strchr(line, ' ');
		if (!line != (i == WORDS - 1))
			return false;
		if (line)
			*line++ = '\0';
	}
	return true;
}

/* parse_content - the words SIZE and CHECK of an entry whose type is known. */
static const char *parse_content(struct manifest_entry *e, char type, char *words[WORDS])
{
	unsigned int base = type == 'c' || type == 'b' ? 16 : 10;

	if (!number(words[SIZE], 10, INT32_MAX, &e->size))
		return "not a size";
	if (type == 'h') {
		e->other = words[CHECK];
		return is_path(e->other) ? NULL : "not a path for another name";
	}
	if (type == 'f' || type == 'l')
		return strlen(words[CHECK]) == CHECK_DIGITS &&
				       number(words[CHECK], 16, UINT64_MAX, &e->check)
			       ? NULL
			       : "not a checksum";
	return number(words[CHECK], base, UINT32_MAX, &e->check) ? NULL : "not a number";
}

static const char *parse_entry(struct manifest_entry *e, char *line)
{
	char *words[WORDS];
	size_t t;

	*e = (struct manifest_entry){.other = NULL};
	if (!split(line, words))
		return "not seven words";
	for (t = 0; t < ARRAY_SIZE(types); t++)
		if (words[TYPE][0] == types[t].letter && words[TYPE][1] == '\0')
			break;
	if (t == ARRAY_SIZE(types))
		return "not a type";
	if (!number_32(words[MODE], 8, 07777, &e->mode))
		return "not a mode";
	if (!number_32(words[UID], 10, UINT32_MAX, &e->uid) ||
	    !number_32(words[GID], 10, UINT32_MAX, &e->gid))
		return "not an owner";
	if (!is_path(words[PATH]))
		return "not a path";
	e->mode |= types[t].mode;
	e->path = words[PATH];
	return parse_content(e, types[t].letter, words);
}

/* parse_end - the last line, behind @end bytes with @count entries. */
static const char *parse_end(char *line, uint64_t count, const char *text, size_t end)
{
	char *words[3];
	uint64_t value;

	for (int i = 0; i < 3; i++) {
		words[i] = line;
		line = strchr(line, ' ');
		if (!line != (i == 2))
			return "not the end of a manifest";
		if (line)
			*line++ = '\0';
	}
	if (strcmp(words[0], "end") != 0 || !number(words[1], 10, MANIFEST_ENTRIES, &value))
		return "not the end of a manifest";
	if (value != count)
		return "not the count of the lines before it";
	if (strlen(words[2]) != CHECK_DIGITS || !number(words[2], 16, UINT64_MAX, &value) ||
	    value != xxh64(text, end))
		return "not the checksum of the lines before it";
	return NULL;
}

/* find_end - where the last line begins, and how many lines are before it; false when there is none. */
static bool find_end(const char *text, size_t len, size_t *end, uint64_t *lines)
{
	const char *p;

	if (len == 0 || text[len - 1] != '\n')
		return false;
	*lines = 0;
	for (p = text; (size_t)(p - text) < len - 1; p++)
		*lines += *p == '\n';
	p = memrchr(text, '\n', len - 1);
	*end = p ? (size_t)(p - text) + 1 : 0;
	return true;
}

const char *manifest_parse(struct manifest *m, char *text, size_t len)
{
	const char *why;
	uint64_t lines;
	size_t end;
	char *line;

	m->count = 0;
	m->line = 1;
	if (len > MANIFEST_BYTES)
		return "more than 256 KiB";
	if (len < FIRST_LEN || memcmp(text, MANIFEST_FIRST_LINE, FIRST_LEN) != 0)
		return "not a manifest";
	if (memchr(text, '\0', len) || !find_end(text, len, &end, &lines))
		return "cut off, or not text";
	m->line = (unsigned int)lines + 1;
	text[len - 1] = '\0';
	/* The first line is no entry; it may be the last one, which is no end then. */
	why = parse_end(text + end, lines - 1, text, end);
	if (why)
		return why;
	for (line = text + FIRST_LEN; line < text + end;) {
		char *next = memchr(line, '\n', (size_t)(text + end - line));
		struct manifest_entry *e = &m->entries[m->count];

		m->line = (unsigned int)m->count + 2;
		*next = '\0';
		why = parse_entry(e, line);
		if (why)
			return why;
		if (m->count && strcmp(e[-1].path, e->path) >= 0)
			return "not in order";
		m->count++;
		line = next + 1;
	}
	return NULL;
}

const struct manifest_entry *manifest_find(const struct manifest *m, const char *path)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(path, m->entries[middle].path);

		if (order == 0)
			return &m->entries[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

bool manifest_may_add(const char *path, bool directory)
{
	for (size_t i = 0; i < ARRAY_SIZE(added); i++) {
		size_t len = strlen(added[i]);

		if (strncmp(path, added[i], len) == 0 && (path[len] == '/' || path[len] == '\0'))
			return true;
	}
	return directory && strchr(path + 1, '/') == NULL;
}
