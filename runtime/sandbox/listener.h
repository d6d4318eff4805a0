/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listener.h: loading a filter that asks somebody, and getting the descriptor out on which it asks.
 */
#ifndef CLOISON_SANDBOX_LISTENER_H
#define CLOISON_SANDBOX_LISTENER_H

#include "runtime/sandbox/sandbox.h"

/*
 * listener_load - load the plan's filter; its descriptor goes to the other end of sb->sync_child,
 * which answers when the listener has it. From the load on this thread makes no system call.
 */
int listener_load(const struct sandbox *sb, struct error *err) must_check;

/*
 * listener_serve - the other end: hand @fd, which came with SYNC_LISTENER over @sock, to @deliver, and
 * tell the child how that went. On failure the child gives up; @err says why.
 */
int listener_serve(int sock, int fd, const struct listener_delivery *delivery,
		   struct error *err) must_check;

#endif
