/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layers.c: the annotation org.cloison.layers.
 *
 * The OCI specification leaves the root file system to whoever makes the bundle, who would have to mount it on the
 * host. Here it is named by its parts, and the runtime mounts it where nobody sees it.
 */
#include <string.h>

#include "runtime/oci/decode.h"
#include "runtime/oci/layers.h"

#define MAX_LAYERS 500 /* overlayfs: OVL_MAX_STACK */

static const char *find(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_annotations; i++)
		if (!strcmp(plan->annotations[i].key, LAYERS_KEY))
			return plan->annotations[i].value;
	return NULL;
}

static int wrong(const struct json_at *at, const char *why)
{
	struct json_at annotations = *at;

	(void)json_member(at, "annotations", &annotations);
	return json_fail_key(&annotations, LAYERS_KEY, "%s", why);
}

int decode_layers(const struct json_at *at, struct plan *plan)
{
	const char *text = find(plan);
	const char **list;
	size_t count = 1;
	char *copy;

	if (!text)
		return 0;
	for (const char *p = text; (p = strchr(p, ':')); p++)
		count++;
	if (count > MAX_LAYERS)
		return wrong(at, "has more than 500 directories");
	copy = arena_strdup(at->source->arena, text, at->source->err);
	list = arena_new(at->source->arena, const char *, count, at->source->err);
	if (!copy || !list)
		return -1;
	for (size_t i = 0; i < count; i++) {
		list[i] = strsep(&copy, ":");
		if (list[i][0] != '/')
			return wrong(at, "must be absolute paths, joined by `:`");
	}
	plan->layers = list;
	plan->n_layers = count;
	return 0;
}
