/* SPDX-License-Identifier: GPL-2.0-or-later */
/* wait.h: waiting for children, but never for ever. */
#ifndef CLOISON_INIT_WAIT_H
#define CLOISON_INIT_WAIT_H

#include <stdbool.h>

/* @signal_fd: a non-blocking signalfd that SIGCHLD, which is blocked, is read from. */

/* wait_all - reap until no child is left; false when @limit_ms was over before. */
bool wait_all(int signal_fd, int limit_ms) __attribute__((warn_unused_result));

/*
 * wait_limited - run @step in a child and wait for it.
 * Returns 0 when it was done, 1 when it was still at it after @limit_ms (it is left alone then),
 * -1 with errno when there is no child to be had.
 */
int wait_limited(void (*step)(void), int signal_fd, int limit_ms)
	__attribute__((warn_unused_result));

#endif
