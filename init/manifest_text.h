/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest_text.h: the text of the manifest that lies in the initramfs.
 *
 * mkcpio writes it (the entry `sums` of its lists), init/manifest.c compares the tree with it. A line for
 * each entry of the archive but the manifest itself, sorted by path, of seven words with one blank between
 * them:
 *
 *	d MODE UID GID 0 0 PATH             a directory
 *	f MODE UID GID SIZE XXH64 PATH      a file
 *	h MODE UID GID 0 NAME PATH          another name of the file that is at NAME
 *	l 777 UID GID SIZE XXH64 PATH       a symbolic link: length and checksum of its target
 *	c MODE UID GID MAJOR MINOR PATH     a character device; b: a block device
 *
 * MODE is octal, MINOR hexadecimal, XXH64 16 hexadecimal digits. Before them goes MANIFEST_FIRST_LINE,
 * behind them `end COUNT XXH64`: how many they are, and the checksum of everything before this line.
 */
#ifndef CLOISON_INIT_MANIFEST_TEXT_H
#define CLOISON_INIT_MANIFEST_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MANIFEST_FIRST_LINE "cloison manifest 1\n"
#define MANIFEST_ENTRIES 2048
#define MANIFEST_BYTES (256 * 1024)
#define MANIFEST_PATH_BYTES 256 /* of a path, with its NUL */

struct manifest_entry {
	const char *path;  /* absolute */
	const char *other; /* h: the name that has the content */
	uint64_t size;	   /* f, l: bytes; c, b: the major number */
	uint64_t check;	   /* f, l: checksum; c, b: the minor number */
	uint32_t mode;	   /* with the type, as st_mode */
	uint32_t uid, gid;
};

struct manifest {
	size_t count;
	struct manifest_entry entries[MANIFEST_ENTRIES]; /* sorted by path */
	unsigned int line;				 /* when it could not be read: where */
};

/*
 * manifest_parse - read the @len bytes of @text, whose lines are taken apart in place: the entries point
 * into it. Returns NULL, or what is wrong with line @m->line.
 */
const char *manifest_parse(struct manifest *m, char *text, size_t len)
	__attribute__((warn_unused_result));

/* manifest_find - the entry of @path; NULL when there is none. */
const struct manifest_entry *manifest_find(const struct manifest *m, const char *path);

/*
 * manifest_may_add - may something be at @path that the manifest does not know?
 * @directory: it is one
 * What the image uses finds only what is in the image: an appended archive adds configuration and bundles
 * where they belong, and anything else in directories of its own at the top.
 */
bool manifest_may_add(const char *path, bool directory);

#endif
