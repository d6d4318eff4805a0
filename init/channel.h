/* SPDX-License-Identifier: GPL-2.0-or-later */
/* channel.h: what PID 1 keeps for the supervisor, and how it says it. */
#ifndef CLOISON_INIT_CHANNEL_H
#define CLOISON_INIT_CHANNEL_H

#include <sys/types.h>

/* channel_prepare - a service will want a channel: from now on ends of processes are kept for it. */
void channel_prepare(void);

/* channel_exit - a process that is no service's first has ended; nothing without channel_prepare. */
void channel_exit(pid_t pid, int status);

/*
 * channel_open - a new pair for a new run of the service, to which all that is kept is said.
 * Returns the service's end, close-on-exec, which is the caller's; or -1 with errno.
 */
int channel_open(void) __attribute__((warn_unused_result));

/* channel_close - the service has ended; what is kept waits for the next one. */
void channel_close(void);

#endif
