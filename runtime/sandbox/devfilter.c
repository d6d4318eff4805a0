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
 */
#include "runtime/sandbox/devfilter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <string.h>

#include "lib/sys.h"

#define MAX_RULES 256
#define INSNS_PER_RULE 9
#define PROLOGUE_INSNS 6
#define EPILOGUE_INSNS 2

static const struct device_rule always[] = {
	/* allow type major minor read write mknod */
	{true, 'c', -1, -1, false, false, true}, {true, 'b', -1, -1, false, false, true},
	{true, 'c', 1, 3, true, true, true},	 {true, 'c', 1, 5, true, true, true},
	{true, 'c', 1, 7, true, true, true},	 {true, 'c', 1, 8, true, true, true},
	{true, 'c', 1, 9, true, true, true},	 {true, 'c', 5, 0, true, true, true},
	{true, 'c', 5, 2, true, true, true},	 {true, 'c', 136, -1, true, true, true},
};

struct program {
	struct bpf_insn insns[PROLOGUE_INSNS + EPILOGUE_INSNS +
			      (MAX_RULES + ARRAY_SIZE(always)) * INSNS_PER_RULE];
	size_t n;
};

static void emit(struct program *p, unsigned int code, unsigned int dst, unsigned int src, int off,
		 int imm)
{
	struct bpf_insn *i = &p->insns[p->n++];

	i->code = (__u8)code;
	i->dst_reg = dst & 0xf;
	i->src_reg = src & 0xf;
	i->off = (__s16)off;
	i->imm = imm;
}

/* R2 type, R3 access, R4 major, R5 minor; R1 is scratch from then on. */
static void prologue(struct program *p)
{
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0);
	emit(p, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_3, BPF_REG_2, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff);
	emit(p, BPF_ALU | BPF_RSH | BPF_K, BPF_REG_3, 0, 0, 16);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_4, BPF_REG_1, 4, 0);
	emit(p, BPF_LDX | BPF_MEM | BPF_W, BPF_REG_5, BPF_REG_1, 8, 0);
}

static void rule(struct program *p, const struct device_rule *r)
{
	int access = (r->mknod ? BPF_DEVCG_ACC_MKNOD : 0) | (r->read ? BPF_DEVCG_ACC_READ : 0) |
		     (r->write ? BPF_DEVCG_ACC_WRITE : 0);
	size_t jumps[4], n_jumps = 0;

	if (r->type != 'a') {
		jumps[n_jumps++] = p->n;
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 0,
		     r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR);
	}
	emit(p, BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
	emit(p, BPF_ALU | BPF_AND | BPF_K, BPF_REG_1, 0, 0, access);
	jumps[n_jumps++] = p->n;
	if (r->allow)
		emit(p, BPF_JMP | BPF_JNE | BPF_X, BPF_REG_1, BPF_REG_3, 0, 0);
	else
		emit(p, BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 0, 0);
	if (r->major >= 0) {
		jumps[n_jumps++] = p->n;
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_4, 0, 0, (int)r->major);
	}
	if (r->minor >= 0) {
		jumps[n_jumps++] = p->n;
		emit(p, BPF_JMP | BPF_JNE | BPF_K, BPF_REG_5, 0, 0, (int)r->minor);
	}
	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, r->allow ? 1 : 0);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
	for (size_t i = 0; i < n_jumps; i++)
		p->insns[jumps[i]].off = (__s16)(p->n - jumps[i] - 1);
}

static void compile(struct program *p, const struct device_rule *rules, size_t n)
{
	p->n = 0;
	prologue(p);
	for (size_t i = ARRAY_SIZE(always); i-- > 0;)
		rule(p, &always[i]);
	for (size_t i = n; i-- > 0;) {
		rule(p, &rules[i]);
		if (rules[i].type == 'a' && rules[i].major < 0 && rules[i].minor < 0 &&
		    rules[i].read && rules[i].write && rules[i].mknod)
			break; /* matches everything: nothing before it can matter */
	}
	emit(p, BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0);
	emit(p, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static int load(const struct program *p, struct error *err)
{
	static const char license[] = "GPL";
	union bpf_attr attr;
	int fd;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (__u64)(uintptr_t)p->insns;
	attr.insn_cnt = (__u32)p->n;
	attr.license = (__u64)(uintptr_t)license;
	fd = sys_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd < 0)
		return error_set(err, errno, "cannot load the device filter of %zu instructions",
				 p->n);
	return fd;
}

int devfilter_attach(int dir, const struct cgroup_plan *plan, struct error *err)
{
	_cleanup_fd_ int prog = FD_EMPTY;
	static struct program p;
	union bpf_attr attr;

	if (!plan->n_device_rules)
		return 0;
	if (plan->n_device_rules > MAX_RULES)
		return error_set(err, E2BIG, "linux.resources.devices: %zu rules, the limit is %d",
				 plan->n_device_rules, MAX_RULES);
	compile(&p, plan->device_rules, plan->n_device_rules);
	prog = load(&p, err);
	if (prog < 0)
		return -1;
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (__u32)dir;
	attr.attach_bpf_fd = (__u32)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (sys_bpf(BPF_PROG_ATTACH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot attach the device filter to the cgroup");
	return 0;
}
