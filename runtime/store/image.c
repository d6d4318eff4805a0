/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * image.c: from a name to an image: index, manifest, configuration, checked against each other.
 *
 * The ID of an image is the digest of its configuration, as with Docker and Podman.
 */
#include <string.h>

#include "runtime/store/store.h"

#define ID_SHORTEST 4

const char *machine_architecture(void)
{
#if defined(__x86_64__)
	return "amd64";
#elif defined(__aarch64__)
	return "arm64";
#else
#error "no name for this architecture"
#endif
}

/* choose - down through indexes to the manifest for this machine. */
static int choose(const struct store *s, struct image *image, struct arena *arena,
		  struct error *err)
{
	for (int depth = 0; depth < MANIFEST_DEPTH_MAX; depth++) {
		const struct descriptor *d;
		char name[DIGEST_SIZE];
		const char *text;
		size_t length;

		digest_text(&image->manifest, name);
		text = blob_text(s, &image->manifest, &length, arena, err);
		if (!text || manifest_parse(text, length, name, arena, &image->m, err) < 0)
			return -1;
		if (!image->m.index)
			return 0;
		d = manifest_choose(&image->m, "linux", machine_architecture(), err);
		image->foreign = !d;
		if (!d)
			return -1;
		image->manifest = d->digest;
	}
	return error_set(err, 0, "has more than %d indexes in each other", MANIFEST_DEPTH_MAX);
}

/* chain - image-spec, config.md, "Layer ChainID". */
static void chain(struct image *image)
{
	for (size_t i = 0; i < image->config.n_diff_ids; i++) {
		char text[2 * DIGEST_SIZE], below[DIGEST_SIZE], own[DIGEST_SIZE];
		int n;

		if (i == 0) {
			image->chains[0] = image->config.diff_ids[0];
			continue;
		}
		n = snprintf(text, sizeof(text), "%s %s", digest_text(&image->chains[i - 1], below),
			     digest_text(&image->config.diff_ids[i], own));
		sha256_hex(text, (size_t)n, image->chains[i].hex);
	}
}

/* check_media - that it is an image: what else manifests describe (signatures, provenance) is none. */
static int check_media(const struct manifest *m, struct error *err)
{
	if (strcmp(m->config.media_type, MEDIA_CONFIG) != 0 &&
	    strcmp(m->config.media_type, MEDIA_DOCKER_CONFIG) != 0)
		return error_set(err, 0, "its configuration is a `%.100s`, not an image's",
				 m->config.media_type);
	for (size_t i = 0; i < m->count; i++)
		if (!media_is_layer(m->list[i].media_type))
			return error_set(err, 0, "entry %zu is a `%.100s`, not a layer", i,
					 m->list[i].media_type);
	return 0;
}

static int read_config(const struct store *s, struct image *image, struct arena *arena,
		       struct error *err)
{
	char name[DIGEST_SIZE];
	const char *text;
	size_t length;

	digest_text(&image->m.config.digest, name);
	text = blob_text(s, &image->m.config.digest, &length, arena, err);
	if (!text || image_config_parse(text, length, name, arena, &image->config, err) < 0)
		return -1;
	if (length != image->m.config.size)
		return error_set(err, 0, "the configuration has %zu bytes, the manifest says %llu",
				 length, (unsigned long long)image->m.config.size);
	image->foreign = true;
	if (image->config.n_diff_ids != image->m.count)
		return error_set(err, 0, "the manifest has %zu layers and the configuration %zu",
				 image->m.count, image->config.n_diff_ids);
	if (strcmp(image->config.os, "linux") != 0)
		return error_set(err, 0, "is for the system `%.40s`, not linux", image->config.os);
	if (strcmp(image->config.architecture, machine_architecture()) != 0)
		return error_set(err, 0, "is for `%.40s`, and this machine is %s",
				 image->config.architecture, machine_architecture());
	image->foreign = false;
	return 0;
}

int image_load(const struct store *s, const struct digest *digest, const char *name,
	       struct arena *arena, struct image *image, struct error *err)
{
	image->top = image->manifest = *digest;
	image->foreign = false;
	if (choose(s, image, arena, err) < 0 || check_media(&image->m, err) < 0 ||
	    read_config(s, image, arena, err) < 0)
		return error_wrap(err, "image `%s`", name);
	chain(image);
	return 0;
}

static bool begins(const char *hex, const char *with)
{
	return strncmp(hex, with, strlen(with)) == 0;
}

/* has_id - whether the image's ID, or one of its digests, begins with @hex. */
static bool has_id(const struct store *s, const struct image_name *name, const char *hex)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error ignored = ERROR_INIT;
	struct image image;

	if (begins(name->digest.hex, hex))
		return true;
	/* What cannot be read is not meant by its ID. */
	return image_load(s, &name->digest, name->name, &arena, &image, &ignored) == 0 &&
	       (begins(image.m.config.digest.hex, hex) || begins(image.manifest.hex, hex));
}

/* by_id - the only image whose ID begins with @hex; *@several when there are more. */
static const struct image_name *by_id(const struct store *s, const struct image_index *index,
				      const char *hex, bool *several)
{
	const struct image_name *found = NULL;

	for (size_t i = 0; i < index->count; i++) {
		const struct image_name *n = &index->names[i];

		if (!has_id(s, n, hex))
			continue;
		if (found && !digest_equal(&found->digest, &n->digest))
			*several = true;
		if (!found)
			found = n;
	}
	return found;
}

/* called - whether @stored, NAME:TAG, is what @r asks for; @brief: it may have a host and a path in front of it. */
static bool called(const char *stored, const struct reference *r, bool brief)
{
	const char *colon = strrchr(stored, ':');
	size_t whole = colon ? (size_t)(colon - stored) : 0, n = strlen(r->name);

	if (!colon || n > whole || strncmp(colon - n, r->name, n) != 0 ||
	    (r->tag[0] && strcmp(colon + 1, r->tag) != 0))
		return false;
	return n == whole || (brief && stored[whole - n - 1] == '/');
}

/* by_name - the image called so, or else the only one whose name ends so. */
static const struct image_name *by_name(const struct image_index *index, const char *text,
					bool *several)
{
	struct error ignored = ERROR_INIT; /* an ID, perhaps */
	const struct image_name *found = NULL;
	struct reference r;

	if (reference_parse(text, &r, &ignored) < 0)
		return NULL;
	for (int brief = 0; brief < 2 && !found; brief++)
		for (size_t i = 0; i < index->count; i++) {
			const struct image_name *n = &index->names[i];

			if ((r.digest.hex[0] && !digest_equal(&r.digest, &n->digest)) ||
			    !called(n->name, &r, brief))
				continue;
			if (found && !digest_equal(&found->digest, &n->digest))
				*several = true;
			if (!found)
				found = n;
		}
	return found;
}

const struct image_name *image_find_exact(const struct store *s, const struct image_index *index,
					  const char *text, struct error *err)
{
	char name[REFERENCE_SIZE];
	struct reference r;

	(void)s;
	if (reference_parse(text, &r, err) < 0)
		return NULL;
	reference_text(&r, name);
	for (size_t i = 0; i < index->count; i++)
		if (strcmp(index->names[i].name, name) == 0 &&
		    (!r.digest.hex[0] || digest_equal(&r.digest, &index->names[i].digest)))
			return &index->names[i];
	error_set(err, 0, "no such image: `%.300s`", text);
	return NULL;
}

const struct image_name *image_find(const struct store *s, const struct image_index *index,
				    const char *text, struct error *err)
{
	const char *hex = begins(text, DIGEST_PREFIX) ? text + strlen(DIGEST_PREFIX) : text;
	bool several = false;
	const struct image_name *found = hex == text ? by_name(index, text, &several) : NULL;

	if (!found && strlen(hex) >= ID_SHORTEST && strlen(hex) < SHA256_HEX_SIZE &&
	    hex[strspn(hex, "0123456789abcdef")] == '\0')
		found = by_id(s, index, hex, &several);
	if (several) {
		error_set(err, 0, "`%.300s` can be one of several images", text);
		error_hint(err, "`cloison images` lists them with their whole names");
		return NULL;
	}
	if (!found) {
		error_set(err, 0, "no such image: `%.300s`", text);
		error_hint(err, "`cloison images` lists them; `cloison load` brings one");
	}
	return found;
}
