/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.h: images from an archive: an OCI image layout, or what `docker save` writes.
 */
#ifndef CLOISON_STORE_LOAD_H
#define CLOISON_STORE_LOAD_H

#include "runtime/store/store.h"

/* What is told of each image as it is there. @name "": it has none. */
typedef void load_told(void *context, const char *name, const struct digest *digest);

/* What is to be made of an image that is whole and unpacked, before its name stands for it. */
typedef int load_made(const struct store *s, const struct image *image, struct error *err);

/*
 * load_archive - read @fd to its end and put its images into the store, unpacked.
 * @file:	for messages
 * @name:	what the only image of the archive is to be called, or NULL: as it says
 * Returns 0, or -1 with @err; what an archive of several had brought before stays.
 */
must_check int load_archive(const struct store *s, int fd, const char *file, const char *name,
			    load_made *made, load_told *told, void *context, struct error *err);

#endif
