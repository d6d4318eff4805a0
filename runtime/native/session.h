/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.h: being connected to a process in a container: attach, exec, run.
 */
#ifndef CLOISON_NATIVE_SESSION_H
#define CLOISON_NATIVE_SESSION_H

#include "runtime/native/client.h"
#include "runtime/native/terminal.h"

struct session_options {
	bool tty;	/* the process has a terminal */
	bool input;	/* our standard input is its */
	bool sig_proxy; /* signals to us are for it */
	struct detach_keys keys;
};

struct session {
	struct session_options options;
	struct native_client *starter; /* the answer to `start` is awaited on it; NULL: none */
	bool start_failed;
	int signals; /* a signalfd: all that can be caught */
	bool raw;
	uint8_t *pending; /* frames that are not written yet */
	size_t start, end;
};

#define SESSION_INIT                                 \
	{                                            \
		.signals = FD_EMPTY, .pending = NULL \
	}

void session_end(struct session *s);
#define _cleanup_session_ __attribute__((cleanup(session_end)))

/*
 * session_check - "the input device is not a TTY", before anything is made.
 */
int session_check(const struct session_options *options, struct error *err) must_check;

/*
 * session_begin - block the signals that will be passed on: after the last request that waits for its answer, before
 * the process can exist.
 */
int session_begin(struct session *s, const struct session_options *options,
		  struct error *err) must_check;

enum { SESSION_DETACHED = -2 };

/*
 * session_start - ask for the container's start over a second connection, @starter; session_relay() looks after the
 * answer, so that signals are passed on meanwhile.
 */
int session_start(struct session *s, struct native_client *starter, const char *container,
		  struct error *err) must_check;

/*
 * session_relay - after the answer to the request on @c: until the process has ended.
 * Returns its exit code, SESSION_DETACHED after the detach keys, or -1 with @err. The terminal is as it
 * was before.
 */
int session_relay(struct session *s, struct native_client *c, struct error *err) must_check;

#endif
