/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect.c: mark what the index leads to, remove the rest.
 *
 * Marking comes first and must succeed whole: what cannot be read cannot be followed, and what hangs on it would be
 * taken for rubbish.
 */
#include "runtime/store/collect.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/remove.h"

#define MARKS_MAX 1048576

struct marks {
	struct digest *list;
	size_t count, room;
};

struct collection {
	const struct store *store;
	struct marks blobs, layers;
	struct error *err;
};

static int mark(struct collection *c, struct marks *m, const struct digest *d)
{
	if (m->count == m->room) {
		size_t room = m->room ? m->room * 2 : 64;
		struct digest *list =
			room > MARKS_MAX ? NULL : realloc(m->list, room * sizeof(*list));

		if (!list)
			return error_set(c->err, ENOMEM, "cannot collect in `%s`", c->store->path);
		m->list = list;
		m->room = room;
	}
	m->list[m->count++] = *d;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct digest *)a)->hex, ((const struct digest *)b)->hex);
}

static bool is_marked(const struct marks *m, const char *hex)
{
	struct digest d;

	memcpy(d.hex, hex, SHA256_HEX_SIZE);
	return m->count > 0 && bsearch(&d, m->list, m->count, sizeof(d), compare);
}

/* mark_manifest - @d and what it names; of an index also what it has for other machines. */
static int mark_manifest(struct collection *c, const struct digest *d, int depth)
{
	_cleanup_arena_ struct arena arena = {0};
	char name[DIGEST_SIZE];
	struct manifest m;
	const char *text;
	size_t length;

	if (depth == MANIFEST_DEPTH_MAX || mark(c, &c->blobs, d) < 0)
		return depth == MANIFEST_DEPTH_MAX ? 0 : -1;
	digest_text(d, name);
	text = blob_text(c->store, d, &length, &arena, c->err);
	if (!text || manifest_parse(text, length, name, &arena, &m, c->err) < 0)
		return -1;
	if (!m.index && mark(c, &c->blobs, &m.config.digest) < 0)
		return -1;
	for (size_t i = 0; i < m.count; i++) {
		const struct digest *below = &m.list[i].digest;

		if (m.index && blob_exists(c->store, below)) {
			if (mark_manifest(c, below, depth + 1) < 0)
				return -1;
		} else if (mark(c, &c->blobs, below) < 0) {
			return -1;
		}
	}
	return 0;
}

static int mark_image(struct collection *c, const struct image_name *name)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error other = ERROR_INIT; /* one of another machine has no layers here */
	struct image image;

	if (mark_manifest(c, &name->digest, 0) < 0)
		return error_wrap(c->err, "image `%s`", name->name);
	if (image_load(c->store, &name->digest, name->name, &arena, &image, &other) < 0)
		return 0;
	for (size_t i = 0; i < image.m.count; i++)
		if (mark(c, &c->layers, &image.chains[i]) < 0)
			return -1;
	return 0;
}

/* is_used - whether the container whose directory is @dir is there still. */
static bool is_used(const char *dir)
{
	char path[PATH_MAX];

	return (size_t)snprintf(path, sizeof(path), "%s/config.json", dir) < sizeof(path) &&
	       access(path, F_OK) == 0;
}

/* mark_use - the layers in @text, "DIR:DIR...", each of which ends in HEX/fs. */
static int mark_use(struct collection *c, char *text)
{
	for (char *one; (one = strsep(&text, ":"));) {
		char *end = strrchr(one, '/');
		struct digest d;

		if (!end || end - one < SHA256_HEX_SIZE)
			continue;
		*end = '\0';
		if (!digest_is_hex(end - (SHA256_HEX_SIZE - 1), SHA256_HEX_SIZE - 1))
			continue;
		memcpy(d.hex, end - (SHA256_HEX_SIZE - 1), SHA256_HEX_SIZE);
		if (mark(c, &c->layers, &d) < 0)
			return -1;
	}
	return 0;
}

/* read_use - mark what it names, or remove it when its container has gone. */
static int read_use(struct collection *c, int dir, const char *name)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	_cleanup_file_ FILE *f = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_free_ char *where = NULL, *layers = NULL;
	size_t room = 0, more = 0;
	ssize_t n;

	if (!f) {
		close_fd(fd);
		return error_set(c->err, errno, "cannot read `%s/uses/%s`", c->store->path, name);
	}
	n = getline(&where, &room, f);
	if (n > 0)
		where[n - 1] = '\0';
	if (n > 0 && name[0] != '.' && is_used(where) && getline(&layers, &more, f) > 0)
		return mark_use(c, layers);
	(void)unlinkat(dir, name, 0);
	return 0;
}

/* open_list - the entries of the store's directory @name; NULL: there is none. */
static DIR *open_list(const struct collection *c, const char *name)
{
	int fd = openat(c->store->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *list = fd < 0 ? NULL : fdopendir(fd);

	if (!list)
		close_fd(fd);
	return list;
}

static int mark_uses(struct collection *c)
{
	_cleanup_dir_ DIR *list = open_list(c, "uses");
	const struct dirent *d;

	while (list && (d = readdir(list)))
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0 &&
		    read_use(c, dirfd(list), d->d_name) < 0)
			return -1;
	return 0;
}

/* sweep - remove from @dir what has no mark; anything in @dir is a blob or a layer. */
static int sweep(struct collection *c, int dir, const struct marks *m, uint64_t *count,
		 uint64_t *bytes)
{
	int again = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *list = again < 0 ? NULL : fdopendir(again);
	const struct dirent *d;

	if (!list) {
		close_fd(again);
		return error_set(c->err, errno, "cannot look into `%s`", c->store->path);
	}
	while ((d = readdir(list))) {
		struct stat st;

		if (!strcmp(d->d_name, ".") || !strcmp(d->d_name, ".."))
			continue;
		if (digest_is_hex(d->d_name, strlen(d->d_name)) && is_marked(m, d->d_name))
			continue;
		if (fstatat(dir, d->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			*bytes += (uint64_t)st.st_size;
		if (remove_tree(dir, d->d_name) < 0)
			return error_set(c->err, errno, "cannot remove `%s` from `%s`", d->d_name,
					 c->store->path);
		++*count;
	}
	return 0;
}

static int collect(struct collection *c, struct collected *what)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int bundles = FD_EMPTY;
	struct image_index index;
	uint64_t ignored = 0;

	if (index_read(c->store, &arena, &index, c->err) < 0)
		return -1;
	for (size_t i = 0; i < index.count; i++)
		if (mark_image(c, &index.names[i]) < 0)
			return -1;
	if (mark_uses(c) < 0)
		return -1;
	if (c->blobs.count)
		qsort(c->blobs.list, c->blobs.count, sizeof(struct digest), compare);
	if (c->layers.count)
		qsort(c->layers.list, c->layers.count, sizeof(struct digest), compare);
	if (sweep(c, c->store->layers, &c->layers, &what->layers, &ignored) < 0)
		return -1;
	bundles = openat(c->store->fd, "bundles", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (bundles >= 0 && sweep(c, bundles, &c->blobs, &ignored, &ignored) < 0)
		return -1;
	return sweep(c, c->store->blobs, &c->blobs, &what->blobs, &what->bytes);
}

int store_collect(const struct store *s, struct collected *what, struct error *err)
{
	struct collection c = {.store = s, .err = err};
	int ret;

	*what = (struct collected){0, 0, 0};
	ret = collect(&c, what);
	free(c.blobs.list);
	free(c.layers.list);
	return ret;
}
