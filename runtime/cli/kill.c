/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * kill.c: `kill`, and what signals are called.
 */
#include <signal.h>
#include <string.h>
#include <strings.h>

#include "runtime/cli/verb.h"

struct values {
	bool all;
};

static const struct option table[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct values, all), NULL,
	 "signal every process in its cgroup and in those below"},
};

/* signal(7); the two real-time names stand for their ranges. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{"HUP", SIGHUP},   {"INT", SIGINT},	  {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	{"TRAP", SIGTRAP}, {"ABRT", SIGABRT},	  {"BUS", SIGBUS},   {"FPE", SIGFPE},
	{"KILL", SIGKILL}, {"USR1", SIGUSR1},	  {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
	{"PIPE", SIGPIPE}, {"ALRM", SIGALRM},	  {"TERM", SIGTERM}, {"STKFLT", 16},
	{"CHLD", SIGCHLD}, {"CONT", SIGCONT},	  {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
	{"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},	  {"URG", SIGURG},   {"XCPU", SIGXCPU},
	{"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH},
	{"IO", SIGIO},	   {"PWR", SIGPWR},	  {"SYS", SIGSYS},   {"RTMIN", 34},
	{"RTMAX", 64},
};

#define SIGNAL_MAX 64

const char *signal_name(int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].number == number)
			return signals[i].name;
	return "real-time";
}

static int parse_signal(const char *text, int *sig, struct error *err)
{
	const char *name = strncasecmp(text, "SIG", 3) ? text : text + 3;
	char *end;
	long n;

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++) {
		if (strcasecmp(name, signals[i].name))
			continue;
		*sig = signals[i].number;
		return 0;
	}
	errno = 0;
	n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 0 || n > SIGNAL_MAX)
		return error_set(err, EINVAL, "signal `%s`", text);
	*sig = (int)n;
	return 0;
}

static int kill_verb(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	int sig = SIGTERM;

	if (argv[1] && parse_signal(argv[1], &sig, err) < 0)
		return -1;
	return container_kill(rt, argv[0], sig, v->all ? KILL_ALL : KILL_FIRST, err);
}

const struct verb verb_kill = {
	.name = "kill",
	.arguments = "ID [SIGNAL]",
	.summary = "send a signal (default TERM) to a container's first process",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 2,
	.run = kill_verb,
};
