/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor_steps.h: the parts of a container's start that `cloison-bench-floor steps` times one by
 * one, and under which names scenario s01 finds them in its output.
 */
#ifndef CLOISON_BENCH_FLOOR_STEPS_H
#define CLOISON_BENCH_FLOOR_STEPS_H

#include <sched.h>
#include <stdint.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define STEP_PID CLONE_NEWPID
#define STEP_IPC (STEP_PID | CLONE_NEWIPC)
#define STEP_UTS (STEP_IPC | CLONE_NEWUTS)
#define STEP_MNT (STEP_UTS | CLONE_NEWNS)
#define STEP_CGROUP (STEP_MNT | CLONE_NEWCGROUP)
#define STEP_NET (STEP_CGROUP | CLONE_NEWNET)

static const struct floor_step {
	const char *name;
	uint64_t flags; /* namespaces for clone3 */
	int exec;	/* vfork and execve instead of clone3 */
} floor_steps[] = {
	{"vfork+exec", 0, 1},
	{"clone3", 0, 0},
	{"pid", CLONE_NEWPID, 0},
	{"ipc", CLONE_NEWIPC, 0},
	{"uts", CLONE_NEWUTS, 0},
	{"mnt", CLONE_NEWNS, 0},
	{"cgroup", CLONE_NEWCGROUP, 0},
	{"user", CLONE_NEWUSER, 0},
	{"time", CLONE_NEWTIME, 0},
	{"net", CLONE_NEWNET, 0},
	{"pid+ipc", STEP_IPC, 0},
	{"pid+ipc+uts", STEP_UTS, 0},
	{"pid+ipc+uts+mnt", STEP_MNT, 0},
	{"pid+ipc+uts+mnt+cgroup", STEP_CGROUP, 0},
	{"pid+ipc+uts+mnt+cgroup+net", STEP_NET, 0},
};

#endif
