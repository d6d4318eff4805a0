/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h: what making mounts (mounts.c), placing them (place.c) and masking (masks.c) share; private
 * to these, and to who places a mount of the runtime's own.
 */
#ifndef CLOISON_SANDBOX_MOUNTS_H
#define CLOISON_SANDBOX_MOUNTS_H

#include "runtime/sandbox/sandbox.h"

/*
 * mounts_set_attrs - attributes and propagation of the tree @fd; a propagation that is not asked for
 * is private, or with a remount what it was.
 */
int mounts_set_attrs(int fd, const struct mount_plan *m, struct error *err) must_check;

/* mounts_has_more_attrs - does the mount need more than what fsmount() sets? */
bool mounts_has_more_attrs(const struct mount_plan *m);

/* mounts_in_proc - is what the descriptor @fd leads to in a procfs, or can that not be told? */
bool mounts_in_proc(int fd) must_check;

/*
 * mounts_above - which of the first @n of the plan's mounts is the latest that @path lies in, as both
 * are spelled? Returns its index, and the rest of the path behind it in @rest; @n without one.
 */
size_t mounts_above(const struct sandbox *sb, size_t n, const char *path, const char **rest);

#endif
