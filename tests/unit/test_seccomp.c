/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_seccomp.c: the default profile and its two compilers (runtime/seccomp).
 *
 * The tree made at build time must give every system call the verdict that libseccomp's program
 * gives it; both are run by an interpreter (bpf.h). What the profile is for is then asked of the
 * program itself, call by call.
 */
#include "bundle.h"

#include <errno.h>
#include <json-c/json.h>
#include <linux/audit.h>
#include <seccomp.h>

#include "bpf.h"
#include "runtime/oci/spec.h"
#include "runtime/seccomp/default.h"
#include "runtime/seccomp/tree.h"
#include "tests/unit/libseccomp_list.h"

#define PROFILE "runtime/seccomp/default.json"
#define NEWEST "futex_requeue" /* the youngest call in default.json */
#define DENIED (SECCOMP_RET_ERRNO | EPERM)
#define UNKNOWN (SECCOMP_RET_ERRNO | ENOSYS)
#define ALLOWED SECCOMP_RET_ALLOW

static const uint32_t arches[] = {SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64};

struct fixture {
	struct arena arena;
	struct error err;
	struct json_source source;
	struct json_object *tree;
	struct json_at at;
	struct seccomp_policy policy;
};

/* use - make @tree the fixture's policy. */
static void use(struct fixture *f, struct json_object *tree)
{
	json_free(&f->tree);
	f->tree = tree;
	f->at = (struct json_at){.source = &f->source, .value = tree};
	if (!tree || seccomp_policy_decode(&f->at, &f->policy) < 0)
		fail_msg("%s", f->err.what);
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->source = (struct json_source){.name = "profile", .arena = &f->arena, .err = &f->err};
	use(f, json_read(AT_FDCWD, PROFILE, &f->source));
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	json_free(&f->tree);
	arena_free(&f->arena);
	free(f);
	return 0;
}

static struct sock_fprog tree_of(struct fixture *f, uint32_t arch)
{
	struct sock_fprog prog = {0};

	if (seccomp_tree(&f->at, &f->policy, arch, &prog) < 0)
		fail_msg("%s", f->err.what);
	return prog;
}

static struct sock_fprog list_of(struct fixture *f, uint32_t arch)
{
	struct sock_fprog prog = {0};

	if (libseccomp_list(&f->at, &f->policy, arch, &prog) < 0)
		fail_msg("%s", f->err.what);
	return prog;
}

/* --- both compilers agree */

static void assert_agree(const struct sock_fprog *tree, const struct sock_fprog *list,
			 const struct seccomp_data *data)
{
	uint32_t verdict = bpf_run(tree, data), expected = bpf_run(list, data);

	if (verdict != expected || verdict == BPF_BAD)
		fail_msg("arch %x call %d (%llx, %llx, %llx): tree says %x, libseccomp %x",
			 data->arch, data->nr, (unsigned long long)data->args[0],
			 (unsigned long long)data->args[1], (unsigned long long)data->args[2],
			 verdict, expected);
}

/* Where comparisons could go wrong: the profile's own values, their neighbours, the halves. */
static const uint64_t values[] = {
	0,
	1,
	2,
	3,
	4,
	6,
	7,
	8,
	9,
	10,
	11,
	12,
	15,
	16,
	17,
	38,
	40,
	0x5411,
	0x5412,
	0x5413,
	0x541b,
	0x541c,
	0x541d,
	0x15412,
	0x80005412,
	0x100005412,
	0xffffffff00005412,
	0xffffffff0000541c,
	0x20000,
	0x02000000,
	0x04000000,
	0x08000000,
	0x10000000,
	0x20000000,
	0x40000000,
	0x7e020000,
	0x80000000,
	0x01200011,
	0x7fffffff,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x800000000,
	0xffffffff00000000,
	0xffffffff00000001,
	UINT64_MAX,
};

static bool is_conditional(const struct fixture *f, uint32_t arch, int nr)
{
	for (size_t i = 0; i < f->policy.n_rules; i++) {
		const struct seccomp_rule *rule = &f->policy.rules[i];

		for (size_t j = 0; rule->n_args > 0 && j < rule->n_names; j++)
			if (seccomp_syscall_resolve_name_arch(arch, rule->names[j]) == nr)
				return true;
	}
	return false;
}

static void compare_call(const struct fixture *f, const struct sock_fprog *tree,
			 const struct sock_fprog *list, uint32_t arch, int nr)
{
	size_t n = is_conditional(f, arch, nr) ? ARRAY_SIZE(values) : 3;
	struct seccomp_data data = {.nr = nr, .arch = arch};

	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			for (size_t k = 0; k < n; k += 3) {
				data.args[0] = values[i];
				data.args[1] = values[j];
				data.args[2] = values[k];
				assert_agree(tree, list, &data);
			}
}

static void the_tree_agrees_with_libseccomp_on_the_default_profile(void **state)
{
	static const uint32_t odd[] = {
		1023,	    4096,	0x3ffffffe,	  0x3fffffff,
		0x40000000, 0x40000001, 0x40000000 + 512, 0x7fffffff,
		0x80000000, 0xfffffffd, 0xfffffffe,	  0xffffffff,
	};
	struct fixture *f = *state;

	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]), list = list_of(f, arches[a]);

		for (int nr = 0; nr <= 600; nr++)
			compare_call(f, &tree, &list, arches[a], nr);
		for (size_t i = 0; i < ARRAY_SIZE(odd); i++)
			compare_call(f, &tree, &list, arches[a], (int)odd[i]);
		for (int nr = 0x40000000; nr < 0x40000000 + 600; nr++)
			compare_call(f, &tree, &list, arches[a], nr);
	}
}

static void other_architectures_are_killed(void **state)
{
	static const uint32_t others[] = {AUDIT_ARCH_I386,    AUDIT_ARCH_ARM,	  AUDIT_ARCH_X86_64,
					  AUDIT_ARCH_AARCH64, AUDIT_ARCH_RISCV64, 0,
					  UINT32_MAX};
	struct fixture *f = *state;

	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]), list = list_of(f, arches[a]);

		for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
			struct seccomp_data data = {.nr = 0, .arch = others[i]};

			if (others[i] == arches[a])
				continue;
			assert_agree(&tree, &list, &data);
			assert_int_equal(bpf_run(&tree, &data), SECCOMP_RET_KILL_PROCESS);
		}
	}
}

/* A profile of one conditional rule for getpid, in which each comparison takes its turn. */
static void both_compilers_compare_alike(void **state)
{
	static const char *const ops[] = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"};
	static const uint64_t constants[] = {
		0,	     1,		  0x7fffffff,	  0x80000000,	  0xffffffff,
		0x100000000, 0x100000001, 0xabcd00001234, UINT64_MAX - 1, UINT64_MAX};
	struct fixture *f = *state;
	int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, "getpid");

	for (size_t o = 0; o < ARRAY_SIZE(ops); o++)
		for (size_t c = 0; c < ARRAY_SIZE(constants); c++) {
			struct sock_fprog tree, list;
			char text[512];
			int n;

			if (o == OP_MASKED_EQ && constants[c] == 0)
				continue;
			n = snprintf(
				text, sizeof(text),
				"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":"
				"[\"getpid\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{"
				"\"index\":2,\"op\":\"SCMP_CMP_%s\",\"value\":%llu,"
				"\"valueTwo\":%llu}]}]}",
				ops[o], (unsigned long long)constants[c],
				(unsigned long long)(constants[c] & 0xff00ff00ff00ff01));
			use(f, json_parse(text, (size_t)n, &f->source));
			tree = tree_of(f, SCMP_ARCH_X86_64);
			list = list_of(f, SCMP_ARCH_X86_64);
			for (size_t i = 0; i < ARRAY_SIZE(values) + ARRAY_SIZE(constants) * 3;
			     i++) {
				struct seccomp_data data = {.nr = nr, .arch = SCMP_ARCH_X86_64};
				size_t k = i - ARRAY_SIZE(values);

				data.args[2] = i < ARRAY_SIZE(values)
						       ? values[i]
						       : constants[k / 3] + k % 3 - 1;
				assert_agree(&tree, &list, &data);
			}
			arena_free(&f->arena);
		}
}

/* Two rules for one call, of two conditions each. */
static void both_compilers_combine_alike(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":["
		"{\"names\":[\"fcntl\",\"dup\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":0,\"op\":\"SCMP_CMP_GT\",\"value\":2},"
		"{\"index\":1,\"op\":\"SCMP_CMP_EQ\",\"value\":4294967295}]},"
		"{\"names\":[\"fcntl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":1,\"op\":\"SCMP_CMP_NE\",\"value\":1},"
		"{\"index\":2,\"op\":\"SCMP_CMP_MASKED_EQ\",\"value\":4294967297,\"valueTwo\":1}]},"
		"{\"names\":[\"read\",\"write\",\"exit\"],\"action\":\"SCMP_ACT_TRAP\"}]}";
	struct fixture *f = *state;

	use(f, json_parse(text, strlen(text), &f->source));
	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]), list = list_of(f, arches[a]);

		for (int nr = 0; nr <= 600; nr++)
			compare_call(f, &tree, &list, arches[a], nr);
	}
}

/* No two calls have the same verdict, so nothing is merged or shared and jumps get long. */
static void a_long_program_jumps_right(void **state)
{
	struct fixture *f = *state;
	struct json_object *profile = json_object_new_object(), *rules = json_object_new_array();
	struct sock_fprog tree, list;

	json_object_object_add(profile, "defaultAction", json_object_new_string("SCMP_ACT_TRAP"));
	json_object_object_add(profile, "syscalls", rules);
	for (int nr = 0; nr <= 456; nr++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, nr);
		struct json_object *rule, *names;

		if (!name)
			continue;
		rule = json_object_new_object();
		names = json_object_new_array();
		json_object_array_add(names, json_object_new_string(name));
		json_object_object_add(rule, "names", names);
		json_object_object_add(rule, "action", json_object_new_string("SCMP_ACT_ERRNO"));
		json_object_object_add(rule, "errnoRet", json_object_new_int(nr + 1));
		json_object_array_add(rules, rule);
		free(name);
	}
	use(f, profile);
	tree = tree_of(f, SCMP_ARCH_X86_64);
	list = list_of(f, SCMP_ARCH_X86_64);
	assert_true(tree.len > 700);
	for (int nr = 0; nr <= 600; nr++)
		compare_call(f, &tree, &list, SCMP_ARCH_X86_64, nr);
}

/* --- what the default profile is for */

static uint32_t verdict(const struct sock_fprog *prog, uint32_t arch, const char *call,
			const uint64_t args[3])
{
	int nr = seccomp_syscall_resolve_name_arch(arch, call);
	struct seccomp_data data = {.nr = nr, .arch = arch};

	memcpy(data.args, args, 3 * sizeof(args[0]));
	return nr < 0 ? BPF_BAD : bpf_run(prog, &data);
}

static void dangerous_calls_are_denied(void **state)
{
	static const char *const calls[] = {
		"acct",
		"add_key",
		"adjtimex",
		"bpf",
		"chroot",
		"clock_adjtime",
		"clock_settime",
		"delete_module",
		"fanotify_init",
		"finit_module",
		"fsconfig",
		"fsmount",
		"fsopen",
		"fspick",
		"init_module",
		"io_setup",
		"io_uring_enter",
		"io_uring_register",
		"io_uring_setup",
		"ioperm",
		"iopl",
		"kcmp",
		"kexec_file_load",
		"kexec_load",
		"keyctl",
		"lookup_dcookie",
		"mbind",
		"memfd_secret",
		"migrate_pages",
		"modify_ldt",
		"mount",
		"mount_setattr",
		"move_mount",
		"move_pages",
		"name_to_handle_at",
		"open_by_handle_at",
		"open_tree",
		"perf_event_open",
		"pidfd_getfd",
		"pivot_root",
		"process_madvise",
		"process_vm_readv",
		"process_vm_writev",
		"ptrace",
		"quotactl",
		"quotactl_fd",
		"reboot",
		"request_key",
		"setdomainname",
		"sethostname",
		"setns",
		"settimeofday",
		"swapoff",
		"swapon",
		"syslog",
		"umount2",
		"unshare",
		"uselib",
		"userfaultfd",
		"vhangup",
		"vmsplice",
	};
	static const uint64_t zero[3] = {0};
	struct fixture *f = *state;

	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]);

		for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
			uint32_t v = verdict(&tree, arches[a], calls[i], zero);

			if (v == BPF_BAD && arches[a] == SCMP_ARCH_AARCH64)
				continue; /* it has fewer */
			if (v != DENIED)
				fail_msg("%s: %x", calls[i], v);
		}
	}
}

static void arguments_decide_where_a_call_is_half_dangerous(void **state)
{
	static const struct {
		const char *call;
		uint64_t args[3];
		uint32_t verdict;
	} cases[] = {
		{"clone", {0x01200011}, ALLOWED}, /* fork */
		{"clone", {0x003d0f00}, ALLOWED}, /* a thread */
		{"clone", {0x10000011}, DENIED},  /* CLONE_NEWUSER */
		{"clone", {0x00020011}, DENIED},  /* CLONE_NEWNS */
		{"clone", {0x40000011}, DENIED},  /* CLONE_NEWNET */
		{"clone", {0x02000011}, DENIED},  /* CLONE_NEWCGROUP */
		{"clone3", {0}, UNKNOWN},	  /* its flags are behind a pointer */
		{"socket", {1, 1, 0}, ALLOWED},	  /* AF_UNIX */
		{"socket", {2, 2, 17}, ALLOWED},  /* AF_INET */
		{"socket", {10, 1, 6}, ALLOWED},  /* AF_INET6 */
		{"socket", {16, 3, 0}, ALLOWED},  /* NETLINK_ROUTE */
		{"socket", {16, 3, 6}, DENIED},	  /* NETLINK_XFRM */
		{"socket", {16, 3, 12}, DENIED},  /* NETLINK_NETFILTER */
		{"socket", {17, 3, 0}, DENIED},	  /* AF_PACKET */
		{"socket", {38, 5, 0}, DENIED},	  /* AF_ALG */
		{"socket", {40, 1, 0}, DENIED},	  /* AF_VSOCK */
		{"socket", {0x100000001, 1, 0}, DENIED},
		{"socketpair", {1, 1, 0}, ALLOWED},
		{"socketpair", {2, 1, 0}, DENIED},
		{"personality", {0xffffffff}, ALLOWED}, /* a query */
		{"personality", {0}, ALLOWED},
		{"personality", {0x0400000}, DENIED},	     /* READ_IMPLIES_EXEC */
		{"personality", {0x0040000}, DENIED},	     /* ADDR_NO_RANDOMIZE */
		{"ioctl", {0, 0x5401}, ALLOWED},	     /* TCGETS */
		{"ioctl", {0, 0x5413}, ALLOWED},	     /* TIOCGWINSZ */
		{"ioctl", {0, 0xffffffff80045430}, ALLOWED}, /* TIOCGPTN with its sign extended */
		{"ioctl", {0, 0x5412}, DENIED},		     /* TIOCSTI */
		{"ioctl", {0, 0x541c}, DENIED},		     /* TIOCLINUX */
		{"ioctl", {0, 0x100005412}, DENIED},	     /* the kernel looks at 32 bits */
		{"ioctl", {0, 0xffffffff00005412}, DENIED},
	};
	struct fixture *f = *state;

	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]);

		for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
			uint32_t v = verdict(&tree, arches[a], cases[i].call, cases[i].args);

			if (v != cases[i].verdict)
				fail_msg("%s(%llx, %llx): %x", cases[i].call,
					 (unsigned long long)cases[i].args[0],
					 (unsigned long long)cases[i].args[1], v);
		}
	}
}

/* The profile says "not TIOCSTI" in masks over the low 16 bits: nothing else may be caught. */
static void no_other_ioctl_of_the_terminal_s_is_denied(void **state)
{
	struct sock_fprog tree = tree_of(*state, SCMP_ARCH_X86_64);
	int nr = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86_64, "ioctl");

	for (uint32_t request = 0; request <= UINT16_MAX; request++) {
		struct seccomp_data data = {.nr = nr, .arch = SCMP_ARCH_X86_64};
		bool denied = request == 0x5412 || request == 0x541c;

		data.args[1] = request;
		assert_int_equal(bpf_run(&tree, &data), denied ? DENIED : ALLOWED);
	}
}

static void calls_younger_than_the_profile_do_not_exist(void **state)
{
	struct fixture *f = *state;

	for (size_t a = 0; a < ARRAY_SIZE(arches); a++) {
		struct sock_fprog tree = tree_of(f, arches[a]);
		struct seccomp_data data = {.arch = arches[a]};

		data.nr = seccomp_syscall_resolve_name_arch(arches[a], NEWEST);
		assert_true(data.nr >= 449);
		assert_int_equal(bpf_run(&tree, &data), ALLOWED);
		data.nr++;
		assert_int_equal(bpf_run(&tree, &data), UNKNOWN);
		data.nr = 0x3fffffff;
		assert_int_equal(bpf_run(&tree, &data), UNKNOWN);
		data.nr = -1;
		assert_int_equal(bpf_run(&tree, &data), DENIED);
	}
}

/* Other runtimes read it so, and engines' profiles mean it so. */
static void conditions_on_one_argument_stand_alone(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":[\"getpid\"],"
		"\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":3},"
		"{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":5}]}]}";
	struct fixture *f = *state;
	struct sock_fprog prog;

	use(f, json_parse(text, strlen(text), &f->source));
	prog = tree_of(f, SCMP_ARCH_X86_64);
	for (uint64_t i = 0; i < 8; i++) {
		const uint64_t args[3] = {i};

		assert_int_equal(verdict(&prog, SCMP_ARCH_X86_64, "getpid", args),
				 i == 3 || i == 5 ? ALLOWED : DENIED);
	}
}

/* --- what was built in */

static void the_program_built_in_is_the_profile_s(void **state)
{
	struct fixture *f = *state;
	uint32_t arch = seccomp_default_filter[1].k; /* what it compares the architecture with */
	struct sock_fprog tree = tree_of(f, arch);
	size_t length = seccomp_policy_text(&f->policy, NULL, 0);
	char *text = malloc(length);

	assert_int_equal(tree.len, seccomp_default_filter_length);
	assert_memory_equal(tree.filter, seccomp_default_filter, tree.len * sizeof(*tree.filter));
	assert_int_equal(length, seccomp_default_text_length);
	seccomp_policy_text(&f->policy, text, length);
	assert_memory_equal(text, seccomp_default_text, length);
	free(text);
}

static void the_text_reads_back_as_itself(void **state)
{
	struct fixture *f = *state;
	char *text = malloc(seccomp_default_text_length);

	use(f, json_parse(seccomp_default_text, seccomp_default_text_length, &f->source));
	assert_int_equal(seccomp_policy_text(&f->policy, text, seccomp_default_text_length),
			 seccomp_default_text_length);
	assert_memory_equal(text, seccomp_default_text, seccomp_default_text_length);
	free(text);
}

/* --- in a container's configuration */

static char *spec_text(void)
{
	FILE *file = tmpfile();
	struct error err = ERROR_INIT;
	const struct spec_options options = {.namespaces = SPEC_USUAL};
	char *text = calloc(1, 65536);

	assert_int_equal(spec_write(fileno(file), &options, &err), 0);
	rewind(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

static void the_default_profile_is_known_by_its_text_and_by_what_it_says(void **state)
{
	struct bundle *b = *state;
	char *text = spec_text();
	const struct plan *plan = bundle_load(b, text);
	struct json_object *tree;

	assert_non_null(plan);
	assert_ptr_equal(plan->seccomp.prog.filter, seccomp_default_filter);
	/* As an engine would write it again: without white space. */
	tree = json_tokener_parse(text);
	plan = bundle_load(b, json_object_to_json_string_ext(tree, JSON_C_TO_STRING_PLAIN));
	assert_non_null(plan);
	assert_ptr_equal(plan->seccomp.prog.filter, seccomp_default_filter);
	json_object_put(tree);
	free(text);
}

static void a_profile_that_differs_a_little_is_compiled(void **state)
{
	static const char *const changes[][2] = {
		{"\"mmap\"", "\"mmab\""},
		{"\"defaultErrnoRet\":1,", "\"defaultErrnoRet\":2,"},
		{"\"value\":2114060288", "\"value\":2114060289"},
		{"\"errnoRet\":38", "\"errnoRet\":39"},
		{"{\"defaultAction\"",
		 "{\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"defaultAction\""},
		{"{\"defaultAction\"", "{\"architectures\":[\"SCMP_ARCH_X86\"],\"defaultAction\""},
	};
	char *text = spec_text();

	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		const char *at = strstr(text, changes[i][0]);
		char *changed = calloc(1, 70000);
		const struct plan *plan;

		assert_non_null(at);
		snprintf(changed, 70000, "%.*s%s%s", (int)(at - text), text, changes[i][1],
			 at + strlen(changes[i][0]));
		plan = bundle_load(*state, changed);
		assert_non_null(plan);
		assert_ptr_not_equal(plan->seccomp.prog.filter, seccomp_default_filter);
		assert_true(plan->seccomp.prog.len > 0);
		free(changed);
	}
	free(text);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
#define BUNDLE_TEST(name) cmocka_unit_test_setup_teardown(name, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_tree_agrees_with_libseccomp_on_the_default_profile),
		TEST(other_architectures_are_killed),
		TEST(both_compilers_compare_alike),
		TEST(both_compilers_combine_alike),
		TEST(a_long_program_jumps_right),
		TEST(dangerous_calls_are_denied),
		TEST(arguments_decide_where_a_call_is_half_dangerous),
		TEST(no_other_ioctl_of_the_terminal_s_is_denied),
		TEST(calls_younger_than_the_profile_do_not_exist),
		TEST(conditions_on_one_argument_stand_alone),
		TEST(the_program_built_in_is_the_profile_s),
		TEST(the_text_reads_back_as_itself),
		BUNDLE_TEST(the_default_profile_is_known_by_its_text_and_by_what_it_says),
		BUNDLE_TEST(a_profile_that_differs_a_little_is_compiled),
	};

	return cmocka_run_group_tests_name("runtime/seccomp", tests, NULL, NULL);
}
