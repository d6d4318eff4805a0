/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compile.h: a policy to the program the kernel loads, through libseccomp.
 */
#ifndef CLOISON_SECCOMP_COMPILE_H
#define CLOISON_SECCOMP_COMPILE_H

#include <linux/filter.h>

#include "runtime/seccomp/policy.h"

/*
 * seccomp_compile - compile @policy.
 * @at:   the place of the policy in its file, for messages
 * @arch: SCMP_ARCH_* (the kernel's AUDIT_ARCH_*) on which the program is to run
 * @prog: filled; its instructions are in the source's arena
 * Names unknown to libseccomp are skipped, so that profiles for newer kernels can be used.
 * Returns 0, or -1 with the source's error set.
 */
int seccomp_compile(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		    struct sock_fprog *prog) must_check;

/*
 * seccomp_newest_call - the highest system call number that @policy mentions; -1: none.
 *
 * A policy cannot know calls younger than itself. C libraries try new calls first and take the old
 * ones on ENOSYS but not on EPERM, so a policy whose default is another errno answers ENOSYS
 * beyond its newest call.
 */
int seccomp_newest_call(const struct seccomp_policy *policy, uint32_t arch);

/* seccomp_hides_newer - whether the rule above applies to @policy. */
bool seccomp_hides_newer(const struct seccomp_policy *policy);

/* x32 calls carry this bit; no architecture has a native call as high. */
#define SECCOMP_X32_BIT 0x40000000U

#endif
