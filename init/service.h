/* SPDX-License-Identifier: GPL-2.0-or-later */
/* service.h: the processes that PID 1 starts and watches. */
#ifndef CLOISON_INIT_SERVICE_H
#define CLOISON_INIT_SERVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "init/cmdline.h"

#define SERVICES_FILE "/run/init/services"

/*
 * services_load - the built-in services and those of /etc/cloison/services.d; what is wrong with one is
 * said, and it is not started. From now on services_step starts those without a terminal.
 * Returns the number of failed steps.
 */
int services_load(const struct cmdline *c) __attribute__((warn_unused_result));

/* services_pending - is there one that has not been ready yet, and has not failed either? */
bool services_pending(void);

/*
 * services_missing - say which services wait in vain and which essential ones are not up; the number of
 * the latter.
 */
int services_missing(void) __attribute__((warn_unused_result));

/* services_open_terminal - start the service on the terminal too. */
void services_open_terminal(void);

/*
 * services_told - a child has ended, or a signal has stopped it.
 * @status: as waitpid(2) gives it
 * Returns whether it was the first process of a service.
 */
bool services_told(pid_t pid, int status) __attribute__((warn_unused_result));

/* services_over - the one command after which the system powers off has ended. */
bool services_over(void);

/* services_step - of the loop: what is due. */
void services_step(void);

/*
 * services_stop_all - end every service, those that others need after those; each has its own time, all
 * together until @deadline_ms of loop_now_ms, then what is left is killed. Runs the loop meanwhile.
 */
void services_stop_all(uint64_t deadline_ms);

/* services_say - a line for each service that has been started. */
void services_say(void);

#endif
