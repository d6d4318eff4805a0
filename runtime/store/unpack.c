/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpack.c: each layer once, on top of those below it.
 *
 * A layer is unpacked into a directory with a name of its own, through an overlay of the layers below where there are
 * any, so that it holds what overlayfs wants to find there: whiteouts, and directories copied up. That overlay is a
 * mount without a place: it is in nobody's namespace, and goes with its descriptor. When the digests are right and all
 * is on the disk, the directory is renamed to the digest of the chain. So what has that name is complete.
 *
 * Source: fsopen(2), fsmount(2); the kernel's filesystems/overlayfs.rst.
 */
#include "runtime/store/unpack.h"

#include <fcntl.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#ifndef RENAME_NOREPLACE /* <linux/fs.h>, which musl 1.2.3 has not */
#define RENAME_NOREPLACE 1
#endif

#include "lib/overlay.h"
#include "lib/remove.h"
#include "lib/sys.h"
#include "runtime/store/layer.h"

#define WORK "work"	  /* overlayfs's own, beside the layer */
#define KEEP_FREE_PART 20 /* of the file system, for everybody else */
#define STAGE_SIZE (SHA256_HEX_SIZE + 32)

/* A layer on its way. */
struct stage {
	const struct store *store;
	char name[STAGE_SIZE]; /* of its directory, "" when there is none any more */
	int dir, fs;
};

#define _cleanup_stage_ __attribute__((cleanup(drop_stage)))

static void drop_stage(struct stage *st)
{
	close_fd(st->fs);
	close_fd(st->dir);
	/* What cannot be removed now the next collection removes. */
	if (st->name[0] && remove_tree(st->store->layers, st->name) < 0)
		return;
	st->name[0] = '\0';
}

static int open_dir(int dir, const char *name)
{
	return openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int begin_stage(const struct store *s, const struct digest *chain, struct stage *st,
		       struct error *err)
{
	uint64_t random;

	*st = (struct stage){.store = s, .dir = FD_EMPTY, .fs = FD_EMPTY};
	if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random))
		return error_set(err, errno, "cannot make a name");
	snprintf(st->name, sizeof(st->name), ".%s.%016llx", chain->hex, (unsigned long long)random);
	if (mkdirat(s->layers, st->name, 0755) < 0) {
		error_set(err, errno, "cannot make `%s/layers/%s`", s->path, st->name);
		st->name[0] = '\0';
		return -1;
	}
	st->dir = open_dir(s->layers, st->name);
	if (st->dir < 0 || mkdirat(st->dir, STORE_FS, 0755) < 0 || mkdirat(st->dir, WORK, 0755) < 0)
		return error_set(err, errno, "cannot make `%s/layers/%s`", s->path, st->name);
	st->fs = open_dir(st->dir, STORE_FS);
	return st->fs < 0 ? error_set(err, errno, "cannot open `%s/layers/%s`", s->path, st->name)
			  : 0;
}

/* mount_on - the stage on top of the @count layers below it. Returns the mount's root, or -1 with @err. */
static int mount_on(const struct store *s, const struct image *image, size_t count,
		    const struct stage *st, struct error *err)
{
	_cleanup_fd_ int work = open_dir(st->dir, WORK);
	int lower[MANIFEST_LAYERS_MAX], root = -1;
	const struct overlay o = {.lower = lower,
				  .n_lower = count,
				  .upper = st->fs,
				  .work = work,
				  .attributes =
					  MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC};

	if (work < 0)
		return error_set(err, errno, "cannot open `%s/layers/%s`", s->path, st->name);
	if (store_open_layers(s, image->chains, count, lower, err) < 0)
		return -1;
	if (overlay_same_root(lower[0], st->fs) < 0)
		error_set(err, errno, "cannot make `%s/layers/%s`", s->path, st->name);
	else
		root = overlay_mount(&o, err);
	for (size_t i = 0; i < count; i++)
		close_fd(lower[i]);
	return root;
}

/* set_limits - what the file system has room for, but for a part. */
static int set_limits(const struct store *s, struct layer_tree *tree, struct error *err)
{
	struct statvfs fs;

	if (fstatvfs(s->layers, &fs) < 0)
		return error_set(err, errno, "cannot look at the file system of `%s`", s->path);
	tree->most_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
	tree->least_bytes = tree->most_bytes / KEEP_FREE_PART;
	tree->most_bytes -= tree->least_bytes;
	/* Some have no fixed number of files. */
	tree->least_entries = fs.f_favail / KEEP_FREE_PART;
	tree->most_entries = fs.f_files ? fs.f_favail - tree->least_entries : UINT64_MAX;
	return 0;
}

/* check - that what was read is what manifest and configuration say. */
static int check(struct stream *stream, const struct image *image, size_t nth, const char *name,
		 struct error *err)
{
	const struct descriptor *d = &image->m.list[nth];
	struct digest outer, inner;
	uint64_t size;
	char text[DIGEST_SIZE];

	if (stream_finish(stream, &outer, &size, &inner, NULL, err) < 0)
		return -1;
	if (!digest_equal(&outer, &d->digest) || size != d->size) {
		error_set(err, 0, "layer `%s` is another", name);
		return error_cause(err, "it has %llu bytes and the digest %s",
				   (unsigned long long)size, digest_text(&outer, text));
	}
	if (!digest_equal(&inner, &image->config.diff_ids[nth])) {
		error_set(err, 0, "layer `%s` is not that of the configuration", name);
		return error_cause(err, "decompressed it has the digest %s",
				   digest_text(&inner, text));
	}
	return 0;
}

/* fill_stage - the layer's archive into its directory, and that on the disk. */
static int fill_stage(const struct store *s, const struct image *image, size_t nth,
		      const struct stage *st, struct error *err)
{
	_cleanup_stream_ struct stream *stream = NULL;
	_cleanup_fd_ int blob = FD_EMPTY, merged = FD_EMPTY;
	struct layer_tree tree = {.upper = {FD_EMPTY}};
	char name[DIGEST_SIZE];
	uint64_t size;

	digest_text(&image->m.list[nth].digest, name);
	blob = blob_open(s, &image->m.list[nth].digest, &size, err);
	if (blob < 0 || set_limits(s, &tree, err) < 0)
		return -1;
	tree.root.fd = st->fs;
	if (nth > 0) {
		merged = mount_on(s, image, nth, st, err);
		if (merged < 0)
			return -1;
		tree.root.fd = merged;
		tree.upper.fd = st->fs;
	}
	stream = stream_open(blob, name, tree.most_bytes, err);
	if (!stream || layer_apply(&tree, stream, name, err) < 0)
		return -1;
	return check(stream, image, nth, name, err);
}

static int unpack_layer(const struct store *s, const struct image *image, size_t nth,
			struct error *err)
{
	_cleanup_stage_ struct stage st = {.dir = FD_EMPTY, .fs = FD_EMPTY};

	if (begin_stage(s, &image->chains[nth], &st, err) < 0 ||
	    fill_stage(s, image, nth, &st, err) < 0)
		return -1;
	if (remove_tree(st.dir, WORK) < 0 || syncfs(st.dir) < 0)
		return error_set(err, errno, "cannot finish layer %zu", nth);
	if (syscall(SYS_renameat2, s->layers, st.name, s->layers, image->chains[nth].hex,
		    RENAME_NOREPLACE) < 0)
		/* Somebody was quicker: then this one goes. */
		return errno == EEXIST ? 0 : error_set(err, errno, "cannot keep layer %zu", nth);
	st.name[0] = '\0';
	return 0;
}

int unpack_image(const struct store *s, const struct image *image, const char *name,
		 struct error *err)
{
	for (size_t i = 0; i < image->m.count; i++)
		if (faccessat(s->layers, image->chains[i].hex, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
		    unpack_layer(s, image, i, err) < 0)
			return error_wrap(err, "image `%s`", name);
	/* Also for those that somebody else has just renamed. */
	if (fsync(s->layers) < 0)
		return error_set(err, errno, "cannot write the layers of `%s`", s->path);
	return 0;
}
