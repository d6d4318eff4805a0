/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seccomp_reference.h: what a policy says of a system call, rule by rule as it stands in the file.
 *
 * Slow and plain, and nothing of the compiler's: what runtime/seccomp/calls.h promises, told again.
 */
#ifndef CLOISON_TESTS_SECCOMP_REFERENCE_H
#define CLOISON_TESTS_SECCOMP_REFERENCE_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/seccomp/policy.h"

#define X32_BIT 0x40000000U
#define ARM_PRIVATE 0x0f0000

/* Own numbers of i386's calls behind socketcall and ipc, from the kernel's syscall_32.tbl. */
static inline int reference_own(int behind)
{
	static const int socket[] = {0,	  359, 361, 362, 363, 0,   367, 368, 360, 0,  0,
				     369, 371, 373, 366, 365, 370, 372, 364, 337, 345};
	static const int ipc[] = {0,   0,   393, 394, 0, 0, 0, 0, 0,   0,   0,	 400, 401,
				  399, 402, 0,	 0,   0, 0, 0, 0, 397, 398, 395, 396};

	if (behind <= -101 && behind >= -120)
		return socket[-behind - 100];
	return behind <= -201 && behind >= -224 ? ipc[-behind - 200] : 0;
}

struct reference {
	const struct seccomp_policy *policy;
	uint32_t machine;
	/* numbers[convention][i] of all names in the order of the file */
	size_t n_names;
	int *numbers[3];
	int newest[3], newest_private;
};

/* The conventions: native, the 32-bit sister, x32. */
static inline uint32_t reference_arch(uint32_t machine, size_t convention)
{
	static const uint32_t of[2][3] = {{SCMP_ARCH_X86_64, SCMP_ARCH_X86, SCMP_ARCH_X32},
					  {SCMP_ARCH_AARCH64, SCMP_ARCH_ARM, 0}};

	return of[machine == SCMP_ARCH_AARCH64][convention];
}

static inline bool reference_names_arch(const struct reference *r, uint32_t arch)
{
	if (arch == r->machine)
		return true;
	for (size_t i = 0; i < r->policy->n_architectures; i++) {
		const char *name = r->policy->architectures[i];

		if ((!strcmp(name, "SCMP_ARCH_X86") && arch == SCMP_ARCH_X86) ||
		    (!strcmp(name, "SCMP_ARCH_X32") && arch == SCMP_ARCH_X32) ||
		    (!strcmp(name, "SCMP_ARCH_ARM") && arch == SCMP_ARCH_ARM))
			return true;
	}
	return false;
}

static inline void reference_init(struct reference *r, const struct seccomp_policy *policy,
				  uint32_t machine)
{
	*r = (struct reference){.policy = policy, .machine = machine};
	for (size_t i = 0; i < policy->n_rules; i++)
		r->n_names += policy->rules[i].n_names;
	r->newest_private = -1;
	for (size_t c = 0; c < 3; c++) {
		size_t n = 0;

		r->newest[c] = -1;
		r->numbers[c] = malloc((r->n_names + 1) * sizeof(int));
		for (size_t i = 0; i < policy->n_rules; i++)
			for (size_t j = 0; j < policy->rules[i].n_names; j++) {
				const char *name = policy->rules[i].names[j];
				uint32_t arch = reference_arch(machine, c);
				int nr = arch ? seccomp_syscall_resolve_name_arch(arch, name) : -1;
				int seen = nr;

				r->numbers[c][n++] = nr;
				if (arch == SCMP_ARCH_X86 && nr <= -101 && nr >= -224) {
					seen = reference_own(nr);
					if (!seen)
						seen = nr > -200 ? 102 : 117;
				}
				if (seen >= ARM_PRIVATE && arch == SCMP_ARCH_ARM) {
					if (seen > r->newest_private)
						r->newest_private = seen;
				} else if (seen > r->newest[c]) {
					r->newest[c] = seen;
				}
			}
	}
}

static inline void reference_free(struct reference *r)
{
	for (size_t c = 0; c < 3; c++)
		free(r->numbers[c]);
}

static inline bool reference_compare(const struct seccomp_arg *arg, uint64_t value, bool narrow)
{
	uint64_t mask = narrow ? UINT32_MAX : UINT64_MAX;
	uint64_t a = value & mask, k = arg->value & mask;

	switch (arg->op) {
	case OP_NE:
		return a != k;
	case OP_LT:
		return a < k;
	case OP_LE:
		return a <= k;
	case OP_EQ:
		return a == k;
	case OP_GE:
		return a >= k;
	case OP_GT:
		return a > k;
	case OP_MASKED_EQ:
		return (a & k) == (arg->value_two & k);
	}
	abort();
}

static inline bool reference_holds(const struct seccomp_rule *rule, const __u64 *args, bool narrow)
{
	bool alone = seccomp_rule_repeats_arg(rule);

	for (size_t i = 0; i < rule->n_args; i++) {
		bool one = reference_compare(&rule->args[i], args[rule->args[i].index], narrow);

		if (alone && one)
			return true;
		if (!alone && !one)
			return false;
	}
	return !alone;
}

/* reference_depends - are there conditions that can fail? */
static inline bool reference_depends(const struct seccomp_rule *rule, bool narrow)
{
	for (size_t i = 0; i < rule->n_args; i++)
		if (rule->args[i].op != OP_MASKED_EQ ||
		    (narrow ? (uint32_t)rule->args[i].value : rule->args[i].value))
			return true;
	return false;
}

static inline int reference_rank(uint32_t action)
{
	static const uint32_t order[] = {
		SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_KILL_THREAD, SECCOMP_RET_TRAP,
		SECCOMP_RET_ERRNO,	  SECCOMP_RET_USER_NOTIF,  SECCOMP_RET_TRACE,
		SECCOMP_RET_LOG,	  SECCOMP_RET_ALLOW,
	};

	for (int i = 0; i < 8; i++)
		if ((action & SECCOMP_RET_ACTION_FULL) == order[i])
			return i;
	abort();
}

/* reference_applies - is @nr the number, and do the conditions hold? */
static inline bool reference_applies(const struct reference *r, const struct seccomp_rule *rule,
				     size_t convention, int number, const struct seccomp_data *d,
				     uint32_t nr)
{
	bool narrow = convention > 0;
	bool behind = reference_arch(r->machine, convention) == SCMP_ARCH_X86 && number <= -101 &&
		      number >= -224;

	if (!behind)
		return number >= 0 && (uint32_t)number == nr &&
		       reference_holds(rule, d->args, narrow);
	if (reference_own(number) && (uint32_t)reference_own(number) == nr)
		return reference_holds(rule, d->args, narrow);
	if (reference_depends(rule, narrow) &&
	    reference_rank(rule->action) >= reference_rank(r->policy->default_action))
		return false;
	if (number > -200)
		return nr == 102 && (uint32_t)d->args[0] == (uint32_t)(-number - 100);
	return nr == 117 && (d->args[0] & 0xffff) == (uint32_t)(-number - 200);
}

/* reference_run - the verdict of the policy. */
static inline uint32_t reference_run(const struct reference *r, const struct seccomp_data *d)
{
	const struct seccomp_policy *p = r->policy;
	uint32_t nr = (uint32_t)d->nr, best = 0, plain_best = p->default_action;
	bool found = false, found_plain = false, hides;
	size_t convention = d->arch == r->machine ? 0 : 1, n = 0;
	int newest;

	if (d->arch != reference_arch(r->machine, convention))
		return SECCOMP_RET_KILL_PROCESS;
	if (d->arch == SCMP_ARCH_X86_64 && nr >= X32_BIT && nr != UINT32_MAX)
		convention = 2;
	if (!reference_names_arch(r, reference_arch(r->machine, convention)))
		return SECCOMP_RET_KILL_PROCESS;
	if (convention != 2 && nr >= X32_BIT)
		return p->default_action;
	newest = r->newest[convention];
	if (d->arch == SCMP_ARCH_ARM && nr >= ARM_PRIVATE)
		newest = r->newest_private;
	hides = (p->default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
		(p->default_action & SECCOMP_RET_DATA) != ENOSYS;
	if (hides && newest >= 0 && nr > (uint32_t)newest)
		return SECCOMP_RET_ERRNO | ENOSYS;
	for (size_t i = 0; i < p->n_rules; i++)
		for (size_t j = 0; j < p->rules[i].n_names; j++, n++) {
			const struct seccomp_rule *rule = &p->rules[i];
			bool plain = !reference_depends(rule, convention > 0);

			if (rule->action == p->default_action ||
			    !reference_applies(r, rule, convention, r->numbers[convention][n], d,
					       nr))
				continue;
			/* Behind a multiplexer everything depends on the first argument. */
			if (nr == 102 || nr == 117)
				plain = plain && r->numbers[convention][n] == (int)nr;
			if (plain) {
				if (!found_plain)
					plain_best = rule->action;
				found_plain = true;
			} else {
				if (!found || reference_rank(rule->action) < reference_rank(best))
					best = rule->action;
				found = true;
			}
		}
	if (found && (!found_plain || reference_rank(best) < reference_rank(plain_best)))
		return best;
	return plain_best;
}

#endif
