/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why.c: `why`: a line for each thing that is known of a container's end, and where it is from.
 */
#include "runtime/container/why.h"

#include <sys/wait.h>

#include "runtime/cli/verb.h"

static void print_oom(const struct why *w)
{
	if (!w->oom_kills)
		return;
	printf("  out of memory: the kernel killed %llu process%s",
	       (unsigned long long)w->oom_kills, w->oom_kills == 1 ? "" : "es");
	if (w->memory_max_bytes != UINT64_MAX)
		printf("; the limit memory.max is %llu bytes",
		       (unsigned long long)w->memory_max_bytes);
	if (w->memory_peak_bytes != UINT64_MAX)
		printf("; at most %llu were used", (unsigned long long)w->memory_peak_bytes);
	puts(" (memory.events)");
}

/* print_status - what a process that nobody has reaped would tell. */
static void print_status(int status)
{
	int code = WEXITSTATUS(status);

	if (WIFSIGNALED(status)) {
		printf("  exit status: killed by signal %d (%s)\n", WTERMSIG(status),
		       signal_name(WTERMSIG(status)));
		return;
	}
	printf("  exit status: %d", code);
	if (code == EXIT_CANNOT_INVOKE)
		printf(", a shell's for a command that cannot be invoked");
	else if (code == EXIT_NOT_FOUND)
		printf(", a shell's for a command that is not found");
	else if (code > EXIT_BY_SIGNAL && code <= EXIT_BY_SIGNAL + 64)
		printf(", a shell's for signal %d (%s)", code - EXIT_BY_SIGNAL,
		       signal_name(code - EXIT_BY_SIGNAL));
	putchar('\n');
}

static void print_seccomp(const struct why *w)
{
	bool killed_so =
		w->is_zombie && WIFSIGNALED(w->wait_status) && WTERMSIG(w->wait_status) == SIGSYS;

	if (w->seccomp.found)
		printf("  seccomp: the filter killed `%s` for the system call %s (the kernel's log)\n",
		       w->seccomp.program, w->seccomp.call);
	else if (killed_so)
		printf("  seccomp: the filter killed it; for which call is not known: %s\n",
		       w->seccomp.unknown);
}

static int why_verb(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct why w;

	(void)values;
	if (container_why(rt, argv[0], &arena, &w, err) < 0)
		return -1;
	printf("%s is %s\n", w.id, status_name(w.status));
	print_oom(&w);
	print_seccomp(&w);
	if (w.start_note)
		printf("  never started: %s\n", w.start_note);
	if (w.kill_note)
		printf("  signal: `cloison kill` sent %s\n", w.kill_note);
	if (w.is_zombie)
		print_status(w.wait_status);
	else if (w.status == STATUS_STOPPED)
		puts("  exit status: not known to Cloison; who reaped the process knows it");
	else
		puts("  exit status: it has not ended");
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

const struct verb verb_why = {
	.name = "why",
	.arguments = "ID",
	.summary = "say what is known of why a container ended",
	.min_args = 1,
	.max_args = 1,
	.run = why_verb,
};
