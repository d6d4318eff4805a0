/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runflags.h: the options that `run` and `create` have in common, and the request they make.
 */
#ifndef CLOISON_CLI_NATIVE_RUNFLAGS_H
#define CLOISON_CLI_NATIVE_RUNFLAGS_H

#include "runtime/cli/native/common.h"

struct run_flags {
	/* how it is run */
	bool detach, stdin_open, tty, rm, init;
	int sig_proxy;
	const char *name, *cidfile, *detach_keys;
	const char *restart, *stop_signal, *stop_timeout;
	/* the process */
	const char *workdir, *user, *hostname, *domainname, *entrypoint;
	struct option_list env, env_file, label, ulimit;
	/* files */
	bool read_only;
	struct option_list volume, mount, tmpfs, device;
	const char *shm_size;
	/* rights and limits */
	bool privileged;
	struct option_list cap_add, cap_drop, security_opt, sysctl;
	const char *memory, *memory_swap, *memory_reservation, *cpus, *cpu_shares, *cpuset_cpus;
	const char *cpuset_mems, *pids_limit, *oom_score_adj;
	/* namespaces */
	const char *pid, *ipc, *uts, *userns, *cgroupns, *network, *timens, *time_offset;
	/* health and logs */
	const char *health_cmd, *health_interval, *health_timeout, *health_start_period;
	unsigned int health_retries;
	struct option_list log_opt;
};

#define RUN_FLAG(name_, letter_, member, text)                                              \
	{                                                                                   \
		name_, letter_, OPTION_FLAG, offsetof(struct run_flags, member), NULL, text \
	}
#define RUN_TEXT(name_, letter_, member, arg, text)                                          \
	{                                                                                    \
		name_, letter_, OPTION_STRING, offsetof(struct run_flags, member), arg, text \
	}
#define RUN_LIST(name_, letter_, member, arg, text)                                        \
	{                                                                                  \
		name_, letter_, OPTION_LIST, offsetof(struct run_flags, member), arg, text \
	}

#define RUN_FLAGS_COUNT 56
#define RUN_ONLY_FLAGS 2   /* the first of them */
#define RUN_UPDATE_FLAGS 9 /* the last of them, which a container can be given later */
extern const struct option run_flags_table[];

/*
 * run_request - the request of `run` or `create`.
 * @argv: the image and the command
 * Returns it, or NULL with @err. Files that options name (--env-file, a seccomp profile) are read here.
 */
struct json_object *run_request(const struct run_flags *f, char **argv,
				struct error *err) must_check;

/* update_request - put what RUN_UPDATE_FLAGS say into @request. */
int update_request(const struct run_flags *f, struct json_object *request,
		   struct error *err) must_check;

/* run_session - what the options say of the terminal, the input and signals. */
int run_session(const struct run_flags *f, struct session_options *options,
		struct error *err) must_check;

/* environment - -e and --env-file into an array of "NAME=VALUE"; NULL with @err. */
struct json_object *environment(const struct option_list *files, const struct option_list *list,
				struct error *err) must_check;

/* parse_volume - "SOURCE:TARGET[:OPTIONS]" or "TARGET" of -v. Returns a mount, or NULL with @err. */
struct json_object *parse_volume(const char *text, struct error *err) must_check;

/* parse_mount - "type=bind,source=...,target=..." of --mount. */
struct json_object *parse_mount(const char *text, struct error *err) must_check;

#endif
