/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tar_read.c: the entries of an archive that somebody else wrote.
 *
 * A header is a block of fixed fields, whose sum is checked. Before it may come records that replace some of them;
 * they have a limit. Numbers are octal or, with the first bit set, binary; none is negative. Nothing of the
 * stream is trusted further than to the end of the block that it is in.
 */
#include <string.h>

#include "runtime/cli/native/tar.h"

#define BLOCK 512
#define RECORDS_MOST 65536
#define SIZE_MOST (INT64_MAX / 2)
#define TYPE_AT 156

/* What the records before a header say; "" and -1: nothing. */
struct records {
	char path[PATH_MAX], link[PATH_MAX];
	int64_t size, uid, gid, mtime_s;
};

static int broken(struct error *err, const char *what)
{
	return error_set(err, EINVAL, "the archive is broken: %s", what);
}

/* pull_all - @size bytes; 0 at the end of the stream, if that is before the first of them. */
static int pull_all(struct tar_reader *r, void *data, size_t size, struct error *err)
{
	size_t have = 0;

	while (have < size) {
		ssize_t n = r->pull(r->context, (char *)data + have, size - have, err);

		if (n < 0)
			return -1;
		if (n == 0)
			return have ? broken(err, "it ends in the middle") : 0;
		have += (size_t)n;
	}
	return 1;
}

static int need(struct tar_reader *r, void *data, size_t size, struct error *err)
{
	int rc = pull_all(r, data, size, err);

	return rc ? rc : broken(err, "it ends in the middle");
}

ssize_t tar_data(struct tar_reader *r, void *data, size_t size, struct error *err)
{
	char rest[BLOCK];
	ssize_t n;

	if (r->left == 0) {
		if (r->pad && need(r, rest, r->pad, err) < 0)
			return -1;
		r->pad = 0;
		return 0;
	}
	if ((int64_t)size > r->left)
		size = (size_t)r->left;
	n = r->pull(r->context, data, size, err);
	if (n == 0)
		return broken(err, "it ends in the middle");
	if (n > 0)
		r->left -= n;
	return n;
}

static int skip_data(struct tar_reader *r, struct error *err)
{
	char data[4096];
	ssize_t n;

	while ((n = tar_data(r, data, sizeof(data), err)) > 0)
		;
	return (int)n;
}

/* number - of a field; -1: it is none, or too large */
static int64_t number(const char *field, size_t length)
{
	const unsigned char *p = (const unsigned char *)field, *end = p + length;
	int64_t value = 0;

	if (*p & 0x80) {
		if (*p != 0x80)
			return -1;
		while (++p < end) {
			if (value > SIZE_MOST >> 8)
				return -1;
			value = value << 8 | *p;
		}
		return value;
	}
	while (p < end && *p == ' ')
		p++;
	for (; p < end && *p >= '0' && *p <= '7'; p++)
		value = value << 3 | (*p - '0');
	return p == end || *p == ' ' || *p == '\0' ? value : -1;
}

static int check_sum(const char *block, struct error *err)
{
	int64_t sum = 0;

	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : (unsigned char)block[i];
	return number(block + 148, 8) == sum ? 0 : broken(err, "a header's sum is wrong");
}

/* clean - into a relative path without empty parts and "."; ".." is refused. */
static int clean(const char *from, char to[PATH_MAX], struct error *err)
{
	size_t used = 0;

	while (*from) {
		size_t n = strcspn(from, "/");

		if (n == 2 && !strncmp(from, "..", 2))
			return error_set(err, EINVAL, "the archive has a name with `..` in it");
		if (n && !(n == 1 && *from == '.')) {
			if (n > NAME_MAX || used + n + 2 > PATH_MAX)
				return error_set(err, ENAMETOOLONG,
						 "the archive has a name that is too long");
			if (used)
				to[used++] = '/';
			memcpy(to + used, from, n);
			used += n;
		}
		from += n + (from[n] == '/');
	}
	if (!used)
		to[used++] = '.';
	to[used] = '\0';
	return 0;
}

static int take_text(const char *value, size_t length, char to[PATH_MAX], struct error *err)
{
	if (length >= PATH_MAX || memchr(value, '\0', length))
		return broken(err, "a record's value");
	memcpy(to, value, length);
	to[length] = '\0';
	return 0;
}

/* decimal - of a record, which may have a fraction; -1: it is no number that is wanted here */
static int64_t decimal(const char *value, size_t length)
{
	int64_t n = 0;

	for (size_t i = 0; i < length && value[i] != '.'; i++) {
		if (value[i] < '0' || value[i] > '9' || n > SIZE_MOST / 10 - 10)
			return -1;
		n = n * 10 + (value[i] - '0');
	}
	return n;
}

static int take_record(struct records *rec, const char *key, size_t key_length, const char *value,
		       size_t length, struct error *err)
{
	const struct {
		const char *key;
		char *text;
		int64_t *number;
	} known[] = {
		{"path", rec->path, NULL},  {"linkpath", rec->link, NULL},
		{"size", NULL, &rec->size}, {"uid", NULL, &rec->uid},
		{"gid", NULL, &rec->gid},   {"mtime", NULL, &rec->mtime_s},
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (strlen(known[i].key) != key_length ||
		    strncmp(known[i].key, key, key_length) != 0)
			continue;
		if (known[i].text)
			return take_text(value, length, known[i].text, err);
		*known[i].number = decimal(value, length);
		/* a time before 1970 is none that is kept */
		return *known[i].number < 0 && known[i].number != &rec->mtime_s
			       ? broken(err, "a record's number")
			       : 0;
	}
	if (key_length > 10 && !strncmp(key, "GNU.sparse", 10))
		return error_set(err, EINVAL, "the archive has a sparse file, which is not read");
	return 0;
}

static int take_records(struct records *rec, const char *text, size_t size, struct error *err)
{
	while (size) {
		const char *space = memchr(text, ' ', size < 8 ? size : 8), *equals;
		int64_t length = space ? decimal(text, (size_t)(space - text)) : -1;

		if (!space || length <= space - text + 1 || length > (int64_t)size ||
		    text[length - 1] != '\n')
			return broken(err, "a record's length");
		space++;
		equals = memchr(space, '=', (size_t)(text + length - space));
		if (!equals)
			return broken(err, "a record without a value");
		if (take_record(rec, space, (size_t)(equals - space), equals + 1,
				(size_t)(text + length - 1 - (equals + 1)), err) < 0)
			return -1;
		text += length;
		size -= (size_t)length;
	}
	return 0;
}

/* read_records - what is before a header: 'x' records, 'L' a long name, 'K' a long link. */
static int read_records(struct tar_reader *r, struct records *rec, char type, struct error *err)
{
	_cleanup_free_ char *text = NULL;
	size_t size = (size_t)r->left;
	int rc;

	if (r->left > RECORDS_MOST)
		return broken(err, "its records are too long");
	text = malloc(size + 1);
	if (!text)
		return error_set(err, ENOMEM, "cannot read the archive");
	if (size && need(r, text, size, err) < 0)
		return -1;
	r->left = 0;
	text[size] = '\0';
	rc = type == 'x' ? take_records(rec, text, size, err)
			 : take_text(text, strnlen(text, size), type == 'L' ? rec->path : rec->link,
				     err);
	return rc < 0 ? -1 : skip_data(r, err);
}

static void field_text(const char *field, size_t length, char *to)
{
	size_t n = strnlen(field, length);

	memcpy(to, field, n);
	to[n] = '\0';
}

/* own_name - of the fields: with ustar's prefix. */
static void own_name(const char *block, char *to)
{
	size_t n = 0;

	if (!memcmp(block + 257, "ustar\0", 6) && block[345]) {
		field_text(block + 345, 155, to);
		n = strlen(to);
		to[n++] = '/';
	}
	field_text(block, 100, to + n);
}

static int fill(struct tar_entry *e, const char *block, const struct records *rec,
		struct error *err)
{
	char name[PATH_MAX], link[PATH_MAX];
	int64_t mode = number(block + 100, 8), uid = number(block + 108, 8);
	int64_t gid = number(block + 116, 8), mtime = number(block + 136, 12);
	char type = block[TYPE_AT];

	own_name(block, name);
	field_text(block + 157, 100, link);
	if (rec->path[0])
		memcpy(name, rec->path, sizeof(name));
	if (rec->link[0])
		memcpy(link, rec->link, sizeof(link));
	uid = rec->uid >= 0 ? rec->uid : uid;
	gid = rec->gid >= 0 ? rec->gid : gid;
	if (mode < 0 || uid < 0 || gid < 0 || uid >= UINT32_MAX || gid >= UINT32_MAX)
		return broken(err, "a header's number");
	e->mode = (uint32_t)mode & 07777;
	e->uid = (uint32_t)uid;
	e->gid = (uint32_t)gid;
	e->mtime_s = rec->mtime_s >= 0 ? rec->mtime_s : mtime < 0 ? 0 : mtime;
	if (type == '\0' || type == '7')
		type = name[0] && name[strlen(name) - 1] == '/' ? TAR_DIR : TAR_FILE;
	if (type < TAR_FILE || type > TAR_FIFO)
		return error_set(err, EINVAL,
				 "the archive has an entry of the type `%c`, which is not read",
				 type > ' ' && type < 127 ? type : '?');
	e->type = (enum tar_type)type;
	e->link[0] = '\0';
	if (clean(name, e->path, err) < 0)
		return -1;
	if (e->type == TAR_HARD_LINK)
		return clean(link, e->link, err);
	if (e->type == TAR_SYMLINK)
		memcpy(e->link, link, sizeof(link));
	return 0;
}

int tar_next(struct tar_reader *r, struct tar_entry *e, struct error *err)
{
	static const char zeros[BLOCK];
	struct records rec = {.size = -1, .uid = -1, .gid = -1, .mtime_s = -1};
	char block[BLOCK];

	for (;;) {
		int rc = skip_data(r, err) < 0 ? -1 : pull_all(r, block, BLOCK, err);
		int64_t size;
		char type;

		if (rc <= 0)
			return rc;
		/* What follows the end belongs to nothing; it is taken, for whoever writes it. */
		if (!memcmp(block, zeros, BLOCK)) {
			while ((rc = pull_all(r, block, BLOCK, err)) > 0)
				;
			return rc;
		}
		if (check_sum(block, err) < 0)
			return -1;
		type = block[TYPE_AT];
		size = rec.size >= 0 && type != 'x' ? rec.size : number(block + 124, 12);
		if (size < 0)
			return broken(err, "a header's size");
		/* Some give links the size of what they lead to; they have no data. */
		if (type >= TAR_HARD_LINK && type <= TAR_FIFO)
			size = 0;
		r->left = e->size = size;
		r->pad = (unsigned int)(-size & (BLOCK - 1));
		if (type == 'g')
			continue;
		if (type != 'x' && type != 'L' && type != 'K')
			return fill(e, block, &rec, err) < 0 ? -1 : 1;
		if (read_records(r, &rec, type, err) < 0)
			return -1;
	}
}
