/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stop.c: `stop`: end containers: a signal, and after a while SIGKILL; `restart`: and start them again.
 */
#include "runtime/cli/native/common.h"

struct values {
	const char *timeout, *signal;
};

static const struct option table[] = {
	{"time", 't', OPTION_STRING, offsetof(struct values, timeout), "SECONDS",
	 "kill after SECONDS (default: the container's, 10); -1: never"},
	{"timeout", 0, OPTION_STRING, offsetof(struct values, timeout), "SECONDS", "the same"},
	{"signal", 's', OPTION_STRING, offsetof(struct values, signal), "SIGNAL",
	 "send SIGNAL (default: the container's, TERM)"},
};

static int fill(struct json_object *request, const void *values, struct error *err)
{
	const struct values *v = values;
	struct tree tree = {0};
	int64_t seconds;

	if (v->timeout) {
		if (parse_integer("time", v->timeout, -1, &seconds, err) < 0)
			return -1;
		tree_put_number(&tree, request, "timeout", seconds);
	}
	if (v->signal)
		tree_put_text(&tree, request, "signal", v->signal);
	return tree.lost ? error_set(err, ENOMEM, "cannot make a request") : 0;
}

static int stop(const void *values, char **argv, struct error *err)
{
	return for_each("stop", argv, fill, values, err);
}

const struct native_verb native_stop = {
	.name = "stop",
	.arguments = "CONTAINER...",
	.summary = "end containers: a signal, and after a while SIGKILL",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = stop,
};

static int restart(const void *values, char **argv, struct error *err)
{
	return for_each("restart", argv, fill, values, err);
}

const struct native_verb native_restart = {
	.name = "restart",
	.arguments = "CONTAINER...",
	.summary = "stop containers and start them again",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = restart,
};
