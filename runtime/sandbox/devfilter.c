/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devfilter.c: device rules compiled to a BPF_PROG_TYPE_CGROUP_DEVICE program.
 *
 * The specification's list is read from the first rule to the last and the last match wins. The
 * program tests the rules the other way round and returns at the first match; what no rule matches
 * is denied. The rules every container needs (the default devices, pseudo-terminals, making nodes
 * that then cannot be opened) come after the plan's, as in runc and crun, so they are tested first.
 *
 * An allowing rule matches when it covers every access asked for, a denying one when it covers any.
 *
 * The kernel verifies and translates a program that it does not have yet (devcache.c), at a cost for
 * each instruction, so it is kept short. In a run of rules with one verdict the order does not matter:
 * those that differ in a minor number below 32 alone become one test of a bit mask.
 */
#include "runtime/sandbox/devfilter.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "lib/sys.h"
#include "runtime/sandbox/devcache.h"

#define MAX_RULES 256
#define INSNS_PER_RULE 10
#define PROLOGUE_INSNS 6
#define ALWAYS_INSNS 10
#define EPILOGUE_INSNS 4
#define MASK_BITS 32

#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

/* Where a jump goes that is still to be resolved; all others go forward by at least one. */
#define TO_DENY (-1)
#define TO_ALLOW (-2)

static_assert(DEVFILTER_MAX_INSNS >=
		      PROLOGUE_INSNS + ALWAYS_INSNS + EPILOGUE_INSNS + MAX_RULES * INSNS_PER_RULE,
	      "the longest program fits");

static void emit(struct devfilter *p, unsigned int code, unsigned int dst, unsigned int src,
		 int off, int imm)
{
	struct bpf_insn *i = &p->insns[p->n++];

	i->code = (__u8)code;
	i->dst_reg = dst & 0xf;
	i->src_reg = src & 0xf;
	i->off = (__s16)off;
	i->imm = imm;
}

/* R2 type, R3 access, R4 major, R5 minor; R1 is scratch from then on. */
static void prologue(struct devfilter *p)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0);
	emit(p, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_4, BPF_REG_1, 4, 0);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_5, BPF_REG_1, 8, 0);
}

/*
 * always_allowed - what every container may do: make any node, open 1:3, 5, 7, 8 and 9 (null, zero,
 * full, random, urandom), 5:0 and 5:2 (tty, ptmx) and 136:* (pseudo-terminals).
 */
static void always_allowed(struct devfilter *p)
{
	int of_1 = 1 << 3 | 1 << 5 | 1 << 7 | 1 << 8 | 1 << 9, of_5 = 1 << 0 | 1 << 2;

	emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_3, 0, TO_ALLOW, BPF_DEVCG_ACC_MKNOD);
	emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 8, BPF_DEVCG_DEV_CHAR);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_4, 0, TO_ALLOW, 136);
	emit(p, BPF_JMP | BPF_JGT | BPF_K, BPF_REG_5, 0, 6, 9);
	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, of_1);
	emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_4, 0, 2, 1);
	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, of_5);
	emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, 2, 5);
	emit(p, BPF_ALU | BPF_RSH | BPF_X, BPF_REG_1, BPF_REG_5, 0, 0);
	emit(p, BPF_JMP | BPF_JSET | BPF_K, BPF_REG_1, 0, TO_ALLOW, 1);
}

static int access_of(const struct device_rule *r)
{
	return (r->mknod ? BPF_DEVCG_ACC_MKNOD : 0) | (r->read ? BPF_DEVCG_ACC_READ : 0) |
	       (r->write ? BPF_DEVCG_ACC_WRITE : 0);
}

/*
 * test - jump to @r's verdict when it matches. @minors: bit n stands for minor n, instead of
 * @r->minor; 0 for none.
 */
static void test(struct devfilter *p, const struct device_rule *r, uint32_t minors)
{
	int verdict = r->allow ? TO_ALLOW : TO_DENY;
	int access = access_of(r);
	size_t skips[4], n = 0;

	if (r->type != 'a') {
		skips[n++] = p->n;
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 0,
		     r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	}
	if (access != ACCESS_ALL) {
		emit(p, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
		emit(p, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0, access);
		skips[n++] = p->n;
		if (r->allow)
			emit(p, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
		else
			emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 0, 0);
	} else if (!r->allow) {
		skips[n++] = p->n;
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_3, 0, 0, 0);
	}
	if (r->major >= 0 && (r->minor >= 0 || minors)) {
		skips[n++] = p->n;
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, 0, (int)r->major);
	}
	if (minors) {
		skips[n++] = p->n;
		emit(p, BPF_JMP | BPF_JGT | BPF_K, BPF_REG_5, 0, 0, MASK_BITS - 1);
		emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, (int)minors);
		emit(p, BPF_ALU | BPF_RSH | BPF_X, BPF_REG_1, BPF_REG_5, 0, 0);
		emit(p, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0, 1);
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_1, 0, verdict, 0);
	} else if (r->minor >= 0) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_5, 0, verdict, (int)r->minor);
	} else if (r->major >= 0) {
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_4, 0, verdict, (int)r->major);
	} else {
		/* Always true; after a jump without a condition the kernel finds what follows dead. */
		emit(p, BPF_JMP | BPF_JGE | BPF_K, BPF_REG_2, 0, verdict, 0);
	}
	for (size_t i = 0; i < n; i++)
		p->insns[skips[i]].off = (__s16)(p->n - skips[i] - 1);
}

/* in_mask - is @r one of those whose minors share a mask with @first's? */
static bool in_mask(const struct device_rule *r, const struct device_rule *first)
{
	return r->minor >= 0 && r->minor < MASK_BITS && r->major >= 0 && r->major == first->major &&
	       r->type == first->type && access_of(r) == access_of(first);
}

/* run - the tests of @n rules with one verdict, in any order. */
static void run(struct devfilter *p, const struct device_rule *const *rules, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct device_rule *r = rules[i];
		uint32_t minors = 0;
		bool first = true;

		if (!in_mask(r, r)) {
			test(p, r, 0);
			continue;
		}
		for (size_t j = 0; j < n; j++) {
			if (!in_mask(rules[j], r))
				continue;
			first = first && j >= i;
			minors |= UINT32_C(1) << rules[j]->minor;
		}
		if (first)
			test(p, r, minors & (minors - 1) ? minors : 0);
	}
}

static bool matches_all(const struct device_rule *r)
{
	return r->type == 'a' && r->major < 0 && r->minor < 0 && access_of(r) == ACCESS_ALL;
}

/* epilogue - both verdicts; what reaches it is denied. */
static void epilogue(struct devfilter *p)
{
	size_t deny = p->n, allow = p->n + 2;

	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = 0; i < deny; i++) {
		struct bpf_insn *insn = &p->insns[i];

		if (insn->off == TO_DENY && BPF_CLASS(insn->code) == BPF_JMP)
			insn->off = (__s16)(deny - i - 1);
		else if (insn->off == TO_ALLOW && BPF_CLASS(insn->code) == BPF_JMP)
			insn->off = (__s16)(allow - i - 1);
	}
}

int devfilter_compile(struct devfilter *p, const struct device_rule *rules, size_t n,
		      struct error *err)
{
	static const struct device_rule *order[MAX_RULES];
	size_t total = 0, start = 0;

	if (n > MAX_RULES)
		return error_set(err, E2BIG, "linux.resources.devices: %zu rules, the limit is %d",
				 n, MAX_RULES);
	for (size_t i = n; i-- > 0;) {
		order[total++] = &rules[i];
		if (matches_all(&rules[i]))
			break; /* nothing before it can matter */
	}
	/* Denying is what comes of no match. */
	while (total && !order[total - 1]->allow)
		total--;
	p->n = 0;
	prologue(p);
	always_allowed(p);
	for (size_t i = 1; i <= total; i++) {
		if (i < total && order[i]->allow == order[start]->allow)
			continue;
		run(p, order + start, i - start);
		start = i;
	}
	epilogue(p);
	return 0;
}

static int load(struct devfilter *p, struct error *err)
{
	static const char license[] = "GPL";
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (__u64)(uintptr_t)p->insns;
	attr.insn_cnt = (__u32)p->n;
	attr.license = (__u64)(uintptr_t)license;
	devcache_name(p);
	memcpy(attr.prog_name, p->name, sizeof(attr.prog_name));
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0)
		return error_set(err, errno, "cannot load the device filter of %zu instructions",
				 p->n);
	return fd;
}

int devfilter_probe(struct error *err)
{
	static struct devfilter p;
	_cleanup_fd_ int prog = FD_EMPTY;

	if (devfilter_compile(&p, NULL, 0, err) < 0)
		return -1;
	prog = load(&p, err);
	return prog < 0 ? -1 : 0;
}

int devfilter_attach(int dir, const struct cgroup_plan *plan, struct error *err)
{
	_cleanup_fd_ int prog = FD_EMPTY;
	static struct devfilter p;
	union bpf_attr attr;

	if (!plan->n_device_rules)
		return 0;
	if (devfilter_compile(&p, plan->device_rules, plan->n_device_rules, err) < 0)
		return -1;
	prog = devcache_find(&p);
	if (prog < 0) {
		prog = load(&p, err);
		if (prog < 0)
			return -1;
		devcache_keep(&p, prog);
	}
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (__u32)dir;
	attr.attach_bpf_fd = (__u32)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot attach the device filter to the cgroup");
	return 0;
}
