// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * mkcpio.c: write a newc cpio archive from lists, for the kernel to unpack as initramfs.
 *
 *     mkcpio [-D NAME=VALUE]... [-m MANIFEST] [-b FILE] -o ARCHIVE LIST...
 *
 * A list has one entry per line; blank lines and lines that begin with # are skipped:
 *
 *     dir   PATH MODE
 *     file  PATH MODE SOURCE            SOURCE: a file of the build machine
 *     slink PATH TARGET
 *     hlink PATH EARLIER                another name of the file at EARLIER
 *     nod   PATH MODE c|b MAJOR MINOR
 *     sums  PATH MODE SOURCE            a file that is written to SOURCE: what init/manifest.c checks
 *     owner UID GID                     of the entries that follow in this list (at first 0 0)
 *
 * Words are separated by blanks; PATH is absolute. @NAME@ stands for the value given with -D.
 * Entries are written sorted by path, each path once, its directory must be listed too; the sums and
 * /init go first, so that an archive that was cut off later still has who notices it. With -b, FILE gets
 * the number of bytes that these take, for a frame of their own. Nothing of the build machine gets in: the listed owner, inode numbers from 1 in order of the archive, and one
 * date, $SOURCE_DATE_EPOCH. No privilege is needed, device nodes are only described.
 *
 * The kernel makes a hard link when a regular file with more than one link repeats an inode number
 * that it has seen (init/initramfs.c): the data goes with the first name, so the file takes its room
 * once in the archive and once in RAM. An archive is padded to 512 bytes, so that another one can
 * be appended.
 *
 * With -m, a line "TYPE\tPATH\tSIZE\tSOURCE" per entry is written for the manifest.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "init/manifest_text.h"
#include "lib/xxh64.h"

enum { MAX_WORDS = 7, MAX_DEFINES = 16, ARCHIVE_BLOCK = 512 };

struct entry {
	char *path;	   /* absolute */
	char *source;	   /* file, sums: on the build machine; slink: target; hlink: first name */
	const char *where; /* list file, for messages */
	unsigned int line;
	uint32_t mode; /* type and permissions */
	uint32_t uid, gid;
	uint32_t inode;
	uint32_t links;
	uint32_t rdev_major, rdev_minor;
	struct entry *listed; /* hlink: the entry that names the file of the build machine */
	bool hlink;
	bool sums;
	bool carries_data;
};

struct list {
	struct entry *entries;
	size_t count;
};

struct define {
	const char *name;
	size_t name_length;
	const char *value;
};

static struct define defines[MAX_DEFINES];
static size_t define_count;

/* fail_at - say what is wrong with a line of a list, and exit */
static _Noreturn void fail_at(const struct entry *e, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static _Noreturn void fail_at(const struct entry *e, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "mkcpio: %s:%u: ", e->where, e->line);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(1);
}

static _Noreturn void fail(const char *what, const char *object)
{
	fprintf(stderr, "mkcpio: %s `%s`: %s\n", what, object, strerror(errno));
	exit(1);
}

static void *must(void *p)
{
	if (!p)
		fail("cannot allocate", "memory");
	return p;
}

/* expand - a copy of @word with @NAME@ replaced by its value */
static char *expand(const struct entry *e, const char *word)
{
	char out[PATH_MAX];
	size_t length = 0;

	while (*word) {
		const char *piece = word;
		size_t n = 1;
		const char *end = *word == '@' ? strchr(word + 1, '@') : NULL;

		if (end) {
			size_t name_length = (size_t)(end - word) - 1;
			size_t i;

			for (i = 0; i < define_count; i++)
				if (defines[i].name_length == name_length &&
				    !memcmp(defines[i].name, word + 1, name_length))
					break;
			if (i == define_count)
				fail_at(e, "unknown name `%.*s`", (int)name_length, word + 1);
			piece = defines[i].value;
			n = strlen(piece);
			word = end + 1;
		} else {
			word++;
		}
		if (length + n >= sizeof(out))
			fail_at(e, "word is too long");
		memcpy(out + length, piece, n);
		length += n;
	}
	out[length] = '\0';
	return must(strdup(out));
}

static uint32_t number(const struct entry *e, const char *word, int base, uint32_t max)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(word, &end, base);
	if (errno || end == word || *end || value > max || word[0] == '-')
		fail_at(e, "bad number `%s`", word);
	return (uint32_t)value;
}

/* check_path - absolute, no empty, "." or ".." component, no slash at the end */
static void check_path(const struct entry *e)
{
	const char *p = e->path;

	if (*p != '/' || !p[1])
		fail_at(e, "`%s` is not an absolute path below the root", e->path);
	while (*p == '/') {
		size_t n = strcspn(++p, "/");

		if (n == 0 || (n == 1 && p[0] == '.') || (n == 2 && p[0] == '.' && p[1] == '.'))
			fail_at(e, "`%s` has a component that is empty, `.` or `..`", e->path);
		p += n;
	}
}

/* parse_entry - fill @e from the words of one line */
static void parse_entry(struct entry *e, char *const *w, int n)
{
	static const struct {
		const char *keyword;
		int words;
		uint32_t type;
	} kinds[] = {
		{"dir", 3, S_IFDIR},   {"file", 4, S_IFREG}, {"slink", 3, S_IFLNK},
		{"hlink", 3, S_IFREG}, {"nod", 6, 0},	     {"sums", 4, S_IFREG},
	};
	size_t k;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++)
		if (!strcmp(w[0], kinds[k].keyword))
			break;
	if (k == sizeof(kinds) / sizeof(kinds[0]))
		fail_at(e, "unknown entry `%s`", w[0]);
	if (n != kinds[k].words)
		fail_at(e, "`%s` takes %d words", w[0], kinds[k].words - 1);
	e->path = expand(e, w[1]);
	check_path(e);
	e->mode = kinds[k].type;
	if (!strcmp(w[0], "slink") || !strcmp(w[0], "hlink")) {
		e->source = expand(e, w[2]);
		e->hlink = kinds[k].type == S_IFREG;
		e->mode |= 0777;
		return;
	}
	e->sums = !strcmp(w[0], "sums");
	e->mode |= number(e, w[2], 8, 07777);
	if (kinds[k].type == S_IFREG)
		e->source = expand(e, w[3]);
	if (kinds[k].type == 0) {
		if (strcmp(w[3], "c") && strcmp(w[3], "b"))
			fail_at(e, "a node is `c` or `b`, not `%s`", w[3]);
		e->mode |= *w[3] == 'c' ? S_IFCHR : S_IFBLK;
		e->rdev_major = number(e, w[4], 10, 4095);
		e->rdev_minor = number(e, w[5], 10, (1U << 20) - 1);
	}
}

static void read_list(struct list *list, const char *name)
{
	FILE *f = fopen(name, "re");
	char *line = NULL;
	size_t room = 0;
	unsigned int number_of_line = 0;
	uint32_t uid = 0, gid = 0;

	if (!f)
		fail("cannot open", name);
	while (getline(&line, &room, f) >= 0) {
		char *words[MAX_WORDS] = {NULL};
		char *rest = line;
		char *word;
		int n = 0;
		struct entry e = {.where = name, .line = ++number_of_line, .uid = uid, .gid = gid};

		while ((word = strtok_r(rest, " \t\n", &rest)) && n < MAX_WORDS)
			words[n++] = word;
		if (n == 0 || words[0][0] == '#')
			continue;
		if (!strcmp(words[0], "owner")) {
			if (n != 3)
				fail_at(&e, "`owner` takes 2 words");
			uid = number(&e, words[1], 10, UINT32_MAX - 1);
			gid = number(&e, words[2], 10, UINT32_MAX - 1);
			continue;
		}
		parse_entry(&e, words, n);
		list->entries = must(reallocarray(list->entries, list->count + 1, sizeof(e)));
		list->entries[list->count++] = e;
	}
	if (ferror(f))
		fail("cannot read", name);
	free(line);
	fclose(f);
}

static int by_path(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static struct entry *find(const struct list *list, char *path)
{
	struct entry key = {.path = path};

	return bsearch(&key, list->entries, list->count, sizeof(key), by_path);
}

/* check_parent - the directory of @e must be listed, as a directory */
static void check_parent(const struct list *list, const struct entry *e)
{
	char *parent = must(strdup(e->path));
	char *slash = strrchr(parent, '/');
	const struct entry *p;

	if (slash != parent) {
		*slash = '\0';
		p = find(list, parent);
		if (!p || (p->mode & S_IFMT) != S_IFDIR)
			fail_at(e, "the directory `%s` is not listed", parent);
	}
	free(parent);
}

/*
 * resolve - sort, check, and number the inodes.
 *
 * Names of one file share an inode number, and the data goes with the name that sorts first.
 */
static void resolve(struct list *list)
{
	uint32_t inode = 0;
	const struct entry *sums = NULL;

	if (!list->count)
		return;
	qsort(list->entries, list->count, sizeof(*list->entries), by_path);
	for (size_t i = 0; i < list->count; i++) {
		struct entry *e = &list->entries[i];

		if (i && !strcmp(e->path, e[-1].path))
			fail_at(e, "`%s` is listed twice, first at %s:%u", e->path, e[-1].where,
				e[-1].line);
		check_parent(list, e);
		e->links = 1;
		if (e->sums && sums)
			fail_at(e, "the sums are listed twice, first at %s:%u", sums->where,
				sums->line);
		if (e->sums)
			sums = e;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct entry *e = &list->entries[i];

		if (!e->hlink)
			continue;
		e->listed = find(list, e->source);
		if (!e->listed || e->listed->hlink || e->listed->sums ||
		    (e->listed->mode & S_IFMT) != S_IFREG)
			fail_at(e, "`%s` is not a listed file", e->source);
		e->listed->links++;
	}
	for (size_t i = 0; i < list->count; i++) {
		struct entry *e = &list->entries[i];
		struct entry *file = e->listed ? e->listed : e;

		e->carries_data = !file->inode;
		if (!file->inode)
			file->inode = ++inode;
		e->inode = file->inode;
		e->mode = file->mode;
		e->uid = file->uid;
		e->gid = file->gid;
		e->links = file->links;
	}
}

struct archive {
	FILE *file;
	const char *name;
	uint64_t size;
	uint32_t date;
};

static void put(struct archive *a, const void *data, size_t size)
{
	if (size && fwrite(data, 1, size, a->file) != size)
		fail("cannot write", a->name);
	a->size += size;
}

static void pad(struct archive *a, unsigned int block)
{
	static const char zeros[ARCHIVE_BLOCK];
	unsigned int over = (unsigned int)(a->size % block);

	if (over)
		put(a, zeros, block - over);
}

static void put_header(struct archive *a, const struct entry *e, const char *path, uint32_t size)
{
	char header[111];
	int n;

	n = snprintf(header, sizeof(header),
		     "070701%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X%08X", e->inode,
		     e->mode, e->uid, e->gid, e->links, a->date, size, 0U, 0U, e->rdev_major,
		     e->rdev_minor, (unsigned int)strlen(path) + 1, 0U);
	put(a, header, (size_t)n);
	put(a, path, strlen(path) + 1);
	pad(a, 4);
}

/* put_file - header of @e and the contents of @source; returns their size */
static uint32_t put_file(struct archive *a, const struct entry *e, const char *source)
{
	char buffer[65536];
	struct stat st;
	uint32_t left;
	size_t n;
	FILE *f = fopen(source, "re");

	if (!f || fstat(fileno(f), &st) < 0)
		fail_at(e, "cannot open `%s`: %s", source, strerror(errno));
	if (!S_ISREG(st.st_mode) || st.st_size > INT32_MAX)
		fail_at(e, "`%s` is not a file of less than 2 GiB", source);
	left = (uint32_t)st.st_size;
	put_header(a, e, e->path + 1, left);
	while (left && (n = fread(buffer, 1, sizeof(buffer), f)) > 0) {
		if (n > left)
			fail_at(e, "`%s` grew while it was read", source);
		put(a, buffer, n);
		left -= (uint32_t)n;
	}
	if (left)
		fail_at(e, "`%s` could not be read to its end", source);
	fclose(f);
	pad(a, 4);
	return (uint32_t)st.st_size;
}

/* put_entry - write one entry, and its line of the manifest */
static void put_entry(struct archive *a, const struct entry *e, FILE *manifest)
{
	const char *source = e->listed ? e->listed->source : e->source;
	const char *type = "nod";
	uint32_t size = 0;

	switch (e->mode & S_IFMT) {
	case S_IFREG:
		type = e->carries_data ? "file" : "hlink";
		if (e->carries_data)
			size = put_file(a, e, source);
		else
			put_header(a, e, e->path + 1, 0);
		break;
	case S_IFLNK:
		type = "slink";
		size = (uint32_t)strlen(source);
		put_header(a, e, e->path + 1, size);
		put(a, source, size);
		pad(a, 4);
		break;
	case S_IFDIR:
		type = "dir";
		put_header(a, e, e->path + 1, 0);
		break;
	default:
		put_header(a, e, e->path + 1, 0);
	}
	if (manifest)
		fprintf(manifest, "%s\t%s\t%u\t%s\n", type, e->path, size, source ? source : "-");
}

/* read_whole - all of @source, which the caller frees */
static char *read_whole(const struct entry *e, const char *source, size_t *size)
{
	struct stat st;
	char *data;
	FILE *f = fopen(source, "re");

	if (!f || fstat(fileno(f), &st) < 0)
		fail_at(e, "cannot open `%s`: %s", source, strerror(errno));
	*size = (size_t)st.st_size;
	data = must(malloc(*size + 1));
	if (fread(data, 1, *size, f) != *size)
		fail_at(e, "`%s` could not be read to its end", source);
	fclose(f);
	return data;
}

/* sum_entry - the line of @e, as init/manifest_text.h says */
static void sum_entry(FILE *out, const struct entry *e)
{
	char *data;
	size_t size;

	switch (e->mode & S_IFMT) {
	case S_IFREG:
		if (e->hlink) {
			fprintf(out, "h %o %u %u 0 %s %s\n", e->mode & 07777, e->uid, e->gid,
				e->listed->path, e->path);
			break;
		}
		data = read_whole(e, e->source, &size);
		fprintf(out, "f %o %u %u %zu %016" PRIx64 " %s\n", e->mode & 07777, e->uid, e->gid,
			size, xxh64(data, size), e->path);
		free(data);
		break;
	case S_IFLNK:
		size = strlen(e->source);
		fprintf(out, "l 777 %u %u %zu %016" PRIx64 " %s\n", e->uid, e->gid, size,
			xxh64(e->source, size), e->path);
		break;
	case S_IFDIR:
		fprintf(out, "d %o %u %u 0 0 %s\n", e->mode & 07777, e->uid, e->gid, e->path);
		break;
	default:
		fprintf(out, "%c %o %u %u %u %x %s\n", S_ISCHR(e->mode) ? 'c' : 'b',
			e->mode & 07777, e->uid, e->gid, e->rdev_major, e->rdev_minor, e->path);
	}
}

/* write_sums - everything but @sums itself, into its file */
static void write_sums(const struct list *list, const struct entry *sums)
{
	char *text = NULL;
	size_t size = 0;
	FILE *out = must(open_memstream(&text, &size));
	FILE *f;

	fputs(MANIFEST_FIRST_LINE, out);
	for (size_t i = 0; i < list->count; i++)
		if (&list->entries[i] != sums)
			sum_entry(out, &list->entries[i]);
	if (fclose(out))
		fail("cannot allocate", "memory");
	f = fopen(sums->source, "we");
	if (!f || fwrite(text, 1, size, f) != size ||
	    fprintf(f, "end %zu %016" PRIx64 "\n", list->count - 1, xxh64(text, size)) < 0 ||
	    fclose(f))
		fail_at(sums, "cannot write `%s`: %s", sums->source, strerror(errno));
	free(text);
}

/* goes_first - is @e needed to start /init, and to see what is missing? */
static bool goes_first(const struct entry *e)
{
	return e->sums || !strcmp(e->path, "/init");
}

/* put_all - the entries, those that go first before all others; returns how many bytes these take */
static uint64_t put_all(struct archive *a, const struct list *list, FILE *manifest)
{
	uint64_t first;

	for (size_t i = 0; i < list->count; i++)
		if (goes_first(&list->entries[i]))
			put_entry(a, &list->entries[i], manifest);
	first = a->size;
	for (size_t i = 0; i < list->count; i++)
		if (!goes_first(&list->entries[i]))
			put_entry(a, &list->entries[i], manifest);
	return first;
}

int main(int argc, char **argv)
{
	struct list list = {0};
	struct archive archive = {0};
	const struct entry trailer = {.links = 1};
	const char *date = getenv("SOURCE_DATE_EPOCH");
	const char *manifest_name = NULL;
	const char *first_name = NULL;
	FILE *manifest = NULL, *first_file = NULL;
	uint64_t first;
	int option;

	while ((option = getopt(argc, argv, "D:b:m:o:")) != -1) {
		const char *equals;

		switch (option) {
		case 'D':
			equals = strchr(optarg, '=');
			if (!equals || define_count == MAX_DEFINES) {
				fprintf(stderr, "mkcpio: -D %s: NAME=VALUE, at most %d\n", optarg,
					MAX_DEFINES);
				return 1;
			}
			defines[define_count++] =
				(struct define){optarg, (size_t)(equals - optarg), equals + 1};
			break;
		case 'b':
			first_name = optarg;
			break;
		case 'm':
			manifest_name = optarg;
			break;
		case 'o':
			archive.name = optarg;
			break;
		default:
			return 1;
		}
	}
	if (!archive.name || optind == argc) {
		fputs("usage: mkcpio [-D NAME=VALUE]... [-m MANIFEST] [-b FILE] -o ARCHIVE LIST...\n",
		      stderr);
		return 1;
	}
	if (date)
		archive.date = (uint32_t)strtoul(date, NULL, 10);
	for (int i = optind; i < argc; i++)
		read_list(&list, argv[i]);
	resolve(&list);
	for (size_t i = 0; i < list.count; i++)
		if (list.entries[i].sums)
			write_sums(&list, &list.entries[i]);

	archive.file = fopen(archive.name, "we");
	if (!archive.file)
		fail("cannot create", archive.name);
	if (manifest_name && !(manifest = fopen(manifest_name, "we")))
		fail("cannot create", manifest_name);
	first = put_all(&archive, &list, manifest);
	put_header(&archive, &trailer, "TRAILER!!!", 0);
	pad(&archive, ARCHIVE_BLOCK);
	if (fclose(archive.file) || (manifest && fclose(manifest)))
		fail("cannot write", archive.name);
	if (first_name && (!(first_file = fopen(first_name, "we")) ||
			   fprintf(first_file, "%" PRIu64 "\n", first) < 0 || fclose(first_file)))
		fail("cannot write", first_name);
	for (size_t i = 0; i < list.count; i++) {
		free(list.entries[i].path);
		free(list.entries[i].source);
	}
	free(list.entries);
	return 0;
}
