/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * features.c: `features`.
 */
#include "runtime/oci/features.h"

#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/cli/verb.h"

#ifndef CLOISON_VERSION
#define CLOISON_VERSION "unknown" /* compiled by something else than the Makefile */
#endif

static int features(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct features_more more = {.systemd = CGROUP_SYSTEMD, .version = CLOISON_VERSION};
	_cleanup_json_ struct json_object *o = features_json(&more);
	const char *text;

	(void)rt;
	(void)values;
	(void)argv;
	text = o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							     JSON_C_TO_STRING_NOSLASHESCAPE)
		 : NULL;
	if (!text)
		return error_set(err, ENOMEM, "cannot print the features");
	if (puts(text) < 0 || fflush(stdout))
		return error_set(err, errno, "cannot print the features");
	return 0;
}

const struct verb verb_features = {
	.name = "features",
	.arguments = "",
	.summary = "print what config.json may ask for, as JSON",
	.max_args = 0,
	.stateless = true,
	.run = features,
};
