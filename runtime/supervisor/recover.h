/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recover.h: going on after a start, for there may be containers already.
 */
#ifndef CLOISON_SUPERVISOR_RECOVER_H
#define CLOISON_SUPERVISOR_RECOVER_H

#include "runtime/supervisor/supervisor.h"

/* recover_begin - read the states of all containers. */
int recover_begin(struct supervisor *s, struct error *err) must_check;

/* recover_fd - PID 1 kept @fd; false: it is of no use any more. */
bool recover_fd(struct container *c, char what, int fd);

/* recover_end - all that was kept is there: compare with the kernel and go on. */
void recover_end(struct supervisor *s);

#endif
