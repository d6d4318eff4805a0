/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest.h: what an image is made of, read from JSON that anybody may have written.
 *
 * Source: OCI image-spec 1.1: image-index.md, manifest.md, config.md; Docker image manifest version 2, schema 2,
 * which has the same members under other media types.
 */
#ifndef CLOISON_STORE_MANIFEST_H
#define CLOISON_STORE_MANIFEST_H

#include <stddef.h>

#include "lib/json.h"
#include "runtime/store/digest.h"

#define MEDIA_INDEX "application/vnd.oci.image.index.v1+json"
#define MEDIA_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define MEDIA_CONFIG "application/vnd.oci.image.config.v1+json"
#define MEDIA_LAYER "application/vnd.oci.image.layer.v1.tar"
#define MEDIA_DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define MEDIA_DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define MEDIA_DOCKER_CONFIG "application/vnd.docker.container.image.v1+json"

#define ANNOTATION_REF_NAME "org.opencontainers.image.ref.name"

#define MANIFEST_LAYERS_MAX 127 /* as Docker's: an overlay takes 500 */
#define MANIFEST_INDEX_MAX 1024
#define MANIFEST_DEPTH_MAX 4 /* indexes in indexes */

/* All pointers go into the arena of whoever decodes. */
struct descriptor {
	const char *media_type; /* "" when it has none */
	struct digest digest;
	uint64_t size;
	const char *os, *architecture, *variant; /* "" when there is no platform */
	const char *ref_name;			 /* NULL: not annotated */
};

struct manifest {
	const char *media_type; /* "" when it has none */
	bool index;		/* of manifests, else one image */
	struct descriptor config;
	struct descriptor *list; /* the manifests, or the layers from the lowest on */
	size_t count;
};

struct history_entry {
	const char *created, *created_by, *comment;
	bool empty_layer;
};

struct image_config {
	const char *os, *architecture, *variant, *created, *author;
	/* config */
	const char *user, *working_dir, *stop_signal;
	char *const *env, *const *entrypoint, *const *cmd; /* NULL-terminated, or NULL */
	/* rootfs */
	struct digest *diff_ids;
	size_t n_diff_ids;
	struct history_entry *history;
	size_t n_history;
};

/*
 * manifest_parse - an index or a manifest.
 * @name:	for messages
 * Returns 0, or -1 with @err. Lists are bounded, digests and sizes checked.
 */
must_check int manifest_parse(const char *text, size_t length, const char *name,
			      struct arena *arena, struct manifest *m, struct error *err);

/* image_config_parse - the configuration that a manifest names. */
must_check int image_config_parse(const char *text, size_t length, const char *name,
				  struct arena *arena, struct image_config *c, struct error *err);

/*
 * manifest_choose - of an index, the entry for @os and @architecture, or the only one without a platform.
 * Returns NULL with @err, which says what there is.
 */
must_check const struct descriptor *manifest_choose(const struct manifest *index, const char *os,
						    const char *architecture, struct error *err);

/* media_is_layer - whether @media_type is a layer's that can be unpacked. */
bool media_is_layer(const char *media_type);

/* media_is_manifest - whether @media_type is a manifest's or an index's; "" may be one. */
bool media_is_manifest(const char *media_type);

#endif
