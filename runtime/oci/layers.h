/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layers.h: annotations by which a root file system is made of an image's layers.
 */
#ifndef CLOISON_OCI_LAYERS_H
#define CLOISON_OCI_LAYERS_H

/* The directories, the topmost first, joined by ":". */
#define LAYERS_KEY "org.cloison.layers"
/*
 * root.path then, in the bundle: the runtime makes it, and beside it what the container writes is kept. Whoever removes
 * the bundle removes LAYERS_DIR with all that is in it.
 */
#define LAYERS_DIR "overlay"
#define LAYERS_ROOT LAYERS_DIR "/rootfs"

/* For who makes a container's configuration of an image's; the runtime does not look at them. */
#define LAYERS_STORE "org.cloison.store"	   /* the store's path */
#define LAYERS_USER "org.cloison.user"		   /* NAME[:GROUP] by the image's own files */
#define LAYERS_ENTRYPOINT "org.cloison.entrypoint" /* so many of process.args are its entry point */

#endif
