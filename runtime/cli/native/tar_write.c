/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tar_write.c: headers of an archive (POSIX.1-2008, pax). What does not fit the fields of ustar goes before them as
 * records: a long name, a long link, a large size or id.
 */
#include <stdio.h>
#include <string.h>

#include "runtime/cli/native/tar.h"

#define BLOCK 512
#define NAME 100
#define SIZE_MOST 077777777777
#define ID_MOST 07777777
#define RECORDS (2 * PATH_MAX + 256)

static const struct field {
	unsigned short at, length;
} name_field = {0, NAME}, mode_field = {100, 8}, uid_field = {108, 8}, gid_field = {116, 8},
  size_field = {124, 12}, mtime_field = {136, 12}, sum_field = {148, 8}, link_field = {157, NAME};
#define TYPE_AT 156
#define MAGIC_AT 257

static void put_octal(char *block, struct field f, uint64_t value)
{
	for (int i = f.length - 2; i >= 0; i--, value >>= 3)
		block[f.at + i] = (char)('0' + (value & 7));
}

static int push_header(tar_push *push, void *context, const struct tar_entry *e, char type,
		       const char *path, int64_t size, struct error *err)
{
	char block[BLOCK] = {0};
	unsigned int sum = 0;

	snprintf(block + name_field.at, NAME + 1, "%s", path);

	put_octal(block, mode_field, e->mode & 07777);
	put_octal(block, uid_field, e->uid > ID_MOST ? 0 : e->uid);
	put_octal(block, gid_field, e->gid > ID_MOST ? 0 : e->gid);
	put_octal(block, size_field, size > SIZE_MOST ? 0 : (uint64_t)size);
	put_octal(block, mtime_field, e->mtime_s < 0 ? 0 : (uint64_t)e->mtime_s);
	block[TYPE_AT] = type;
	if (e->type == TAR_SYMLINK && type == TAR_SYMLINK)
		memcpy(block + link_field.at, e->link, strnlen(e->link, NAME));
	memcpy(block + MAGIC_AT,
	       "ustar\0"
	       "00",
	       8);
	memset(block + sum_field.at, ' ', sum_field.length);
	for (size_t i = 0; i < BLOCK; i++)
		sum += (unsigned char)block[i];
	put_octal(block, (struct field){sum_field.at, 7}, sum);
	block[sum_field.at + 6] = '\0';
	return push(context, block, BLOCK, err);
}

/* add_record - "LENGTH KEY=VALUE\n", whose length counts its own digits. */
static size_t add_record(char *to, size_t used, const char *key, const char *value)
{
	size_t rest = strlen(key) + strlen(value) + 3, length = rest + 1;

	while ((size_t)snprintf(NULL, 0, "%zu", length) + rest != length)
		length++;
	return used +
	       (size_t)snprintf(to + used, RECORDS - used, "%zu %s=%s\n", length, key, value);
}

static size_t add_number(char *to, size_t used, const char *key, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%ju", (uintmax_t)value);
	return add_record(to, used, key, text);
}

int tar_put_header(tar_push *push, void *context, const struct tar_entry *e, struct error *err)
{
	char records[RECORDS], path[PATH_MAX + 1];
	size_t n = 0;

	snprintf(path, sizeof(path), "%s%s", e->path, e->type == TAR_DIR ? "/" : "");
	if (strlen(path) > NAME)
		n = add_record(records, n, "path", path);
	if (e->type == TAR_SYMLINK && strlen(e->link) > NAME)
		n = add_record(records, n, "linkpath", e->link);
	if (e->size > SIZE_MOST)
		n = add_number(records, n, "size", (uint64_t)e->size);
	if (e->uid > ID_MOST)
		n = add_number(records, n, "uid", e->uid);
	if (e->gid > ID_MOST)
		n = add_number(records, n, "gid", e->gid);
	if (n && (push_header(push, context, e, 'x', "pax", (int64_t)n, err) < 0 ||
		  push(context, records, n, err) < 0 ||
		  tar_put_padding(push, context, (int64_t)n, err) < 0))
		return -1;
	return push_header(push, context, e, (char)e->type, path, e->size, err);
}

int tar_put_padding(tar_push *push, void *context, int64_t size, struct error *err)
{
	static const char zeros[BLOCK];
	size_t over = (size_t)(size % BLOCK);

	return over ? push(context, zeros, BLOCK - over, err) : 0;
}

int tar_put_end(tar_push *push, void *context, struct error *err)
{
	static const char zeros[2 * BLOCK];

	return push(context, zeros, sizeof(zeros), err);
}
