/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hooks.h: the hooks that belong to an operation as a whole, not to the making of a process.
 */
#ifndef CLOISON_CONTAINER_HOOKS_H
#define CLOISON_CONTAINER_HOOKS_H

#include "runtime/container/state.h"
#include "runtime/sandbox/hooks.h"

/* hook_state - the part of the state that hooks are given which does not change (sandbox/hooks.h). */
const char *hook_state(const struct state *state, struct arena *arena,
		       struct error *err) must_check;

/* hooks_poststart - after execve, before `start` returns. A failure is the operation's. */
int hooks_poststart(const struct hooks_plan *hooks, const struct state *state, struct arena *arena,
		    struct error *err) must_check;

/*
 * hooks_poststop - after the container is deleted. Failures are warnings, each hook's its own.
 * Source: OCI runtime.md, "Lifecycle", step 13.
 */
void hooks_poststop(const struct hooks_plan *hooks, const struct state *state, struct arena *arena);

#endif
