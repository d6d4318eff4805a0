/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * store.h: images on disk: an OCI image layout, and its layers unpacked beside it.
 *
 *	STORE/oci-layout		{"imageLayoutVersion":"1.0.0"}
 *	STORE/index.json		one entry per name, as image-layout.md has them: other tools can read the store
 *	STORE/blobs/sha256/HEX		content; appears whole, under its digest, or not at all
 *	STORE/layers/HEX/fs		a layer unpacked on top of those below it, as overlayfs wants it; HEX is the chain's
 *	STORE/layers/.HEX.*		one that is being unpacked
 *	STORE/lock			shared by who uses the store, exclusive for who removes from it
 *
 * Nothing is ever changed in place: a blob is linked and a layer renamed into place when it is complete and on the
 * disk, an index is written beside the old one. So whoever is killed leaves rubbish at most, which the next
 * collection removes: store_collect().
 */
#ifndef CLOISON_STORE_STORE_H
#define CLOISON_STORE_STORE_H

#include <stdint.h>

#include "runtime/store/manifest.h"
#include "runtime/store/reference.h"

#define STORE_DEFAULT "/var/lib/cloison/store"
#define STORE_JSON_MAX JSON_MAX_BYTES /* of an index, a manifest, a configuration */

struct store {
	const char *path; /* for messages */
	int fd, blobs, layers, lock;
};

enum store_use {
	STORE_SHARED,
	STORE_EXCLUSIVE,
	STORE_IF_FREE, /* exclusive, without waiting: EWOULDBLOCK if somebody uses it */
};

/*
 * store_open - open the store at @path, made if it is not there, and wait for its lock.
 * Returns 0, or -1 with @err. store_close() gives the lock back.
 */
must_check int store_open(const char *path, enum store_use use, struct store *s, struct error *err);
void store_close(struct store *s);
#define _cleanup_store_ __attribute__((cleanup(store_close)))
#define STORE_EMPTY                                                                     \
	{                                                                               \
		.fd = FD_EMPTY, .blobs = FD_EMPTY, .layers = FD_EMPTY, .lock = FD_EMPTY \
	}

#define STORE_FS "fs" /* a layer's files, in its directory */

/*
 * store_open_layers - the directories of the first @count of @chains, the topmost first, into @fds. None is left open
 * on failure.
 */
must_check int store_open_layers(const struct store *s, const struct digest *chains, size_t count,
				 int *fds, struct error *err);

/* A blob that is being written: a file without a name, so that nothing is left of it if we die. */
struct blob {
	const struct store *store;
	int fd;
	uint64_t size;
	struct sha256 sum;
};

#define BLOB_EMPTY             \
	{                      \
		.fd = FD_EMPTY \
	}

must_check int blob_begin(const struct store *s, struct blob *b, struct error *err);
must_check int blob_write(struct blob *b, const void *data, size_t length, struct error *err);

/*
 * blob_commit - give it its name. What was written is on the disk then.
 * @want:	what it has to be, or NULL
 * @got:	receives the digest
 * @added:	receives whether the store had not had it (may be NULL)
 */
must_check int blob_commit(struct blob *b, const struct digest *want, struct digest *got,
			   bool *added, struct error *err);
void blob_drop(struct blob *b);
#define _cleanup_blob_ __attribute__((cleanup(blob_drop)))

/* blob_put - a blob of @length bytes at @data. */
must_check int blob_put(const struct store *s, const void *data, size_t length, struct digest *got,
			struct error *err);

/* blob_open - to be read; @size receives its length. Returns a descriptor, or -1 with @err. */
must_check int blob_open(const struct store *s, const struct digest *d, uint64_t *size,
			 struct error *err);

/*
 * blob_text - a small one (STORE_JSON_MAX) as a text, in @arena, checked against its digest.
 * Returns NULL with @err.
 */
must_check const char *blob_text(const struct store *s, const struct digest *d, size_t *length,
				 struct arena *arena, struct error *err);

bool blob_exists(const struct store *s, const struct digest *d);
void blob_remove(const struct store *s, const struct digest *d);

/* blob_sync - the directory of the blobs is on the disk, before something speaks of them. */
must_check int blob_sync(const struct store *s, struct error *err);

/* A name and what it stands for. */
struct image_name {
	const char *name; /* NAME:TAG, or "": kept by its digest alone */
	struct digest digest;
	uint64_t size;
	const char *media_type;
};

struct image_index {
	struct image_name *names;
	size_t count;
};

/* index_read - in @arena. A store without one is empty. */
must_check int index_read(const struct store *s, struct arena *arena, struct image_index *index,
			  struct error *err);

/*
 * index_set - let @name->name stand for what @name tells; index_drop - forget the @nth.
 * The index on the disk is replaced by one that has it. Changes wait for each other.
 */
must_check int index_set(const struct store *s, const struct image_name *name, struct error *err);
must_check int index_drop(const struct store *s, const struct image_name *name, struct error *err);

/* An image of this machine's architecture, whole. */
struct image {
	struct digest top;	/* what its name stands for */
	struct digest manifest; /* the same, unless that is an index */
	struct manifest m;
	struct image_config config;
	bool foreign; /* for another machine; image_load() fails then */
	struct digest chains[MANIFEST_LAYERS_MAX]; /* of the layers up to each */
};

/*
 * image_load - what @digest stands for, its manifest chosen by architecture, checked against each other.
 * @name:	for messages
 */
must_check int image_load(const struct store *s, const struct digest *digest, const char *name,
			  struct arena *arena, struct image *image, struct error *err);

/*
 * image_find - the image that @text means: NAME[:TAG][@DIGEST], or the beginning of its ID.
 * Returns its name in @index, or NULL with @err.
 */
must_check const struct image_name *image_find(const struct store *s,
					       const struct image_index *index, const char *text,
					       struct error *err);

typedef const struct image_name *image_finder(const struct store *s,
					      const struct image_index *index, const char *text,
					      struct error *err);

/* image_find_exact - by the whole name alone. */
image_finder image_find_exact;

/* machine_architecture - as the image-spec calls it: amd64, arm64. */
const char *machine_architecture(void);

#endif
