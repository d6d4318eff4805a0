/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proc-watcher.c: a neighbour that looks into every process of its pid namespace, until killed.
 *
 * Of each it opens the program and the root directory through /proc. A program that is neither this
 * one nor /bin/busybox, or another root than its own, is something that the container does not have:
 * then it prints "ESCAPED" and what it got. With the word "root" it looks at that alone: who may trace
 * all processes sees the runtime's program, which cannot be written to, until they execute their own.
 */
#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct stat own_program, busybox, own_root;

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static void look_at_program(int proc, const char *pid)
{
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/exe", pid);
	fd = openat(proc, path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && !is_same(&st, &own_program) &&
	    !is_same(&st, &busybox))
		puts("ESCAPED with its program");
	if (fd >= 0)
		close(fd);
}

static void look_at_root(int proc, const char *pid)
{
	char path[300];
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/root", pid);
	fd = openat(proc, path, O_PATH | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && !is_same(&st, &own_root))
		puts("ESCAPED with its root");
	if (fd >= 0)
		close(fd);
}

int main(int argc, char **argv)
{
	bool root_alone = argc > 1 && strcmp(argv[1], "root") == 0;
	DIR *dir = opendir("/proc");
	int proc = dir ? dirfd(dir) : -1;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (proc < 0 || stat("/proc/self/exe", &own_program) < 0 ||
	    stat("/bin/busybox", &busybox) < 0 || stat("/", &own_root) < 0)
		err(1, "/proc");
	puts("watching");
	for (;;) {
		rewinddir(dir);
		for (const struct dirent *entry; (entry = readdir(dir));) {
			if (!isdigit((unsigned char)entry->d_name[0]))
				continue;
			if (!root_alone)
				look_at_program(proc, entry->d_name);
			look_at_root(proc, entry->d_name);
		}
	}
}
