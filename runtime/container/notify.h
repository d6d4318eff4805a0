/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * notify.h: readiness, from the container's program to the service manager.
 */
#ifndef CLOISON_CONTAINER_NOTIFY_H
#define CLOISON_CONTAINER_NOTIFY_H

#include <stdbool.h>
#include <sys/types.h>

#include "lib/error.h"

struct notify {
	int sock;	     /* what the program writes to; FD_EMPTY: nobody waits for it */
	const char *manager; /* with a socket: the manager's */
};

static inline void cleanup_notify(struct notify *n)
{
	close_fd(n->sock);
}
#define _cleanup_notify_ __attribute__((cleanup(cleanup_notify)))

/* notify_wanted - is there a service manager (NOTIFY_SOCKET)? */
bool notify_wanted(void);

/* notify_make_dir - make the directory of the socket below the state directory @dir. */
int notify_make_dir(int dir, struct error *err) must_check;

/* notify_open - listen below @dir; does nothing where nobody waits or `create` made no directory. */
int notify_open(struct notify *n, int dir, struct error *err) must_check;

/*
 * notify_relay - take the messages that are there. When one says READY=1 the manager is told, together with @pid as the
 * main process from now on, and the socket is closed: n->sock is FD_EMPTY then. That it cannot be told
 * is a warning: the program runs.
 */
void notify_relay(struct notify *n, pid_t pid);

/* notify_wait - relay until the program is ready or gone (@pidfd). */
int notify_wait(struct notify *n, int pidfd, pid_t pid, struct error *err) must_check;

#endif
