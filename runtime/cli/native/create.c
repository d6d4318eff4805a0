/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * create.c: `create`: a container that `start` will start. The options are those of `run`.
 */
#include "runtime/cli/native/alone.h"

static int create(const void *values, char **argv, struct error *err)
{
	const struct run_flags *f = values;
	struct session_options options;
	struct json_object *request;

	if (run_session(f, &options, err) < 0)
		return -1;
	request = run_request(f, argv, err);
	return request ? native_make("create", f, request, err) : -1;
}

const struct native_verb native_create = {
	.name = "create",
	.arguments = "IMAGE [COMMAND [ARGUMENT...]]",
	.summary = "make a container from an image, to be started later",
	.options = run_flags_table + RUN_ONLY_FLAGS,
	.n_options = RUN_FLAGS_COUNT - RUN_ONLY_FLAGS,
	.command = true,
	.min_args = 1,
	.max_args = -1,
	.run = create,
};
