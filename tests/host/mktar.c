// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mktar.c: an archive of whatever a test asks for, however wrong.
 *
 *     mktar <LIST >ARCHIVE
 *
 * A line of the list is an entry, of words that are separated by tabs:
 *
 *     TYPE PATH [NAME=VALUE]...      TYPE: f d l h c b p, or another character, as in the header
 *
 *     mode=0644 uid=0 gid=0 mtime=0  octal the first
 *     data=TEXT                      the content
 *     size=N                         what the header says of it, when not what it is
 *     zeros=N                        as much content, of zeros
 *     link=PATH  major=N minor=N
 *     pax=KEY=VALUE                  a record of a header in front of it; may be given again
 *     paxsize=N                      what that header says of its size
 *     sum=N                          the header's sum
 *
 * The line "raw TEXT" writes TEXT, and "cut" ends the archive there, without its end mark.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK 512
#define PAX_ROOM 65536

struct entry {
	char type;
	const char *path, *link, *data;
	unsigned long long mode, uid, gid, mtime, major, minor, size, zeros, sum, paxsize;
	bool has_size, has_sum, has_paxsize;
	char pax[PAX_ROOM];
	size_t pax_length;
};

static void number(char *at, size_t width, unsigned long long n)
{
	char text[32];

	snprintf(text, sizeof(text), "%0*llo", (int)width - 1, n);
	memcpy(at, text, width - 1);
}

static void pad(size_t size)
{
	static const char zeros[BLOCK];

	if (size % BLOCK)
		fwrite(zeros, 1, BLOCK - size % BLOCK, stdout);
}

static void header(const struct entry *e, char type, const char *path, unsigned long long size)
{
	char h[BLOCK] = {0};
	unsigned long long sum = 0;

	strncpy(h, path, 100);
	number(h + 100, 8, e->mode);
	number(h + 108, 8, e->uid & 07777777);
	number(h + 116, 8, e->gid & 07777777);
	number(h + 124, 12, size & 077777777777ULL);
	number(h + 136, 12, e->mtime & 077777777777ULL);
	memset(h + 148, ' ', 8);
	h[156] = type;
	strncpy(h + 157, e->link ? e->link : "", 100);
	memcpy(h + 257, "ustar", 6);
	h[263] = h[264] = '0';
	number(h + 329, 8, e->major);
	number(h + 337, 8, e->minor);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)h[i];
	snprintf(h + 148, 8, "%06llo", e->has_sum ? e->sum : sum);
	h[155] = ' ';
	fwrite(h, 1, BLOCK, stdout);
}

/* pax - "LENGTH KEY=VALUE\n", where the length counts itself. */
static void add_pax(struct entry *e, const char *record)
{
	size_t n = strlen(record) + 3, digits = 1;

	for (size_t room = 10; n + digits - 1 >= room; room *= 10)
		digits++;
	n = strlen(record) + digits + 2;
	if (e->pax_length + n + 1 > sizeof(e->pax))
		exit(2);
	e->pax_length += (size_t)sprintf(e->pax + e->pax_length, "%zu %s\n", n, record);
}

static void option(struct entry *e, char *word)
{
	char *value = strchr(word, '=');
	unsigned long long n;

	if (!value)
		exit(2);
	*value++ = '\0';
	n = strtoull(value, NULL, strcmp(word, "mode") ? 10 : 8);
	if (!strcmp(word, "mode"))
		e->mode = n;
	else if (!strcmp(word, "uid"))
		e->uid = n;
	else if (!strcmp(word, "gid"))
		e->gid = n;
	else if (!strcmp(word, "mtime"))
		e->mtime = n;
	else if (!strcmp(word, "data"))
		e->data = value;
	else if (!strcmp(word, "zeros"))
		e->zeros = n;
	else if (!strcmp(word, "link"))
		e->link = value;
	else if (!strcmp(word, "major"))
		e->major = n;
	else if (!strcmp(word, "minor"))
		e->minor = n;
	else if (!strcmp(word, "pax"))
		add_pax(e, value);
	else if (!strcmp(word, "size"))
		e->size = n, e->has_size = true;
	else if (!strcmp(word, "sum"))
		e->sum = n, e->has_sum = true;
	else if (!strcmp(word, "paxsize"))
		e->paxsize = n, e->has_paxsize = true;
	else
		exit(2);
}

static char type_of(char type)
{
	static const char names[] = "fhlcbdp", types[] = "0123456";
	const char *at = strchr(names, type);

	return at && *at ? types[at - names] : type;
}

static void content(const struct entry *e)
{
	size_t n = e->data ? strlen(e->data) : 0;

	if (n)
		fwrite(e->data, 1, n, stdout);
	for (unsigned long long i = 0; i < e->zeros; i++)
		putchar(0);
	pad(n + e->zeros);
}

static void entry(char *line)
{
	static struct entry e;
	char *word = strsep(&line, "\t");

	memset(&e, 0, sizeof(e));
	e.type = type_of(word[0]);
	e.mode = e.type == '5' ? 0755 : 0644;
	e.path = line ? strsep(&line, "\t") : "";
	while ((word = strsep(&line, "\t")))
		option(&e, word);
	if (!e.has_size)
		e.size = (e.data ? strlen(e.data) : 0) + e.zeros;
	if (e.pax_length) {
		header(&e, 'x', "pax", e.has_paxsize ? e.paxsize : e.pax_length);
		fwrite(e.pax, 1, e.pax_length, stdout);
		pad(e.pax_length);
	}
	header(&e, e.type, e.path, e.size);
	content(&e);
}

int main(void)
{
	static char line[PAX_ROOM];

	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "raw ", 4))
			fputs(line + 4, stdout);
		else if (!strcmp(line, "cut"))
			return fflush(stdout) ? 1 : 0;
		else if (*line)
			entry(line);
	}
	for (int i = 0; i < 2 * BLOCK; i++)
		putchar(0);
	return fflush(stdout) ? 1 : 0;
}
