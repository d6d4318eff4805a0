/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.h: what a policy says of each system call, one table per calling convention.
 *
 * A kernel tells a filter apart by seccomp_data.arch only what it can itself run: x86_64 has its own
 * calls, those of i386, and x32, which are native ones with a bit set; aarch64 has its own and those
 * of arm. A policy may name more architectures; no call of theirs can come.
 */
#ifndef CLOISON_SECCOMP_CALLS_H
#define CLOISON_SECCOMP_CALLS_H

#include "runtime/seccomp/policy.h"

#define MAX_CALL_TABLES 4
#define MAX_CALLS 1024 /* numbers in a table: twice as many as any architecture has */

/* x32 calls carry this bit; no architecture has a native call as high. */
#define SECCOMP_X32_BIT 0x40000000U

/* The arguments of one rule, all of which must hold for its action. */
struct condition {
	struct seccomp_arg first; /* of a multiplexed call: which; used if @has_first */
	bool has_first;
	size_t n_args;
	const struct seccomp_arg *args;
	uint32_t action;
	struct condition *next; /* not stricter than this one */
};

/* A system call: the action of the first condition that holds, or else the one without conditions. */
struct call {
	struct condition *conditions;
	bool unconditional; /* there is one, @action */
	uint32_t action;
};

struct call_table {
	uint32_t arch;	/* SCMP_ARCH_*, as names are resolved */
	uint32_t audit; /* seccomp_data.arch */
	uint32_t first; /* number of calls[0] */
	bool narrow;	/* arguments have 32 bits */
	size_t n_calls; /* one more than the newest call mentioned */
	struct call *calls;
};

/* In the order of their numbers for one architecture, the native one's first. */
struct call_tables {
	size_t n;
	struct call_table tables[MAX_CALL_TABLES];
};

/*
 * seccomp_calls - resolve the names of @policy for the machine @arch (SCMP_ARCH_*).
 * Names that a convention lacks are skipped there: profiles are written for many kernels.
 * Rules that say what the default says are left out. Of the rules without conditions for a call the
 * first stands, as with libseccomp: Podman's profile relies on it. Of those with conditions that hold
 * together the strictest is taken, of equally strict ones the first, if it is stricter than the rule
 * without; libseccomp drops it even then.
 * Returns 0, or -1 with the source's error set; the tables are in @scratch.
 */
int seccomp_calls(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		  struct arena *scratch, struct call_tables *tables) must_check;

/*
 * seccomp_hides_newer - whether calls beyond the newest one that @policy mentions get ENOSYS.
 *
 * A policy cannot know calls younger than itself. C libraries try new calls first and take the old
 * ones on ENOSYS but not on EPERM, so a policy whose default is another errno answers ENOSYS there.
 */
bool seccomp_hides_newer(const struct seccomp_policy *policy);

/* seccomp_stricter - the kernel's order of actions: killing first, allowing last. */
bool seccomp_stricter(uint32_t action, uint32_t than);

/* seccomp_find_arch - SCMP_ARCH_* of "SCMP_ARCH_X86"; 0: no such. seccomp_arch_at - for listing. */
uint32_t seccomp_find_arch(const char *name);
const char *seccomp_arch_at(size_t index);

#endif
