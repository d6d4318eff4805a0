/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pause.c: `pause`: stop all processes of containers where they are.
 */
#include "runtime/cli/native/common.h"

static int run(const void *values, char **argv, struct error *err)
{
	return for_each("pause", argv, NULL, values, err);
}

const struct native_verb native_pause = {
	.name = "pause",
	.arguments = "CONTAINER...",
	.summary = "stop all processes of containers where they are",
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
