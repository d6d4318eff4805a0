/* SPDX-License-Identifier: GPL-2.0-or-later */
/* notify.h: the messages of sd_notify(3). */
#ifndef CLOISON_INIT_NOTIFY_H
#define CLOISON_INIT_NOTIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define NOTIFY_SOCKET_PATH "/run/init/notify"
#define NOTIFY_BYTES 1024 /* of one message */

struct notify {
	bool ready;    /* READY=1 */
	bool watchdog; /* WATCHDOG=1 */
};

/* notify_parse - the lines of a message that PID 1 knows; all others are ignored. */
struct notify notify_parse(const char *text, size_t len);

/*
 * notify_cgroup_service - the name of the service in a /proc/PID/cgroup, "0::/services/NAME" or something
 * below it, into @name of SERVICE_NAME_MAX + 1; false when it names none.
 */
bool notify_cgroup_service(const char *text, char *name) __attribute__((warn_unused_result));

/*
 * notify_open - make the socket. @told is called for each message of a process that belongs to a service:
 * its first process, or any in its cgroup. 0, or 1, said.
 */
int notify_open(void (*told)(pid_t pid, const char *service, struct notify n))
	__attribute__((warn_unused_result));

/* notify_close - on the way down: the socket keeps its file system busy. */
void notify_close(void);

#endif
