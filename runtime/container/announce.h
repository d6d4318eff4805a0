/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * announce.h: telling a seccomp agent of a process whose calls it is to answer.
 */
#ifndef CLOISON_CONTAINER_ANNOUNCE_H
#define CLOISON_CONTAINER_ANNOUNCE_H

#include "runtime/container/container.h"

/* Whose listener it is. */
struct announcement {
	const struct runtime *rt; /* to load the plan by, when @plan is not at hand */
	const struct plan *plan;  /* or NULL */
	const struct state *state;
	const struct sandbox *sb; /* exec: the process is this one's; NULL: the container's own */
	pid_t pid;
};

/*
 * announce_listener - send the container process state with the listener @fd beside it to the
 * socket that the plan names; a listener_delivery's function, @ctx being a struct announcement.
 * Source: OCI config-linux.md, "The Container Process State".
 */
int announce_listener(void *ctx, int fd, struct error *err) must_check;

#endif
