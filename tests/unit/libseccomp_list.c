/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * libseccomp_list.c: libseccomp turns a policy into a program.
 *
 * libseccomp 2.5 writes programs only to a descriptor; it gets a memfd. In front of its program go
 * six instructions of our own: the answer to system calls younger than the policy.
 */
#include "tests/unit/libseccomp_list.h"

#include <ctype.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/seccomp/calls.h"

#define ARCH_PREFIX "SCMP_ARCH_"
#define HIDE_INSNS 6

struct filter {
	scmp_filter_ctx ctx;
	const struct json_at *at;
	uint32_t arch;
};

static int newest_call(const struct seccomp_policy *policy, uint32_t arch)
{
	int newest = -1;

	for (size_t i = 0; i < policy->n_rules; i++)
		for (size_t j = 0; j < policy->rules[i].n_names; j++) {
			int nr = seccomp_syscall_resolve_name_arch(arch, policy->rules[i].names[j]);

			if (nr > newest)
				newest = nr;
		}
	return newest;
}

static int add_architecture(const struct filter *f, const char *name)
{
	char lower[32];
	uint32_t arch;
	size_t i;
	int r;

	if (strncmp(name, ARCH_PREFIX, strlen(ARCH_PREFIX)) != 0)
		return json_fail_key(f->at, "architectures", "no such architecture: `%s`", name);
	name += strlen(ARCH_PREFIX);
	for (i = 0; i < sizeof(lower) - 1 && name[i]; i++)
		lower[i] = (char)tolower((unsigned char)name[i]);
	lower[i] = '\0';
	arch = seccomp_arch_resolve_name(lower);
	if (arch == 0)
		return json_fail_key(f->at, "architectures", "no such architecture: `%s%s`",
				     ARCH_PREFIX, name);
	if (arch == f->arch)
		return 0;
	r = seccomp_arch_add(f->ctx, arch);
	if (r < 0 && r != -EEXIST)
		return json_fail_key(f->at, "architectures", "cannot add `%s%s`: %s", ARCH_PREFIX,
				     name, errno_name(-r));
	return 0;
}

static struct scmp_arg_cmp comparison(const struct seccomp_arg *arg)
{
	static const enum scmp_compare ops[] = {
		[OP_NE] = SCMP_CMP_NE,
		[OP_LT] = SCMP_CMP_LT,
		[OP_LE] = SCMP_CMP_LE,
		[OP_EQ] = SCMP_CMP_EQ,
		[OP_GE] = SCMP_CMP_GE,
		[OP_GT] = SCMP_CMP_GT,
		[OP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
	};

	return (struct scmp_arg_cmp){
		.arg = arg->index,
		.op = ops[arg->op],
		.datum_a = arg->value,
		.datum_b = arg->value_two,
	};
}

static int add(const struct filter *f, const struct seccomp_rule *rule, const char *name,
	       const struct scmp_arg_cmp *args, size_t n_args)
{
	int nr = seccomp_syscall_resolve_name(name); /* libseccomp translates for other machines */
	int r;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	r = seccomp_rule_add_array(f->ctx, rule->action, nr, (unsigned int)n_args, args);
	if (r < 0 && r != -EEXIST)
		return json_fail_key(f->at, "syscalls", "cannot add a rule for `%s`: %s", name,
				     errno_name(-r));
	return 0;
}

/*
 * add_rule - one element of "syscalls". All its conditions must hold, but when it names an
 * argument twice, each stands alone: so do the other runtimes, and engines' profiles rely on it.
 */
static int add_rule(const struct filter *f, const struct seccomp_rule *rule)
{
	struct scmp_arg_cmp args[6];
	bool alone = seccomp_rule_repeats_arg(rule);

	for (size_t i = 0; i < rule->n_names; i++) {
		for (size_t j = 0; j < rule->n_args; j++) {
			struct scmp_arg_cmp one = comparison(&rule->args[j]);

			if (alone && add(f, rule, rule->names[i], &one, 1) < 0)
				return -1;
			if (!alone)
				args[j] = one; /* six different arguments at most */
		}
		if (!alone && add(f, rule, rule->names[i], args, rule->n_args) < 0)
			return -1;
	}
	return 0;
}

static int fill(const struct filter *f, const struct seccomp_policy *policy)
{
	int r = 0;

	if (f->arch != seccomp_arch_native()) {
		r = seccomp_arch_add(f->ctx, f->arch);
		if (r == 0)
			r = seccomp_arch_remove(f->ctx, seccomp_arch_native());
	}
	/* A thread killed alone would leave its process half alive. */
	if (r == 0)
		r = seccomp_attr_set(f->ctx, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
	if (r < 0)
		return json_fail(f->at, "cannot prepare the filter: %s", errno_name(-r));
	for (size_t i = 0; i < policy->n_architectures; i++)
		if (add_architecture(f, policy->architectures[i]) < 0)
			return -1;
	for (size_t i = 0; i < policy->n_rules; i++) {
		/* libseccomp refuses rules that say what the default says. */
		if (policy->rules[i].action == policy->default_action)
			continue;
		if (add_rule(f, &policy->rules[i]) < 0)
			return -1;
	}
	return 0;
}

/* hide_newer - write the instructions that answer ENOSYS beyond the call @newest. */
static void hide_newer(struct sock_filter *to, uint32_t arch, int newest)
{
	const struct sock_filter code[HIDE_INSNS] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, arch, 0, 4),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, (uint32_t)newest, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, SECCOMP_X32_BIT, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
	};

	memcpy(to, code, sizeof(code));
}

/* export - read libseccomp's program into the arena, behind @before free instructions. */
static int export(const struct filter *f, size_t before, struct sock_fprog *prog)
{
	const struct json_source *source = f->at->source;
	_cleanup_fd_ int fd = memfd_create("seccomp", MFD_CLOEXEC);
	struct sock_filter *code;
	struct stat st;
	size_t insns;

	if (fd < 0 || seccomp_export_bpf(f->ctx, fd) < 0 || fstat(fd, &st) < 0)
		return error_set(source->err, errno, "cannot compile the seccomp filter");
	insns = (size_t)st.st_size / sizeof(*code);
	if (before + insns > BPF_MAXINSNS)
		return json_fail(f->at, "is too long: %zu instructions; the kernel takes %d",
				 before + insns, BPF_MAXINSNS);
	code = arena_new(source->arena, struct sock_filter, before + insns, source->err);
	if (!code)
		return -1;
	if (pread(fd, code + before, insns * sizeof(*code), 0) != st.st_size)
		return error_set(source->err, EIO, "cannot read back the seccomp filter");
	prog->len = (unsigned short)(before + insns);
	prog->filter = code;
	return 0;
}

int libseccomp_list(const struct json_at *at, const struct seccomp_policy *policy, uint32_t arch,
		    struct sock_fprog *prog)
{
	struct filter f = {.at = at, .arch = arch};
	int newest = seccomp_hides_newer(policy) ? newest_call(policy, arch) : -1;
	int r;

	f.ctx = seccomp_init(policy->default_action);
	if (!f.ctx)
		return json_fail_key(at, "defaultAction", "the kernel cannot do this");
	r = fill(&f, policy);
	if (r == 0)
		r = export(&f, newest >= 0 ? HIDE_INSNS : 0, prog);
	if (r == 0 && newest >= 0)
		hide_newer(prog->filter, arch, newest);
	seccomp_release(f.ctx);
	return r;
}
