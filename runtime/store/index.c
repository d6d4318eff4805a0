/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * index.c: index.json: the names of the images.
 *
 * It is read whole, changed and written anew, under a lock of its own, so that two who name images at once both do.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <sys/file.h>

#include "runtime/store/store.h"

#define INDEX "index.json"
#define INDEX_NEW "index.json.new"
#define INDEX_LOCK "index.lock"

int index_read(const struct store *s, struct arena *arena, struct image_index *index,
	       struct error *err)
{
	struct json_text text = {NULL, 0};
	const struct json_source source = {.name = INDEX,
					   .arena = arena,
					   .err = err,
					   .keep = &text};
	_cleanup_json_ struct json_object *tree = NULL;
	struct manifest m;

	*index = (struct image_index){NULL, 0};
	if (faccessat(s->fd, INDEX, F_OK, 0) < 0 && errno == ENOENT)
		return 0;
	tree = json_read(s->fd, INDEX, &source);
	if (!tree || manifest_parse(text.data, text.length, INDEX, arena, &m, err) < 0)
		return error_wrap(err, "store `%s`", s->path);
	if (!m.index)
		return error_set(err, 0, "store `%s`: %s is no index", s->path, INDEX);
	index->names = arena_new(arena, struct image_name, m.count, err);
	if (!index->names)
		return -1;
	for (size_t i = 0; i < m.count; i++)
		index->names[index->count++] =
			(struct image_name){.name = m.list[i].ref_name ? m.list[i].ref_name : "",
					    .digest = m.list[i].digest,
					    .size = m.list[i].size,
					    .media_type = m.list[i].media_type};
	return 0;
}

/* lock_index - until the descriptor is closed. */
static int lock_index(const struct store *s, struct error *err)
{
	_cleanup_fd_ int fd =
		openat(s->fd, INDEX_LOCK, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set(err, errno, "cannot open `%s/" INDEX_LOCK "`", s->path);
	while (flock(fd, LOCK_EX) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot lock the index of `%s`", s->path);
	return take_fd(&fd);
}

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *entry(const struct image_name *name)
{
	struct json_object *o = json_object_new_object();
	char digest[DIGEST_SIZE];

	put(o, "mediaType", json_object_new_string(name->media_type));
	put(o, "digest", json_object_new_string(digest_text(&name->digest, digest)));
	put(o, "size", json_object_new_uint64(name->size));
	if (name->name[0]) {
		struct json_object *annotations = json_object_new_object();

		put(annotations, ANNOTATION_REF_NAME, json_object_new_string(name->name));
		put(o, "annotations", annotations);
	}
	return o;
}

/* write_text - INDEX_NEW, on the disk. */
static int write_text(const struct store *s, const char *text)
{
	_cleanup_fd_ int fd = openat(s->fd, INDEX_NEW,
				     O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	size_t left = strlen(text);

	if (fd < 0)
		return -1;
	while (left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	return fsync(fd);
}

static int index_write(const struct store *s, const struct image_index *index, struct error *err)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();
	const char *text;
	int ret = -1;

	put(o, "schemaVersion", json_object_new_int(2));
	put(o, "mediaType", json_object_new_string(MEDIA_INDEX));
	put(o, "manifests", list);
	for (size_t i = 0; i < index->count; i++)
		json_object_array_add(list, entry(&index->names[i]));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
	if (!text)
		error_set(err, ENOMEM, "cannot write the index of `%s`", s->path);
	else if (strlen(text) > STORE_JSON_MAX)
		error_set(err, EFBIG, "the store `%s` has too many names", s->path);
	else if (write_text(s, text) < 0 || renameat(s->fd, INDEX_NEW, s->fd, INDEX) < 0 ||
		 fsync(s->fd) < 0)
		error_set(err, errno, "cannot write the index of `%s`", s->path);
	else
		ret = 0;
	json_object_put(o);
	return ret;
}

static struct image_name *find(const struct image_index *index, const struct image_name *name)
{
	for (size_t i = 0; i < index->count; i++) {
		struct image_name *n = &index->names[i];

		if (strcmp(n->name, name->name) == 0 &&
		    (name->name[0] || digest_equal(&n->digest, &name->digest)))
			return n;
	}
	return NULL;
}

int index_set(const struct store *s, const struct image_name *name, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int lock = lock_index(s, err);
	struct image_index index, grown;
	struct image_name *old;

	if (lock < 0 || index_read(s, &arena, &index, err) < 0)
		return -1;
	old = find(&index, name);
	if (old) {
		*old = *name;
		return index_write(s, &index, err);
	}
	if (index.count == MANIFEST_INDEX_MAX)
		return error_set(err, 0, "the store `%s` has %d names already", s->path,
				 MANIFEST_INDEX_MAX);
	grown.count = index.count + 1;
	grown.names = arena_new(&arena, struct image_name, grown.count, err);
	if (!grown.names)
		return -1;
	if (index.count)
		memcpy(grown.names, index.names, index.count * sizeof(*index.names));
	grown.names[index.count] = *name;
	return index_write(s, &grown, err);
}

int index_drop(const struct store *s, const struct image_name *name, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int lock = lock_index(s, err);
	struct image_index index;
	struct image_name *old;

	if (lock < 0 || index_read(s, &arena, &index, err) < 0)
		return -1;
	old = find(&index, name);
	if (!old)
		return 0; /* somebody was quicker */
	*old = index.names[--index.count];
	return index_write(s, &index, err);
}
