/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c: a name to a bundle of the store, its root to look into, and the note that somebody uses it.
 *
 * A use is a file STORE/uses/ID with the container's directory in its first line and the image's layers in the
 * others. It counts as long as that directory has a config.json, so nobody has to take it back: runtime/store/collect.c.
 */
#include "runtime/native/image.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/overlay.h"
#include "lib/remove.h"
#include "lib/sys.h"
#include "runtime/native/tree.h"
#include "runtime/oci/layers.h"
#include "runtime/store/store.h"

#define LAYERS_MAX 500

static const char *store_path(void)
{
	const char *path = getenv("CLOISON_STORE");

	return path && *path ? path : STORE_DEFAULT;
}

/* find - the image called @name, or by what @finder knows; the store is not made when it is not there. */
static int find(const char *name, image_finder *finder, struct digest *top, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_store_ struct store s = STORE_EMPTY;
	const struct image_name *found;
	struct image_index index;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/index.json", store_path());
	if (access(path, F_OK) < 0)
		return error_set(err, 0, "no such image: `%.300s`", name);
	if (store_open(store_path(), STORE_SHARED, &s, err) < 0 ||
	    index_read(&s, &arena, &index, err) < 0)
		return -1;
	found = finder(&s, &index, name, err);
	if (!found)
		return -1;
	*top = found->digest;
	return 0;
}

bool image_in_store(const char *name)
{
	struct error ignored = ERROR_INIT;
	struct digest top;

	return find(name, image_find_exact, &top, &ignored) == 0;
}

const char *image_bundle(const char *name, struct arena *arena, struct error *err)
{
	struct digest top;

	if (find(name, image_find, &top, err) < 0)
		return NULL;
	return arena_printf(arena, err, "%s/bundles/%s", store_path(), top.hex);
}

static const char *annotation(const struct json_object *config, const char *key)
{
	return tree_text(tree_get(config, "annotations", json_type_object), key);
}

/* open_layers - the directories of @text; returns how many, or -1 with @err. */
static int open_layers(char *text, int fds[LAYERS_MAX], struct error *err)
{
	int n = 0;

	for (char *one; (one = strsep(&text, ":"));) {
		errno = E2BIG;
		fds[n] = n < LAYERS_MAX - 1 ? open(one, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
		if (fds[n] >= 0) {
			n++;
			continue;
		}
		error_set(err, errno, "cannot open layer `%s`", one);
		while (n-- > 0)
			close(fds[n]);
		return -1;
	}
	return n;
}

/* stack - the @n directories in @fds, which has room for one more, under what was written beside @path. */
static int stack(int *fds, int n, const char *path, int *lock, struct error *err)
{
	_cleanup_fd_ int upper = FD_EMPTY, work = FD_EMPTY;
	struct overlay o = {.lower = fds,
			    .n_lower = (size_t)n,
			    .upper = FD_EMPTY,
			    .work = FD_EMPTY};

	o.attributes = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
	if (path[0] == '/' && overlay_written(path, fds[0], &upper, &work, lock, err) < 0)
		return -1;
	if (lock) {
		if (upper < 0)
			return error_set(err, EINVAL, "config.json: root.path is not absolute");
		o.upper = upper;
		o.work = work;
		return overlay_mount(&o, err);
	}
	o.attributes |= MOUNT_ATTR_RDONLY;
	if (upper >= 0) {
		memmove(fds + 1, fds, (size_t)n * sizeof(*fds));
		fds[0] = upper;
		o.n_lower++;
	} else if (n == 1) {
		int same = fcntl(fds[0], F_DUPFD_CLOEXEC, 0);

		return same < 0 ? error_set(err, errno, "cannot look into the image") : same;
	}
	return overlay_mount(&o, err);
}

int image_root(const struct json_object *config, int *lock, struct error *err)
{
	const char *path = tree_text(tree_get(config, "root", json_type_object), "path");
	const char *layers = annotation(config, LAYERS_KEY);
	_cleanup_free_ char *copy = NULL;
	int fds[LAYERS_MAX + 1], all[LAYERS_MAX], n, root;

	if (!path)
		return error_set(err, EINVAL, "config.json: root.path is missing");
	if (!layers) {
		root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		return root < 0 ? error_set(err, errno, "cannot open the root `%s`", path) : root;
	}
	copy = strdup(layers);
	if (!copy)
		return error_set(err, ENOMEM, "cannot look into the image");
	n = open_layers(copy, fds, err);
	if (n < 0)
		return -1;
	memcpy(all, fds, (size_t)n * sizeof(*fds));
	root = stack(fds, n, path, lock, err);
	while (n-- > 0)
		close(all[n]);
	return root;
}

int image_place(struct json_object *config, const char *dir, struct error *err)
{
	struct json_object *root = tree_get(config, "root", json_type_object);
	struct tree tree = {0};
	char path[PATH_MAX];

	if (!root || !annotation(config, LAYERS_KEY))
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/" LAYERS_ROOT, dir) >= sizeof(path))
		return error_set(err, ENAMETOOLONG, "the container's directory `%s`", dir);
	tree_put_text(&tree, root, "path", path);
	return tree.lost ? error_set(err, ENOMEM, "cannot make config.json") : 0;
}

/* write_use - by rename, so that it is there as a whole. */
static int write_use(const struct store *s, const char *id, const char *dir, const char *layers,
		     struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY, uses = FD_EMPTY;
	char path[PATH_MAX], new[PATH_MAX];

	snprintf(path, sizeof(path), "uses/%s", id);
	snprintf(new, sizeof(new), "uses/.%s.%d", id, getpid());
	if (mkdirat(s->fd, "uses", 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make `%s/uses`", s->path);
	fd = openat(s->fd, new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0 || dprintf(fd, "%s\n%s\n", dir, layers) < 0 || fsync(fd) < 0 ||
	    renameat(s->fd, new, s->fd, path) < 0)
		return error_set(err, errno, "cannot write `%s/%s`", s->path, path);
	uses = openat(s->fd, "uses", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (uses < 0 || fsync(uses) < 0 || fsync(s->fd) < 0)
		return error_set(err, errno, "cannot write `%s/uses`", s->path);
	return 0;
}

int image_use(const struct json_object *config, const char *dir, const char *id, struct error *err)
{
	const char *path = annotation(config, LAYERS_STORE),
		   *layers = annotation(config, LAYERS_KEY);
	_cleanup_store_ struct store s = STORE_EMPTY;
	_cleanup_free_ char *copy = NULL;
	int fds[LAYERS_MAX], n;

	if (!path || !layers)
		return 0;
	/* Held, so that nobody removes layers between the note and the look at them. */
	if (store_open(path, STORE_SHARED, &s, err) < 0 || write_use(&s, id, dir, layers, err) < 0)
		return -1;
	copy = strdup(layers);
	if (!copy)
		return error_set(err, ENOMEM, "cannot use the image");
	n = open_layers(copy, fds, err);
	if (n < 0)
		return error_wrap(err, "the image was removed meanwhile");
	while (n-- > 0)
		close(fds[n]);
	return 0;
}

void image_unuse(const char *id)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/uses/%s", store_path(), id) < sizeof(path))
		(void)unlink(path);
}

int image_remove_files(int dir)
{
	return remove_tree(dir, LAYERS_DIR);
}
