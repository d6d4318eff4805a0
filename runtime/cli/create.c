/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * create.c: `create` and `run`, which take the same options.
 */
#include "runtime/cli/verb.h"

struct values {
	const char *bundle, *pid_file, *console_socket;
	unsigned int preserve_fds;
	bool no_new_keyring; /* engines pass it; each container gets a keyring all the same */
	bool detach;	     /* run only */
};

#define COMMON_OPTIONS                                                                           \
	{"bundle",	'b',                                                                     \
	 OPTION_STRING, offsetof(struct values, bundle),                                         \
	 "DIR",		"directory with config.json (default: the current one)"},                \
		{"pid-file",	0,                                                               \
		 OPTION_STRING, offsetof(struct values, pid_file),                               \
		 "FILE",	"write the pid of the first process to FILE"},                   \
		{"console-socket", 0,                                                            \
		 OPTION_STRING,	   offsetof(struct values, console_socket),                      \
		 "SOCKET",	   "send the terminal to this unix socket"},                     \
		{"preserve-fds",                                                                 \
		 0,                                                                              \
		 OPTION_NUMBER,                                                                  \
		 offsetof(struct values, preserve_fds),                                          \
		 "N",                                                                            \
		 "pass on descriptors 3 to 2 + N"},                                              \
	{                                                                                        \
		"no-new-keyring", 0, OPTION_FLAG, offsetof(struct values, no_new_keyring), NULL, \
			"accepted; every container has a session keyring of its own"             \
	}

static const struct option create_table[] = {COMMON_OPTIONS};

static const struct option run_table[] = {
	COMMON_OPTIONS,
	{"detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL,
	 "do not wait for the container"},
};

static struct create_options options_of(const struct values *v)
{
	return (struct create_options){
		.bundle = v->bundle ? v->bundle : ".",
		.pid_file = v->pid_file,
		.console_socket = v->console_socket,
		.preserve_fds = v->preserve_fds,
	};
}

static int create(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct create_options opt = options_of(values);

	return container_create(rt, argv[0], &opt, err);
}

static int run(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct create_options opt = options_of(v);
	int exit_code;

	if (container_run(rt, argv[0], &opt, v->detach ? RUN_DETACHED : RUN_FOREGROUND, &exit_code,
			  err) < 0)
		return -1;
	return exit_code;
}

const struct verb verb_create = {
	.name = "create",
	.arguments = "ID",
	.summary = "make a container from a bundle, up to the start of its program",
	VERB_OPTIONS(create_table, struct values),
	.min_args = 1,
	.max_args = 1,
	.enters = true,
	.run = create,
};

const struct verb verb_run = {
	.name = "run",
	.arguments = "ID",
	.summary = "create a container, start it, wait for it and delete it",
	VERB_OPTIONS(run_table, struct values),
	.min_args = 1,
	.max_args = 1,
	.enters = true,
	.run = run,
};
