/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.c: lists of images, as people know them from Docker.
 *
 * Names, comments and commands in an image are anybody's: on a terminal control characters are shown as "?".
 */
#include "runtime/image/show.h"

#include <json-c/json.h>
#include <string.h>
#include <time.h>

#define SHORT_ID 12
#define NONE "<none>"
#define COMMAND_WIDTH 60

/* An image that was found, and how long it is in the store. */
struct found {
	struct image image;
	uint64_t bytes; /* of its blobs */
	time_t created; /* 0: not known */
};

static time_t time_of(const char *text)
{
	struct tm tm = {0};

	return strptime(text, "%Y-%m-%dT%H:%M:%S", &tm) ? timegm(&tm) : 0;
}

static int read_image(const struct store *s, const struct image_name *name, struct arena *arena,
		      struct found *f, struct error *err)
{
	char digest[DIGEST_SIZE];

	if (image_load(s, &name->digest,
		       name->name[0] ? name->name : digest_text(&name->digest, digest), arena,
		       &f->image, err) < 0)
		return -1;
	f->bytes = name->size + f->image.m.config.size;
	for (size_t i = 0; i < f->image.m.count; i++)
		f->bytes += f->image.m.list[i].size;
	f->created = time_of(f->image.config.created);
	return 0;
}

/* print_text - without what a terminal would obey, in at most @width columns; 0: all of it. */
static void print_text(const char *text, size_t width)
{
	for (size_t i = 0; text[i] && (!width || i < width); i++)
		putchar((unsigned char)text[i] < ' ' || text[i] == 0x7f ? '?' : text[i]);
}

static const char *id_of(const struct digest *d, bool whole, char buf[DIGEST_SIZE])
{
	if (whole)
		return digest_text(d, buf);
	snprintf(buf, DIGEST_SIZE, "%.*s", SHORT_ID, d->hex);
	return buf;
}

/* age - "3 days ago" in @buf, which is returned. */
static const char *age(time_t created, char *buf, size_t size)
{
	static const struct {
		time_t seconds;
		const char *name;
	} units[] = {{31536000, "year"}, {2592000, "month"}, {604800, "week"}, {86400, "day"},
		     {3600, "hour"},	 {60, "minute"},     {1, "second"}};
	time_t old = time(NULL) - created;

	snprintf(buf, size, created ? "now" : "N/A");
	for (size_t i = 0; created && i < ARRAY_SIZE(units); i++) {
		long long n = (long long)(old / units[i].seconds);

		if (n < 1)
			continue;
		snprintf(buf, size, "%lld %s%s ago", n, units[i].name, n == 1 ? "" : "s");
		break;
	}
	return buf;
}

static const char *amount(uint64_t bytes, char *buf, size_t size)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
	double n = (double)bytes;
	size_t unit = 0;

	while (n >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		n /= 1000;
		unit++;
	}
	snprintf(buf, size, unit ? "%.3g%s" : "%.0f%s", n, units[unit]);
	return buf;
}

/* split - NAME:TAG at its last ":". */
static void split(const char *name, char repository[REFERENCE_SIZE], const char **tag)
{
	const char *colon = strrchr(name, ':');

	snprintf(repository, REFERENCE_SIZE, "%.*s", colon ? (int)(colon - name) : 0, name);
	*tag = colon ? colon + 1 : NONE;
	if (!repository[0])
		snprintf(repository, REFERENCE_SIZE, "%s", NONE);
}

static void print_row(const struct image_name *name, const struct found *f, bool whole)
{
	char repository[REFERENCE_SIZE], id[DIGEST_SIZE], old[40], size[40];
	const char *tag;

	split(name->name, repository, &tag);
	printf("%-30s %-14s %-*s %-15s %s\n", repository, tag, whole ? 72 : 13,
	       id_of(&f->image.m.config.digest, whole, id), age(f->created, old, sizeof(old)),
	       amount(f->bytes, size, sizeof(size)));
}

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *digest_json(const struct digest *d)
{
	char buf[DIGEST_SIZE];

	return json_object_new_string(digest_text(d, buf));
}

static struct json_object *row_json(const struct image_name *name, const struct found *f)
{
	struct json_object *o = json_object_new_object();

	put(o, "Name", json_object_new_string(name->name));
	put(o, "Id", digest_json(&f->image.m.config.digest));
	put(o, "Digest", digest_json(&name->digest));
	put(o, "Created", json_object_new_string(f->image.config.created));
	put(o, "Bytes", json_object_new_uint64(f->bytes));
	return o;
}

static int print_json(struct json_object *o, struct error *err)
{
	const char *text =
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							  JSON_C_TO_STRING_NOSLASHESCAPE);
	int ret = text && puts(text) >= 0 ? 0 : error_set(err, ENOMEM, "cannot print");

	json_object_put(o);
	return ret;
}

int show_images(const struct store *s, enum show_form form, bool whole, struct error *err)
{
	_cleanup_arena_ struct arena names = {0};
	struct json_object *list = form == SHOW_JSON ? json_object_new_array() : NULL;
	struct image_index index;

	if (index_read(s, &names, &index, err) < 0) {
		json_object_put(list);
		return -1;
	}
	if (form == SHOW_TABLE)
		printf("%-30s %-14s %-*s %-15s %s\n", "REPOSITORY", "TAG", whole ? 72 : 13,
		       "IMAGE ID", "CREATED", "BLOBS");
	for (size_t i = 0; i < index.count; i++) {
		_cleanup_arena_ struct arena arena = {0};
		struct error other = ERROR_INIT;
		char id[DIGEST_SIZE];
		struct found f;

		if (read_image(s, &index.names[i], &arena, &f, &other) < 0)
			error_print(&other, "cloison: images", STDERR_FILENO);
		else if (form == SHOW_IDS)
			puts(id_of(&f.image.m.config.digest, whole, id));
		else if (form == SHOW_TABLE)
			print_row(&index.names[i], &f, whole);
		else
			json_object_array_add(list, row_json(&index.names[i], &f));
	}
	return list ? print_json(list, err) : 0;
}

static int find(const struct store *s, const char *text, struct arena *arena, struct found *f,
		const struct image_name **name, struct image_index *index, struct error *err)
{
	if (index_read(s, arena, index, err) < 0)
		return -1;
	*name = image_find(s, index, text, err);
	return *name ? read_image(s, *name, arena, f, err) : -1;
}

static struct json_object *step_json(const struct history_entry *h, const struct descriptor *layer)
{
	struct json_object *o = json_object_new_object();

	put(o, "Created", json_object_new_string(h->created));
	put(o, "CreatedBy", json_object_new_string(h->created_by));
	put(o, "Comment", json_object_new_string(h->comment));
	put(o, "Layer", layer ? digest_json(&layer->digest) : NULL);
	put(o, "Bytes", json_object_new_uint64(layer ? layer->size : 0));
	return o;
}

static void print_step(const struct history_entry *h, const struct descriptor *layer, bool whole)
{
	char old[40], size[40];

	printf("%-15s %-9s ", age(time_of(h->created), old, sizeof(old)),
	       amount(layer ? layer->size : 0, size, sizeof(size)));
	print_text(h->created_by, whole ? 0 : COMMAND_WIDTH);
	if (h->comment[0]) {
		printf("  # ");
		print_text(h->comment, whole ? 0 : COMMAND_WIDTH);
	}
	putchar('\n');
}

int show_history(const struct store *s, const char *text, bool whole, bool json, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct json_object *list = json ? json_object_new_array() : NULL;
	const struct image_name *name;
	struct image_index index;
	struct found f;
	size_t layer;

	if (find(s, text, &arena, &f, &name, &index, err) < 0) {
		json_object_put(list);
		return -1;
	}
	if (!json)
		printf("%-15s %-9s %s\n", "CREATED", "BLOB", "CREATED BY");
	layer = f.image.m.count;
	for (size_t i = f.image.config.n_history; i-- > 0;) {
		const struct history_entry *h = &f.image.config.history[i];
		const struct descriptor *d =
			!h->empty_layer && layer > 0 ? &f.image.m.list[--layer] : NULL;

		if (json)
			json_object_array_add(list, step_json(h, d));
		else
			print_step(h, d, whole);
	}
	return json ? print_json(list, err) : 0;
}

/* raw_config - the configuration as its author wrote it, of which the member "config" is told as it is. */
static struct json_object *raw_config(const struct store *s, const struct digest *d,
				      struct arena *arena, struct error *err)
{
	const struct json_source source = {.name = "configuration", .arena = arena, .err = err};
	size_t length;
	const char *text = blob_text(s, d, &length, arena, err);

	return text ? json_parse(text, length, &source) : NULL;
}

static struct json_object *names_json(const struct image_index *index, const struct digest *d)
{
	struct json_object *list = json_object_new_array();

	for (size_t i = 0; i < index->count; i++)
		if (index->names[i].name[0] && digest_equal(&index->names[i].digest, d))
			json_object_array_add(list, json_object_new_string(index->names[i].name));
	return list;
}

static struct json_object *layers_json(const struct image *image)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array();

	put(o, "Type", json_object_new_string("layers"));
	put(o, "Layers", list);
	for (size_t i = 0; i < image->config.n_diff_ids; i++)
		json_object_array_add(list, digest_json(&image->config.diff_ids[i]));
	return o;
}

static struct json_object *inspect_json(const struct found *f, const struct image_index *index,
					const struct image_name *name, struct json_object *raw)
{
	struct json_object *o = json_object_new_object(), *config = NULL;
	const struct image_config *c = &f->image.config;

	json_object_object_get_ex(raw, "config", &config);
	put(o, "Id", digest_json(&f->image.m.config.digest));
	put(o, "RepoTags", names_json(index, &name->digest));
	put(o, "Digest", digest_json(&name->digest));
	put(o, "Manifest", digest_json(&f->image.manifest));
	put(o, "Created", json_object_new_string(c->created));
	put(o, "Author", json_object_new_string(c->author));
	put(o, "Architecture", json_object_new_string(c->architecture));
	if (c->variant[0])
		put(o, "Variant", json_object_new_string(c->variant));
	put(o, "Os", json_object_new_string(c->os));
	put(o, "Bytes", json_object_new_uint64(f->bytes));
	put(o, "Config", json_object_get(config));
	put(o, "RootFS", layers_json(&f->image));
	return o;
}

int show_inspect(const struct store *s, char *const *texts, struct error *err)
{
	struct json_object *list = json_object_new_array();

	for (; *texts; texts++) {
		_cleanup_arena_ struct arena arena = {0};
		_cleanup_json_ struct json_object *raw = NULL;
		const struct image_name *name;
		struct image_index index;
		struct found f;

		if (find(s, *texts, &arena, &f, &name, &index, err) == 0)
			raw = raw_config(s, &f.image.m.config.digest, &arena, err);
		if (!raw) {
			json_object_put(list);
			return -1;
		}
		json_object_array_add(list, inspect_json(&f, &index, name, raw));
	}
	return print_json(list, err);
}
