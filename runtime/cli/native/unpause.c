/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unpause.c: `unpause`: let paused containers go on.
 */
#include "runtime/cli/native/common.h"

static int run(const void *values, char **argv, struct error *err)
{
	return for_each("unpause", argv, NULL, values, err);
}

const struct native_verb native_unpause = {
	.name = "unpause",
	.arguments = "CONTAINER...",
	.summary = "let paused containers go on",
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
