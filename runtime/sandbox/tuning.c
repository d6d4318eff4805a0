/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuning.c: scheduler, I/O priority, CPU affinity, memory policy and personality of the program.
 *
 * Two halves. Real-time policies and I/O classes take the host's CAP_SYS_NICE, so whoever has that
 * sets them: the process itself in the host's user namespace, the runtime (or the stage) for one that
 * gets another. The rest is the process's own business and done last, right before its identity
 * changes, so that none of it is about the runtime's work.
 *
 * Source: sched_setattr(2), ioprio_set(2), sched_setaffinity(2), set_mempolicy(2), personality(2).
 */
#include <linux/sched/types.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

#define IOPRIO_WHO_PROCESS 1

int tuning_privileged(const struct process_plan *p, pid_t pid, struct error *err)
{
	if (p->scheduler && syscall(SYS_sched_setattr, pid, p->scheduler, 0) < 0)
		return error_set(err, errno, "cannot set the scheduler of process.scheduler");
	if (p->io_priority && syscall(SYS_ioprio_set, IOPRIO_WHO_PROCESS, pid, p->io_priority) < 0)
		return error_set(err, errno, "cannot set the I/O priority of process.ioPriority");
	return 0;
}

static int set_affinity(const struct bit_list *cpus, const char *what, struct error *err)
{
	if (syscall(SYS_sched_setaffinity, 0, sizeof(cpus->bits), cpus->bits) < 0)
		return error_set(err, errno, "cannot set the CPU affinity process.%s", what);
	return 0;
}

int tuning_before_clone(const struct sandbox *sb, struct error *err)
{
	const struct bit_list *cpus = sb->process->exec_initial_cpus;

	return sb->is_exec && cpus ? set_affinity(cpus, "execCPUAffinity.initial", err) : 0;
}

/* set_final_affinity - exec's: what is asked for, or all that the container's cpuset leaves. */
static int set_final_affinity(const struct process_plan *p, struct error *err)
{
	struct bit_list all;

	if (p->exec_final_cpus)
		return set_affinity(p->exec_final_cpus, "execCPUAffinity.final", err);
	if (!p->exec_initial_cpus)
		return 0;
	memset(all.bits, 0xff, sizeof(all.bits));
	return set_affinity(&all, "execCPUAffinity.final", err);
}

int tuning_apply(const struct sandbox *sb, struct error *err)
{
	const struct plan *plan = sb->plan;
	const struct memory_policy_plan *m = plan->memory_policy;

	if (plan->ns[NS_USER].mode == NS_HOST && tuning_privileged(sb->process, 0, err) < 0)
		return -1;
	if (sb->is_exec && set_final_affinity(sb->process, err) < 0)
		return -1;
	/* The kernel takes one bit less than it is told. */
	if (m && syscall(SYS_set_mempolicy, m->mode, m->nodes ? m->nodes->bits : NULL,
			 m->nodes ? BIT_LIST_MAX + 1 : 0) < 0)
		return error_set(err, errno, "cannot set the memory policy of linux.memoryPolicy");
	if (plan->has_personality && personality(plan->personality) < 0)
		return error_set(err, errno, "cannot set the personality of linux.personality");
	return 0;
}
