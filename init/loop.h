/* SPDX-License-Identifier: GPL-2.0-or-later */
/* loop.h: the one loop of PID 1: descriptors, times, and what is done in every round. */
#ifndef CLOISON_INIT_LOOP_H
#define CLOISON_INIT_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#define LOOP_SOURCES 192
#define LOOP_STEPS 8

/* loop_ready - @fd has @revents of poll(2). */
typedef void (*loop_ready)(int fd, short revents);

/*
 * loop_watch - call @ready whenever @fd has one of @events (POLLIN, POLLOUT), or an error or its end.
 * False when the table is full. A descriptor is watched once; it has to be taken off before it is closed.
 */
bool loop_watch(int fd, short events, loop_ready ready) __attribute__((warn_unused_result));

/* loop_events - watch @fd for other events from now on; 0 for its error or end alone. */
void loop_events(int fd, short events);

/* loop_unwatch - take @fd off; no matter when one that is not watched. */
void loop_unwatch(int fd);

/*
 * loop_step - call @step in every round, before it waits, in the order of registration. It does what is due
 * and names the next time with loop_wake_at.
 */
void loop_step(void (*step)(void));

/*
 * loop_wake_at - of a step: this round waits no longer than until @ms of loop_now_ms. The earliest of all
 * counts, for one round: a step says its next time in each.
 */
void loop_wake_at(uint64_t ms);

/* loop_now_ms - CLOCK_MONOTONIC. */
uint64_t loop_now_ms(void);

/* loop_round - wait for something to do and do it. Not from within a ready function or a step. */
void loop_round(void);

#endif
