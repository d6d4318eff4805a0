/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * collect.c: mark what the index and the containers lead to, remove the rest.
 *
 * Marking comes first and must succeed whole: what cannot be read cannot be followed, and what hangs on it would be
 * taken for rubbish. A layer that is rubbish first loses its name, since one that has its name is complete; only then,
 * when nobody has to be kept out any more, are its files removed.
 */
#include "runtime/store/collect.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/remove.h"

#define MARKS_MAX 1048576 /* of each kind; a power of 2 */
#define MARKS_FIRST 256
#define GONE ".gone."

/* A set of digests: a table with open addressing, at most half full. */
struct marks {
	struct digest *table; /* "" where there is none */
	size_t count, room;
};

struct collection {
	const struct store *store;
	struct marks blobs, layers;
	struct error *err;
};

/* place - where @hex is in @m, or would be. */
static struct digest *place(const struct marks *m, const char *hex)
{
	char first[9];
	size_t i;

	memcpy(first, hex, 8);
	first[8] = '\0';
	i = strtoul(first, NULL, 16) & (m->room - 1);
	while (m->table[i].hex[0] && strcmp(m->table[i].hex, hex) != 0)
		i = (i + 1) & (m->room - 1);
	return &m->table[i];
}

static int grow(struct collection *c, struct marks *m)
{
	struct marks more = {.room = m->room ? m->room * 2 : MARKS_FIRST};

	if (more.room <= MARKS_MAX)
		more.table = calloc(more.room, sizeof(*more.table));
	if (!more.table)
		return error_set(c->err, ENOMEM, "cannot collect in `%s`", c->store->path);
	for (size_t i = 0; i < m->room; i++)
		if (m->table[i].hex[0])
			*place(&more, m->table[i].hex) = m->table[i];
	more.count = m->count;
	free(m->table);
	*m = more;
	return 0;
}

/* mark - Returns 1, 0 if it had been marked before, or -1. */
static int mark(struct collection *c, struct marks *m, const struct digest *d)
{
	struct digest *at;

	if (2 * (m->count + 1) > m->room && grow(c, m) < 0)
		return -1;
	at = place(m, d->hex);
	if (at->hex[0])
		return 0;
	*at = *d;
	m->count++;
	return 1;
}

static bool is_marked(const struct marks *m, const char *hex)
{
	return m->room > 0 && place(m, hex)->hex[0];
}

static int mark_manifest(struct collection *c, const struct digest *d, int depth);

/* mark_list - what a manifest names. Of an index also what it has for other machines, as far as it is there. */
static int mark_list(struct collection *c, const struct manifest *m, int depth)
{
	for (size_t i = 0; i < m->count; i++) {
		const struct descriptor *below = &m->list[i];

		if (m->index && media_is_manifest(below->media_type) &&
		    blob_exists(c->store, &below->digest)) {
			if (mark_manifest(c, &below->digest, depth + 1) < 0)
				return -1;
		} else if (mark(c, &c->blobs, &below->digest) < 0) {
			return -1;
		}
	}
	return 0;
}

/* mark_manifest - @d and what it names, once. */
static int mark_manifest(struct collection *c, const struct digest *d, int depth)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error strange = ERROR_INIT;
	char name[DIGEST_SIZE];
	struct manifest m;
	const char *text;
	size_t length;
	int new = mark(c, &c->blobs, d);

	if (new <= 0 || depth == MANIFEST_DEPTH_MAX)
		return new < 0 ? -1 : 0;
	text = blob_text(c->store, d, &length, &arena, c->err);
	if (!text)
		return -1;
	/* Content that is no manifest leads nowhere, today and always: its digest was right. */
	if (manifest_parse(text, length, digest_text(d, name), &arena, &m, &strange) < 0)
		return strange.errnum == ENOMEM ? error_set(c->err, ENOMEM, "cannot collect") : 0;
	if (!m.index && mark(c, &c->blobs, &m.config.digest) < 0)
		return -1;
	return mark_list(c, &m, depth);
}

static int mark_image(struct collection *c, const struct image_name *name)
{
	_cleanup_arena_ struct arena arena = {0};
	struct image image;

	if (mark_manifest(c, &name->digest, 0) < 0)
		return error_wrap(c->err, "image `%s`", name->name);
	/* One of another machine has no layers here; of one that cannot be read nobody knows. */
	if (image_load(c->store, &name->digest, name->name, &arena, &image, c->err) < 0) {
		if (!image.foreign)
			return -1;
		*c->err = (struct error)ERROR_INIT;
		return 0;
	}
	for (size_t i = 0; i < image.m.count; i++)
		if (mark(c, &c->layers, &image.chains[i]) < 0)
			return -1;
	return 0;
}

/* is_used - whether the container whose directory is @dir is there still, or may be. */
static bool is_used(const char *dir)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof(path), "%s/config.json", dir) >= sizeof(path))
		return false;
	return access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR);
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

	if (!f && fd < 0 && errno == ENOENT)
		return 0;
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

/* open_list - the entries of the directory @name in @dir. Returns 0, also with *@list NULL where there is none, or -1. */
static int open_list(struct collection *c, int dir, const char *name, DIR **list)
{
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	*list = fd < 0 ? NULL : fdopendir(fd);
	if (*list || (fd < 0 && errno == ENOENT))
		return 0;
	error_set(c->err, errno, "cannot look into `%s`", c->store->path);
	close_fd(fd);
	return -1;
}

/* next - the next entry of @list. Returns 1, 0 at the end, or -1. */
static int next(struct collection *c, DIR *list, const char **name)
{
	const struct dirent *d;

	do {
		errno = 0;
		d = readdir(list);
	} while (d && (!strcmp(d->d_name, ".") || !strcmp(d->d_name, "..")));
	if (!d)
		return errno ? error_set(c->err, errno, "cannot look into `%s`", c->store->path)
			     : 0;
	*name = d->d_name;
	return 1;
}

static int mark_uses(struct collection *c)
{
	_cleanup_dir_ DIR *list = NULL;
	const char *name = "";
	int ret = open_list(c, c->store->fd, "uses", &list);

	while (ret == 0 && list && (ret = next(c, list, &name)) > 0)
		ret = read_use(c, dirfd(list), name);
	return ret;
}

/* sweep - take from @dir what has no mark: files go, directories lose their names. */
static int sweep(struct collection *c, int dir, const struct marks *m, uint64_t *count,
		 uint64_t *bytes)
{
	_cleanup_dir_ DIR *list = NULL;
	const char *name = "";
	int ret = open_list(c, dir, ".", &list);

	while (ret == 0 && (ret = next(c, list, &name)) > 0) {
		char gone[NAME_MAX + 1];
		struct stat st;

		ret = 0;
		if ((digest_is_hex(name, strlen(name)) && is_marked(m, name)) ||
		    !strncmp(name, GONE, strlen(GONE)))
			continue;
		if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return error_set(c->err, errno, "cannot look at `%s` in `%s`", name,
					 c->store->path);
		snprintf(gone, sizeof(gone), GONE "%llx.%llx", (unsigned long long)st.st_ino,
			 (unsigned long long)st.st_ctim.tv_nsec);
		if (S_ISDIR(st.st_mode) ? renameat(dir, name, dir, gone) < 0
					: unlinkat(dir, name, 0) < 0)
			return error_set(c->err, errno, "cannot remove `%s` from `%s`", name,
					 c->store->path);
		*bytes += S_ISDIR(st.st_mode) ? 0 : (uint64_t)st.st_size;
		++*count;
	}
	if (ret == 0 && fsync(dir) < 0)
		return error_set(c->err, errno, "cannot write `%s`", c->store->path);
	return ret;
}

/* remove_gone - what has lost its name in @dir. Another may be at it too. */
static int remove_gone(struct collection *c, int dir)
{
	_cleanup_dir_ DIR *list = NULL;
	const char *name = "";
	int ret = open_list(c, dir, ".", &list);

	while (ret == 0 && (ret = next(c, list, &name)) > 0) {
		ret = 0;
		if (!strncmp(name, GONE, strlen(GONE)) && remove_tree(dir, name) < 0)
			return error_set(c->err, errno, "cannot remove `%s` from `%s`", name,
					 c->store->path);
	}
	return ret;
}

static int mark_all(struct collection *c)
{
	_cleanup_arena_ struct arena arena = {0};
	struct image_index index;

	if (index_read(c->store, &arena, &index, c->err) < 0)
		return -1;
	for (size_t i = 0; i < index.count; i++)
		if (mark_image(c, &index.names[i]) < 0)
			return -1;
	return mark_uses(c);
}

static int collect(struct collection *c, struct collected *what)
{
	const struct store *s = c->store;
	_cleanup_fd_ int bundles = FD_EMPTY;
	uint64_t ignored = 0;

	if (mark_all(c) < 0)
		return -1;
	bundles = openat(s->fd, "bundles", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (bundles < 0 && errno != ENOENT)
		return error_set(c->err, errno, "cannot look into `%s/bundles`", s->path);
	if (sweep(c, s->layers, &c->layers, &what->layers, &ignored) < 0 ||
	    (bundles >= 0 && sweep(c, bundles, &c->blobs, &ignored, &ignored) < 0) ||
	    sweep(c, s->blobs, &c->blobs, &what->blobs, &what->bytes) < 0)
		return -1;
	/* What is left to do takes long, and nobody has to wait for it. */
	if (flock(s->lock, LOCK_SH) < 0)
		return error_set(c->err, errno, "cannot give back the lock of `%s`", s->path);
	if (remove_gone(c, s->layers) < 0)
		return -1;
	return bundles >= 0 ? remove_gone(c, bundles) : 0;
}

int store_collect(const struct store *s, struct collected *what, struct error *err)
{
	struct collection c = {.store = s, .err = err};
	int ret;

	*what = (struct collected){0, 0, 0};
	ret = collect(&c, what);
	free(c.blobs.table);
	free(c.layers.table);
	return ret;
}
