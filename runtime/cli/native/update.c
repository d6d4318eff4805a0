/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update.c: `update`: change the limits and the restart policy of containers. The options are the last ones of `run`.
 */
#include "runtime/cli/native/runflags.h"

static int fill(struct json_object *request, const void *values, struct error *err)
{
	return update_request(values, request, err);
}

static int update(const void *values, char **argv, struct error *err)
{
	return for_each("update", argv, fill, values, err);
}

const struct native_verb native_update = {
	.name = "update",
	.arguments = "CONTAINER...",
	.summary = "change the limits and the restart policy of containers",
	.options = run_flags_table + RUN_FLAGS_COUNT - RUN_UPDATE_FLAGS,
	.n_options = RUN_UPDATE_FLAGS,
	.min_args = 1,
	.max_args = -1,
	.run = update,
};
