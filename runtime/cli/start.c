/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.c: `start`.
 */
#include "runtime/cli/verb.h"

static int start(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	(void)values;
	return container_start(rt, argv[0], err);
}

const struct verb verb_start = {
	.name = "start",
	.arguments = "ID",
	.summary = "start the program of a created container",
	.min_args = 1,
	.max_args = 1,
	.run = start,
};
