/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect.h: what no name leads to, gone.
 */
#ifndef CLOISON_STORE_COLLECT_H
#define CLOISON_STORE_COLLECT_H

#include "runtime/store/store.h"

struct collected {
	uint64_t blobs, layers, bytes; /* bytes: of the blobs */
};

/*
 * store_collect - remove the blobs and layers that no name leads to, and what was left by who was killed.
 * @s is open for STORE_EXCLUSIVE. An image that cannot be read is an error, and nothing is removed.
 */
must_check int store_collect(const struct store *s, struct collected *what, struct error *err);

#endif
