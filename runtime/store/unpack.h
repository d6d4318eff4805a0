/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.h: an image's layers as directories.
 */
#ifndef CLOISON_STORE_UNPACK_H
#define CLOISON_STORE_UNPACK_H

#include "runtime/store/store.h"

/*
 * unpack_image - unpack those of its layers that are not there yet.
 * @name:	for messages
 * Each is checked against its digests; one that is wrong leaves nothing.
 */
must_check int unpack_image(const struct store *s, const struct image *image, const char *name,
			    struct error *err);

#endif
