/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cache.c: one file per filter: a head, the policy's text, the instructions.
 *
 * A file appears complete (rename) and is never changed, so readers need no lock; two who compile the
 * same policy at once write the same file twice. What a killed writer leaves behind goes with the
 * next eviction, which counts it like any other file.
 */
#include "runtime/seccomp/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>

#ifndef CLOISON_VERSION
#define CLOISON_VERSION "unknown" /* compiled by something else than the Makefile */
#endif

/* To be raised when the compiler gives other programs for the same policies. */
#define COMPILER "1"
#define MAX_TEXT_BYTES 262144 /* longer policies are compiled each time */

struct head {
	char magic[8];
	char version[24];
	uint32_t arch, instructions;
	uint64_t text_bytes;
	uint64_t sum; /* of the instructions */
};

struct path {
	char name[32];
};

/* FNV-1a, 64 bits. */
static uint64_t hash(uint64_t h, const void *data, size_t length)
{
	const unsigned char *p = data;

	while (length-- > 0)
		h = (h ^ *p++) * 0x100000001b3U;
	return h;
}

#define HASH_INIT 0xcbf29ce484222325U

static struct head head_of(const struct seccomp_key *key)
{
	struct head h = {.magic = "CLOISECC", .arch = key->arch, .text_bytes = key->length};

	snprintf(h.version, sizeof(h.version), "%s", COMPILER "-" CLOISON_VERSION);
	return h;
}

static struct path path_of(const struct seccomp_key *key)
{
	struct head h = head_of(key);
	struct path path;

	snprintf(path.name, sizeof(path.name), "%016llx",
		 (unsigned long long)hash(hash(HASH_INIT, &h, sizeof(h)), key->text, key->length));
	return path;
}

/* is_ours - made by us, and by nobody else to be changed. */
static bool is_ours(int fd, mode_t type, struct stat *st)
{
	return fstat(fd, st) == 0 && (st->st_mode & S_IFMT) == type && st->st_uid == geteuid() &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

/* open_dir - the cache's directory; FD_EMPTY: there is none to be used. */
static int open_dir(const char *root)
{
	_cleanup_fd_ int dir = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int fd = FD_EMPTY;
	struct stat st;

	if (dir < 0)
		return FD_EMPTY;
	fd = openat(dir, SECCOMP_CACHE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || !is_ours(fd, S_IFDIR, &st))
		return FD_EMPTY;
	return take_fd(&fd);
}

/* is_program - will the kernel take it? The kernel checks each instruction; this is about damage. */
static bool is_program(const struct sock_filter *code, const struct head *h)
{
	return hash(HASH_INIT, code, h->instructions * sizeof(*code)) == h->sum;
}

bool seccomp_cache_find(const char *root, const struct seccomp_key *key, struct arena *arena,
			struct sock_fprog *prog)
{
	_cleanup_fd_ int dir = open_dir(root);
	_cleanup_fd_ int fd = FD_EMPTY;
	struct head expected = head_of(key), h;
	struct error ignored = ERROR_INIT;
	struct sock_filter *code;
	_cleanup_free_ char *text = NULL;
	size_t code_bytes;
	struct stat st;

	if (dir < 0 || key->length > MAX_TEXT_BYTES)
		return false;
	fd = openat(dir, path_of(key).name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || !is_ours(fd, S_IFREG, &st) || read(fd, &h, sizeof(h)) != sizeof(h))
		return false;
	expected.instructions = h.instructions;
	expected.sum = h.sum;
	if (memcmp(&h, &expected, sizeof(h)) != 0 || h.instructions == 0 ||
	    h.instructions > BPF_MAXINSNS)
		return false;
	code_bytes = h.instructions * sizeof(*code);
	if ((size_t)st.st_size != sizeof(h) + key->length + code_bytes)
		return false;
	text = malloc(key->length);
	code = arena_new(arena, struct sock_filter, h.instructions, &ignored);
	if (!text || !code || read(fd, text, key->length) != (ssize_t)key->length ||
	    memcmp(text, key->text, key->length) != 0 ||
	    read(fd, code, code_bytes) != (ssize_t)code_bytes || !is_program(code, &h))
		return false;
	prog->len = (unsigned short)h.instructions;
	prog->filter = code;
	return true;
}

static bool is_older(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec < b->tv_sec : a->tv_nsec < b->tv_nsec;
}

/* find_oldest - the number of files in the cache, and the oldest one's name (NAME_MAX + 1 bytes). */
static size_t find_oldest(int dir, char *oldest)
{
	_cleanup_fd_ int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct timespec oldest_time = {0};
	size_t count = 0;
	struct dirent *e;

	if (d)
		(void)take_fd(&fd); /* the stream's now */
	while (d && (e = readdir(d))) {
		struct stat st;

		if (e->d_name[0] == '.' || fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		if (count++ && !is_older(&st.st_mtim, &oldest_time))
			continue;
		oldest_time = st.st_mtim;
		snprintf(oldest, NAME_MAX + 1, "%s", e->d_name);
	}
	return count;
}

/* evict - remove the oldest files until there is room for one more. */
static void evict(int dir)
{
	char oldest[NAME_MAX + 1];

	while (find_oldest(dir, oldest) >= SECCOMP_CACHE_FILES)
		if (unlinkat(dir, oldest, 0) < 0 && errno != ENOENT)
			return;
}

static bool write_file(int fd, const struct head *h, const struct seccomp_key *key,
		       const struct sock_fprog *prog)
{
	struct iovec parts[] = {
		{(void *)(uintptr_t)h, sizeof(*h)},
		{(void *)(uintptr_t)key->text, key->length},
		{prog->filter, prog->len * sizeof(*prog->filter)},
	};
	size_t total = parts[0].iov_len + parts[1].iov_len + parts[2].iov_len;

	return writev(fd, parts, ARRAY_SIZE(parts)) == (ssize_t)total;
}

void seccomp_cache_keep(const char *root, const struct seccomp_key *key,
			const struct sock_fprog *prog)
{
	_cleanup_fd_ int above = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int dir = FD_EMPTY;
	_cleanup_fd_ int fd = FD_EMPTY;
	struct head h = head_of(key);
	struct timespec now;
	char part[64];

	if (above < 0 || key->length > MAX_TEXT_BYTES ||
	    (mkdirat(above, SECCOMP_CACHE_DIR, 0700) < 0 && errno != EEXIST))
		return;
	dir = open_dir(root);
	if (dir < 0)
		return;
	evict(dir);
	h.instructions = prog->len;
	h.sum = hash(HASH_INIT, prog->filter, prog->len * sizeof(*prog->filter));
	clock_gettime(CLOCK_REALTIME, &now);
	snprintf(part, sizeof(part), "new-%d-%ld", getpid(), now.tv_nsec);
	fd = openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (!write_file(fd, &h, key, prog) || renameat(dir, part, dir, path_of(key).name) < 0)
		(void)unlinkat(dir, part, 0);
}
