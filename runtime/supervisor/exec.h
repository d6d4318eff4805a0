/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.h: one more process in a container, for a client or for a health check.
 */
#ifndef CLOISON_SUPERVISOR_EXEC_H
#define CLOISON_SUPERVISOR_EXEC_H

#include "runtime/supervisor/supervisor.h"

struct exec_process {
	char *const *argv, *const *env; /* NULL-terminated; env NULL: nothing more */
	const char *user, *workdir;	/* NULL: the container's */
	bool terminal, privileged;
};

/* exec_write_process - write the process object @file into the container's directory. */
int exec_write_process(const struct container *c, const struct exec_process *e, const char *file,
		       struct error *err) must_check;

/*
 * exec_piped - a program whose output is @client's, as its input is with @input: what an exec without a terminal is.
 * @spec: what is executed; its ends and the client are put in here
 */
void exec_piped(struct client *client, struct container *c, struct job_spec *spec, bool input);

#endif
