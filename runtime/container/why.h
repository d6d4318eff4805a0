/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * why.h: what can be known of a container's end.
 *
 * Cloison is not the parent of a container's process once it is created, so the exit status goes to
 * whoever reaps it. What is left is what the kernel and earlier commands have written down: the cgroup's
 * events, the kernel's log, a process that nobody has reaped yet, the state directory.
 */
#ifndef CLOISON_CONTAINER_WHY_H
#define CLOISON_CONTAINER_WHY_H

#include "runtime/container/container.h"

/* A call for which a filter has killed the container's first process. */
struct seccomp_kill {
	bool found;
	char call[40];	     /* its name, or its number */
	char program[64];    /* what the process called itself */
	const char *unknown; /* why it cannot be known, when that is so */
};

struct why {
	enum status status;
	const char *id;
	uint64_t oom_kills;
	uint64_t memory_max_bytes, memory_peak_bytes; /* UINT64_MAX: none, or not known */
	struct seccomp_kill seccomp;
	bool is_zombie;		/* it has ended and nobody has asked how */
	int wait_status;	/* then, as waitpid(2) has it */
	const char *kill_note;	/* the last signal that `kill` sent, and when; or NULL */
	const char *start_note; /* why `start` failed; or NULL */
};

/* container_why - look at all of it. The texts are in @arena. */
int container_why(const struct runtime *rt, const char *id, struct arena *arena, struct why *why,
		  struct error *err) must_check;

/*
 * seccomp_kill_find - look in the kernel's log for the death of @pid, which started at @start_ticks or later.
 * Source: kernel/auditsc.c, audit_seccomp(); Documentation/ABI/testing/dev-kmsg.
 */
struct seccomp_kill seccomp_kill_find(pid_t pid, uint64_t start_ticks);

/* why_note - leave @text in WHY_KILL or WHY_START; if that fails `why` says less. */
void why_note(int dir, const char *file, const char *text);

#endif
