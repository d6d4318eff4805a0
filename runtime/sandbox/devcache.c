/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devcache.c: device programs pinned in the bpf file system, by what they consist of.
 *
 * To load a program the kernel verifies it, translates it and makes room for it in memory that all
 * processors execute from: 0.2 ms on a quiet machine, an eighth of a start, for a program that is the
 * same for all containers of an engine. So the first one that is loaded stays, as a file named after the
 * SHA-256 of its instructions, and is attached to the cgroups that come after. The digest has to be a
 * strong one: device rules come from config.json, and two lists that shared a name would share a verdict.
 *
 * The directory must be root's and closed to all others. That does not keep out a container that has it bound
 * and is root: without any right to load programs it can rename files, and the program of a generous list
 * would stand where that of a strict one is looked for. A program's own name cannot be changed, so the
 * digest is in there, too, as much of it as there is room for (90 bits), and is compared. It is looked
 * for by its path, which bpf(2) needs until Linux 6.5.
 */
#include "runtime/sandbox/devcache.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "lib/sha256.h"
#include "lib/sys.h"

#ifndef BPF_FS_MAGIC
#define BPF_FS_MAGIC 0xcafe4a11
#endif

struct path {
	char text[sizeof(DEVCACHE_DIR "/") + SHA256_HEX_SIZE];
};

/* put_name - 90 bits of the digest @hex, in the 64 characters that the kernel allows in a name. */
static void put_name(const char *hex, char *name)
{
	static const char digits[] =
		"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.";
	unsigned int bits = 0, n_bits = 0;

	for (size_t i = 0; i < BPF_OBJ_NAME_LEN - 1; i++) {
		while (n_bits < 6) {
			char c = *hex++;

			bits = bits << 4 | (unsigned int)(c <= '9' ? c - '0' : c - 'a' + 10);
			n_bits += 4;
		}
		n_bits -= 6;
		name[i] = digits[bits >> n_bits & 63];
	}
	name[BPF_OBJ_NAME_LEN - 1] = '\0';
}

static struct path path_of(const struct devfilter *p)
{
	struct path path = {.text = DEVCACHE_DIR "/"};

	sha256_hex(p->insns, p->n * sizeof(*p->insns), path.text + strlen(path.text));
	return path;
}

void devcache_name(struct devfilter *p)
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(p->insns, p->n * sizeof(*p->insns), hex);
	put_name(hex, p->name);
}

/* is_named - is @prog the device program that was loaded as @name? */
static bool is_named(int prog, const char *name)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (__u32)prog;
	attr.info.info_len = sizeof(info);
	attr.info.info = (__u64)(uintptr_t)&info;
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)) == 0 &&
	       info.type == BPF_PROG_TYPE_CGROUP_DEVICE &&
	       !strncmp(info.name, name, sizeof(info.name));
}

/* open_dir - the cache's directory; FD_EMPTY: there is none to be used. */
static int open_dir(void)
{
	_cleanup_fd_ int fd =
		sys_open(DEVCACHE_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != BPF_FS_MAGIC || fstat(fd, &st) < 0 ||
	    st.st_uid != 0 || st.st_mode & (S_IRWXG | S_IRWXO))
		return FD_EMPTY;
	return take_fd(&fd);
}

/* make_dir - the same, made if it is missing and there is a bpf file system to make it in. */
static int make_dir(void)
{
	struct statfs fs;

	if (statfs(DEVCACHE_MOUNT, &fs) < 0 || fs.f_type != BPF_FS_MAGIC ||
	    (mkdir(DEVCACHE_DIR, 0700) < 0 && errno != EEXIST))
		return FD_EMPTY;
	return open_dir();
}

int devcache_find(const struct devfilter *p)
{
	_cleanup_fd_ int dir = open_dir();
	_cleanup_fd_ int prog = FD_EMPTY;
	char name[BPF_OBJ_NAME_LEN];
	union bpf_attr attr;
	struct path path;

	if (dir < 0)
		return FD_EMPTY;
	path = path_of(p);
	put_name(path.text + strlen(DEVCACHE_DIR "/"), name);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (__u64)(uintptr_t)path.text;
	prog = sys_bpf(BPF_OBJ_GET, &attr, sizeof(attr));
	return prog >= 0 && is_named(prog, name) ? take_fd(&prog) : FD_EMPTY;
}

/* make_room - forget everything when the cache is full; cgroups keep the programs they have. */
static void make_room(int dir)
{
	_cleanup_fd_ int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	size_t count = 0;
	struct dirent *e;

	if (!d)
		return;
	(void)take_fd(&fd); /* the stream's now */
	while ((e = readdir(d)))
		count += e->d_name[0] != '.';
	if (count < DEVCACHE_PROGRAMS)
		return;
	rewinddir(d);
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			(void)unlinkat(dir, e->d_name, 0);
}

void devcache_keep(const struct devfilter *p, int prog)
{
	_cleanup_fd_ int dir = make_dir();
	union bpf_attr attr;
	struct path path;

	if (dir < 0)
		return;
	make_room(dir);
	path = path_of(p);
	/* What has the name and is not it: somebody put it there. */
	(void)unlink(path.text);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (__u64)(uintptr_t)path.text;
	attr.bpf_fd = (__u32)prog;
	/* EEXIST: somebody else was first, a moment ago. */
	(void)sys_bpf(BPF_OBJ_PIN, &attr, sizeof(attr));
}
