/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inroot.h: the only way to touch a path inside a container's root.
 *
 * A container's file tree is hostile: any component of a path can be a symbolic link to somewhere
 * outside, or be turned into one between two looks at it. So a path is never looked at twice and
 * never handed to the kernel as a string: it is resolved once, by openat2(2) with RESOLVE_IN_ROOT,
 * into a descriptor, and the work is done on that descriptor. What does not exist is made one
 * component at a time, each below a descriptor already held.
 *
 * struct inroot keeps callers from passing any other descriptor: it is made from a root directory
 * and nothing else accepts it. openat2 is required (Linux 5.6); there is no other code path.
 *
 * Answers CVE-2021-30465, CVE-2019-18837, CVE-2024-45310, CVE-2025-24965, CVE-2026-41579.
 */
#ifndef CLOISON_LIB_INROOT_H
#define CLOISON_LIB_INROOT_H

#include <sys/types.h>

#include "lib/error.h"

struct inroot {
	int fd; /* O_PATH descriptor of the root directory */
};

/* What inroot_make() leaves at the end of a path that does not exist. */
enum inroot_leaf { INROOT_DIR, INROOT_FILE };

/*
 * inroot_open - resolve @path below @root and open it.
 * @flags: open(2) flags; O_CLOEXEC and O_NOCTTY are added. The last component, when it is a
 *         symbolic link, is followed inside the root unless O_NOFOLLOW is given.
 * Returns a descriptor, or -1 with errno. Links that try to leave the root stay in it; magic links
 * of procfs are refused (ELOOP).
 */
int inroot_open(struct inroot root, const char *path, int flags) must_check;

/*
 * inroot_make - open @path with O_PATH, making what is missing: directories with mode 0755, and an
 * empty file with mode 0644 when @leaf says so.
 * Returns a descriptor, or -1 with errno.
 */
int inroot_make(struct inroot root, const char *path, enum inroot_leaf leaf) must_check;

/* inroot_make_new - the same for a path that is probably not there yet: cheaper then. */
int inroot_make_new(struct inroot root, const char *path, enum inroot_leaf leaf) must_check;

/*
 * inroot_parent - open the directory that holds @path's last component, making missing ones.
 * @name: receives a pointer into @path at the last component (without trailing slashes: the path
 *        must not end in one)
 * Returns an O_PATH descriptor, or -1 with errno (EINVAL for "/", "." or ".." as the last part).
 */
int inroot_parent(struct inroot root, const char *path, const char **name) must_check;

#endif
