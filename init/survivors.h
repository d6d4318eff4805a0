/* SPDX-License-Identifier: GPL-2.0-or-later */
/* survivors.h: which processes are still there. */
#ifndef CLOISON_INIT_SURVIVORS_H
#define CLOISON_INIT_SURVIVORS_H

#include <stdbool.h>
#include <stddef.h>

/* survivors_say - a line for each process but us and the kernel's, "shutdown: `NAME` (pid N) @what". */
void survivors_say(const char *what);

struct survivor {
	char name[16]; /* printable */
	char state;    /* as in proc(5) */
	bool kernel;   /* a thread of the kernel */
};

/* survivor_parse - read /proc/PID/stat, @len bytes. Returns 0, or -1 when it is none. */
int survivor_parse(struct survivor *s, const char *stat, size_t len)
	__attribute__((warn_unused_result));

#endif
