/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.c: `exec`.
 */
#include "runtime/cli/verb.h"

struct values {
	const char *process, *user, *cwd, *pid_file, *console_socket, *pidfd_socket;
	const char *apparmor, *process_label, *cgroup;
	struct option_list env, groups, caps;
	unsigned int preserve_fds;
	bool terminal, detach, no_new_privileges, ignore_paused;
};

_Static_assert(sizeof(struct values) <= VERB_VALUES_MAX, "VERB_VALUES_MAX");

static const struct option table[] = {
	{"process", 'p', OPTION_STRING, offsetof(struct values, process), "FILE",
	 "take the process from FILE, a JSON process object"},
	{"tty", 't', OPTION_FLAG, offsetof(struct values, terminal), NULL, "give it a terminal"},
	{"user", 'u', OPTION_STRING, offsetof(struct values, user), "UID[:GID]",
	 "run as this user"},
	{"cwd", 0, OPTION_STRING, offsetof(struct values, cwd), "DIR", "working directory"},
	{"env", 'e', OPTION_LIST, offsetof(struct values, env), "KEY=VALUE",
	 "set a variable; may be repeated"},
	{"additional-gids", 'g', OPTION_LIST, offsetof(struct values, groups), "GID",
	 "add a supplementary group; may be repeated"},
	{"cap", 'c', OPTION_LIST, offsetof(struct values, caps), "CAP_NAME",
	 "add a capability; may be repeated"},
	{"apparmor", 0, OPTION_STRING, offsetof(struct values, apparmor), "PROFILE",
	 "AppArmor profile"},
	{"process-label", 0, OPTION_STRING, offsetof(struct values, process_label), "LABEL",
	 "SELinux label"},
	{"cgroup", 0, OPTION_STRING, offsetof(struct values, cgroup), "PATH",
	 "a cgroup below the container's to be in"},
	{"ignore-paused", 0, OPTION_FLAG, offsetof(struct values, ignore_paused), NULL,
	 "wait for a paused container to be resumed"},
	{"no-new-privs", 0, OPTION_FLAG, offsetof(struct values, no_new_privileges), NULL,
	 "set no_new_privs"},
	{"detach", 'd', OPTION_FLAG, offsetof(struct values, detach), NULL, "do not wait for it"},
	{"pid-file", 0, OPTION_STRING, offsetof(struct values, pid_file), "FILE",
	 "write its pid to FILE"},
	{"console-socket", 0, OPTION_STRING, offsetof(struct values, console_socket), "SOCKET",
	 "send the terminal to this unix socket"},
	{"pidfd-socket", 0, OPTION_STRING, offsetof(struct values, pidfd_socket), "SOCKET",
	 "send a descriptor of the process to this unix socket"},
	{"preserve-fds", 0, OPTION_NUMBER, offsetof(struct values, preserve_fds), "N",
	 "pass on descriptors 3 to 2 + N"},
};

static int exec(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct exec_options opt = {
		.process_file = v->process,
		.argv = argv + 1,
		.user = v->user,
		.cwd = v->cwd,
		.env = v->env.values,
		.groups = v->groups.values,
		.caps = v->caps.values,
		.apparmor_profile = v->apparmor,
		.selinux_label = v->process_label,
		.cgroup = v->cgroup,
		.ignore_paused = v->ignore_paused,
		.pidfd_socket = v->pidfd_socket,
		.pid_file = v->pid_file,
		.console_socket = v->console_socket,
		.preserve_fds = v->preserve_fds,
		.terminal = v->terminal,
		.no_new_privileges = v->no_new_privileges,
		.detach = v->detach,
	};
	int exit_code;

	if (!v->process && !argv[1])
		return error_set(err, 0, "no command: give one after the id, or --process");
	if (v->process && argv[1])
		return error_set(err, 0, "a command and --process exclude each other");
	if (container_exec(rt, argv[0], &opt, &exit_code, err) < 0)
		return -1;
	return exit_code;
}

const struct verb verb_exec = {
	.name = "exec",
	.arguments = "ID [COMMAND [ARGUMENT...]]",
	.summary = "run one more process in a container",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.enters = true,
	.run = exec,
};
