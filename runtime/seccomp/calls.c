/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * calls.c: names to numbers, rules to what is true of each number.
 *
 * libseccomp knows the names; nothing else of it is needed. i386 has its socket and System V IPC
 * calls twice: with numbers of their own, and behind socketcall and ipc, whose first argument says
 * which is meant and whose second points to the rest. What a pointer points to cannot be seen by a
 * filter. A rule with conditions therefore holds behind those two only if it is stricter than the
 * default; else its call gets the default there: never more than the policy says.
 *
 * Source: OCI config-linux.md, "Seccomp"; seccomp(2), ipc(2), socketcall(2); libseccomp's
 * seccomp_rule_add(3), whose verdicts these are wherever it gives one.
 */
#include "runtime/seccomp/calls.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <string.h>

#define I386_SOCKETCALL 102
#define I386_IPC 117
/* ipc(2) takes a version in the upper half of its first argument. */
#define IPC_CALL_MASK 0xffff
/* arm has a handful of calls of its own up here: cacheflush, set_tls. */
#define ARM_PRIVATE_CALLS 0x0f0000

static const struct {
	const char *name;
	uint32_t arch;
} arches[] = {
	{"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
	{"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
	{"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
	{"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
	{"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
	{"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
	{"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
	{"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
	{"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
	{"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64},
	{"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
	{"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
	{"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
	{"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
	{"SCMP_ARCH_S390", SCMP_ARCH_S390},
	{"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
	{"SCMP_ARCH_X32", SCMP_ARCH_X32},
	{"SCMP_ARCH_X86", SCMP_ARCH_X86},
	{"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
};

/* What a machine can run, the native convention first. */
static const struct {
	uint32_t machine;
	struct call_table table;
} conventions[] = {
	{SCMP_ARCH_X86_64, {.arch = SCMP_ARCH_X86_64, .audit = SCMP_ARCH_X86_64}},
	{SCMP_ARCH_X86_64,
	 {.arch = SCMP_ARCH_X32,
	  .audit = SCMP_ARCH_X86_64,
	  .first = SECCOMP_X32_BIT,
	  .narrow = true}},
	{SCMP_ARCH_X86_64, {.arch = SCMP_ARCH_X86, .audit = SCMP_ARCH_X86, .narrow = true}},
	{SCMP_ARCH_AARCH64, {.arch = SCMP_ARCH_AARCH64, .audit = SCMP_ARCH_AARCH64}},
	{SCMP_ARCH_AARCH64, {.arch = SCMP_ARCH_ARM, .audit = SCMP_ARCH_ARM, .narrow = true}},
	{SCMP_ARCH_AARCH64,
	 {.arch = SCMP_ARCH_ARM,
	  .audit = SCMP_ARCH_ARM,
	  .first = ARM_PRIVATE_CALLS,
	  .narrow = true}},
};

/* i386's own numbers of the calls behind socketcall and ipc; 0: it has none. */
static const uint16_t behind_socketcall[] = {
	[1] = 359 /* socket */,	    [2] = 361 /* bind */,	 [3] = 362 /* connect */,
	[4] = 363 /* listen */,	    [6] = 367 /* getsockname */, [7] = 368 /* getpeername */,
	[8] = 360 /* socketpair */, [11] = 369 /* sendto */,	 [12] = 371 /* recvfrom */,
	[13] = 373 /* shutdown */,  [14] = 366 /* setsockopt */, [15] = 365 /* getsockopt */,
	[16] = 370 /* sendmsg */,   [17] = 372 /* recvmsg */,	 [18] = 364 /* accept4 */,
	[19] = 337 /* recvmmsg */,  [20] = 345 /* sendmmsg */,
};
static const uint16_t behind_ipc[] = {
	[2] = 393 /* semget */,	 [3] = 394 /* semctl */,  [11] = 400 /* msgsnd */,
	[12] = 401 /* msgrcv */, [13] = 399 /* msgget */, [14] = 402 /* msgctl */,
	[21] = 397 /* shmat */,	 [22] = 398 /* shmdt */,  [23] = 395 /* shmget */,
	[24] = 396 /* shmctl */,
};

/* The work in progress. */
struct resolving {
	const struct json_at *at;
	const struct seccomp_policy *policy;
	struct arena *scratch;
	struct call_tables *tables;
};

uint32_t seccomp_find_arch(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(arches); i++)
		if (strcmp(arches[i].name, name) == 0)
			return arches[i].arch;
	return 0;
}

const char *seccomp_arch_at(size_t index)
{
	return index < ARRAY_SIZE(arches) ? arches[index].name : NULL;
}

bool seccomp_stricter(uint32_t action, uint32_t than)
{
	/* KILL_PROCESS has the sign bit; the others are in order above it. */
	return (int32_t)(action & SECCOMP_RET_ACTION_FULL) <
	       (int32_t)(than & SECCOMP_RET_ACTION_FULL);
}

bool seccomp_hides_newer(const struct seccomp_policy *policy)
{
	return (policy->default_action & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO &&
	       (policy->default_action & SECCOMP_RET_DATA) != ENOSYS;
}

/* add_condition - put @c among the call's others, behind those that are as strict. */
static int add_condition(struct resolving *r, struct call *call, struct condition c)
{
	struct condition *new = arena_new(r->scratch, struct condition, 1, r->at->source->err);
	struct condition **link = &call->conditions;

	if (!new)
		return -1;
	while (*link && !seccomp_stricter(c.action, (*link)->action))
		link = &(*link)->next;
	c.next = *link;
	*new = c;
	*link = new;
	return 0;
}

/* decides - does the condition depend on the argument at all? */
static bool decides(const struct seccomp_arg *arg, bool narrow)
{
	uint64_t mask = narrow ? arg->value & UINT32_MAX : arg->value;

	return arg->op != OP_MASKED_EQ || mask != 0;
}

/* add_rule - @rule, for a call; @first, if not NULL, is a condition on its first argument. */
static int add_rule(struct resolving *r, const struct call_table *table, uint32_t nr,
		    const struct seccomp_rule *rule, const struct seccomp_arg *first)
{
	struct call *call = &table->calls[nr];
	struct condition c = {.action = rule->action};
	bool conditional = false;

	for (size_t i = 0; i < rule->n_args; i++)
		conditional = conditional || decides(&rule->args[i], table->narrow);
	if (first) {
		if (conditional && !seccomp_stricter(rule->action, r->policy->default_action))
			return 0;
		c.first = *first;
		c.has_first = true;
		return add_condition(r, call, c);
	}
	if (!conditional) {
		if (!call->unconditional)
			call->action = rule->action;
		call->unconditional = true;
		return 0;
	}
	c.args = rule->args;
	c.n_args = rule->n_args;
	if (!seccomp_rule_repeats_arg(rule))
		return add_condition(r, call, c);
	/* Each stands alone: so do the other runtimes, and engines' profiles rely on it. */
	c.n_args = 1;
	for (size_t i = 0; i < rule->n_args; i++, c.args++)
		if (add_condition(r, call, c) < 0)
			return -1;
	return 0;
}

/* The numbers under which libseccomp knows what is behind socketcall and ipc: -101.. and -201... */
static bool is_behind(int nr, int base, size_t count)
{
	return nr < -base && nr > -base - (int)count;
}

static int add_behind(struct resolving *r, const struct call_table *table,
		      const struct seccomp_rule *rule, int nr)
{
	bool socket = is_behind(nr, 100, ARRAY_SIZE(behind_socketcall));
	uint32_t sub = (uint32_t)(socket ? -nr - 100 : -nr - 200);
	uint32_t own = socket ? behind_socketcall[sub] : behind_ipc[sub];
	struct seccomp_arg which = {
		.op = OP_MASKED_EQ,
		.value = socket ? UINT32_MAX : IPC_CALL_MASK,
		.value_two = sub,
	};

	if (own && add_rule(r, table, own, rule, NULL) < 0)
		return -1;
	return add_rule(r, table, socket ? I386_SOCKETCALL : I386_IPC, rule, &which);
}

/* for_name - what a rule says of a call, if @table has a call of that name. */
static int for_name(struct resolving *r, struct call_table *table, const struct seccomp_rule *rule,
		    const char *name)
{
	int nr = seccomp_syscall_resolve_name_arch(table->arch, name);
	bool socket = is_behind(nr, 100, ARRAY_SIZE(behind_socketcall));
	bool ipc = is_behind(nr, 200, ARRAY_SIZE(behind_ipc));
	/* Left out here and not earlier: what the policy mentions it knows. */
	bool say = rule->action != r->policy->default_action;
	size_t index;

	if (table->arch == SCMP_ARCH_X86 && (socket || ipc)) {
		index = socket ? behind_socketcall[-nr - 100] : behind_ipc[-nr - 200];
		if (!index)
			index = socket ? I386_SOCKETCALL : I386_IPC;
		if (say && add_behind(r, table, rule, nr) < 0)
			return -1;
	} else {
		if (nr < 0 || (uint32_t)nr < table->first ||
		    (uint32_t)nr - table->first >= MAX_CALLS)
			return 0;
		index = (uint32_t)nr - table->first;
		if (say && add_rule(r, table, (uint32_t)index, rule, NULL) < 0)
			return -1;
	}
	if (index >= table->n_calls)
		table->n_calls = index + 1;
	return 0;
}

static int fill_table(struct resolving *r, struct call_table *table)
{
	const struct seccomp_policy *policy = r->policy;

	table->calls = arena_new(r->scratch, struct call, MAX_CALLS, r->at->source->err);
	if (!table->calls)
		return -1;
	for (size_t i = 0; i < policy->n_rules; i++)
		for (size_t j = 0; j < policy->rules[i].n_names; j++)
			if (for_name(r, table, &policy->rules[i], policy->rules[i].names[j]) < 0)
				return -1;
	return 0;
}

/* choose_tables - the native convention, and those of the machine's others that are named. */
static int choose_tables(struct resolving *r, uint32_t machine)
{
	const struct seccomp_policy *policy = r->policy;
	bool wanted[ARRAY_SIZE(conventions)] = {false};

	for (size_t i = 0; i < policy->n_architectures; i++) {
		uint32_t arch = seccomp_find_arch(policy->architectures[i]);

		if (arch == 0)
			return json_fail_key(r->at, "architectures", "no such architecture: `%s`",
					     policy->architectures[i]);
		for (size_t j = 0; j < ARRAY_SIZE(conventions); j++)
			wanted[j] = wanted[j] || conventions[j].table.arch == arch;
	}
	for (size_t j = 0; j < ARRAY_SIZE(conventions); j++)
		if (conventions[j].machine == machine &&
		    (wanted[j] || conventions[j].table.arch == machine))
			r->tables->tables[r->tables->n++] = conventions[j].table;
	return 0;
}

int seccomp_calls(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		  struct arena *scratch, struct call_tables *tables)
{
	struct resolving r = {.at = at, .policy = policy, .scratch = scratch, .tables = tables};

	*tables = (struct call_tables){0};
	if (choose_tables(&r, arch) < 0)
		return -1;
	for (size_t i = 0; i < tables->n; i++)
		if (fill_table(&r, &tables->tables[i]) < 0)
			return -1;
	return 0;
}
