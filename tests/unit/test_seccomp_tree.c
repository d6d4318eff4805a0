/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_seccomp_tree.c: foreign profiles become programs that do what they say (runtime/seccomp).
 *
 * Three tell what a profile says: the tree, run by an interpreter; the reference, which goes through
 * the rules one by one; and libseccomp, where its own faults do not get in the way (it merges
 * comparisons of one argument wrongly, GHSA-4q85-33p6-j5g6, and lets a rule without conditions undo a
 * stricter one with them). tests/unit/profiles has the profiles that Docker 20.10.24, Podman 4.3.1 and
 * containerd 1.6.20 give a plain container on x86_64, as they stand in the config.json they write.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "bpf.h"
#include "runtime/seccomp/cache.h"
#include "runtime/seccomp/tree.h"
#include "seccomp_reference.h"
#include "tests/unit/libseccomp_list.h"

static const char *const engines[] = {"docker", "podman", "containerd"};
static const uint32_t machines[] = {SCMP_ARCH_X86_64, SCMP_ARCH_AARCH64};

struct fixture {
	struct arena arena;
	struct error err;
	struct json_source source;
	struct json_object *tree;
	struct json_at at;
	struct seccomp_policy policy;
};

static void use(struct fixture *f, struct json_object *tree)
{
	json_free(&f->tree);
	f->tree = tree;
	f->at = (struct json_at){.source = &f->source, .value = tree};
	if (!tree || seccomp_policy_decode(&f->at, &f->policy) < 0)
		fail_msg("%s", f->err.what);
}

static void use_text(struct fixture *f, const char *text)
{
	use(f, json_parse(text, strlen(text), &f->source));
}

static void use_engine(struct fixture *f, const char *engine)
{
	char path[64];

	snprintf(path, sizeof(path), "tests/unit/profiles/%s.json", engine);
	use(f, json_read(AT_FDCWD, path, &f->source));
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->source = (struct json_source){.name = "profile", .arena = &f->arena, .err = &f->err};
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

static struct sock_fprog tree_of(struct fixture *f, uint32_t machine)
{
	struct sock_fprog prog = {0};

	if (seccomp_tree(&f->at, &f->policy, machine, &prog) < 0)
		fail_msg("%s", f->err.what);
	return prog;
}

/* The same numbers in every run. */
static uint32_t next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (uint32_t)(*seed >> 33);
}

/* Values that comparisons may get wrong: small ones, halves, signs, what profiles mention. */
static const uint64_t values[] = {
	0,
	1,
	2,
	3,
	8,
	9,
	10,
	16,
	0x20000,
	0x20008,
	0x10000000,
	0x7e020000,
	0x7fffffff,
	0x80000000,
	0xfffffffe,
	0xffffffff,
	0x100000000,
	0x100000001,
	0x100000009,
	0x7fffffffffffffff,
	0xffffffff00000000,
	0xffffffff00000009,
	0xfffffffffffffffe,
	UINT64_MAX,
};

static void assert_verdict(const char *who, const struct sock_fprog *prog, uint32_t expected,
			   const struct seccomp_data *d)
{
	uint32_t verdict = bpf_run(prog, d);

	if (verdict != expected || verdict == BPF_BAD)
		fail_msg("arch %x call %d (%llx, %llx, %llx): %s says %x, the profile %x", d->arch,
			 d->nr, (unsigned long long)d->args[0], (unsigned long long)d->args[1],
			 (unsigned long long)d->args[2], who, verdict, expected);
}

/* has_conditions - may the verdict on this call depend on its arguments? */
static bool has_conditions(const struct reference *r, size_t convention, uint32_t nr)
{
	size_t n = 0;

	if (convention == 1 && (nr == 102 || nr == 117))
		return true;
	for (size_t i = 0; i < r->policy->n_rules; i++)
		for (size_t j = 0; j < r->policy->rules[i].n_names; j++, n++) {
			int number = r->numbers[convention][n];

			if (convention == 1 && number <= -101 && number >= -224)
				number = reference_own(number);
			if (number == (int)nr && r->policy->rules[i].n_args)
				return true;
		}
	return false;
}

static void check_call(const struct reference *r, const struct sock_fprog *tree,
		       struct seccomp_data d, size_t convention, uint64_t *seed)
{
	int rounds = has_conditions(r, convention, (uint32_t)d.nr) ? 400 : 2;

	for (int i = 0; i < rounds; i++) {
		for (size_t a = 0; a < 6; a++) {
			d.args[a] = values[next_random(seed) % ARRAY_SIZE(values)];
			if (next_random(seed) % 4 == 0)
				d.args[a] += next_random(seed) % 3 - 1;
			if (convention == 1) /* the kernel clears the rest */
				d.args[a] = (uint32_t)d.args[a];
			if (convention == 1 && a == 0 && (d.nr == 102 || d.nr == 117))
				d.args[0] = next_random(seed) % 28 |
					    (next_random(seed) % 2 ? 0x10000U : 0);
		}
		assert_verdict("the tree", tree, reference_run(r, &d), &d);
	}
}

/* check_all - every number of every architecture that the machine can run, and odd ones. */
static void check_all(struct fixture *f, uint32_t machine, uint64_t *seed)
{
	static const uint32_t odd[] = {600,	   1023,       4096,	   0x0effff,
				       0x0f0000,   0x0f0002,   0x0f0005,   0x0f0006,
				       0x3fffffff, 0x40000000, 0x400001ff, 0x40000220,
				       0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	struct sock_fprog tree = tree_of(f, machine);
	struct reference r;

	reference_init(&r, &f->policy, machine);
	for (size_t c = 0; c < 3; c++) {
		uint32_t arch = reference_arch(machine, c);
		uint32_t first = arch == SCMP_ARCH_X32 ? 0x40000000 : 0;
		struct seccomp_data d = {.arch = arch == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : arch};

		for (uint32_t nr = 0; arch && nr < 600; nr++) {
			d.nr = (int)(first + nr);
			check_call(&r, &tree, d, c, seed);
		}
		for (size_t i = 0; arch && i < ARRAY_SIZE(odd); i++) {
			d.nr = (int)odd[i];
			check_call(&r, &tree, d, c, seed);
		}
	}
	reference_free(&r);
}

static void engines_profiles_are_what_they_say(void **state)
{
	struct fixture *f = *state;
	uint64_t seed = 1;

	for (size_t e = 0; e < ARRAY_SIZE(engines); e++)
		for (size_t m = 0; m < ARRAY_SIZE(machines); m++) {
			use_engine(f, engines[e]);
			check_all(f, machines[m], &seed);
		}
}

/* For the calls of the machine itself: the others' multiplexed ones differ on purpose. */
static void engines_profiles_are_as_libseccomp_has_them(void **state)
{
	struct fixture *f = *state;

	for (size_t e = 0; e < ARRAY_SIZE(engines); e++) {
		struct sock_fprog tree, list;

		use_engine(f, engines[e]);
		tree = tree_of(f, SCMP_ARCH_X86_64);
		assert_int_equal(libseccomp_list(&f->at, &f->policy, SCMP_ARCH_X86_64, &list), 0);
		print_message("%s: %u instructions, libseccomp %u\n", engines[e], tree.len,
			      list.len);
		assert_true(tree.len < list.len);
		for (int nr = 0; nr < 440; nr++)
			for (size_t i = 0; i < ARRAY_SIZE(values); i++)
				for (size_t j = 0; j < ARRAY_SIZE(values); j++) {
					struct seccomp_data d = {
						.nr = nr,
						.arch = SCMP_ARCH_X86_64,
						.args = {values[i], 0, values[j]},
					};

					assert_verdict("the tree", &tree, bpf_run(&list, &d), &d);
					d.arch = SCMP_ARCH_X86;
					d.args[0] = (uint32_t)values[i];
					d.args[2] = (uint32_t)values[j];
					if (nr != 102 && nr != 117 && nr < 384)
						assert_verdict("the tree", &tree,
							       bpf_run(&list, &d), &d);
				}
	}
}

/* --- generated profiles */

static const char *const some_actions[] = {
	"ALLOW", "ERRNO", "KILL_PROCESS", "KILL_THREAD", "LOG", "TRACE", "TRAP", "NOTIFY",
};

static void append(char *text, size_t size, const char *fmt, ...)
{
	size_t used = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + used, size - used, fmt, ap);
	va_end(ap);
}

static void append_args(char *text, size_t size, uint64_t *seed)
{
	static const char *const ops[] = {"NE", "LT", "LE", "EQ", "GE", "GT", "MASKED_EQ"};
	uint32_t n = next_random(seed) % 4;

	append(text, size, ",\"args\":[");
	for (uint32_t i = 0; i < n; i++)
		append(text, size,
		       "%s{\"index\":%u,\"op\":\"SCMP_CMP_%s\",\"value\":%llu,\"valueTwo\":%llu}",
		       i ? "," : "", next_random(seed) % 6, ops[next_random(seed) % 7],
		       (unsigned long long)values[next_random(seed) % ARRAY_SIZE(values)],
		       (unsigned long long)values[next_random(seed) % ARRAY_SIZE(values)]);
	append(text, size, "]");
}

static void append_rule(char *text, size_t size, uint64_t *seed)
{
	static const char *const multiplexed[] = {"socket", "connect", "accept", "accept4",
						  "semop",  "shmat",   "msgget", "socketcall",
						  "ipc",    "nosuch"};
	const char *action = some_actions[next_random(seed) % ARRAY_SIZE(some_actions)];
	uint32_t n = 1 + next_random(seed) % 5;

	append(text, size, "{\"names\":[");
	for (uint32_t i = 0; i < n; i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64,
							      (int)(next_random(seed) % 40));

		append(text, size, "%s\"%s\"", i ? "," : "",
		       next_random(seed) % 4 == 0
			       ? multiplexed[next_random(seed) % ARRAY_SIZE(multiplexed)]
			       : name);
		free(name);
	}
	append(text, size, "],\"action\":\"SCMP_ACT_%s\"", action);
	if (!strcmp(action, "ERRNO") && next_random(seed) % 2)
		append(text, size, ",\"errnoRet\":%u", next_random(seed) % 100);
	if (next_random(seed) % 2)
		append_args(text, size, seed);
	append(text, size, "}");
}

/* Few calls and many rules, so that they meet. */
static void generated_profiles_are_what_they_say(void **state)
{
	static char text[65536];
	struct fixture *f = *state;
	uint64_t seed = 42;

	for (int round = 0; round < 60; round++) {
		uint32_t n = next_random(&seed) % 40;

		snprintf(text, sizeof(text),
			 "{\"defaultAction\":\"SCMP_ACT_%s\",\"listenerPath\":\"/l\","
			 "\"architectures\":[%s%s],\"syscalls\":[",
			 some_actions[next_random(&seed) % ARRAY_SIZE(some_actions)],
			 next_random(&seed) % 2 ? "\"SCMP_ARCH_X86\",\"SCMP_ARCH_ARM\","
						: "\"SCMP_ARCH_S390\",",
			 next_random(&seed) % 2 ? "\"SCMP_ARCH_X32\"" : "\"SCMP_ARCH_X86_64\"");
		for (uint32_t i = 0; i < n; i++) {
			append(text, sizeof(text), i ? "," : "");
			append_rule(text, sizeof(text), &seed);
		}
		append(text, sizeof(text), "]}");
		use_text(f, text);
		check_all(f, machines[round % 2], &seed);
		arena_free(&f->arena);
	}
}

/*
 * Comparisons of one argument whose high halves are equal: libseccomp up to 2.6.0 joins their nodes
 * and takes one rule's action for the other's values (GHSA-4q85-33p6-j5g6).
 */
static void comparisons_of_one_argument_do_not_mix(void **state)
{
	static const char text[] = "{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\",\"syscalls\":["
				   "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
				   "{\"index\":1,\"op\":\"SCMP_CMP_GT\",\"value\":4294967304}]},"
				   "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_LOG\",\"args\":["
				   "{\"index\":1,\"op\":\"SCMP_CMP_LT\",\"value\":4294967300},"
				   "{\"index\":2,\"op\":\"SCMP_CMP_GE\",\"value\":8589934592}]},"
				   "{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ERRNO\",\"args\":["
				   "{\"index\":1,\"op\":\"SCMP_CMP_EQ\",\"value\":4294967302}]}]}";
	static const struct {
		uint64_t one, two;
		uint32_t verdict;
	} cases[] = {
		{0x100000009, 0, SECCOMP_RET_ALLOW},
		{0x200000000, 0, SECCOMP_RET_ALLOW},
		{UINT64_MAX, 0, SECCOMP_RET_ALLOW},
		{0x100000008, 0, SECCOMP_RET_KILL_PROCESS},
		{0x100000006, 0, SECCOMP_RET_ERRNO | EPERM},
		{0x000000006, 0, SECCOMP_RET_KILL_PROCESS},
		{0x200000006, 0, SECCOMP_RET_ALLOW},
		{0x100000003, 0, SECCOMP_RET_KILL_PROCESS},
		{0x100000003, 0x200000000, SECCOMP_RET_LOG},
		{0x000000009, 0x200000000, SECCOMP_RET_LOG},
		{0x000000009, 0x1ffffffff, SECCOMP_RET_KILL_PROCESS},
		{0x100000004, 0x200000000, SECCOMP_RET_KILL_PROCESS},
		{0x100000009, 0x200000000, SECCOMP_RET_ALLOW},
	};
	struct fixture *f = *state;
	struct sock_fprog tree;

	use_text(f, text);
	tree = tree_of(f, SCMP_ARCH_X86_64);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct seccomp_data d = {.nr = 0, .arch = SCMP_ARCH_X86_64};

		d.args[1] = cases[i].one;
		d.args[2] = cases[i].two;
		assert_verdict("the tree", &tree, cases[i].verdict, &d);
	}
}

static void a_denial_with_conditions_stands_beside_a_permission_without(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":["
		"{\"names\":[\"read\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"read\"],\"action\":\"SCMP_ACT_KILL_PROCESS\",\"args\":["
		"{\"index\":0,\"op\":\"SCMP_CMP_EQ\",\"value\":7}]}]}";
	struct seccomp_data d = {.nr = 0, .arch = SCMP_ARCH_X86_64};
	struct fixture *f = *state;
	struct sock_fprog tree;

	use_text(f, text);
	tree = tree_of(f, SCMP_ARCH_X86_64);
	assert_verdict("the tree", &tree, SECCOMP_RET_ALLOW, &d);
	d.args[0] = 7;
	assert_verdict("the tree", &tree, SECCOMP_RET_KILL_PROCESS, &d);
}

static void profiles_that_make_no_sense_are_refused(void **state)
{
	static const struct {
		const char *text, *message;
	} cases[] = {
		{"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"architectures\":[\"SCMP_ARCH_Z80\"]}",
		 "profile: architectures: no such architecture: `SCMP_ARCH_Z80`"},
		{"{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}",
		 "profile: listenerPath: is missing: SCMP_ACT_NOTIFY needs it"},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerMetadata\":\"x\"}",
		 "profile: listenerMetadata: needs listenerPath"},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"x\"}",
		 "profile: listenerPath: must be an absolute path, is `x`"},
		{"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"defaultErrnoRet\":1}",
		 "profile: defaultErrnoRet: SCMP_ACT_ALLOW takes no errno"},
		{"{\"defaultAction\":\"SCMP_ACT_KISS\"}",
		 "profile: defaultAction: no such action: `SCMP_ACT_KISS`"},
	};
	struct fixture *f = *state;
	struct sock_fprog prog;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		json_free(&f->tree);
		f->tree = json_parse(cases[i].text, strlen(cases[i].text), &f->source);
		f->at = (struct json_at){.source = &f->source, .value = f->tree};
		assert_true(seccomp_policy_decode(&f->at, &f->policy) < 0 ||
			    seccomp_tree(&f->at, &f->policy, SCMP_ARCH_X86_64, &prog) < 0);
		assert_string_equal(f->err.what, cases[i].message);
	}
}

/* --- the cache */

struct cached {
	char root[32];
	struct seccomp_key key;
	struct arena arena;
	struct sock_filter code[4];
	struct sock_fprog prog;
};

static void cached_init(struct cached *c)
{
	*c = (struct cached){.root = "/tmp/cloison-cache-XXXXXX"};
	assert_non_null(mkdtemp(c->root));
	c->key = (struct seccomp_key){.text = "{policy}", .length = 8, .arch = SCMP_ARCH_X86_64};
	for (size_t i = 0; i < 4; i++)
		c->code[i] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, (uint32_t)i);
	c->prog = (struct sock_fprog){.len = 4, .filter = c->code};
}

static void cached_end(struct cached *c)
{
	char command[64];

	arena_free(&c->arena);
	snprintf(command, sizeof(command), "rm -rf %s", c->root);
	assert_int_equal(system(command), 0); // NOLINT(cert-env33-c): a name of our own
}

static bool cached_find(struct cached *c)
{
	struct sock_fprog found;

	if (!seccomp_cache_find(c->root, &c->key, &c->arena, &found))
		return false;
	assert_int_equal(found.len, 4);
	assert_memory_equal(found.filter, c->code, sizeof(c->code));
	return true;
}

/* cached_shell - run @command in the cache's directory, $f being its one file. */
static void cached_shell(const struct cached *c, const char *command)
{
	char text[512];

	snprintf(text, sizeof(text), "cd '%s/" SECCOMP_CACHE_DIR "' && f=$(ls) && { %s; }", c->root,
		 command);
	assert_int_equal(system(text), 0); // NOLINT(cert-env33-c): a command of our own
}

static void what_is_kept_is_found(void **state)
{
	struct cached c;

	(void)state;
	cached_init(&c);
	assert_false(cached_find(&c));
	seccomp_cache_keep(c.root, &c.key, &c.prog);
	assert_true(cached_find(&c));
	c.key.arch = SCMP_ARCH_AARCH64;
	assert_false(cached_find(&c));
	c.key.arch = SCMP_ARCH_X86_64;
	c.key.text = "{pol1cy}";
	assert_false(cached_find(&c));
	cached_end(&c);
}

static void what_is_damaged_or_foreign_is_not_believed(void **state)
{
	static const char *const damages[] = {
		"printf x | dd of=$f bs=1 seek=0 conv=notrunc status=none",
		"printf x | dd of=$f bs=1 seek=9 conv=notrunc status=none",
		"printf x | dd of=$f bs=1 seek=57 conv=notrunc status=none", /* the text */
		"printf x | dd of=$f bs=1 seek=68 conv=notrunc status=none", /* an instruction */
		"printf x >>$f",
		"truncate -s -1 $f",
		"truncate -s 20 $f",
		": >$f",
		"chmod 666 $f",
		"chmod 660 $f",
		"mv $f ../x; ln -s ../x $f",
		"rm $f; mkdir $f",
		"rm $f; mkfifo $f",
		"chmod 777 .",
		"[ $(id -u) -ne 0 ] && chmod 666 $f || chown 1 $f",
		"[ $(id -u) -ne 0 ] && chmod 777 . || chown 1 .",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(damages); i++) {
		struct cached c;

		cached_init(&c);
		seccomp_cache_keep(c.root, &c.key, &c.prog);
		assert_true(cached_find(&c));
		cached_shell(&c, damages[i]);
		if (cached_find(&c))
			fail_msg("believed after: %s", damages[i]);
		cached_end(&c);
	}
}

static void what_is_damaged_is_replaced(void **state)
{
	struct cached c;

	(void)state;
	cached_init(&c);
	seccomp_cache_keep(c.root, &c.key, &c.prog);
	cached_shell(&c, ": >$f");
	assert_false(cached_find(&c));
	seccomp_cache_keep(c.root, &c.key, &c.prog);
	assert_true(cached_find(&c));
	cached_shell(&c, "[ \"$f\" = \"$(ls | head -n 1)\" ]");
	cached_end(&c);
}

static void the_oldest_goes_when_there_are_many(void **state)
{
	struct cached c;
	char text[16];

	(void)state;
	cached_init(&c);
	c.key.text = text;
	for (int i = 0; i < SECCOMP_CACHE_FILES + 10; i++) {
		struct timespec pause = {.tv_nsec = 1000000};

		snprintf(text, sizeof(text), "{%06d}", i);
		seccomp_cache_keep(c.root, &c.key, &c.prog);
		assert_true(cached_find(&c));
		nanosleep(&pause, NULL); /* file systems count time in ticks */
	}
	cached_shell(&c, "[ $(ls | wc -l) -eq 64 ]");
	snprintf(text, sizeof(text), "{%06d}", 0);
	assert_false(cached_find(&c));
	cached_end(&c);
}

static void names_with_quotes_do_not_pass_for_others(void **state)
{
	static const char *const texts[] = {
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
		"[\"read\\\",\\\"write\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":"
		"[\"read\",\"write\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
	};
	struct fixture *f = *state;
	char got[2][512] = {{0}};

	for (size_t i = 0; i < 2; i++) {
		use_text(f, texts[i]);
		assert_true(seccomp_policy_text(&f->policy, got[i], 511) < 511);
	}
	assert_string_not_equal(got[0], got[1]);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(engines_profiles_are_what_they_say),
		TEST(engines_profiles_are_as_libseccomp_has_them),
		TEST(generated_profiles_are_what_they_say),
		TEST(comparisons_of_one_argument_do_not_mix),
		TEST(a_denial_with_conditions_stands_beside_a_permission_without),
		TEST(profiles_that_make_no_sense_are_refused),
		TEST(names_with_quotes_do_not_pass_for_others),
		cmocka_unit_test(what_is_kept_is_found),
		cmocka_unit_test(what_is_damaged_or_foreign_is_not_believed),
		cmocka_unit_test(what_is_damaged_is_replaced),
		cmocka_unit_test(the_oldest_goes_when_there_are_many),
	};

	return cmocka_run_group_tests_name("runtime/seccomp, foreign profiles", tests, NULL, NULL);
}
