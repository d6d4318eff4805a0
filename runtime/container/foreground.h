/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreground.h: a process in a container as if it ran right here.
 */
#ifndef CLOISON_CONTAINER_FOREGROUND_H
#define CLOISON_CONTAINER_FOREGROUND_H

#include "lib/error.h"
#include "runtime/container/notify.h"

/*
 * foreground_begin - block the signals that will be passed on; before the process exists, so that
 * none is lost in between. The process itself starts with none blocked.
 */
int foreground_begin(struct error *err) must_check;

struct foreground_notify {
	struct notify *notify;
	pid_t pid;
};

/*
 * foreground_wait - wait for the process behind @pidfd, our child, and reap it.
 * @console: its terminal's master end, relayed to and from descriptors 0 and 1; FD_EMPTY without
 * @notify:  who says that it is ready, and its pid; NULL without
 * Signals that come meanwhile are passed on; a change of the window's size as well.
 * Returns its exit code, 128 + n after signal n, or -1 with @err.
 */
int foreground_wait(int pidfd, int console, const struct foreground_notify *notify,
		    struct error *err) must_check;

#endif
