/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * filter-probe.c: does a filter compare 64-bit arguments as its profile says? Static, as it runs
 * inside containers.
 *
 * usage: filter-probe "OP VALUE VALUETWO, ..."
 *
 * Each rule answers sched_yield with errno 77 when its comparison of the first argument holds; they
 * are alternatives. The call is made with every value at an edge of one of theirs, in either half.
 * Prints what differs and exits with 3, with 0 when nothing does.
 */
#include <err.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define RULES_MAX 8
#define ANSWER 77

struct rule {
	char op[16];
	uint64_t value, two;
};

static struct rule rules[RULES_MAX];
static size_t n_rules;

static bool holds(const struct rule *r, uint64_t v)
{
	if (!strcmp(r->op, "EQ"))
		return v == r->value;
	if (!strcmp(r->op, "NE"))
		return v != r->value;
	if (!strcmp(r->op, "LT"))
		return v < r->value;
	if (!strcmp(r->op, "LE"))
		return v <= r->value;
	if (!strcmp(r->op, "GT"))
		return v > r->value;
	if (!strcmp(r->op, "GE"))
		return v >= r->value;
	if (!strcmp(r->op, "MASKED_EQ"))
		return (v & r->value) == r->two;
	errx(2, "comparison %s", r->op);
}

static bool ask(uint64_t v)
{
	bool want = false, got;

	for (size_t i = 0; i < n_rules; i++)
		want |= holds(&rules[i], v);
	errno = 0;
	got = syscall(SYS_sched_yield, v, 0, 0, 0, 0, 0) < 0 && errno == ANSWER;
	if (got != want)
		printf("argument 0x%llx: the filter says %s\n", (unsigned long long)v,
		       got ? "yes" : "no");
	return got == want;
}

static void parse(char *text)
{
	char *word;

	while ((word = strsep(&text, ",")) && n_rules < RULES_MAX) {
		struct rule *r = &rules[n_rules++];
		unsigned long long value, two;

		if (sscanf(word, " %15s %llu %llu", r->op, &value, &two) != 3)
			errx(2, "rule `%s`", word);
		r->value = value;
		r->two = two;
	}
}

int main(int argc, char **argv)
{
	static const uint64_t halves[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
	bool good = true;

	if (argc != 2)
		errx(2, "usage: filter-probe \"OP VALUE VALUETWO, ...\"");
	parse(argv[1]);
	for (size_t i = 0; i < n_rules; i++) {
		const uint64_t values[] = {rules[i].value, rules[i].two};

		for (size_t j = 0; j < 2; j++)
			for (int64_t by = -2; by <= 2; by++) {
				uint64_t v = values[j] + (uint64_t)by;

				good &= ask(v) & ask(v ^ 1ULL << 32) & ask(v ^ 1ULL << 63);
				good &= ask(v >> 32 | v << 32);
			}
	}
	for (size_t i = 0; i < 6; i++)
		for (size_t j = 0; j < 6; j++)
			good &= ask(halves[i] << 32 | halves[j]);
	return good ? 0 : 3;
}
