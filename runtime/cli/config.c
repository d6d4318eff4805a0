/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c: `cloison config`, which is the program cloison-config beside this one.
 *
 * A program of its own, because it parses YAML, which nothing else here does.
 */
#include "runtime/cli/verb.h"

static int config(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	(void)rt;
	(void)values;
	/* argv[-1] is the verb. */
	return run_beside("cloison-config", argv - 1, err);
}

const struct verb verb_config = {
	.name = "config",
	.arguments = "check|show [OPTION...]",
	.summary = "look at the configuration of the host",
	.min_args = 1,
	.max_args = -1,
	.stateless = true,
	.run = config,
};
