/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.h: one thread that waits for descriptors, times and signals.
 *
 * Sources and timers are members of what they belong to, so the loop allocates nothing and a container of
 * the supervisor costs no more than its own structure. A handler may remove any source or timer, its own
 * too: what was due in the same round is forgotten.
 */
#ifndef CLOISON_LIB_LOOP_H
#define CLOISON_LIB_LOOP_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "lib/error.h"

#define LOOP_BATCH 32 /* events taken from the kernel at once */

struct loop_source;
struct loop_timer;

typedef void loop_ready(struct loop_source *source, uint32_t events);
typedef void loop_expired(struct loop_timer *timer);

struct loop_source {
	int fd;		 /* the owner's, who closes it; FD_EMPTY: not in the loop */
	uint32_t events; /* that are waited for */
	loop_ready *ready;
};

struct loop_timer {
	struct loop_timer *before, *after;
	int64_t at_ms; /* CLOCK_MONOTONIC */
	bool armed;
	loop_expired *expired;
};

struct loop {
	int epoll;
	struct loop_timer *first, *last; /* by time */
	struct epoll_event batch[LOOP_BATCH];
	int n, at; /* the batch, and how far it was handled */
};

#define LOOP_SOURCE_INIT       \
	{                      \
		.fd = FD_EMPTY \
	}

/* owner_of - the structure whose @member the pointer @p is. */
#define owner_of(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))

int loop_init(struct loop *loop, struct error *err) must_check;

/* loop_add - call @ready whenever one of the EPOLL* @events is there (level-triggered; EPOLLHUP and EPOLLERR always are). */
int loop_add(struct loop *loop, struct loop_source *source, int fd, uint32_t events,
	     loop_ready *ready, struct error *err) must_check;

/* loop_wait_for - wait for other events from now on; 0: for an error or the end only. */
void loop_wait_for(struct loop *loop, struct loop_source *source, uint32_t events);

/* loop_remove - forget @source, whose descriptor stays open; nothing when it is not in the loop. */
void loop_remove(struct loop *loop, struct loop_source *source);

/* loop_close - forget @source and close its descriptor. */
void loop_close(struct loop *loop, struct loop_source *source);

/* loop_after - call @expired once in @ms milliseconds; a timer that is armed is set anew. */
void loop_after(struct loop *loop, struct loop_timer *timer, int64_t ms, loop_expired *expired);

void loop_cancel(struct loop *loop, struct loop_timer *timer);

/* loop_now_ms - CLOCK_MONOTONIC. */
int64_t loop_now_ms(void) must_check;

/* loop_turn - wait until something is due and handle it. */
int loop_turn(struct loop *loop, struct error *err) must_check;

/*
 * loop_signals - block all signals but those of faults, and have a descriptor from which those in
 * @wanted are read. Returns it, or -1.
 */
int loop_signals(const sigset_t *wanted, struct error *err) must_check;

#endif
