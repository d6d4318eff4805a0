/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.c: the life of a service, as a table.
 *
 * What happens to a service is an event; what is done about it depends on the state it is in (`machine`
 * below; a blank means that nothing is):
 *
 *	           NEEDS     READY   EXIT    EMPTY    TIME       STOP         HELD
 *	WAITING    start                                         leave
 *	STARTING             go up   ended            too late   terminate    stopped
 *	UP                           ended            no sign    terminate    stopped
 *	STOPPING                     ended            hangs
 *	CLEANING                     reaped  settle   stuck      leave after
 *	BACKOFF                                       wait       leave
 *	DONE, FAILED, OFF: nothing happens to them any more
 *
 *	NEEDS   the conditions that it needs are all set
 *	READY   it says that it is ready, or its kind needs not say so
 *	EXIT    its first process has ended
 *	EMPTY   nobody is left of it: the first process was reaped, its cgroup is empty
 *	TIME    the time of this state is over
 *	STOP    the system goes down, and no service that needs this one is running any more
 *	HELD    a signal has stopped its first process
 *
 * A state changes in these actions and nowhere else. NEEDS, EMPTY and TIME are found out by services_step in
 * every round of the loop, the others come from outside.
 *
 * Needs count for starting: a service whose need goes away later runs on, but is not started again before the
 * need is met again.
 *
 * An end is said on the console except the clean one of a service that had been up for a while.
 * docs/how-to/add-a-service.md is about adding a service.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/channel.h"
#include "init/loop.h"
#include "init/notify.h"
#include "init/say.h"
#include "init/servicestart.h"
#include "init/servicestate.h"
#include "init/watchdog.h"
#include "lib/fd.h"

#define AT_ONCE_MS 1000	    /* a clean end is not worth a line after this time */
#define CLEAN_LIMIT_MS 5000 /* a process that is still there then is stuck in the kernel */

struct service_system service_system;

const char *const service_state_names[SERVICE_STATES] = {
	[SERVICE_WAITING] = "waiting",
	[SERVICE_STARTING] = "starting",
	[SERVICE_UP] = "up",
	[SERVICE_STOPPING] = "stopping",
	[SERVICE_CLEANING] = "cleaning",
	[SERVICE_BACKOFF] = "backoff",
	[SERVICE_DONE] = "done",
	[SERVICE_FAILED] = "failed",
	[SERVICE_OFF] = "off",
};

static void set_state(struct service *s, enum service_state state, uint64_t due_ms)
{
	s->state = state;
	s->due_ms = due_ms;
	service_system.changed = true;
}

static uint32_t random_number(void)
{
	uint32_t r;

	/* before the kernel has any randomness, the time is as good */
	if (getrandom(&r, sizeof(r), GRND_NONBLOCK) != sizeof(r))
		r = (uint32_t)loop_now_ms();
	return r;
}

bool service_is_set(const struct service *s)
{
	return s->state == SERVICE_UP || (s->state == SERVICE_DONE && s->def.oneshot);
}

const struct service *service_first_unmet(const struct service *s)
{
	const struct conditions *c = &service_conditions;
	size_t i = (size_t)(s - services);

	for (size_t k = 0; k < c->of[i].need_count; k++)
		if (!service_is_set(&services[c->of[i].needs[k]]))
			return &services[c->of[i].needs[k]];
	return NULL;
}

/* --- what comes from descriptors */

static void log_ready(int fd, short revents)
{
	(void)revents;
	for (size_t i = 0; i < service_count; i++)
		if (services[i].log.read_fd == fd)
			servicelog_read(&services[i].log, services[i].def.name);
}

void service_group_changed(int fd, short revents)
{
	(void)revents;
	for (size_t i = 0; i < service_count; i++)
		servicegroup_event(&services[i].group, &services[i].def, fd);
}

static void close_ready(struct service *s)
{
	loop_unwatch(s->ready_fd);
	close_fd(s->ready_fd);
	s->ready_fd = FD_EMPTY;
}

/* ready_fd_ready - a newline says it; the end of the pipe without one says nothing any more. */
static void ready_fd_ready(int fd, short revents)
{
	char text[64];
	ssize_t n = read(fd, text, sizeof(text));

	(void)revents;
	for (size_t i = 0; i < service_count; i++) {
		struct service *s = &services[i];

		if (s->ready_fd != fd || (n < 0 && errno == EAGAIN))
			continue;
		if (n > 0 && !memchr(text, '\n', (size_t)n))
			continue;
		close_ready(s);
		if (n > 0)
			service_happen(s, EVENT_READY, 0);
	}
}

void service_notified(pid_t pid, const char *name, struct notify n)
{
	for (size_t i = 0; i < service_count; i++) {
		struct service *s = &services[i];

		if (s->pid == 0 || (s->pid != pid && strcmp(s->def.name, name) != 0))
			continue;
		if (n.ready && s->def.ready == READY_NOTIFY)
			service_happen(s, EVENT_READY, 0);
		if (n.watchdog && s->state == SERVICE_UP && s->def.watchdog_ms > 0)
			s->due_ms = loop_now_ms() + s->def.watchdog_ms;
		if (n.watchdog)
			watchdog_spoke(s->def.name);
		return;
	}
}

/* --- actions */

/* wait_turn - note the next start after a run that was up for @up_ms; returns the wait. */
static unsigned int wait_turn(struct service *s, uint64_t up_ms)
{
	unsigned int wait_ms =
		backoff_next_ms(&s->backoff, up_ms, s->def.restart_wait_ms, random_number());

	s->next_ms = loop_now_ms() + wait_ms;
	return wait_ms;
}

/* open_ready - the pipe on which the service says that it is ready; its end, or -1 with errno. */
static int open_ready(struct service *s)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	if (fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ||
	    !loop_watch(ends[0], POLLIN, ready_fd_ready)) {
		close(ends[0]);
		close(ends[1]);
		errno = ENOSPC;
		return -1;
	}
	s->ready_fd = ends[0];
	return ends[1];
}

/* launch - make what a run needs, and the process. 0, or -1, said. */
static int launch(struct service *s)
{
	const struct service_def *d = &s->def;
	_cleanup_fd_ int ready = FD_EMPTY;
	_cleanup_fd_ int channel = FD_EMPTY;
	struct start_fds fds = {FD_EMPTY, FD_EMPTY, FD_EMPTY, FD_EMPTY};
	pid_t pid;

	if (servicegroup_make(&s->group, d, service_group_changed) < 0)
		return -1;
	if (!d->terminal && d->log == LOG_RING && servicelog_open(&s->log, log_ready) < 0) {
		say_error(errno, "service %s: cannot make its log", d->name);
		return -1;
	}
	if (d->ready == READY_FD && (ready = open_ready(s)) < 0) {
		say_error(errno, "service %s: cannot make its pipe for readiness", d->name);
		return -1;
	}
	if (d->channel && (channel = channel_open()) < 0) {
		say_error(errno, "service %s: cannot make its channel", d->name);
		return -1;
	}
	fds.cgroup = s->group.dir;
	fds.log = s->log.write_fd;
	fds.ready = ready;
	fds.channel = channel;
	pid = service_start(d, &fds);
	if (pid < 0) {
		say_error(errno, "service %s: cannot make its process", d->name);
		return -1;
	}
	s->pid = pid;
	return 0;
}

static void start(struct service *s, int status)
{
	uint64_t now = loop_now_ms();

	(void)status;
	s->up_ms = 0;
	s->late = false;
	s->told_waiting = false;
	s->started_ms = now;
	if (launch(s) < 0) {
		close_ready(s);
		say("service %s: next try in %u ms", s->def.name, wait_turn(s, 0));
		set_state(s, SERVICE_BACKOFF, s->next_ms);
		return;
	}
	s->starts++;
	set_state(s, SERVICE_STARTING, now + s->def.start_timeout_ms);
	if (!s->def.oneshot && s->def.ready == READY_NONE)
		service_happen(s, EVENT_READY, 0);
}

static void go_up(struct service *s, int status)
{
	(void)status;
	s->up_ms = loop_now_ms();
	set_state(s, SERVICE_UP, s->def.watchdog_ms ? s->up_ms + s->def.watchdog_ms : 0);
	/* From its first time on: one that was never up is no reason for resets without end. */
	if (s->def.essential && s->def.watchdog_ms > 0)
		watchdog_need(s->def.name, s->def.watchdog_ms);
}

void service_kill_all(struct service *s)
{
	if (s->pid > 0)
		kill(s->pid, SIGKILL);
	if (s->def.kill == KILL_ALL)
		servicegroup_kill(&s->group, s->def.name);
}

static void clean(struct service *s, enum service_state after)
{
	s->after = after;
	service_kill_all(s);
	set_state(s, SERVICE_CLEANING, loop_now_ms() + CLEAN_LIMIT_MS);
}

bool service_is_empty(const struct service *s)
{
	return s->pid == 0 && (s->def.kill == KILL_FIRST || !servicegroup_populated(&s->group));
}

static void describe_end(int status, char *buf, size_t size)
{
	if (WIFSIGNALED(status))
		snprintf(buf, size, "killed by signal %d", WTERMSIG(status));
	else
		snprintf(buf, size, "exit status %d", WEXITSTATUS(status));
}

/* decide - what follows an end, and say it where it has to be said. */
static enum service_state decide(struct service *s, int status)
{
	const struct service_def *d = &s->def;
	uint64_t now = loop_now_ms();
	uint64_t ran_ms = now - s->started_ms;
	bool well = status == 0 && !s->late;
	char end[32], next[48] = "";
	enum service_state after = SERVICE_BACKOFF;

	if (service_system.stopping)
		return SERVICE_OFF;
	describe_end(status, end, sizeof(end));
	if (d->ends_system) {
		say("%s: exit status %d", d->name,
		    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
		service_system.over = true;
		return SERVICE_DONE;
	}
	if (d->restart == RESTART_NO || (d->restart == RESTART_ON_FAILURE && well) ||
	    (d->oneshot && well))
		after = well ? SERVICE_DONE : SERVICE_FAILED;
	if (after == SERVICE_BACKOFF)
		snprintf(next, sizeof(next), ", next start in %u ms",
			 wait_turn(s, s->up_ms ? now - s->up_ms : 0));
	if (!well || (ran_ms < AT_ONCE_MS && after != SERVICE_DONE))
		say("service %s: %s after %llu ms%s", d->name, end, (unsigned long long)ran_ms,
		    next);
	return after;
}

/* settle - nobody is left: go where the end has led. */
static void settle(struct service *s, int status)
{
	enum service_state after = service_system.stopping ? SERVICE_OFF : s->after;

	(void)status;
	servicegroup_check(&s->group, &s->def);
	if (after != SERVICE_BACKOFF)
		servicegroup_remove(&s->group, s->def.name);
	set_state(s, after, after == SERVICE_BACKOFF ? s->next_ms : 0);
}

static void end_run(struct service *s)
{
	s->pid = 0;
	close_ready(s);
	if (s->def.channel)
		channel_close();
	servicegroup_check(&s->group, &s->def);
}

static void ended(struct service *s, int status)
{
	enum service_state after;

	end_run(s);
	after = decide(s, status);
	if (service_is_empty(s)) {
		s->after = after;
		settle(s, 0);
		return;
	}
	if (s->state != SERVICE_STOPPING)
		say("service %s: its first process has ended and has left others behind (%u), which "
		    "are killed",
		    s->def.name, servicegroup_count(&s->group));
	clean(s, after);
}

/* reaped - the end of one that PID 1 has killed. */
static void reaped(struct service *s, int status)
{
	end_run(s);
	s->after = decide(s, status);
}

static void too_late(struct service *s, int status)
{
	(void)status;
	say("service %s: not %s within %u ms, killed", s->def.name,
	    s->def.oneshot ? "done" : "ready", s->def.start_timeout_ms);
	s->late = true;
	clean(s, SERVICE_FAILED);
}

static void no_sign(struct service *s, int status)
{
	(void)status;
	say("service %s: no sign of life for %u ms, killed", s->def.name, s->def.watchdog_ms);
	s->late = true;
	clean(s, SERVICE_FAILED);
}

/*
 * stopped - by a signal, which is in @status. Whoever has promised signs of life breaks the promise from now
 * on, so it has failed, and is not waited for. The others may be meant to stand still. A process that a
 * debugger holds is not stopped in this sense, and is not told of.
 */
static void stopped(struct service *s, int status)
{
	if (s->def.watchdog_ms == 0) {
		say("service %s: stopped by signal %d, stands still until SIGCONT", s->def.name,
		    WSTOPSIG(status));
		return;
	}
	say("service %s: stopped by signal %d, killed", s->def.name, WSTOPSIG(status));
	s->late = true;
	clean(s, SERVICE_FAILED);
}

static void hangs(struct service *s, int status)
{
	(void)status;
	say("service %s: has not ended within %u ms, killed", s->def.name, s->def.stop_timeout_ms);
	clean(s, SERVICE_OFF);
}

/* stuck - it is not started a second time as long as the first is there. */
static void stuck(struct service *s, int status)
{
	(void)status;
	say("service %s: processes of it cannot be killed, still waiting", s->def.name);
	s->due_ms = 0;
}

/* tell_to_end - the signal's value is the time that it has, for those who have something to share it out to. */
static void tell_to_end(const struct service *s, uint64_t now, uint64_t due_ms)
{
	uint64_t by_ms = due_ms < service_system.stop_by_ms ? due_ms : service_system.stop_by_ms;
	union sigval left = {.sival_int = by_ms > now ? (int)(by_ms - now) : 1};

	if (s->def.terminal)
		kill(-s->pid, SIGHUP); /* a shell ignores SIGTERM */
	/* The queue of signals may be full, whoever filled it. */
	if (sigqueue(s->pid, s->def.stop_signal, left) < 0)
		kill(s->pid, s->def.stop_signal);
	kill(s->pid, SIGCONT);
}

static void terminate(struct service *s, int status)
{
	uint64_t now = loop_now_ms();
	uint64_t due_ms = now + s->def.stop_timeout_ms;

	(void)status;
	tell_to_end(s, now, due_ms);
	set_state(s, SERVICE_STOPPING, due_ms);
}

static void leave(struct service *s, int status)
{
	(void)status;
	servicegroup_remove(&s->group, s->def.name);
	set_state(s, SERVICE_OFF, 0);
}

static void leave_after(struct service *s, int status)
{
	(void)status;
	s->after = SERVICE_OFF;
}

static void wait_again(struct service *s, int status)
{
	(void)status;
	set_state(s, SERVICE_WAITING, 0);
}

static void (*const machine[SERVICE_STATES][SERVICE_EVENTS])(struct service *s, int status) = {
	/* clang-format off */
	[SERVICE_WAITING] = {[EVENT_NEEDS] = start, [EVENT_STOP] = leave},
	[SERVICE_STARTING] = {[EVENT_READY] = go_up, [EVENT_EXIT] = ended, [EVENT_TIME] = too_late,
			      [EVENT_STOP] = terminate, [EVENT_HELD] = stopped},
	[SERVICE_UP] = {[EVENT_EXIT] = ended, [EVENT_TIME] = no_sign, [EVENT_STOP] = terminate,
			[EVENT_HELD] = stopped},
	[SERVICE_STOPPING] = {[EVENT_EXIT] = ended, [EVENT_TIME] = hangs},
	[SERVICE_CLEANING] = {[EVENT_EXIT] = reaped, [EVENT_EMPTY] = settle, [EVENT_TIME] = stuck,
			      [EVENT_STOP] = leave_after},
	[SERVICE_BACKOFF] = {[EVENT_TIME] = wait_again, [EVENT_STOP] = leave},
	/* clang-format on */
};

void service_happen(struct service *s, enum service_event e, int status)
{
	if (machine[s->state][e])
		machine[s->state][e](s, status);
}
