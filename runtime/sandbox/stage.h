/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stage.h: the process between the runtime and a child that joins namespaces.
 */
#ifndef CLOISON_SANDBOX_STAGE_H
#define CLOISON_SANDBOX_STAGE_H

#include "runtime/sandbox/sandbox.h"

/* stage_prepare - the room that the stage needs, as long as memory may be allocated. */
int stage_prepare(struct sandbox *sb, struct arena *arena, struct error *err) must_check;

/* stage_main - be the stage: join, make the child with @flags, report its pid or what failed, and end. */
_Noreturn void stage_main(struct sandbox *sb, uint64_t flags);

/*
 * stage_borrows - may the stage use the runtime's memory? It is in the host's pid namespace, where the
 * container does not see it, and the runtime has nothing to do meanwhile. The kernel lets only a process
 * with memory of its own into user and time namespaces.
 */
bool stage_borrows(const struct sandbox *sb) must_check;

/*
 * stage_main_borrowed - the same in the runtime's memory, where the child's pid is as soon as there is a child.
 * @arg: the runtime's struct sandbox
 */
void stage_main_borrowed(void *arg);

#endif
