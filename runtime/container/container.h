/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container.h: a container's life, verb by verb.
 *
 * Each function does what the OCI operation of its name does (runtime.md, "Operations") and returns
 * 0, or -1 with an error that the command line prints as it is.
 */
#ifndef CLOISON_CONTAINER_CONTAINER_H
#define CLOISON_CONTAINER_CONTAINER_H

#include "runtime/container/state.h"
#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/sandbox.h"

/* What applies to every verb. */
struct runtime {
	const char *root; /* the directory of all containers */
	enum cgroup_manager cgroup_manager;
	bool rootless; /* --rootless: without the rights of the host's root */
};

/*
 * check_preserved - are descriptors 3 to 2 + @n open? One that is not would be taken by a file of the
 * runtime's own, and passed on. To be asked before any is opened.
 */
int check_preserved(unsigned int n, struct error *err) must_check;

/* warn_capabilities - of what config.json asks for and no process can have. */
void warn_capabilities(const struct process_plan *process);

struct create_options {
	const char *bundle;	    /* directory, "." by default */
	const char *pid_file;	    /* or NULL */
	const char *console_socket; /* or NULL */
	const char *pidfd_socket;   /* or NULL */
	unsigned int preserve_fds;
	bool keep_keyring; /* the caller's session keyring, instead of a new one */
	bool keep;	   /* run: not to be deleted when it has ended */
};

struct exec_options {
	const char *process_file; /* or NULL: the arguments and what follows */
	char *const *argv;
	const char *user; /* "UID[:GID]" or NULL */
	const char *cwd;
	char *const *env;    /* NULL-terminated "KEY=VALUE", added to the container's */
	char *const *groups; /* NULL-terminated numbers, added to the container's */
	char *const *caps;   /* NULL-terminated names, added to the container's */
	const char *apparmor_profile, *selinux_label; /* or NULL: the container's */
	const char *cgroup;			      /* below the container's, or NULL */
	const char *pid_file;
	const char *console_socket;
	const char *pidfd_socket;
	unsigned int preserve_fds;
	bool terminal;
	bool no_new_privileges;
	bool detach;
	bool ignore_paused; /* to run when the container is resumed */
};

/* container_create - make everything but the execve, which waits for container_start(). */
int container_create(const struct runtime *rt, const char *id, const struct create_options *opt,
		     struct error *err) must_check;

int container_start(const struct runtime *rt, const char *id, struct error *err) must_check;

enum run_mode { RUN_FOREGROUND, RUN_DETACHED };

/*
 * container_run - create and start; in the foreground also wait, relay the terminal and signals,
 * and delete. @exit_code receives the program's exit code, 128 + n after signal n.
 */
int container_run(const struct runtime *rt, const char *id, const struct create_options *opt,
		  enum run_mode mode, int *exit_code, struct error *err) must_check;

int container_exec(const struct runtime *rt, const char *id, const struct exec_options *opt,
		   int *exit_code, struct error *err) must_check;

enum kill_scope { KILL_FIRST, KILL_ALL };

int container_kill(const struct runtime *rt, const char *id, int sig, enum kill_scope scope,
		   struct error *err) must_check;

/*
 * container_status - state_status(), and whether a running container is paused, for which its cgroup
 * is looked at.
 */
int container_status(int dir, const struct state *state, enum status *status,
		     struct error *err) must_check;

/* container_pause, container_resume - within seconds, or the container is as it was before. */
int container_pause(const struct runtime *rt, const char *id, struct error *err) must_check;
int container_resume(const struct runtime *rt, const char *id, struct error *err) must_check;

/* container_pids - its processes as the host numbers them, in ascending order. */
int container_pids(const struct runtime *rt, const char *id, struct arena *arena,
		   struct cgroup_pids *pids, struct error *err) must_check;

struct update_options {
	const char *text; /* a JSON resources object, with a NUL after its @length bytes */
	size_t length;
	const char *name; /* of where it comes from, for messages */
};

/* container_update - apply the limits that @opt names, all or none; others stay as they are. */
int container_update(const struct runtime *rt, const char *id, const struct update_options *opt,
		     struct error *err) must_check;

enum events_mode {
	EVENTS_STATS, /* the statistics, once */
	EVENTS_WATCH, /* all events, and the statistics each @interval_ms, until it ends */
};

/* container_events - print events to standard output, a JSON object on a line, in runc's form. */
int container_events(const struct runtime *rt, const char *id, enum events_mode mode,
		     int interval_ms, struct error *err) must_check;

enum delete_mode { DELETE_STOPPED, DELETE_FORCE };

int container_delete(const struct runtime *rt, const char *id, enum delete_mode mode,
		     struct error *err) must_check;

#endif
