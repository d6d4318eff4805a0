/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rm.c: `rm`: remove containers. One that runs is removed with --force only; with it, one that is not there is no error, as with
 * Docker.
 */
#include "runtime/cli/native/common.h"

struct values {
	bool force, volumes;
};

static const struct option table[] = {
	{"force", 'f', OPTION_FLAG, offsetof(struct values, force), NULL,
	 "kill what runs; what is not there is no error"},
	{"volumes", 'v', OPTION_FLAG, offsetof(struct values, volumes), NULL,
	 "with the volumes that have no name"},
};

static int fill(struct json_object *request, const void *values, struct error *err)
{
	const struct values *v = values;
	struct tree tree = {0};

	tree_put_bool(&tree, request, "force", v->force);
	tree_put_bool(&tree, request, "volumes", v->volumes);
	return tree.lost ? error_set(err, ENOMEM, "cannot make a request") : 0;
}

static int rm(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;

	return for_each_known("rm", argv, fill, values, v->force, err);
}

const struct native_verb native_rm = {
	.name = "rm",
	.arguments = "CONTAINER...",
	.summary = "remove containers",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = rm,
};
