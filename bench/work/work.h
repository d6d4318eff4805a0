/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * work.h: the pieces of cloison-bench-work, and the frame that times them.
 */
#ifndef CLOISON_BENCH_WORK_H
#define CLOISON_BENCH_WORK_H

#include <stddef.h>
#include <stdint.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The last words of the command line, whatever they mean to a group. */
struct work {
	const char *argument;
};

/*
 * One thing to be timed. It gives the nanoseconds that it took, or -1 with errno when this machine does
 * not let it; @amount tells it how much, so that one function serves several rows.
 */
struct work_case {
	const char *name;
	int64_t (*run)(const struct work *w, int amount);
	int amount;
};

struct work_group {
	const char *verb;
	const struct work_case *cases;
	size_t count;
	int (*open)(const struct work *w); /* before all; NULL: nothing. -1 with errno */
	void (*close)(const struct work *w);
};

extern const struct work_group work_syscall, work_cpu, work_io, work_netns, work_rootfs,
	work_cgroup, work_seccomp, work_net;

int64_t work_now_ns(void);

/* work_wait - the end of a child. 0 when it ended with 0; else -1 with errno ECHILD. */
int work_wait(int pid);

#endif
