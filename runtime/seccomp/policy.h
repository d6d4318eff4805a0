/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * policy.h: linux.seccomp of config.json as a structure.
 *
 * Actions are the kernel's SECCOMP_RET_* values with the errno in them. System calls stay names:
 * a policy holds for all architectures, and a name that one of them lacks is skipped there.
 */
#ifndef CLOISON_SECCOMP_POLICY_H
#define CLOISON_SECCOMP_POLICY_H

#include "lib/json.h"

/* Comparisons in the order of their names in policy.c. */
enum seccomp_op { OP_NE, OP_LT, OP_LE, OP_EQ, OP_GE, OP_GT, OP_MASKED_EQ };

struct seccomp_arg {
	uint32_t index; /* 0..5 */
	enum seccomp_op op;
	uint64_t value;	    /* OP_MASKED_EQ: the mask */
	uint64_t value_two; /* OP_MASKED_EQ: what the masked argument must be */
};

struct seccomp_rule {
	size_t n_names, n_args;
	const char *const *names;
	const struct seccomp_arg *args; /* all must hold */
	uint32_t action;
};

struct seccomp_policy {
	uint32_t default_action;
	size_t n_architectures, n_flags, n_rules;
	const char *const *architectures; /* "SCMP_ARCH_X86", ...; the native one is always there */
	const char *const *flags;
	const struct seccomp_rule *rules;
	const char *listener_path, *listener_metadata; /* in the arena, or NULL */
};

/*
 * seccomp_policy_decode - fill @policy (a struct seccomp_policy) from linux.seccomp.
 * Names point into the JSON tree: the policy must not outlive it.
 */
int seccomp_policy_decode(const struct json_at *at, void *policy) must_check;

/*
 * seccomp_policy_text - the policy as JSON in one fixed order of keys, a rule per line. Without the
 * listener, which has no part in the program.
 * Two policies are the same when their texts are. Returns the text's length; like snprintf it
 * writes at most @size bytes, and no NUL.
 */
size_t seccomp_policy_text(const struct seccomp_policy *policy, char *buf, size_t size);

/* seccomp_policy_notifies - whether some call is to be answered by a listener. */
bool seccomp_policy_notifies(const struct seccomp_policy *policy);

/* The names this version knows, one by one; NULL behind the last. */
const char *seccomp_action_at(size_t index);
const char *seccomp_op_at(size_t index);

/* seccomp_action_name - the name for a SECCOMP_RET_* value; NULL: none. */
const char *seccomp_action_name(uint32_t ret);

/* seccomp_rule_repeats_arg - whether a rule names one argument twice. */
bool seccomp_rule_repeats_arg(const struct seccomp_rule *rule);

#endif
