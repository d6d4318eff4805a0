/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill.c: `kill`: send a signal to containers' first processes.
 */
#include "runtime/cli/native/common.h"

struct values {
	const char *signal;
};

static const struct option table[] = {
	{"signal", 's', OPTION_STRING, offsetof(struct values, signal), "SIGNAL",
	 "the signal, by name or number (default: KILL)"},
};

static int fill(struct json_object *request, const void *values, struct error *err)
{
	const struct values *v = values;
	struct tree tree = {0};

	tree_put_text(&tree, request, "signal", v->signal ? v->signal : "KILL");
	return tree.lost ? error_set(err, ENOMEM, "cannot make a request") : 0;
}

static int run(const void *values, char **argv, struct error *err)
{
	return for_each("kill", argv, fill, values, err);
}

const struct native_verb native_kill = {
	.name = "kill",
	.arguments = "CONTAINER...",
	.summary = "send a signal to containers' first processes",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
