/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb.h: what a verb of the command line is. One file per verb; main.c lists them.
 */
#ifndef CLOISON_CLI_VERB_H
#define CLOISON_CLI_VERB_H

#include "runtime/cli/options.h"
#include "runtime/container/container.h"

struct verb {
	const char *name;
	const char *arguments; /* for the usage line: "ID [SIGNAL]" */
	const char *summary;
	const struct option *options;
	size_t n_options;
	size_t values_size;	/* of the structure the options are stored in */
	bool enters;		/* makes a process in a container: see self.h */
	bool whole;		/* takes its command line unparsed, from the verb on */
	bool stateless;		/* looks at no container: needs no state directory */
	int min_args, max_args; /* after the options; max_args -1: any number */
	/*
	 * run - do it. @argv: the arguments after the options, NULL-terminated.
	 * Returns the exit code of the program, or -1 with @err.
	 */
	int (*run)(const struct runtime *rt, const void *values, char **argv, struct error *err);
};

/*
 * runtime_alone - what applies to a verb without global options that makes a container: the usual state root, and this
 * program kept from being written to.
 */
int runtime_alone(struct runtime *rt, struct error *err) must_check;

const char *runtime_version(void);

/*
 * run_beside - become @program, in the directory of this one, with the arguments behind argv[0], which is ours to set.
 * Returns -1 with @err.
 */
int run_beside(const char *program, char **argv, struct error *err) must_check;

/* The largest values_size, so that main needs no allocation: exec's environment list. */
#define VERB_VALUES_MAX 2048

#define VERB_OPTIONS(table, type) \
	.options = (table), .n_options = ARRAY_SIZE(table), .values_size = sizeof(type)

/* signal_name - "TERM" for SIGTERM. */
const char *signal_name(int number);

extern const struct verb verb_config, verb_doctor, verb_why, verb_explain, verb_features,
	verb_create, verb_delete, verb_exec, verb_kill, verb_list, verb_pause, verb_ps, verb_resume,
	verb_run, verb_spec, verb_start, verb_state, verb_update, verb_events, verb_images,
	verb_load, verb_rmi, verb_tag, verb_history, verb_image;

#endif
