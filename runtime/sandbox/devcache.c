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
 * The directory must be root's and closed to all others. Who may write to it is root and could as well
 * load programs; and what is found under a name is of the type that a cgroup takes, or the kernel
 * refuses to attach it. It is looked for by its path, which bpf(2) needs until Linux 6.5.
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

static struct path path_of(const struct devfilter *p)
{
	struct path path = {.text = DEVCACHE_DIR "/"};

	sha256_hex(p->insns, p->n * sizeof(*p->insns), path.text + strlen(path.text));
	return path;
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
	union bpf_attr attr;
	struct path path;

	if (dir < 0)
		return FD_EMPTY;
	path = path_of(p);
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (__u64)(uintptr_t)path.text;
	return sys_bpf(BPF_OBJ_GET, &attr, sizeof(attr));
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
	memset(&attr, 0, sizeof(attr));
	attr.pathname = (__u64)(uintptr_t)path.text;
	attr.bpf_fd = (__u32)prog;
	/* EEXIST: somebody else was first, with the same program. */
	(void)sys_bpf(BPF_OBJ_PIN, &attr, sizeof(attr));
}
