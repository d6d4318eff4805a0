/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.c: one poll(2) for everything that PID 1 waits for.
 *
 * A round calls every step, waits until a descriptor is ready or the earliest time that a step has named
 * has come, and calls the functions of the descriptors. Steps name their next time anew in each round, so
 * there are no timers to be set, cancelled and forgotten.
 *
 * The table is also what poll(2) gets. A slot that is taken off is -1, which poll ignores, and loses its
 * events: one that is taken off by the function of another, and even one whose number is in use again at
 * once, is not called for what happened to its predecessor.
 */
#include "init/loop.h"

#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <time.h>

#include "init/say.h"

static struct pollfd polls[LOOP_SOURCES];
static loop_ready readies[LOOP_SOURCES];
static nfds_t used; /* slots from here on were never in use */

static void (*steps[LOOP_STEPS])(void);
static size_t step_count;

static uint64_t wake_ms = UINT64_MAX;

static struct pollfd *find(int fd)
{
	for (nfds_t i = 0; i < used; i++)
		if (polls[i].fd == fd)
			return &polls[i];
	return NULL;
}

bool loop_watch(int fd, short events, loop_ready ready)
{
	struct pollfd *p = find(-1);

	if (!p && used == LOOP_SOURCES)
		return false;
	if (!p)
		p = &polls[used++];
	*p = (struct pollfd){.fd = fd, .events = events};
	readies[p - polls] = ready;
	return true;
}

void loop_events(int fd, short events)
{
	struct pollfd *p = fd < 0 ? NULL : find(fd);

	if (p)
		p->events = events;
}

void loop_unwatch(int fd)
{
	struct pollfd *p = fd < 0 ? NULL : find(fd);

	if (p)
		*p = (struct pollfd){.fd = -1};
}

void loop_step(void (*step)(void))
{
	if (step_count == LOOP_STEPS)
		say("loop: more than %d steps", LOOP_STEPS);
	else
		steps[step_count++] = step;
}

void loop_wake_at(uint64_t ms)
{
	if (ms < wake_ms)
		wake_ms = ms;
}

uint64_t loop_now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* wait_ms - until the named time: 0 when it is over, -1 when there is none. */
static int wait_ms(void)
{
	uint64_t now;

	if (wake_ms == UINT64_MAX)
		return -1;
	now = loop_now_ms();
	if (wake_ms <= now)
		return 0;
	return wake_ms - now > INT_MAX ? INT_MAX : (int)(wake_ms - now);
}

void loop_round(void)
{
	int ready;

	wake_ms = UINT64_MAX;
	for (size_t i = 0; i < step_count; i++)
		steps[i]();
	ready = poll(polls, used, wait_ms());
	for (nfds_t i = 0; i < used && ready > 0; i++) {
		short revents = polls[i].revents;

		polls[i].revents = 0;
		if (revents)
			readies[i](polls[i].fd, revents);
	}
}
