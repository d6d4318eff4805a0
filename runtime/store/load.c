/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * load.c: an archive of images, read once from the beginning to the end.
 *
 * Every file of it becomes a blob under its true digest, for what it is called is known before what it is for. At the
 * end index.json or manifest.json says which of them are images; the rest is nobody's, and the next collection takes
 * it. Only two kinds of archives are known, and an archive that is both is read as what `docker save` writes, which has
 * the names in full.
 *
 * Source: image-spec, image-layout.md; Docker's image specification v1.2, "Combined Image JSON + Filesystem Changeset
 * Format".
 */
#include "runtime/store/load.h"

#include <archive.h>
#include <archive_entry.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>
#include <sys/statvfs.h>

#include "runtime/store/stream.h"
#include "runtime/store/unpack.h"

#define FILES_MAX 8192
#define LINKS_MAX 8
#define NAMES_MAX 256 /* of one image */
#define KEEP_FREE_PART 20
#define BLOBS "blobs/sha256/"

/* A file of the archive: a blob, or a link to another. */
struct file {
	const char *path, *target; /* target: NULL for a blob */
	struct digest digest;
	uint64_t size;
	bool gzip;
};

struct load {
	const struct store *store;
	struct stream *stream;
	struct archive *archive;
	struct arena arena;
	struct file *files;
	size_t count;
	const char *name;
	load_made *made;
	load_told *told;
	void *context;
	struct error *err;
	bool stream_failed;
};

/* An image of manifest.json. */
struct saved {
	const char *config;
	char *const *layers, *const *names;
};

static int cannot_read(const struct load *l)
{
	const char *why = archive_error_string(l->archive);

	if (l->stream_failed)
		return -1;
	return error_set(l->err, 0, "is not a readable archive: %s", why ? why : "no reason given");
}

/* clean - @in without "./" and what else leads nowhere, relative to the directory of @beside; NULL with the error. */
static const char *clean(struct load *l, const char *in, const char *beside)
{
	const char *slash = beside ? strrchr(beside, '/') : NULL;
	char out[PATH_MAX];
	size_t used = 0;

	if (slash && (size_t)(slash - beside) < sizeof(out)) {
		used = (size_t)(slash - beside);
		memcpy(out, beside, used);
	}
	while (*in) {
		size_t n = strcspn(in, "/");

		if (n == 2 && in[0] == '.' && in[1] == '.') {
			if (used == 0) {
				error_set(l->err, 0, "leads out of the archive");
				return NULL;
			}
			while (used > 0 && out[--used] != '/')
				;
		} else if (n > 0 && !(n == 1 && in[0] == '.')) {
			if (used + n + 2 > sizeof(out)) {
				error_set(l->err, ENAMETOOLONG, "its path is too long");
				return NULL;
			}
			if (used)
				out[used++] = '/';
			memcpy(out + used, in, n);
			used += n;
		}
		in += n + (in[n] == '/');
	}
	out[used] = '\0';
	return arena_strdup(&l->arena, out, l->err);
}

static const struct file *find(const struct load *l, const char *path)
{
	for (size_t i = 0; i < l->count; i++)
		if (!strcmp(l->files[i].path, path))
			return &l->files[i];
	return NULL;
}

/* follow - the blob that @path is, through links; NULL: there is none. */
static const struct file *follow(const struct load *l, const char *path)
{
	const struct file *f = find(l, path);

	for (int links = 0; f && f->target && links < LINKS_MAX; links++)
		f = find(l, f->target);
	return f && !f->target ? f : NULL;
}

/* copy - the entry's content into @b. @gzip: receives what it begins with. */
static int copy(struct load *l, struct blob *b, bool *gzip)
{
	int64_t offset;
	const void *data;
	size_t n;
	int got;

	*gzip = false;
	while ((got = archive_read_data_block(l->archive, &data, &n, &offset)) == ARCHIVE_OK) {
		const unsigned char *p = data;

		if (offset < 0 || (uint64_t)offset != b->size)
			return error_set(l->err, 0, "has holes, which no such archive has");
		if (offset == 0 && n >= 2)
			*gzip = p[0] == 0x1f && p[1] == 0x8b;
		if (blob_write(b, data, n, l->err) < 0)
			return -1;
	}
	return got == ARCHIVE_EOF ? 0 : cannot_read(l);
}

static int take_file(struct load *l, struct file *f)
{
	const size_t prefix = strlen(BLOBS);
	_cleanup_blob_ struct blob b = BLOB_EMPTY;
	struct digest want;
	bool named = !strncmp(f->path, BLOBS, prefix) &&
		     digest_is_hex(f->path + prefix, strlen(f->path + prefix));

	if (named)
		memcpy(want.hex, f->path + prefix, SHA256_HEX_SIZE);
	if (blob_begin(l->store, &b, l->err) < 0 || copy(l, &b, &f->gzip) < 0)
		return -1;
	f->size = b.size;
	return blob_commit(&b, named ? &want : NULL, &f->digest, NULL, l->err);
}

static int take_entry(struct load *l, struct archive_entry *e)
{
	const char *raw = archive_entry_pathname(e);
	const char *link = archive_entry_hardlink(e);
	struct file *f;

	if (!raw)
		return error_set(l->err, 0, "has an entry without a path");
	if (!link && archive_entry_filetype(e) == AE_IFDIR)
		return 0;
	if (l->count == FILES_MAX)
		return error_set(l->err, EFBIG, "has more than %d files", FILES_MAX);
	f = &l->files[l->count];
	*f = (struct file){.path = clean(l, raw, NULL)};
	if (!f->path)
		return error_wrap(l->err, "entry `%.300s`", raw);
	if (link)
		f->target = clean(l, link, NULL);
	else if (archive_entry_filetype(e) == AE_IFLNK && archive_entry_symlink(e))
		f->target = clean(l, archive_entry_symlink(e), f->path);
	else if (archive_entry_filetype(e) != AE_IFREG)
		return error_set(l->err, 0, "entry `%.300s` is no file", raw);
	else if (take_file(l, f) < 0)
		return l->stream_failed ? -1 : error_wrap(l->err, "entry `%.300s`", raw);
	if ((link || archive_entry_filetype(e) == AE_IFLNK) && !f->target)
		return error_wrap(l->err, "entry `%.300s`", raw);
	l->count++;
	return 0;
}

static int take_all(struct load *l)
{
	struct archive_entry *e;
	int got;

	while ((got = archive_read_next_header(l->archive, &e)) == ARCHIVE_OK)
		if (take_entry(l, e) < 0)
			return -1;
	if (got != ARCHIVE_EOF)
		return cannot_read(l);
	return stream_finish(l->stream, NULL, NULL, NULL, NULL, l->err);
}

static const char *text_of(struct load *l, const struct file *f, size_t *length)
{
	return blob_text(l->store, &f->digest, length, &l->arena, l->err);
}

/* keep - the image @digest under @name, when it is whole and unpacked. */
static int keep(struct load *l, const struct image_name *name)
{
	const char *what = name->name[0] ? name->name : name->digest.hex;
	_cleanup_arena_ struct arena arena = {0};
	struct image image;

	if (image_load(l->store, &name->digest, what, &arena, &image, l->err) < 0 ||
	    unpack_image(l->store, &image, what, l->err) < 0 ||
	    l->made(l->store, &image, l->err) < 0 || blob_sync(l->store, l->err) < 0 ||
	    index_set(l->store, name, l->err) < 0)
		return -1;
	l->told(l->context, name->name, &name->digest);
	return 0;
}

/* name_of - @text as a name of the store; NULL with the error. */
static const char *name_of(struct load *l, const char *text)
{
	char buf[REFERENCE_SIZE];
	struct reference r;

	if (reference_parse(text, &r, l->err) < 0)
		return NULL;
	if (r.digest.hex[0]) {
		error_set(l->err, 0, "`%.300s`: a name cannot have a digest", text);
		return NULL;
	}
	return arena_strdup(&l->arena, reference_text(&r, buf), l->err);
}

/* load_layout - what index.json names. */
static int load_layout(struct load *l, const struct file *index)
{
	struct manifest m;
	const char *text;
	size_t length;

	text = text_of(l, index, &length);
	if (!text || manifest_parse(text, length, "index.json", &l->arena, &m, l->err) < 0)
		return -1;
	if (!m.index || m.count == 0)
		return error_set(l->err, 0, "index.json: has no images");
	if (l->name && m.count > 1)
		return error_set(l->err, 0, "has %zu images, which cannot all be `%s`", m.count,
				 l->name);
	for (size_t i = 0; i < m.count; i++) {
		const struct descriptor *d = &m.list[i];
		const char *called = l->name ? l->name : d->ref_name;
		struct image_name name = {"", d->digest, d->size, d->media_type};

		if (!media_is_manifest(d->media_type))
			return error_set(l->err, 0,
					 "index.json: manifests[%zu] is a `%.100s`, not an image",
					 i, d->media_type);
		if (!name.media_type[0])
			name.media_type = MEDIA_MANIFEST;
		if (called)
			name.name = name_of(l, called);
		if (!name.name || keep(l, &name) < 0)
			return -1;
	}
	return 0;
}

static int decode_saved(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"Config", JSON_STRING, .required = true, JSON_INTO(struct saved, config)},
		{"Layers", JSON_STRINGS, .required = true, JSON_TERMINATED(struct saved, layers)},
		{"RepoTags", JSON_STRINGS, JSON_TERMINATED(struct saved, names)},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

struct saved_list {
	struct saved *list;
	size_t count;
};

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *descriptor(const char *media_type, const struct file *f)
{
	struct json_object *o = json_object_new_object();
	char digest[DIGEST_SIZE];

	put(o, "mediaType", json_object_new_string(media_type));
	put(o, "digest", json_object_new_string(digest_text(&f->digest, digest)));
	put(o, "size", json_object_new_uint64(f->size));
	return o;
}

/* add_files - what @saved names, as descriptors. */
static int add_files(struct load *l, const struct saved *saved, struct json_object *manifest)
{
	struct json_object *layers = json_object_new_array();
	const struct file *f = follow(l, saved->config);

	put(manifest, "layers", layers);
	if (!f)
		return error_set(l->err, 0, "manifest.json: there is no file `%.300s`",
				 saved->config);
	put(manifest, "config", descriptor(MEDIA_CONFIG, f));
	for (size_t i = 0; saved->layers[i]; i++) {
		f = follow(l, saved->layers[i]);
		if (!f)
			return error_set(l->err, 0, "manifest.json: there is no file `%.300s`",
					 saved->layers[i]);
		if (i == MANIFEST_LAYERS_MAX)
			return error_set(l->err, 0, "manifest.json: more than %d layers",
					 MANIFEST_LAYERS_MAX);
		json_object_array_add(layers,
				      descriptor(f->gzip ? MEDIA_LAYER "+gzip" : MEDIA_LAYER, f));
	}
	return 0;
}

/* make_manifest - `docker save` writes none of the image-spec: this is what it would be. */
static int make_manifest(struct load *l, const struct saved *saved, struct image_name *name)
{
	struct json_object *o = json_object_new_object();
	const char *text;
	int ret = -1;

	put(o, "schemaVersion", json_object_new_int(2));
	put(o, "mediaType", json_object_new_string(MEDIA_MANIFEST));
	if (add_files(l, saved, o) == 0) {
		text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE);
		if (!text)
			error_set(l->err, ENOMEM, "cannot make a manifest");
		else
			ret = blob_put(l->store, text, strlen(text), &name->digest, l->err);
		name->size = text ? strlen(text) : 0;
		name->media_type = MEDIA_MANIFEST;
	}
	json_object_put(o);
	return ret;
}

static int keep_saved(struct load *l, const struct saved *saved)
{
	struct image_name name = {.name = ""};

	if (make_manifest(l, saved, &name) < 0)
		return -1;
	if (l->name || !saved->names || !saved->names[0]) {
		if (l->name)
			name.name = name_of(l, l->name);
		return name.name ? keep(l, &name) : -1;
	}
	for (size_t i = 0; saved->names[i]; i++) {
		if (i == NAMES_MAX)
			return error_set(l->err, 0, "manifest.json: more than %d names of an image",
					 NAMES_MAX);
		name.name = name_of(l, saved->names[i]);
		if (!name.name || keep(l, &name) < 0)
			return -1;
	}
	return 0;
}

/* load_saved - what manifest.json names. */
static int load_saved(struct load *l, const struct file *manifest)
{
	const struct json_source source = {.name = "manifest.json",
					   .arena = &l->arena,
					   .err = l->err};
	static const struct json_field field = {"", JSON_ARRAY,
						JSON_LIST(struct saved_list, list, count),
						.decode = decode_saved};
	_cleanup_json_ struct json_object *tree = NULL;
	struct saved_list all = {NULL, 0};
	struct json_at at = {.source = &source};
	const char *text;
	size_t length;

	text = text_of(l, manifest, &length);
	if (!text)
		return -1;
	tree = json_parse(text, length, &source);
	if (!tree)
		return -1;
	at.value = tree;
	if (json_decode_value(&at, &field, &all) < 0)
		return -1;
	if (all.count == 0)
		return error_set(l->err, 0, "manifest.json: has no images");
	if (l->name && all.count > 1)
		return error_set(l->err, 0, "has %zu images, which cannot all be `%s`", all.count,
				 l->name);
	for (size_t i = 0; i < all.count; i++)
		if (keep_saved(l, &all.list[i]) < 0)
			return -1;
	return 0;
}

static int load_images(struct load *l)
{
	const struct file *saved = follow(l, "manifest.json"), *index = follow(l, "index.json");

	if (saved)
		return load_saved(l, saved);
	if (index && follow(l, "oci-layout"))
		return load_layout(l, index);
	error_set(l->err, 0, "is no archive of images");
	return error_hint(
		l->err,
		"it has neither manifest.json, as `docker save` writes it, nor oci-layout and index.json");
}

static la_ssize_t give(struct archive *a, void *context, const void **data)
{
	struct load *l = context;
	ssize_t n = stream_read(l->stream, data, l->err);

	if (n < 0) {
		l->stream_failed = true;
		archive_set_error(a, EIO, "its content cannot be read");
	}
	return n;
}

static int load(struct load *l, int fd, const char *file)
{
	_cleanup_stream_ struct stream *stream = NULL;
	struct statvfs fs;
	uint64_t most;

	if (fstatvfs(l->store->blobs, &fs) < 0)
		return error_set(l->err, errno, "cannot look at the file system of `%s`",
				 l->store->path);
	most = (uint64_t)fs.f_bavail * fs.f_frsize;
	stream = stream_open(fd, file, most - most / KEEP_FREE_PART, l->err);
	l->files = arena_new(&l->arena, struct file, FILES_MAX, l->err);
	l->archive = archive_read_new();
	if (!stream || !l->files)
		return -1;
	if (!l->archive)
		return error_set(l->err, ENOMEM, "cannot read");
	l->stream = stream;
	if (archive_read_support_format_tar(l->archive) != ARCHIVE_OK ||
	    archive_read_open(l->archive, l, NULL, give, NULL) != ARCHIVE_OK)
		return cannot_read(l);
	return take_all(l) < 0 ? -1 : load_images(l);
}

int load_archive(const struct store *s, int fd, const char *file, const char *name, load_made *made,
		 load_told *told, void *context, struct error *err)
{
	struct load l = {.store = s,
			 .name = name,
			 .made = made,
			 .told = told,
			 .context = context,
			 .err = err};
	int ret = load(&l, fd, file);

	archive_read_free(l.archive);
	arena_free(&l.arena);
	return ret < 0 ? error_wrap(err, "archive `%s`", file) : 0;
}
