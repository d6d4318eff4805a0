/* SPDX-License-Identifier: GPL-2.0-or-later */
/* shutdown.h: from a running system to power off, reboot or halt. */
#ifndef CLOISON_INIT_SHUTDOWN_H
#define CLOISON_INIT_SHUTDOWN_H

#include <stdbool.h>

enum shutdown_kind { SHUTDOWN_POWER_OFF, SHUTDOWN_REBOOT, SHUTDOWN_HALT };

/*
 * shutdown_system - end every process, take off the mounts, write what is unwritten, leave.
 * @signal_fd: the signalfd that tells of ended children
 * @phases:    print the phases of the shutdown
 */
_Noreturn void shutdown_system(enum shutdown_kind kind, int signal_fd, bool phases);

#endif
