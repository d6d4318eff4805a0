/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * overlay.h: directories on top of each other, as a mount that is in nobody's namespace.
 */
#ifndef CLOISON_LIB_OVERLAY_H
#define CLOISON_LIB_OVERLAY_H

#include <stddef.h>

#include "lib/error.h"

struct overlay {
	const int *lower; /* directories, the topmost first; at least two without an upper one */
	size_t n_lower;
	int upper, work;	 /* what is written to, and a directory beside it; or FD_EMPTY */
	unsigned int attributes; /* MOUNT_ATTR_* */
};

/*
 * overlay_mount - Returns a descriptor of the mount's root, with which the mount goes, or -1 with @err.
 * Layers of more than one directory below take Linux 6.7.
 * Source: fsopen(2), fsmount(2); the kernel's filesystems/overlayfs.rst.
 */
int overlay_mount(const struct overlay *o, struct error *err) must_check;

#define OVERLAY_UPPER "fs"
#define OVERLAY_WORK "work"

/*
 * overlay_written - the directories for what is written to an overlay that is to be seen at @path: beside that, made
 * with it where they are missing. All of them lie in a directory of their own.
 * @lower:	the topmost directory below
 * @lock:	receives a descriptor: as long as it is open nobody else has this done. NULL: nothing will be written
 */
int overlay_written(const char *path, int lower, int *upper, int *work, int *lock,
		    struct error *err) must_check;

/* overlay_same_root - owner, mode and time of the directory @lower for @upper: the overlay's root is as that one says. */
int overlay_same_root(int lower, int upper) must_check;

#endif
