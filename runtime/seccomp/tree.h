/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.h: a policy to the program the kernel loads: a search tree over ranges of system calls.
 *
 * Since Linux 5.11 the kernel runs a new filter once for every system call number to learn which
 * are always allowed, so loading costs what the filter's depth costs, some hundred times. A
 * balanced tree over merged ranges is as deep as the logarithm of their number; a list of
 * comparisons is as deep as the policy is long.
 */
#ifndef CLOISON_SECCOMP_TREE_H
#define CLOISON_SECCOMP_TREE_H

#include <linux/filter.h>

#include "runtime/seccomp/policy.h"

/*
 * seccomp_tree - compile @policy for the machine @arch (SCMP_ARCH_*).
 * @at:   the place of the policy in its file, for messages
 * @prog: filled; its instructions are in the source's arena
 * What holds for a call is in calls.h. Architectures that the policy does not name are killed.
 * Returns 0, or -1 with the source's error set.
 */
int seccomp_tree(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		 struct sock_fprog *prog) must_check;

#endif
