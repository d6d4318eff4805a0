/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c: how the tree is laid out.
 *
 * Every system call number gets a leaf: a return value, or the conditions of the rules that name
 * it. Neighbours with the same return value become one range, and a balanced tree of "at least N?"
 * finds the range. classic BPF jumps only forward, by at most 255 instructions on a condition, so
 * the program is written from its end: whatever a jump goes to has been placed before it. A target
 * that is too far gets a copy (a return) or a jump of its own in between. Equal returns are shared.
 */
#include "runtime/seccomp/tree.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#include "runtime/seccomp/compile.h"

#define MAX_JUMP 250 /* of 255: some instructions may come between choosing and jumping */
#define MAX_RANGES 1024
#define MAX_RULES_PER_CALL 32

/* What a system call leads to: the rules' action if all of one rule's conditions hold. */
struct leaf {
	size_t n_rules; /* 0: @ret unconditionally */
	const struct seccomp_rule *rules[MAX_RULES_PER_CALL];
	uint32_t ret;
	bool mentioned;
};

struct range {
	uint32_t first;
	const struct leaf *leaf;
};

/* The program in reverse: code[0] is its last instruction. A place is an index into it. */
struct builder {
	const struct json_at *at;
	const struct seccomp_policy *policy;
	size_t n_ranges;
	struct range ranges[MAX_RANGES];
	size_t n;
	struct sock_filter code[BPF_MAXINSNS];
	bool overflow;
};

static size_t emit(struct builder *b, struct sock_filter insn)
{
	if (b->n == BPF_MAXINSNS) {
		b->overflow = true;
		return 0;
	}
	b->code[b->n] = insn;
	return b->n++;
}

/* distance - the jump offset from the instruction emitted next to @place. */
static size_t distance(const struct builder *b, size_t place)
{
	return b->n - place - 1;
}

static size_t emit_return(struct builder *b, uint32_t value)
{
	for (size_t i = b->n; i-- > 0 && distance(b, i) < MAX_JUMP;)
		if (b->code[i].code == (BPF_RET | BPF_K) && b->code[i].k == value)
			return i;
	return emit(b, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
}

/* near - @place itself, or a stand-in that a conditional jump can reach. */
static size_t near(struct builder *b, size_t place)
{
	if (distance(b, place) < MAX_JUMP)
		return place;
	if (b->code[place].code == (BPF_RET | BPF_K))
		return emit_return(b, b->code[place].k);
	return emit(b,
		    (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance(b, place)));
}

static size_t emit_jump(struct builder *b, uint16_t compare, uint32_t k, size_t yes, size_t no)
{
	yes = near(b, yes);
	no = near(b, no);
	return emit(b, (struct sock_filter)BPF_JUMP((uint16_t)(BPF_JMP | compare | BPF_K), k,
						    (uint8_t)distance(b, yes),
						    (uint8_t)distance(b, no)));
}

static size_t emit_load(struct builder *b, size_t offset)
{
	return emit(b, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* Offsets of an argument's halves; both architectures are little-endian. */
static size_t low_half(uint32_t arg)
{
	return offsetof(struct seccomp_data, args) + arg * sizeof(uint64_t);
}

static size_t high_half(uint32_t arg)
{
	return low_half(arg) + sizeof(uint32_t);
}

/* emit_half_masked - (half & mask) == value; nothing at all when the mask is empty. */
static size_t emit_half_masked(struct builder *b, size_t offset, uint32_t mask, uint32_t value,
			       size_t yes, size_t no)
{
	if (mask == 0)
		return yes;
	emit_jump(b, BPF_JEQ, value, yes, no);
	if (mask != UINT32_MAX)
		emit(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, mask));
	return emit_load(b, offset);
}

/* emit_order - 64-bit "greater": by the high halves, and by the low ones when they are equal. */
static size_t emit_order(struct builder *b, const struct seccomp_arg *arg, uint16_t low_compare,
			 size_t yes, size_t no)
{
	uint32_t high = (uint32_t)(arg->value >> 32);
	size_t low;

	emit_jump(b, low_compare, (uint32_t)arg->value, yes, no);
	low = emit_load(b, low_half(arg->index));
	no = emit_jump(b, BPF_JEQ, high, low, no);
	emit_jump(b, BPF_JGT, high, yes, no);
	return emit_load(b, high_half(arg->index));
}

/* emit_condition - go to @yes if the comparison holds, else to @no. */
static size_t emit_condition(struct builder *b, const struct seccomp_arg *arg, size_t yes,
			     size_t no)
{
	uint64_t mask = arg->op == OP_MASKED_EQ ? arg->value : UINT64_MAX;
	uint64_t value = arg->op == OP_MASKED_EQ ? arg->value_two : arg->value;
	size_t low;

	switch (arg->op) {
	case OP_GT:
		return emit_order(b, arg, BPF_JGT, yes, no);
	case OP_GE:
		return emit_order(b, arg, BPF_JGE, yes, no);
	case OP_LT:
		return emit_order(b, arg, BPF_JGE, no, yes);
	case OP_LE:
		return emit_order(b, arg, BPF_JGT, no, yes);
	case OP_NE: {
		size_t other = yes;

		yes = no;
		no = other;
		break;
	}
	case OP_EQ:
	case OP_MASKED_EQ:
		break;
	}
	low = emit_half_masked(b, low_half(arg->index), (uint32_t)mask, (uint32_t)value, yes, no);
	return emit_half_masked(b, high_half(arg->index), (uint32_t)(mask >> 32),
				(uint32_t)(value >> 32), low, no);
}

static size_t emit_leaf(struct builder *b, const struct leaf *leaf)
{
	size_t next;

	if (leaf->n_rules == 0)
		return emit_return(b, leaf->ret);
	next = emit_return(b, b->policy->default_action);
	for (size_t i = leaf->n_rules; i-- > 0;) {
		const struct seccomp_rule *rule = leaf->rules[i];
		size_t place = emit_return(b, rule->action);

		for (size_t j = rule->n_args; j-- > 0;)
			place = emit_condition(b, &rule->args[j], place, next);
		next = place;
	}
	return next;
}

/* emit_tree - the ranges @low..@high; it recurses as deep as the logarithm of their number. */
static size_t emit_tree(struct builder *b, size_t low, size_t high)
{
	size_t middle = low + (high - low + 1) / 2;
	size_t at_least, below;

	if (low == high)
		return emit_leaf(b, b->ranges[low].leaf);
	at_least = emit_tree(b, middle, high);
	below = emit_tree(b, low, middle - 1);
	return emit_jump(b, BPF_JGE, b->ranges[middle].first, at_least, below);
}

static int check_rule(const struct json_at *at, const struct seccomp_rule *rule)
{
	if (seccomp_rule_repeats_arg(rule))
		return json_fail_key(at, "syscalls", "`%s` names an argument twice",
				     rule->names[0]);
	for (size_t i = 0; i < rule->n_args; i++) {
		const struct seccomp_arg *arg = &rule->args[i];

		if (arg->op != OP_MASKED_EQ)
			continue;
		if (arg->value == 0 || (arg->value_two & ~arg->value))
			return json_fail_key(at, "syscalls", "`%s` has a mask that decides nothing",
					     rule->names[0]);
	}
	return 0;
}

static int add_to_leaf(const struct json_at *at, struct leaf *leaf, const struct seccomp_rule *rule,
		       const char *name)
{
	bool conditional = rule->n_args > 0;

	if (leaf->mentioned &&
	    (!conditional || leaf->n_rules == 0 || leaf->rules[0]->action != rule->action))
		return json_fail_key(at, "syscalls", "`%s` has rules that differ", name);
	if (leaf->n_rules == MAX_RULES_PER_CALL)
		return json_fail_key(at, "syscalls", "`%s` has more than %d rules", name,
				     MAX_RULES_PER_CALL);
	leaf->mentioned = true;
	leaf->ret = rule->action;
	if (conditional)
		leaf->rules[leaf->n_rules++] = rule;
	return 0;
}

static int fill_leaves(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		       struct leaf *leaves)
{
	for (size_t i = 0; i < policy->n_rules; i++) {
		const struct seccomp_rule *rule = &policy->rules[i];

		if (check_rule(at, rule) < 0)
			return -1;
		for (size_t j = 0; j < rule->n_names; j++) {
			int nr = seccomp_syscall_resolve_name_arch(arch, rule->names[j]);

			if (nr >= 0 && add_to_leaf(at, &leaves[nr], rule, rule->names[j]) < 0)
				return -1;
		}
	}
	return 0;
}

/* add_range - the numbers from @first on have @leaf; merged with the range before if it is equal. */
static void add_range(struct builder *b, uint32_t first, const struct leaf *leaf)
{
	const struct leaf *last = b->n_ranges ? b->ranges[b->n_ranges - 1].leaf : NULL;

	if (last && last->n_rules == 0 && leaf->n_rules == 0 && last->ret == leaf->ret)
		return;
	if (b->n_ranges == MAX_RANGES) {
		b->overflow = true;
		return;
	}
	b->ranges[b->n_ranges++] = (struct range){.first = first, .leaf = leaf};
}

static int finish(struct builder *b, uint32_t arch, struct sock_fprog *prog)
{
	const struct json_source *source = b->at->source;
	struct sock_filter *code;
	size_t tree, native;

	tree = emit_tree(b, 0, b->n_ranges - 1);
	if (tree + 1 != b->n)
		emit(b,
		     (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance(b, tree)));
	native = emit_load(b, offsetof(struct seccomp_data, nr));
	emit_jump(b, BPF_JEQ, arch, native, emit_return(b, SECCOMP_RET_KILL_PROCESS));
	emit_load(b, offsetof(struct seccomp_data, arch));
	if (b->overflow)
		return json_fail(b->at, "is too long for a filter");
	code = arena_new(source->arena, struct sock_filter, b->n, source->err);
	if (!code)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		code[i] = b->code[b->n - 1 - i];
	prog->len = (unsigned short)b->n;
	prog->filter = code;
	return 0;
}

int seccomp_tree(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		 struct sock_fprog *prog)
{
	const struct json_source *source = at->source;
	const struct leaf standard = {.ret = policy->default_action};
	const struct leaf killed = {.ret = SECCOMP_RET_KILL_PROCESS};
	const struct leaf newer = {.ret = seccomp_hides_newer(policy) ? SECCOMP_RET_ERRNO | ENOSYS
								      : policy->default_action};
	int newest = seccomp_newest_call(policy, arch);
	struct builder *b = arena_new(source->arena, struct builder, 1, source->err);
	struct leaf *leaves;

	if (!b)
		return -1;
	b->at = at;
	b->policy = policy;
	if (policy->n_architectures > 0)
		return json_fail_key(at, "architectures", "must not be there: one program, one");
	if (newest < 0)
		return json_fail_key(at, "syscalls", "names no system call that exists");
	leaves = arena_new(source->arena, struct leaf, (size_t)newest + 1, source->err);
	if (!leaves || fill_leaves(at, policy, arch, leaves) < 0)
		return -1;
	for (int nr = 0; nr <= newest; nr++)
		add_range(b, (uint32_t)nr, leaves[nr].mentioned ? &leaves[nr] : &standard);
	add_range(b, (uint32_t)newest + 1, &newer);
	/* As libseccomp does: x32 is an architecture of its own, -1 is a call a tracer has skipped. */
	add_range(b, SECCOMP_X32_BIT, arch == SCMP_ARCH_X86_64 ? &killed : &standard);
	add_range(b, UINT32_MAX, &standard);
	return finish(b, arch, prog);
}
