/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * delete.c: `delete`.
 */
#include "runtime/cli/verb.h"

struct values {
	bool force;
};

static const struct option table[] = {
	{"force", 'f', OPTION_FLAG, offsetof(struct values, force), NULL,
	 "kill it first if it runs; succeed if it does not exist"},
};

static int delete (const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;

	return container_delete(rt, argv[0], v->force ? DELETE_FORCE : DELETE_STOPPED, err);
}

const struct verb verb_delete = {
	.name = "delete",
	.arguments = "ID",
	.summary = "remove what is left of a stopped container",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = delete,
};
