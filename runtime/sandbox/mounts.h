/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h: what making a mount (mounts.c) and placing it (place.c) share; private to these two.
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

#endif
