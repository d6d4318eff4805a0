/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.h: a plan's limits as files of a cgroup v2 directory and what to write to them.
 */
#ifndef CLOISON_SANDBOX_LIMITS_H
#define CLOISON_SANDBOX_LIMITS_H

#include "runtime/oci/plan.h"

/* The controllers of cgroup v2 that limits can ask for. */
enum controller {
	CONTROLLER_CPUSET,
	CONTROLLER_CPU,
	CONTROLLER_IO,
	CONTROLLER_MEMORY,
	CONTROLLER_PIDS,
	CONTROLLER_HUGETLB,
	CONTROLLER_RDMA,
	CONTROLLER_MISC,
	CONTROLLER_DMEM,
	CONTROLLER_COUNT,
};

/* What accounting and `events --stats` go by, limits or not. */
#define CONTROLLERS_ACCOUNT                                                     \
	(1U << CONTROLLER_CPU | 1U << CONTROLLER_IO | 1U << CONTROLLER_MEMORY | \
	 1U << CONTROLLER_PIDS)

/* controller_name - as cgroup.controllers spells it. */
const char *controller_name(enum controller controller);

/* limits_controllers - a bit for each controller that the plan's limits need. */
unsigned int limits_controllers(const struct cgroup_plan *plan);

/* What holds already in the cgroup that limits are written to. */
struct limits_now {
	bool has_bfq;	       /* there is a file io.bfq.weight */
	int64_t cpu_quota_us;  /* LIMIT_MAX: none; LIMIT_UNSET: nobody has set it yet */
	int64_t cpu_period_us; /* LIMIT_UNSET: the kernel's */
};

/* limits_emit - take the next file and value. Returns 0, or -1 with @err, which ends the list. */
typedef int limits_emit(void *context, const char *file, const char *value, struct error *err);

/*
 * limits_each - hand every limit of @plan to @emit, in an order in which the kernel takes them.
 * Returns 0, or -1 with what @emit said.
 * Source: Documentation/admin-guide/cgroup-v2.rst; OCI config-linux.md, "Control groups".
 */
int limits_each(const struct cgroup_plan *plan, const struct limits_now *now, limits_emit *emit,
		void *context, struct error *err) must_check;

/*
 * limit_holds_anyway - is it no matter that @value could not be written to @file for @errnum? Without
 * swap in the kernel there is no memory.swap.max, and no more swap than 0.
 */
bool limit_holds_anyway(int errnum, const char *file, const char *value);

/* io_weight_of - io.weight, 1..10000, for blockIO's weight, 10..1000. */
int64_t io_weight_of(int64_t block_io_weight);

#endif
