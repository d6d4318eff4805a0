/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_imagejson.c: an image's index, manifest or configuration, from whoever made it.
 *
 * What is taken has digests that are some, as many entries as the bounds say, and no string missing that its users
 * print.
 */
#include "runtime/store/manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_digest(const struct digest *d)
{
	REQUIRE(strlen(d->hex) == 64 && digest_is_hex(d->hex, 64));
}

static void check_manifest(const struct manifest *m)
{
	struct error err = ERROR_INIT;

	REQUIRE(m->media_type && m->count <= (m->index ? MANIFEST_INDEX_MAX : MANIFEST_LAYERS_MAX));
	if (!m->index)
		check_digest(&m->config.digest);
	for (size_t i = 0; i < m->count; i++) {
		const struct descriptor *d = &m->list[i];

		check_digest(&d->digest);
		REQUIRE(d->media_type && d->os && d->architecture && d->variant);
	}
	if (m->index && !manifest_choose(m, "linux", "amd64", &err))
		REQUIRE(err.what[0]);
}

static void check_config(const struct image_config *c)
{
	REQUIRE(c->n_diff_ids <= MANIFEST_LAYERS_MAX);
	for (size_t i = 0; i < c->n_diff_ids; i++)
		check_digest(&c->diff_ids[i]);
	REQUIRE(c->os && c->architecture && c->variant && c->created && c->author && c->user &&
		c->working_dir && c->stop_signal);
	for (size_t i = 0; i < c->n_history; i++)
		REQUIRE(c->history[i].created && c->history[i].created_by && c->history[i].comment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT, other = ERROR_INIT;
	struct image_config c;
	struct manifest m;
	char *text = fuzz_text(data, size);

	if (manifest_parse(text, size, "x", &arena, &m, &err) == 0)
		check_manifest(&m);
	else
		REQUIRE(err.what[0]);
	if (image_config_parse(text, size, "x", &arena, &c, &other) == 0)
		check_config(&c);
	else
		REQUIRE(other.what[0]);
	free(text);
	return 0;
}
