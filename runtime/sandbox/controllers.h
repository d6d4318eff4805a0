/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controllers.h: handing the controllers of cgroup v2 down the tree.
 */
#ifndef CLOISON_SANDBOX_CONTROLLERS_H
#define CLOISON_SANDBOX_CONTROLLERS_H

#include "lib/error.h"
#include "runtime/sandbox/limits.h"

/*
 * controllers_hand_down - let the children of cgroup @dir have the controllers @needed, and of
 * @accounted those that can be had; both are bits of enum controller.
 * @where: the cgroup's path, for messages
 * Returns 0, or -1 with an error that says why a needed one cannot be had.
 */
int controllers_hand_down(int dir, unsigned int needed, unsigned int accounted, const char *where,
			  struct error *err) must_check;

/* controllers_of - the set that cgroup @dir has. Returns 0, or -1 with errno. */
int controllers_of(int dir, unsigned int *set) must_check;

/* controllers_explain - the cause and the hint for @controller missing in the whole tree, where they are known. */
void controllers_explain(enum controller controller, struct error *err);

#endif
