/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tree.c: how the tree is laid out.
 *
 * Every system call number has a leaf: a return value, or the conditions under which there is one
 * (calls.c). Neighbours with the same return value become one range, and a balanced tree of "at
 * least N?" finds the range. classic BPF jumps only forward, by at most 255 instructions on a
 * condition, so the program is written from its end: whatever a jump goes to has been placed before
 * it. A target that is too far gets a copy (a return) or a jump of its own in between. Equal returns
 * are shared.
 */
#include "runtime/seccomp/tree.h"

#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#include "runtime/seccomp/calls.h"

#define MAX_JUMP 250	   /* of 255: some instructions may come between choosing and jumping */
#define MAX_CONDITIONS 256 /* of one call */

struct range {
	uint32_t first;
	bool narrow; /* arguments have 32 bits */
	const struct call *call;
};

/* The program in reverse: code[0] is its last instruction. A place is an index into it. */
struct builder {
	const struct json_at *at;
	uint32_t default_action;
	bool narrow; /* of the range at hand */
	size_t n_ranges;
	struct range *ranges;
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
	if (b->narrow)
		return low;
	no = emit_jump(b, BPF_JEQ, high, low, no);
	emit_jump(b, BPF_JGT, high, yes, no);
	return emit_load(b, high_half(arg->index));
}

/* emit_equal - (argument & mask) == value. */
static size_t emit_equal(struct builder *b, uint32_t index, uint64_t mask, uint64_t value,
			 size_t yes, size_t no)
{
	size_t low = emit_half_masked(b, low_half(index), (uint32_t)mask, (uint32_t)value, yes, no);

	if (b->narrow)
		return low;
	return emit_half_masked(b, high_half(index), (uint32_t)(mask >> 32),
				(uint32_t)(value >> 32), low, no);
}

/* emit_condition - go to @yes if the comparison holds, else to @no. */
static size_t emit_condition(struct builder *b, const struct seccomp_arg *arg, size_t yes,
			     size_t no)
{
	switch (arg->op) {
	case OP_GT:
		return emit_order(b, arg, BPF_JGT, yes, no);
	case OP_GE:
		return emit_order(b, arg, BPF_JGE, yes, no);
	case OP_LT:
		return emit_order(b, arg, BPF_JGE, no, yes);
	case OP_LE:
		return emit_order(b, arg, BPF_JGT, no, yes);
	case OP_NE:
		return emit_equal(b, arg->index, UINT64_MAX, arg->value, no, yes);
	case OP_EQ:
		return emit_equal(b, arg->index, UINT64_MAX, arg->value, yes, no);
	case OP_MASKED_EQ:
		break;
	}
	/* What the mask hides of the value is not compared either. */
	return emit_equal(b, arg->index, arg->value, arg->value_two & arg->value, yes, no);
}

/* emit_conditions - from @c on as long as they are stricter than @rest, then @rest. */
static size_t emit_conditions(struct builder *b, const struct call *call, uint32_t rest)
{
	const struct condition *chain[MAX_CONDITIONS];
	size_t n = 0, next;

	for (const struct condition *c = call->conditions; c; c = c->next) {
		if (call->unconditional && !seccomp_stricter(c->action, rest))
			break;
		if (n == MAX_CONDITIONS) {
			b->overflow = true;
			break;
		}
		chain[n++] = c;
	}
	next = emit_return(b, rest);
	while (n-- > 0) {
		size_t place = emit_return(b, chain[n]->action);

		for (size_t j = chain[n]->n_args; j-- > 0;)
			place = emit_condition(b, &chain[n]->args[j], place, next);
		if (chain[n]->has_first)
			place = emit_condition(b, &chain[n]->first, place, next);
		next = place;
	}
	return next;
}

static size_t emit_leaf(struct builder *b, const struct range *range)
{
	const struct call *call = range->call;
	uint32_t rest = call->unconditional ? call->action : b->default_action;

	b->narrow = range->narrow;
	return call->conditions ? emit_conditions(b, call, rest) : emit_return(b, rest);
}

/* emit_tree - the ranges @low..@high; it recurses as deep as the logarithm of their number. */
static size_t emit_tree(struct builder *b, size_t low, size_t high)
{
	size_t middle = low + (high - low + 1) / 2;
	size_t at_least, below;

	if (low == high)
		return emit_leaf(b, &b->ranges[low]);
	at_least = emit_tree(b, middle, high);
	below = emit_tree(b, low, middle - 1);
	return emit_jump(b, BPF_JGE, b->ranges[middle].first, at_least, below);
}

/* add_range - the numbers from @first on are as @call; merged with the range before if it is equal. */
static void add_range(struct builder *b, uint32_t first, bool narrow, const struct call *call)
{
	const struct call *last = b->n_ranges ? b->ranges[b->n_ranges - 1].call : NULL;

	if (last && !last->conditions && !call->conditions &&
	    last->unconditional == call->unconditional && last->action == call->action)
		return;
	b->ranges[b->n_ranges++] = (struct range){.first = first, .narrow = narrow, .call = call};
}

/* What numbers have that no table has. */
static const struct call unmentioned;
static const struct call hidden = {.unconditional = true, .action = SECCOMP_RET_ERRNO | ENOSYS};
static const struct call killed = {.unconditional = true, .action = SECCOMP_RET_KILL_PROCESS};

/*
 * add_end - the numbers that no system call has: -1 is one that a tracer has skipped. x32 is an
 * architecture of its own, killed unless the policy names it.
 */
static void add_end(struct builder *b, uint32_t audit, uint32_t end)
{
	if (end < SECCOMP_X32_BIT)
		add_range(b, SECCOMP_X32_BIT, false,
			  audit == SCMP_ARCH_X86_64 ? &killed : &unmentioned);
	add_range(b, UINT32_MAX, false, &unmentioned);
}

/*
 * emit_arch - the program for the calls of one architecture, which has the tables from @i on.
 * Returns the place of its first instruction; @i is moved behind them.
 */
static size_t emit_arch(struct builder *b, const struct call_tables *t, size_t *i, bool hide)
{
	uint32_t audit = t->tables[*i].audit, end = 0;
	size_t tree;

	b->n_ranges = 0;
	for (; *i < t->n && t->tables[*i].audit == audit; ++*i) {
		const struct call_table *table = &t->tables[*i];

		for (uint32_t nr = 0; nr < table->n_calls; nr++)
			add_range(b, table->first + nr, table->narrow, &table->calls[nr]);
		end = table->first + (uint32_t)table->n_calls;
		add_range(b, end, false, hide && table->n_calls > 0 ? &hidden : &unmentioned);
	}
	add_end(b, audit, end);
	tree = emit_tree(b, 0, b->n_ranges - 1);
	if (tree + 1 != b->n)
		emit(b,
		     (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, (uint32_t)distance(b, tree)));
	return emit_load(b, offsetof(struct seccomp_data, nr));
}

/* finish - from the architectures' programs to the one that chooses among them. */
static int finish(struct builder *b, const struct call_tables *t, bool hide,
		  struct sock_fprog *prog)
{
	const struct json_source *source = b->at->source;
	struct {
		uint32_t audit;
		size_t place;
	} archs[MAX_CALL_TABLES];
	struct sock_filter *code;
	size_t n = 0, next;

	for (size_t i = 0; i < t->n; n++) {
		archs[n].audit = t->tables[i].audit;
		archs[n].place = emit_arch(b, t, &i, hide);
	}
	/* A thread killed alone would leave its process half alive. */
	next = emit_return(b, SECCOMP_RET_KILL_PROCESS);
	while (n-- > 0)
		next = emit_jump(b, BPF_JEQ, archs[n].audit, archs[n].place, next);
	emit_load(b, offsetof(struct seccomp_data, arch));
	if (b->overflow)
		return json_fail(b->at, "is too long: the kernel takes %d instructions",
				 BPF_MAXINSNS);
	code = arena_new(source->arena, struct sock_filter, b->n, source->err);
	if (!code)
		return -1;
	for (size_t i = 0; i < b->n; i++)
		code[i] = b->code[b->n - 1 - i];
	prog->len = (unsigned short)b->n;
	prog->filter = code;
	return 0;
}

static size_t count_ranges(const struct call_tables *t)
{
	size_t n = 2; /* x32 and -1 */

	for (size_t i = 0; i < t->n; i++)
		n += t->tables[i].n_calls + 1;
	return n;
}

int seccomp_tree(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		 struct sock_fprog *prog)
{
	struct error *err = at->source->err;
	_cleanup_arena_ struct arena scratch = {0};
	struct call_tables tables;
	struct builder *b;

	if (seccomp_calls(at, policy, arch, &scratch, &tables) < 0)
		return -1;
	b = arena_new(&scratch, struct builder, 1, err);
	if (!b)
		return -1;
	b->at = at;
	b->default_action = policy->default_action;
	b->ranges = arena_new(&scratch, struct range, count_ranges(&tables), err);
	if (!b->ranges)
		return -1;
	return finish(b, &tables, seccomp_hides_newer(policy), prog);
}
