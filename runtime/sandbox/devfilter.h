/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devfilter.h: which devices a container may open or make, as a BPF program on its cgroup.
 */
#ifndef CLOISON_SANDBOX_DEVFILTER_H
#define CLOISON_SANDBOX_DEVFILTER_H

#include <linux/bpf.h>

#include "runtime/oci/plan.h"

#define DEVFILTER_MAX_INSNS 2680

struct devfilter {
	char name[BPF_OBJ_NAME_LEN]; /* what the kernel calls it: see devcache.c */
	size_t n;
	struct bpf_insn insns[DEVFILTER_MAX_INSNS];
};

/*
 * devfilter_compile - the program for @n rules and those that every container gets.
 * Source: OCI config-linux.md "Allowed Device list"; linux/bpf.h, struct bpf_cgroup_dev_ctx.
 */
int devfilter_compile(struct devfilter *p, const struct device_rule *rules, size_t n,
		      struct error *err) must_check;

/* devfilter_probe - does the kernel load such a program? Returns 0, or -1 with @err. */
int devfilter_probe(struct error *err) must_check;

/*
 * devfilter_attach - attach the plan's device rules to cgroup @dir; none are attached when the plan
 * has no rules. The default devices and pseudo-terminals stay allowed before the plan's rules.
 * Source: OCI config-linux.md, "Allowed Device list"; bpf-helpers(7), BPF_PROG_TYPE_CGROUP_DEVICE.
 */
int devfilter_attach(int dir, const struct cgroup_plan *plan, struct error *err) must_check;

#endif
