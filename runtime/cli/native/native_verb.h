/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * native_verb.h: a verb as people know it from Docker. One file for each; dispatch.c lists them.
 *
 * They differ from the OCI verbs (runtime/cli/verb.h) in whom they talk to, the supervisor, and in how
 * their options are written, which is as Docker's: letters can be joined, and most verbs take options
 * after arguments, too.
 */
#ifndef CLOISON_CLI_NATIVE_VERB_H
#define CLOISON_CLI_NATIVE_VERB_H

#include "runtime/cli/options.h"

struct native_verb {
	const char *name;
	const char *alias;     /* or NULL */
	const char *arguments; /* for the usage line */
	const char *summary;
	const struct option *options;
	size_t n_options;
	bool hidden;  /* for the supervisor, not for people */
	bool command; /* what follows the first argument is a command: no more options in it */
	int min_args, max_args; /* after the options; max_args -1: any number */
	/* run - do it. Returns the exit code of the program, or -1 with @err. */
	int (*run)(const void *values, char **argv, struct error *err);
};

/* Room for the largest structure of values: run's. */
#define NATIVE_VALUES_MAX 16384

#define NATIVE_OPTIONS(table, type) \
	.options = (table),         \
	.n_options =                \
		ARRAY_SIZE(table) + 0 * sizeof(char[sizeof(type) <= NATIVE_VALUES_MAX ? 1 : -1])

extern const struct native_verb native_run, native_create, native_start, native_stop,
	native_restart, native_kill, native_rm, native_ps, native_inspect, native_logs,
	native_attach, native_exec, native_wait, native_pause, native_unpause, native_rename,
	native_top, native_stats, native_events, native_update, native_info, native_version,
	native_api, native_cp, native_archive, native_purge;

#endif
