/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handover.h: what an engine wants of a container that was made: its terminal and its pid.
 */
#ifndef CLOISON_CONTAINER_HANDOVER_H
#define CLOISON_CONTAINER_HANDOVER_H

#include <sys/types.h>

#include "lib/error.h"

/*
 * handover_console - send the terminal's master end @console over the unix socket at @path.
 * Source: runc's docs/terminals.md; the message is the terminal's name, the descriptor beside it.
 */
int handover_console(const char *path, int console, struct error *err) must_check;

/*
 * handover_pidfd - send the descriptor @pidfd of the process over the unix socket at @path.
 * Source: runc-create(8), "--pidfd-socket"; the message is "pidfd", the descriptor beside it.
 */
int handover_pidfd(const char *path, int pidfd, struct error *err) must_check;

/* handover_pid - write @pid to the file @path, which appears complete (rename). */
int handover_pid(const char *path, pid_t pid, struct error *err) must_check;

#endif
