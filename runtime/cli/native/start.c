/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * start.c: `start`: start containers that were created or have ended. With --attach one of them, as `run` does.
 */
#include "runtime/cli/native/attach.h"

struct values {
	bool attach, interactive;
	const char *detach_keys;
	int sig_proxy;
};

static const struct option table[] = {
	{"attach", 'a', OPTION_FLAG, offsetof(struct values, attach), NULL,
	 "connect to its output, pass signals on, and end with its exit code"},
	{"interactive", 'i', OPTION_FLAG, offsetof(struct values, interactive), NULL,
	 "connect to its input as well"},
	{"detach-keys", 0, OPTION_STRING, offsetof(struct values, detach_keys), "KEYS",
	 "leave it by these keys"},
	{"sig-proxy", 0, OPTION_TOGGLE, offsetof(struct values, sig_proxy), NULL,
	 "pass signals on to it (default: true)"},
};

static int start(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct attach_options options = {
		.input = v->interactive,
		.no_proxy = v->sig_proxy < 0,
		.keys = v->detach_keys,
		.start = true,
	};

	if (!v->attach && !v->interactive)
		return for_each("start", argv, NULL, NULL, err);
	if (argv[1])
		return error_set(err, 0, "--attach takes one container");
	return attach_to(argv[0], &options, err);
}

const struct native_verb native_start = {
	.name = "start",
	.arguments = "CONTAINER...",
	.summary = "start containers",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = start,
};
