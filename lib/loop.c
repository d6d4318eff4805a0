/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * loop.c: epoll, and a list of timers in the order of their times.
 *
 * Sources are level-triggered: a handler takes a bounded portion and returns, and the loop comes back to
 * it after the others. Between two turns nothing runs: the time-out given to epoll_wait(2) is that of the
 * first timer, or none.
 *
 * A timer finds its place from the list's end, for most are set for later than those that are there.
 */
#include "lib/loop.h"

#include <limits.h>
#include <sys/signalfd.h>
#include <time.h>

int64_t loop_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int loop_init(struct loop *loop, struct error *err)
{
	*loop = (struct loop){.epoll = epoll_create1(EPOLL_CLOEXEC)};
	return loop->epoll < 0 ? error_set(err, errno, "cannot make the event loop") : 0;
}

int loop_add(struct loop *loop, struct loop_source *source, int fd, uint32_t events,
	     loop_ready *ready, struct error *err)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return error_set(err, errno, "cannot wait for descriptor %d", fd);
	*source = (struct loop_source){.fd = fd, .events = events, .ready = ready};
	return 0;
}

void loop_wait_for(struct loop *loop, struct loop_source *source, uint32_t events)
{
	struct epoll_event event = {.events = events, .data.ptr = source};

	if (source->fd < 0 || source->events == events)
		return;
	/* It is in the loop, and changing takes no memory: this cannot fail. */
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_MOD, source->fd, &event);
	source->events = events;
}

void loop_remove(struct loop *loop, struct loop_source *source)
{
	if (source->fd < 0)
		return;
	(void)epoll_ctl(loop->epoll, EPOLL_CTL_DEL, source->fd, NULL);
	source->fd = FD_EMPTY;
	for (int i = loop->at; i < loop->n; i++)
		if (loop->batch[i].data.ptr == source)
			loop->batch[i].data.ptr = NULL;
}

void loop_close(struct loop *loop, struct loop_source *source)
{
	int fd = source->fd;

	loop_remove(loop, source);
	close_fd(fd);
}

void loop_cancel(struct loop *loop, struct loop_timer *timer)
{
	if (!timer->armed)
		return;
	*(timer->before ? &timer->before->after : &loop->first) = timer->after;
	*(timer->after ? &timer->after->before : &loop->last) = timer->before;
	timer->armed = false;
}

void loop_after(struct loop *loop, struct loop_timer *timer, int64_t ms, loop_expired *expired)
{
	struct loop_timer *before;

	loop_cancel(loop, timer);
	timer->at_ms = loop_now_ms() + ms;
	timer->expired = expired;
	before = loop->last;
	while (before && before->at_ms > timer->at_ms)
		before = before->before;
	timer->before = before;
	timer->after = before ? before->after : loop->first;
	*(before ? &before->after : &loop->first) = timer;
	*(timer->after ? &timer->after->before : &loop->last) = timer;
	timer->armed = true;
}

/* until_first - milliseconds to the first timer; -1: there is none. */
static int until_first(const struct loop *loop)
{
	int64_t left;

	if (!loop->first)
		return -1;
	left = loop->first->at_ms - loop_now_ms();
	return left < 0 ? 0 : left > INT_MAX ? INT_MAX : (int)left;
}

/* run_timers - those that are due now; what they set anew waits for the next turn. */
static void run_timers(struct loop *loop)
{
	int64_t now = loop_now_ms();

	while (loop->first && loop->first->at_ms <= now) {
		struct loop_timer *timer = loop->first;

		loop_cancel(loop, timer);
		timer->expired(timer);
	}
}

int loop_turn(struct loop *loop, struct error *err)
{
	int n = epoll_wait(loop->epoll, loop->batch, LOOP_BATCH, until_first(loop));

	if (n < 0 && errno != EINTR)
		return error_set(err, errno, "cannot wait for events");
	loop->n = n < 0 ? 0 : n;
	for (loop->at = 0; loop->at < loop->n;) {
		const struct epoll_event *event = &loop->batch[loop->at++];
		struct loop_source *source = event->data.ptr;

		if (source)
			source->ready(source, event->events);
	}
	run_timers(loop);
	return 0;
}

int loop_signals(const sigset_t *wanted, struct error *err)
{
	static const int faults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSYS, SIGTRAP};
	sigset_t blocked;
	int fd;

	sigfillset(&blocked);
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++)
		sigdelset(&blocked, faults[i]);
	if (sigprocmask(SIG_BLOCK, &blocked, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	fd = signalfd(-1, wanted, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? error_set(err, errno, "cannot make a descriptor for signals") : fd;
}
