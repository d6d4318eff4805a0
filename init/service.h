/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h: the processes that PID 1 starts and watches. */
#ifndef CLOISON_INIT_SERVICE_H
#define CLOISON_INIT_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

#include "init/cmdline.h"

/* When a service of the table is started. */
enum service_stage {
	SERVICE_IN_BACKGROUND, /* before `cloison: ready` */
	SERVICE_ON_TERMINAL,   /* after it, so that the line is not in the middle of its output */
};

/* services_start - start every service of @stage that the command line wants. */
void services_start(enum service_stage stage, const struct cmdline *c);

/*
 * services_ended - a child has ended; one that is no service is of no interest.
 * @status: as waitpid(2) gives it
 * Returns true when this was the one command after which the system powers off.
 */
bool services_ended(pid_t pid, int status) __attribute__((warn_unused_result));

/* services_wait_ms - until the next start is due; -1 when none is. */
int services_wait_ms(void);

/* services_start_due - start the services whose wait is over. */
void services_start_due(void);

/*
 * services_hang_up - the session on the terminal is told to go (a shell ignores SIGTERM).
 * Returns whether there is one.
 */
bool services_hang_up(void);

/* services_say - a line for each service that has been started. */
void services_say(void);

#endif
