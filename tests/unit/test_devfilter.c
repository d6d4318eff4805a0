/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_devfilter.c: the device program says what the list of rules says.
 *
 * The programs are run by an interpreter of the few instructions they are made of, against the
 * list read as the specification does: from the first rule to the last, the last match wins.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "lib/sys.h"
#include "runtime/sandbox/devfilter.h"

#define ALL_ACCESS 7

struct request {
	unsigned int type, access; /* BPF_DEVCG_DEV_*, BPF_DEVCG_ACC_* */
	unsigned int major, minor;
};

static struct devfilter program;

/* bpf_run - the program's verdict; fails on what the kernel would not take. */
static int bpf_run(const struct devfilter *p, const struct request *r)
{
	const uint32_t ctx[] = {r->access << 16 | r->type, r->major, r->minor};
	uint64_t reg[11] = {0};

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct bpf_insn *i = &p->insns[pc];
		uint64_t *dst = &reg[i->dst_reg], src = reg[i->src_reg],
			 imm = (uint64_t)(int64_t)i->imm;
		bool jump = false;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->off % 4, 0);
			assert_in_range(i->off, 0, 8);
			*dst = ctx[i->off / 4];
			continue;
		case BPF_ALU | BPF_MOV | BPF_K:
			*dst = (uint32_t)imm;
			continue;
		case BPF_ALU | BPF_MOV | BPF_X:
			*dst = (uint32_t)src;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			*dst = (uint32_t)(*dst & imm);
			continue;
		case BPF_ALU | BPF_RSH | BPF_K:
			*dst = (uint32_t)*dst >> imm;
			continue;
		case BPF_ALU | BPF_RSH | BPF_X:
			assert_in_range(src, 0, 31);
			*dst = (uint32_t)*dst >> src;
			continue;
		case BPF_JMP | BPF_JEQ | BPF_K:
			jump = *dst == imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_K:
			jump = *dst != imm;
			break;
		case BPF_JMP | BPF_JNE | BPF_X:
			jump = *dst != src;
			break;
		case BPF_JMP | BPF_JSET | BPF_K:
			jump = *dst & imm;
			break;
		case BPF_JMP | BPF_JGE | BPF_K:
			jump = *dst >= imm;
			break;
		case BPF_JMP | BPF_JGT | BPF_K:
			jump = *dst > imm;
			break;
		case BPF_JMP | BPF_EXIT:
			return (int)reg[0];
		default:
			fail_msg("instruction %zu has code 0x%x", pc, i->code);
		}
		assert_true(i->off >= 0);
		if (jump)
			pc += (size_t)i->off;
	}
	fail_msg("ran off the program's end");
	return -1;
}

static unsigned int access_of(const struct device_rule *r)
{
	return (r->mknod ? BPF_DEVCG_ACC_MKNOD : 0) | (r->read ? BPF_DEVCG_ACC_READ : 0) |
	       (r->write ? BPF_DEVCG_ACC_WRITE : 0);
}

static bool matches(const struct device_rule *r, const struct request *q)
{
	if (r->type != 'a' &&
	    (r->type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR) != (int)q->type)
		return false;
	if ((r->major >= 0 && r->major != q->major) || (r->minor >= 0 && r->minor != q->minor))
		return false;
	return r->allow ? (q->access & ~access_of(r)) == 0 : (q->access & access_of(r)) != 0;
}

/* The specification's defaults: every container has them, whatever its rules say. */
static bool always_allowed(const struct request *q)
{
	static const unsigned int minors_of_1[] = {3, 5, 7, 8, 9};

	if (q->access == BPF_DEVCG_ACC_MKNOD)
		return true;
	if (q->type != BPF_DEVCG_DEV_CHAR)
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(minors_of_1); i++)
		if (q->major == 1 && q->minor == minors_of_1[i])
			return true;
	return (q->major == 5 && (q->minor == 0 || q->minor == 2)) || q->major == 136;
}

static bool expected(const struct device_rule *rules, size_t n, const struct request *q)
{
	bool allowed = false;

	for (size_t i = 0; i < n; i++)
		if (matches(&rules[i], q))
			allowed = rules[i].allow;
	return allowed || always_allowed(q);
}

/* check_reached - the kernel refuses a program with an instruction that nothing comes to. */
static void check_reached(const struct devfilter *p)
{
	bool reached[DEVFILTER_MAX_INSNS + 1] = {true};

	for (size_t pc = 0; pc < p->n; pc++) {
		const struct bpf_insn *i = &p->insns[pc];

		assert_true(reached[pc]);
		if (BPF_CLASS(i->code) != BPF_JMP) {
			reached[pc + 1] = true;
			continue;
		}
		if (i->code == (BPF_JMP | BPF_EXIT))
			continue;
		assert_in_range(i->off, 0, p->n - pc - 2);
		reached[pc + 1 + (size_t)i->off] = true;
		if (i->code != (BPF_JMP | BPF_JA))
			reached[pc + 1] = true;
	}
}

static void check_rules(const struct device_rule *rules, size_t n)
{
	static const unsigned int majors[] = {0, 1, 2, 5, 8, 136, 254};
	static const unsigned int minors[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 63, 64, 255};
	struct error err = ERROR_INIT;

	assert_int_equal(devfilter_compile(&program, rules, n, &err), 0);
	assert_in_range(program.n, 1, DEVFILTER_MAX_INSNS);
	check_reached(&program);
	for (unsigned int type = BPF_DEVCG_DEV_BLOCK; type <= BPF_DEVCG_DEV_CHAR; type++)
		for (unsigned int access = 1; access <= ALL_ACCESS; access++)
			for (size_t i = 0; i < ARRAY_SIZE(majors); i++)
				for (size_t j = 0; j < ARRAY_SIZE(minors); j++) {
					struct request q = {type, access, majors[i], minors[j]};

					assert_int_equal(bpf_run(&program, &q),
							 expected(rules, n, &q));
				}
}

static void the_default_rules_are_short(void **state)
{
	const struct device_rule deny_all = {false, 'a', -1, -1, true, true, true};

	(void)state;
	check_rules(&deny_all, 1);
	assert_in_range(program.n, 1, 20);
}

static void everything_can_be_allowed(void **state)
{
	const struct device_rule rules[] = {
		{false, 'a', -1, -1, true, true, true},
		{true, 'a', -1, -1, true, true, true},
		{true, 'c', 10, 229, true, true, true},
	};

	(void)state;
	check_rules(rules, 2);
	check_rules(rules, 3);
}

static void no_rule_allows_the_defaults_alone(void **state)
{
	(void)state;
	check_rules(NULL, 0);
}

static void a_later_rule_wins(void **state)
{
	const struct device_rule rules[] = {
		{false, 'a', -1, -1, true, true, true}, {true, 'c', 8, -1, true, true, false},
		{false, 'c', 8, 4, false, true, false}, {true, 'b', 8, 0, true, true, true},
		{true, 'c', 8, 4, false, true, false},
	};

	(void)state;
	for (size_t n = 0; n <= ARRAY_SIZE(rules); n++)
		check_rules(rules, n);
}

static void random_lists_are_obeyed(void **state)
{
	static const int64_t majors[] = {-1, -1, 1, 2, 5, 8, 136};
	static const int64_t minors[] = {-1, 0, 1, 2, 3, 7, 31, 32, 63};
	struct device_rule rules[24];

	(void)state;
	srandom(1);
	for (int round = 0; round < 300; round++) {
		size_t n = (size_t)random() % (ARRAY_SIZE(rules) + 1);

		for (size_t i = 0; i < n; i++) {
			unsigned int bits = (unsigned int)random();

			rules[i] = (struct device_rule){
				.allow = bits & 1,
				.type = "abccc"[random() % 5],
				.major = majors[(size_t)random() % ARRAY_SIZE(majors)],
				.minor = minors[(size_t)random() % ARRAY_SIZE(minors)],
				.read = bits & 2 || bits & 64,
				.write = bits & 4 || bits & 64,
				.mknod = bits & 8 || bits & 64,
			};
		}
		check_rules(rules, n);
	}
}

static void the_longest_list_fits_and_a_longer_one_is_refused(void **state)
{
	static struct device_rule rules[257];
	struct error err = ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		rules[i] = (struct device_rule){i % 2, 'c', 10, (int64_t)i, true, false, false};
	check_rules(rules, 256);
	assert_int_equal(devfilter_compile(&program, rules, 257, &err), -1);
	assert_int_equal(err.errnum, E2BIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_rules_are_short),
		cmocka_unit_test(everything_can_be_allowed),
		cmocka_unit_test(no_rule_allows_the_defaults_alone),
		cmocka_unit_test(a_later_rule_wins),
		cmocka_unit_test(random_lists_are_obeyed),
		cmocka_unit_test(the_longest_list_fits_and_a_longer_one_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
