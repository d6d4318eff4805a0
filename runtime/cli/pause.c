/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pause.c: `pause` and `resume`.
 */
#include "runtime/cli/verb.h"

static int pause_verb(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	(void)values;
	return container_pause(rt, argv[0], err);
}

static int resume(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	(void)values;
	return container_resume(rt, argv[0], err);
}

const struct verb verb_pause = {
	.name = "pause",
	.arguments = "ID",
	.summary = "stop every process of a running container",
	.min_args = 1,
	.max_args = 1,
	.run = pause_verb,
};

const struct verb verb_resume = {
	.name = "resume",
	.arguments = "ID",
	.summary = "let a paused container go on",
	.min_args = 1,
	.max_args = 1,
	.run = resume,
};
