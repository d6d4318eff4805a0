/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * life_stop.c: how a container, and how all of them, come to their end.
 *
 * A stop is the stop signal, and SIGKILL when the time-out has gone by. One that a client asked for is
 * kept as such: the restart policies heed it.
 *
 * When the host goes down all are stopped at the same time, each with its own signal and time-out. Whoever
 * tells us (SIGPWR, main.c) tells how long that may take; a little before, those still there are killed, and
 * what then has not ended is left to PID 1. Meanwhile the loop goes on: ends are recorded, the runtime
 * cleans up, and only starts are refused. That this was no stop by hand is kept too (shut_down), and decided
 * upon when the next cloisond comes up, on this boot or another: boot.c.
 */
#include <signal.h>

#include "runtime/supervisor/supervisor.h"

#define KILL_BEFORE_MS 3000 /* the limit */
#define LEAVE_BEFORE_MS 1000

bool life_is_active(const struct container *c)
{
	return c->phase != PHASE_CREATED && c->phase != PHASE_EXITED;
}

void life_never_ran(const struct container *c, struct error *err)
{
	error_set(err, 0, "start %s: it was stopped before it ran", c->name);
}

static void stop_late(struct loop_timer *timer)
{
	struct container *c = owner_of(timer, struct container, timer);
	struct error err = ERROR_INIT;

	if (process_signal(c, SIGKILL, &err) < 0)
		say_error(&err);
}

/* hears - does it any signal but SIGKILL? What is frozen does not, nor what has not begun. */
static bool hears(const struct container *c)
{
	/* Its program may have run for long without saying that it is ready. */
	if (c->phase == PHASE_STARTING && c->sdnotify)
		return true;
	return c->phase == PHASE_RUNNING && !c->paused;
}

/* begin_stop - @timeout_s: -1: never */
static void begin_stop(struct container *c, int sig, int timeout_s)
{
	int64_t timeout_ms = timeout_s < 0 ? -1 : (int64_t)timeout_s * 1000;
	bool waited = c->want_start && !life_is_active(c);
	/* Of a stop of all: that it was being started is what its policy asks when the host is up again. */
	bool keeps = c->shut_down && (c->phase == PHASE_CREATING || c->phase == PHASE_STARTING);
	struct error err = ERROR_INIT;

	if (!c->pid && (c->restarting || c->want_start))
		loop_cancel(&c->s->loop, &c->timer);
	c->want_start = c->want_start && keeps;
	c->restarting = false;
	c->stopping = c->pid != 0;
	state_save(c);
	/* Whoever waits for the start that it waited for would do so for ever. */
	if (waited) {
		life_never_ran(c, &err);
		tell(c, TOLD_FAILED, &err);
	}
	if (c->process.fd < 0)
		return;
	if (timeout_ms == 0)
		sig = SIGKILL;
	if (process_signal(c, sig, &err) < 0)
		say_error(&err);
	if (!hears(c))
		timeout_ms = 0;
	if (timeout_ms == 0 && sig != SIGKILL)
		stop_late(&c->timer);
	else if (timeout_ms > 0)
		loop_after(&c->s->loop, &c->timer, timeout_ms, stop_late);
}

void life_by_hand(struct container *c)
{
	c->user_stopped = true;
	c->by_policy = false;
	/* A stop of all that it outlived is decided upon no more. */
	if (!c->s->shutting_down)
		c->shut_down = false;
}

void life_stop(struct container *c, int sig, int timeout_s)
{
	life_by_hand(c);
	begin_stop(c, sig, timeout_s);
}

void life_stop_again(struct container *c)
{
	begin_stop(c, c->stop_signal, c->stop_timeout_s);
}

/* ---- all of them ----------------------------------------------------------------------------- */

void life_shut_down_one(struct container *c)
{
	if (!life_is_active(c) || c->shut_down)
		return;
	c->shut_down = true;
	/* What is being stopped already has had its signal. */
	if (c->stopping)
		state_save(c);
	else
		life_stop_again(c);
}

/* leave - what has not ended by now does not. */
static void leave(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, shutdown_timer);

	for (const struct container *c = s->containers; c; c = c->next)
		if (life_is_active(c))
			say("container %s has not ended", c->name);
	s->ending = true;
}

/* kill_rest - those that are not done in time. */
static void kill_rest(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, shutdown_timer);
	struct error err = ERROR_INIT;
	int64_t left_ms;

	for (struct container *c = s->containers; c; c = c->next)
		if (c->process.fd >= 0 && process_signal(c, SIGKILL, &err) < 0)
			say_error(&err);
	/* Not two seconds from now: the limit may be shorter than what is kept of it. */
	left_ms = s->shutdown_end_ms - loop_now_ms() - LEAVE_BEFORE_MS;
	loop_after(&s->loop, timer, left_ms > 0 ? left_ms : 0, leave);
}

void life_shut_down_all(struct supervisor *s)
{
	for (struct container *c = s->containers; c; c = c->next)
		life_shut_down_one(c);
}

void life_shut_down(struct supervisor *s, int64_t limit_ms)
{
	int64_t kill_ms = limit_ms - KILL_BEFORE_MS;

	if (s->shutting_down)
		return;
	s->shutting_down = true;
	s->shutdown_end_ms = loop_now_ms() + limit_ms;
	loop_after(&s->loop, &s->shutdown_timer, kill_ms > 0 ? kill_ms : 0, kill_rest);
	if (s->replayed)
		life_shut_down_all(s);
}

/* is_at_work - does something go on that nobody would do again? Volumes of who is gone are removed, for one. */
static bool is_at_work(const struct supervisor *s)
{
	for (const struct container *c = s->containers; c; c = c->next)
		if (life_is_active(c) || c->job)
			return true;
	for (const struct job *job = s->jobs; job; job = job->next)
		if (job != s->flush.job && !job->client)
			return true;
	return false;
}

void life_is_down(struct supervisor *s)
{
	if (!s->shutting_down || !s->replayed || is_at_work(s))
		return;
	/* PID 1 takes off the file system, which writes it; others may wait for an answer. */
	flush_now(s);
	s->ending = flush_is_over(s);
}
