/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layer.h: a layer's archive, applied to a tree.
 */
#ifndef CLOISON_STORE_LAYER_H
#define CLOISON_STORE_LAYER_H

#include "lib/inroot.h"
#include "runtime/store/stream.h"

/* The tree that a layer is applied to. */
struct layer_tree {
	struct inroot root;  /* what is seen: this layer on top of those below */
	struct inroot upper; /* this layer alone; FD_EMPTY when there is none below */
	int spool;	     /* a directory for a file without a name */
	uint64_t most_bytes, most_entries;
	/* What has to be left of the file system: implied directories and files copied up take room too. */
	uint64_t least_bytes, least_entries;
};

/*
 * layer_apply - unpack the archive that @s gives, and read it to its end.
 * @name:	for messages
 * Returns 0, or -1 with @err, which names the entry; the tree is then to be thrown away.
 */
must_check int layer_apply(const struct layer_tree *tree, struct stream *s, const char *name,
			   struct error *err);

#endif
