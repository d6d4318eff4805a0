/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * manifest.c: indexes, manifests and configurations to structures.
 */
#include "runtime/store/manifest.h"

#include <string.h>

#define SIZE_LIMIT ((uint64_t)1 << 43) /* 8 TiB: nobody's layer, and sums do not overflow */

static int decode_digest(const struct json_at *at, void *into)
{
	const char *text = json_string(at);
	struct error why = ERROR_INIT;

	if (!text)
		return -1;
	return digest_parse(text, into, &why) < 0 ? json_fail(at, "%s", why.what) : 0;
}

static int decode_platform(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"os", JSON_STRING, JSON_INTO(struct descriptor, os)},
		{"architecture", JSON_STRING, JSON_INTO(struct descriptor, architecture)},
		{"variant", JSON_STRING, JSON_INTO(struct descriptor, variant)},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_annotations(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{ANNOTATION_REF_NAME, JSON_STRING, JSON_INTO(struct descriptor, ref_name)},
		/* containerd's and buildx's: the whole name, where the other is the tag alone */
		{"io.containerd.image.name", JSON_STRING, JSON_INTO(struct descriptor, ref_name)},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_descriptor(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"mediaType", JSON_STRING, JSON_INTO(struct descriptor, media_type)},
		{"digest", JSON_ANY, .required = true, JSON_INTO(struct descriptor, digest),
		 .decode = decode_digest},
		{"size", JSON_NUMBER, .required = true, JSON_INTO(struct descriptor, size),
		 .max = SIZE_LIMIT},
		{"platform", JSON_OBJECT, .decode = decode_platform},
		{"annotations", JSON_OBJECT, .decode = decode_annotations},
	};
	struct descriptor *d = into;

	d->media_type = d->os = d->architecture = d->variant = "";
	return json_decode_fields(at, fields, ARRAY_SIZE(fields), d);
}

bool media_is_layer(const char *media_type)
{
	static const char *const types[] = {
		MEDIA_LAYER,
		MEDIA_LAYER "+gzip",
		MEDIA_LAYER "+zstd",
		"application/vnd.oci.image.layer.nondistributable.v1.tar",
		"application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
		"application/vnd.docker.image.rootfs.diff.tar",
		"application/vnd.docker.image.rootfs.diff.tar.gzip",
		"application/vnd.docker.image.rootfs.diff.tar.zstd",
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i], media_type))
			return true;
	return false;
}

bool media_is_manifest(const char *media_type)
{
	static const char *const types[] = {MEDIA_INDEX, MEDIA_MANIFEST, MEDIA_DOCKER_LIST,
					    MEDIA_DOCKER_MANIFEST, ""};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i], media_type))
			return true;
	return false;
}

static int check_layers(const struct json_at *at, const struct manifest *m)
{
	if (m->count > MANIFEST_LAYERS_MAX)
		return json_fail_key(at, "layers", "has %zu entries, at most %d can be stacked",
				     m->count, MANIFEST_LAYERS_MAX);
	return 0;
}

/* decode_image - a manifest: it has a config. */
static int decode_image(const struct json_at *at, struct manifest *m)
{
	static const struct json_field fields[] = {
		{"config", JSON_OBJECT, .required = true, JSON_INTO(struct manifest, config),
		 .decode = decode_descriptor},
		{"layers", JSON_ARRAY, .required = true, JSON_LIST(struct manifest, list, count),
		 .decode = decode_descriptor},
	};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), m) < 0)
		return -1;
	return check_layers(at, m);
}

static int decode_index(const struct json_at *at, struct manifest *m)
{
	static const struct json_field fields[] = {
		{"manifests", JSON_ARRAY, .required = true, JSON_LIST(struct manifest, list, count),
		 .decode = decode_descriptor},
	};

	m->index = true;
	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), m) < 0)
		return -1;
	if (m->count > MANIFEST_INDEX_MAX)
		return json_fail_key(at, "manifests", "has %zu entries, at most %d are read",
				     m->count, MANIFEST_INDEX_MAX);
	return 0;
}

static int decode_manifest(const struct json_at *at, struct manifest *m)
{
	static const struct json_field whole = {"", JSON_NUMBER, .size = sizeof(unsigned int),
						.max = UINT32_MAX};
	static const struct json_field media = {"mediaType", JSON_STRING,
						JSON_INTO(struct manifest, media_type)};
	struct json_at version, manifests;
	unsigned int number = 0;

	m->media_type = "";
	if (!json_member(at, "schemaVersion", &version))
		return json_fail_key(at, "schemaVersion", "is missing");
	if (json_decode_value(&version, &whole, &number) < 0 ||
	    json_decode_fields(at, &media, 1, m) < 0)
		return -1;
	if (number != 2)
		return json_fail_key(at, "schemaVersion", "must be 2, is %u", number);
	if (!json_member(at, "manifests", &manifests))
		return decode_image(at, m);
	/* One that claims to be both would be another thing for each reader (CVE-2021-41190). */
	if (json_member(at, "layers", &manifests) || json_member(at, "config", &manifests))
		return json_fail(at, "has manifests, and layers or a config: it can be only one");
	return decode_index(at, m);
}

int manifest_parse(const char *text, size_t length, const char *name, struct arena *arena,
		   struct manifest *m, struct error *err)
{
	const struct json_source source = {.name = name, .arena = arena, .err = err};
	_cleanup_json_ struct json_object *tree = json_parse(text, length, &source);
	const struct json_at at = {.source = &source, .value = tree};

	*m = (struct manifest){0};
	return tree ? decode_manifest(&at, m) : -1;
}

static int decode_diff_id(const struct json_at *at, void *into)
{
	return decode_digest(at, into);
}

static int decode_rootfs(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"diff_ids", JSON_ARRAY, .required = true,
		 JSON_LIST(struct image_config, diff_ids, n_diff_ids), .decode = decode_diff_id},
	};
	struct image_config *c = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), c) < 0)
		return -1;
	if (c->n_diff_ids > MANIFEST_LAYERS_MAX)
		return json_fail_key(at, "diff_ids", "has %zu entries, at most %d can be stacked",
				     c->n_diff_ids, MANIFEST_LAYERS_MAX);
	return 0;
}

static int decode_run(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"User", JSON_STRING, JSON_INTO(struct image_config, user)},
		{"WorkingDir", JSON_STRING, JSON_INTO(struct image_config, working_dir)},
		{"StopSignal", JSON_STRING, JSON_INTO(struct image_config, stop_signal)},
		{"Env", JSON_STRINGS, JSON_TERMINATED(struct image_config, env)},
		{"Entrypoint", JSON_STRINGS, JSON_TERMINATED(struct image_config, entrypoint)},
		{"Cmd", JSON_STRINGS, JSON_TERMINATED(struct image_config, cmd)},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_history(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"created", JSON_STRING, JSON_INTO(struct history_entry, created)},
		{"created_by", JSON_STRING, JSON_INTO(struct history_entry, created_by)},
		{"comment", JSON_STRING, JSON_INTO(struct history_entry, comment)},
		{"empty_layer", JSON_BOOL, JSON_INTO(struct history_entry, empty_layer)},
	};
	struct history_entry *h = into;

	h->created = h->created_by = h->comment = "";
	return json_decode_fields(at, fields, ARRAY_SIZE(fields), h);
}

int image_config_parse(const char *text, size_t length, const char *name, struct arena *arena,
		       struct image_config *c, struct error *err)
{
	static const struct json_field fields[] = {
		{"os", JSON_STRING, JSON_INTO(struct image_config, os)},
		{"architecture", JSON_STRING, JSON_INTO(struct image_config, architecture)},
		{"variant", JSON_STRING, JSON_INTO(struct image_config, variant)},
		{"created", JSON_STRING, JSON_INTO(struct image_config, created)},
		{"author", JSON_STRING, JSON_INTO(struct image_config, author)},
		{"config", JSON_OBJECT, .decode = decode_run},
		{"rootfs", JSON_OBJECT, .required = true, .decode = decode_rootfs},
		{"history", JSON_ARRAY, JSON_LIST(struct image_config, history, n_history),
		 .decode = decode_history},
	};
	const struct json_source source = {.name = name, .arena = arena, .err = err};
	_cleanup_json_ struct json_object *tree = json_parse(text, length, &source);
	const struct json_at at = {.source = &source, .value = tree};

	*c = (struct image_config){0};
	c->os = c->architecture = c->variant = c->created = c->author = "";
	c->user = c->working_dir = c->stop_signal = "";
	return tree ? json_decode_fields(&at, fields, ARRAY_SIZE(fields), c) : -1;
}

const struct descriptor *manifest_choose(const struct manifest *index, const char *os,
					 const char *architecture, struct error *err)
{
	char there[200] = "";
	size_t used = 0;

	for (size_t i = 0; i < index->count; i++) {
		const struct descriptor *d = &index->list[i];

		if (!strcmp(d->os, os) && !strcmp(d->architecture, architecture))
			return d;
		if (d->os[0] && used < sizeof(there))
			used += (size_t)snprintf(there + used, sizeof(there) - used,
						 "%s%.20s/%.20s", used ? ", " : "", d->os,
						 d->architecture);
	}
	if (index->count == 1 && !index->list[0].os[0])
		return &index->list[0];
	error_set(err, 0, "has no image for %s/%s", os, architecture);
	if (there[0])
		error_cause(err, "it has those for %s", there);
	return NULL;
}
