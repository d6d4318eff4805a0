/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.h: what spawn.c starts: the container's first process, up to its program.
 */
#ifndef CLOISON_SANDBOX_CHILD_H
#define CLOISON_SANDBOX_CHILD_H

#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

#define CHILD_FAILED 125

/* child_main - be the child: all steps, execve, or a report of what failed and the end. */
_Noreturn void child_main(struct sandbox *sb);

/*
 * child_main_borrowed - the same in the runtime's memory. @arg: the runtime's
 * struct sandbox, of which the child takes a copy.
 */
void child_main_borrowed(void *arg);

/*
 * child_say - tell @msg to whoever is at the other end, the runtime or `start`. Returns 0, or -1 with
 * errno.
 */
int child_say(const struct sandbox *sb, const struct sync_msg *msg) must_check;

/* child_say_text - the same with the text of @err; when even that fails the other end sees the end. */
void child_say_text(const struct sandbox *sb, enum sync_kind kind, const struct error *err);

/*
 * child_prepare_limits - in the child or the stage, which are in no namespace with strangers yet. The files
 * in /proc of a process that is not dumpable are root's: an ordinary user's is dumpable for the moment.
 */
int child_prepare_limits(const struct sandbox *sb, struct error *err) must_check;

/* child_leave_parent - close what is the runtime's alone. */
void child_leave_parent(struct sandbox *sb);

#endif
