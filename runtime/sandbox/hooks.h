/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h: running the programs that config.json names under "hooks".
 */
#ifndef CLOISON_SANDBOX_HOOKS_H
#define CLOISON_SANDBOX_HOOKS_H

#include "runtime/oci/plan.h"

struct sandbox;

/* What a hook is told, and where it runs. */
struct hook_call {
	const char *state;  /* the state as JSON without "status", "pid" and the closing brace */
	const char *status; /* "creating", "created", "running" or "stopped" */
	pid_t pid; /* as the namespace that the hook is in numbers it; 0: there is none any more */
	const char *cwd; /* the bundle; "/" when it is gone */
	/* startContainer: the hook gets what the program gets: user, capabilities, filter. */
	const struct sandbox *confined;
};

/* What becomes of the others when one fails. */
enum hook_failure {
	HOOK_STOPS, /* they are not run, and the error is returned */
	HOOK_WARNS, /* the failure is logged as a warning (lib/warn.h), and the rest goes on */
};

/*
 * hooks_run - run the hooks of @kind, one after the other. Each gets the state on its standard input,
 * nothing but descriptors 0 to 2, and its own environment only; it is killed with its whole process
 * group when its time is up, and with the runtime when that dies.
 * Returns 0, or -1 with an error that names the hook, how it ended and the last line of its stderr.
 * Source: OCI config.md, "POSIX-platform Hooks"; runtime.md, "Lifecycle".
 */
int hooks_run_some(const struct hooks_plan *hooks, enum hook_kind kind, enum hook_failure failure,
		   const struct hook_call *call, struct error *err) must_check;

/* Most containers have none, and the code that runs them lies apart: it is not gone to for nothing. */
static inline int must_check hooks_run(const struct hooks_plan *hooks, enum hook_kind kind,
				       enum hook_failure failure, const struct hook_call *call,
				       struct error *err)
{
	return hooks->of[kind].n ? hooks_run_some(hooks, kind, failure, call, err) : 0;
}

#endif
