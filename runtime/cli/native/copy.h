/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * copy.h: files out of a tree into an archive, and the other way. `cp` does one on this side, the supervisor has the
 * other done on the container's (archive.c).
 *
 * The tree may be a container's, and change while it is looked at. A path is resolved below the root by lib/inroot,
 * once; from there on each name is one component below a descriptor that is held, and no link is followed.
 */
#ifndef CLOISON_CLI_NATIVE_COPY_H
#define CLOISON_CLI_NATIVE_COPY_H

#include <stdio.h>

#include "lib/inroot.h"
#include "runtime/cli/native/tar.h"

#define COPY_MAPS 32

/* An id map's line, as config.json has it. */
struct copy_map {
	uint32_t inside, outside, size;
};

struct copy_ids {
	struct copy_map uid[COPY_MAPS], gid[COPY_MAPS];
	size_t n_uid, n_gid; /* 0: ids are the same inside and outside */
};

struct copy {
	struct inroot root;
	const char *path;	    /* in it */
	const struct copy_ids *ids; /* of the tree; NULL: none */
	bool follow;		    /* out: @path's last component, when it is a link */
	bool owners;		    /* in: as the archive has them; else as @owner says */
	bool owner;   /* in: everything is the tree's user 0's; else nothing is changed */
	bool special; /* in: set-user-ID and the like are kept */
	bool raw;     /* in: @path is a directory, and the archive's names are below it */
};

/* copy_out - write @c->path as an archive. A path that ends in "/." is its contents. */
int copy_out(const struct copy *c, tar_push *push, void *context, struct error *err) must_check;

/*
 * copy_in - unpack an archive that copy_out() wrote to @c->path, as cp(1) does: into a directory that is there, else
 * in place of its last component.
 */
int copy_in(const struct copy *c, struct tar_reader *r, struct error *err) must_check;

/* copy_is_contents - does @path end in "/.", or is it the root itself? */
bool copy_is_contents(const char *path);

#endif
