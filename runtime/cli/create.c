/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * create.c: `create` and `run`, which take the same options.
 */
#include "runtime/cli/verb.h"

struct values {
	const char *bundle, *pid_file, *console_socket, *pidfd_socket;
	unsigned int preserve_fds;
	bool no_new_keyring;
	bool no_pivot;
	bool detach, no_subreaper, keep; /* run only */
};

/* a table, which it would take apart at the ends of lines */
/* clang-format off */
#define COMMON_OPTIONS \
	{"bundle", 'b', OPTION_STRING, offsetof(struct values, bundle), "DIR", \
	 "directory with config.json (default: the current one)"}, \
	{"pid-file", 0, OPTION_STRING, offsetof(struct values, pid_file), "FILE", \
	 "write the pid of the first process to FILE"}, \
	{"console-socket", 0, OPTION_STRING, offsetof(struct values, console_socket), "SOCKET", \
	 "send the terminal to this unix socket"}, \
	{"pidfd-socket", 0, OPTION_STRING, offsetof(struct values, pidfd_socket), "SOCKET", \
	 "send a descriptor of the first process to this unix socket"}, \
	{"preserve-fds", 0, OPTION_NUMBER, offsetof(struct values, preserve_fds), "N", \
	 "pass on descriptors 3 to 2 + N"}, \
	{"no-pivot", 0, OPTION_FLAG, offsetof(struct values, no_pivot), NULL, \
	 "refused: a root that is not pivoted to can be left"}, \
	{"no-new-keyring", 0, OPTION_FLAG, offsetof(struct values, no_new_keyring), NULL, \
	 "leave the caller's session keyring to the container"}
/* clang-format on */

static const struct option create_table[] = {COMMON_OPTIONS};

static const struct option run_table[] = {
	COMMON_OPTIONS,
	{"detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL,
	 "do not wait for the container"},
	{"keep", 0, OPTION_FLAG, offsetof(struct values, keep), NULL,
	 "do not delete the container when it has ended"},
	{"no-subreaper", 0, OPTION_FLAG, offsetof(struct values, no_subreaper), NULL,
	 "accepted; the runtime adopts no process"},
};

static struct create_options options_of(const struct values *v)
{
	return (struct create_options){
		.bundle = v->bundle ? v->bundle : ".",
		.pid_file = v->pid_file,
		.console_socket = v->console_socket,
		.pidfd_socket = v->pidfd_socket,
		.preserve_fds = v->preserve_fds,
		.keep_keyring = v->no_new_keyring,
		.keep = v->keep,
	};
}

/*
 * check_pivot - without pivot_root(2) the host's root stays below the container's, and a process that
 * may chroot finds it. The one reason to ask for that is a host whose root cannot be pivoted from.
 */
static int check_pivot(const struct values *v, struct error *err)
{
	if (!v->no_pivot)
		return 0;
	error_set(err, 0,
		  "--no-pivot is refused: a container that may chroot could leave its root");
	return error_hint(err,
			  "on a host that runs from its initramfs, bind the root on itself first");
}

static int create(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct create_options opt = options_of(values);

	if (check_pivot(values, err) < 0)
		return -1;
	return container_create(rt, argv[0], &opt, err);
}

static int run(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct create_options opt = options_of(v);
	int exit_code;

	if (check_pivot(v, err) < 0)
		return -1;
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
