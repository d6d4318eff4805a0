/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.c: the services table.
 *
 * A service is a row of the table below: what to execute, when it is wanted and what follows when
 * it ends. Its state is one of: not wanted, running (pid), waiting (a start is due at a time),
 * ended. A service that is started again waits as backoff.h says, and every end is said on the
 * console except the clean one of a service that had been running for a while.
 *
 * Children get what PID 1 must not hand on restored: signal mask, descriptors, working directory,
 * environment. Signal dispositions need nothing, for execve(2) resets handlers and PID 1 ignores
 * no signal; oom_score_adj neither, for PID 1 keeps the kernel's 0 (the OOM killer never takes the
 * global init).
 *
 * docs/how-to/add-a-service.md is about adding a row.
 */
#include "init/service.h"

#include <errno.h>
#include <limits.h>
#include <linux/close_range.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "init/backoff.h"
#include "init/console.h"
#include "init/say.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define AT_ONCE_MS 1000 /* a clean end is not worth a line after this time */

enum {
	RESPAWN = 1,	 /* started again whenever it ends */
	TERMINAL = 2,	 /* has the console's terminal; at most one such service is wanted */
	ENDS_SYSTEM = 4, /* when it ends the system powers off */
};

struct definition {
	const char *name;
	/* NULL: the words of cloison.exec= */
	const char *argv[4];
	const char *path;
	int flags;
	bool (*wanted)(const struct cmdline *c);
};

struct state {
	char *const *argv;
	pid_t pid; /* 0: not running */
	bool due;  /* a start is due at due_ms */
	uint64_t due_ms;
	uint64_t started_ms;
	unsigned int starts;
	struct backoff backoff;
};

static bool shell_wanted(const struct cmdline *c)
{
	return c->shell && !c->exec[0] && console_terminal();
}

static bool exec_wanted(const struct cmdline *c)
{
	return c->exec[0];
}

/* The hyphen makes it a login shell, which reads /etc/profile. */
static const struct definition table[] = {
	{"shell", {"-sh"}, "/bin/sh", RESPAWN | TERMINAL, shell_wanted},
	{"exec", {NULL}, NULL, TERMINAL | ENDS_SYSTEM, exec_wanted},
};

static struct state states[ARRAY_SIZE(table)];

static const char *const environment[] = {
	"PATH=/usr/sbin:/usr/bin:/sbin:/bin",
	"HOME=/root",
	"TERM=vt102",
	NULL,
};

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static const char *path_of(size_t i)
{
	return table[i].path ? table[i].path : states[i].argv[0];
}

/* become - in the child: turn into service @i. */
static _Noreturn void become(size_t i)
{
	bool terminal = (table[i].flags & TERMINAL) && console_terminal();
	sigset_t none;

	if ((terminal ? console_attach() : console_stdio()) < 0) {
		say_error(errno, "service %s: cannot open its %s", table[i].name,
			  terminal ? console_terminal() : "standard input and output");
		_exit(126);
	}
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	/* Everything is close-on-exec already; this is so that it need not be trusted. */
	sys_close_range(STDERR_FILENO + 1, UINT_MAX, CLOSE_RANGE_CLOEXEC);
	execve(path_of(i), states[i].argv, (char *const *)environment);
	say_error(errno, "service %s: cannot execute `%s`", table[i].name, path_of(i));
	_exit(errno == ENOENT ? 127 : 126);
}

/* wait_turn - note the next start of a service that ran for @ran_ms; returns the wait. */
static unsigned int wait_turn(struct state *s, uint64_t ran_ms)
{
	unsigned int wait_ms = backoff_next_ms(&s->backoff, ran_ms);

	s->due = true;
	s->due_ms = now_ms() + wait_ms;
	return wait_ms;
}

static void start(size_t i)
{
	struct state *s = &states[i];

	s->due = false;
	s->started_ms = now_ms();
	s->pid = fork();
	if (s->pid == 0)
		become(i);
	if (s->pid < 0) {
		int errnum = errno;

		s->pid = 0;
		say_error(errnum, "service %s: cannot fork, next try in %u ms", table[i].name,
			  wait_turn(s, 0));
		return;
	}
	s->starts++;
}

void services_start(enum service_stage stage, const struct cmdline *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		bool terminal = table[i].flags & TERMINAL;

		if (terminal != (stage == SERVICE_ON_TERMINAL) || !table[i].wanted(c))
			continue;
		states[i].argv = table[i].path ? (char *const *)table[i].argv : c->exec;
		start(i);
	}
}

/* say_end - one line; @next says what follows. */
static void say_end(const char *name, int status, uint64_t ran_ms, const char *next)
{
	if (WIFSIGNALED(status))
		say("service %s: killed by signal %d after %llu ms%s", name, WTERMSIG(status),
		    (unsigned long long)ran_ms, next);
	else
		say("service %s: exit status %d after %llu ms%s", name, WEXITSTATUS(status),
		    (unsigned long long)ran_ms, next);
}

bool services_ended(pid_t pid, int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		struct state *s = &states[i];
		uint64_t ran_ms = now_ms() - s->started_ms;
		char next[48] = "";

		if (s->pid != pid)
			continue;
		s->pid = 0;
		if (table[i].flags & ENDS_SYSTEM) {
			say("%s: exit status %d", table[i].name,
			    WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
			return true;
		}
		if (table[i].flags & RESPAWN)
			snprintf(next, sizeof(next), ", next start in %u ms", wait_turn(s, ran_ms));
		if (status != 0 || ran_ms < AT_ONCE_MS)
			say_end(table[i].name, status, ran_ms, next);
		return false;
	}
	return false;
}

int services_wait_ms(void)
{
	uint64_t now = now_ms();
	int wait_ms = -1;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		int ms;

		if (!states[i].due)
			continue;
		ms = states[i].due_ms <= now ? 0 : (int)(states[i].due_ms - now);
		if (wait_ms < 0 || ms < wait_ms)
			wait_ms = ms;
	}
	return wait_ms;
}

void services_start_due(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (states[i].due && states[i].due_ms <= now_ms())
			start(i);
}

bool services_hang_up(void)
{
	bool any = false;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		if (states[i].pid == 0 || !(table[i].flags & TERMINAL))
			continue;
		kill(-states[i].pid, SIGHUP);
		any = true;
	}
	return any;
}

void services_say(void)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct state *s = &states[i];

		if (s->pid > 0)
			say("service %s: running, pid %d, start %u", table[i].name, (int)s->pid,
			    s->starts);
		else if (s->starts > 0)
			say("service %s: not running, %u starts", table[i].name, s->starts);
	}
}
