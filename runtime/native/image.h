/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.h: images of the store, for who makes containers of them.
 */
#ifndef CLOISON_NATIVE_IMAGE_H
#define CLOISON_NATIVE_IMAGE_H

#include <stdbool.h>

#include "lib/arena.h"

struct json_object;

/* image_in_store - whether the store of this host has an image that is called just so. */
bool image_in_store(const char *name);

/* image_bundle - the directory of its bundle, in @arena; NULL with @err when there is no such image. */
const char *image_bundle(const char *name, struct arena *arena, struct error *err) must_check;

/*
 * image_root - the root file system of @config, whose container does not run: root.path, or its layers and what the
 * container has written.
 * @lock:	NULL: it is only read. Else it is to be written to, has to have been placed, and this receives a
 *		descriptor to be held meanwhile, or FD_EMPTY
 * Returns a descriptor of the directory, or -1 with @err.
 */
int image_root(const struct json_object *config, int *lock, struct error *err) must_check;

/* image_place - where what the container writes is: in its directory @dir. Nothing to do without layers. */
int image_place(struct json_object *config, const char *dir, struct error *err) must_check;

/*
 * image_use - note that the container in the directory @dir has the image of @config, so that the store keeps its
 * layers as long as @dir is there. Nothing to do where the image is none of the store's.
 */
int image_use(const struct json_object *config, const char *dir, const char *id,
	      struct error *err) must_check;

/* image_unuse - the container @id has gone. What is forgotten here, the store finds out. */
void image_unuse(const char *id);

/* image_remove_files - what a container's image took in its directory @dir: runtime/oci/layers.h. */
int image_remove_files(int dir) must_check;

#endif
