/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libseccomp_list.h: what libseccomp makes of a policy, to compare the tree with.
 */
#ifndef CLOISON_TESTS_LIBSECCOMP_LIST_H
#define CLOISON_TESTS_LIBSECCOMP_LIST_H

#include <linux/filter.h>

#include "runtime/seccomp/policy.h"

/* libseccomp_list - compile @policy for @arch (SCMP_ARCH_*); as seccomp_tree(). */
int libseccomp_list(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		    struct sock_fprog *prog) must_check;

#endif
