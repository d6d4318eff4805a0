/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_compare.c: what a comparison of two runs and a judgement of targets conclude.
 */
#include "bench/compare.h"
#include "bench/options.h"
#include "bench/targets.h"
#include "bench/view.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* compare_verb() is not tried here: these stand in for the command line. */
int options_error(struct error *err, const char *fmt, ...)
{
	(void)err;
	(void)fmt;
	return -1;
}

int options_parse(int argc, char **argv, struct options *o, const char **operands, size_t max,
		  struct error *err)
{
	(void)argc, (void)argv, (void)o, (void)operands, (void)max, (void)err;
	return -1;
}

struct options options_default(void)
{
	return (struct options){.effect = 0};
}

/* fill - @blocks blocks of 5 starts of "fast" and "slow"; the latter takes @factor times as long. */
static void fill(struct results *r, int blocks, double factor, uint64_t seed)
{
	struct rng rng = {seed};
	struct error err = ERROR_INIT;

	assert_int_equal(results_open(r, seed, "quick", &err), 0);
	for (int i = 0; i < blocks * 10; i++) {
		bool slow = i % 2;
		double noise = 1 + ((double)rng_below(&rng, 1000) - 500) / 10000;
		int64_t ns = (int64_t)(1e6 * noise * (slow ? factor : 1));
		const struct sample s = {
			.scenario = "s02-start",
			.system = slow ? "slow" : "fast",
			.block = i / 10,
			.ready_ns = ns,
			.exit_ns = NOT_MEASURED,
			.cpu_ns = NOT_MEASURED,
			.instructions = NOT_MEASURED,
		};

		assert_int_equal(results_add(r, &s, &err), 0);
	}
}

/* verdict - on the system "slow", of runs in which it takes @a and @b times as long. */
static const char *verdict(double a, double b, int blocks, double effect)
{
	static char text[32];
	struct error err = ERROR_INIT;
	struct results x, y;
	json_object *c;
	const char *const match[][2] = {{"system", "slow"}, {"metric", "ready"}};
	const char *const other[][2] = {{"system", "fast"}, {"metric", "ready"}};

	fill(&x, blocks, a, 1);
	fill(&y, blocks, b, 2);
	c = compare_results(&x, &y, effect, &err);
	assert_non_null(c);
	snprintf(text, sizeof(text), "%s", view_text(view_find(c, "rows", match, 2), "verdict"));
	if (text[0])
		assert_string_equal(view_text(view_find(c, "rows", other, 2), "verdict"), "same");
	json_object_put(c);
	results_close(&x);
	results_close(&y);
	return text;
}

static void equal_runs_are_the_same(void **state)
{
	(void)state;
	assert_string_equal(verdict(1, 1, 12, 0.05), "same");
}

static void a_tenth_more_is_slower_and_a_tenth_less_is_faster(void **state)
{
	(void)state;
	assert_string_equal(verdict(1, 1.1, 12, 0.05), "slower");
	assert_string_equal(verdict(1.1, 1, 12, 0.05), "faster");
}

static void what_is_sure_but_small_does_not_count(void **state)
{
	(void)state;
	assert_string_equal(verdict(1, 1.1, 12, 0.2), "same");
	assert_string_equal(verdict(1, 1.04, 30, 0.05), "same");
	assert_string_equal(verdict(1, 1.04, 30, 0.01), "slower");
}

static void few_blocks_are_not_compared(void **state)
{
	(void)state;
	assert_string_equal(verdict(1, 2, 3, 0.05), "");
}

static void a_comparison_says_which_machines_differ(void **state)
{
	struct error err = ERROR_INIT;
	struct results x, y;
	json_object *c;

	(void)state;
	fill(&x, 4, 1, 1);
	fill(&y, 4, 1, 2);
	json_object_object_add(view_get(x.doc, "env"), "kernel", json_object_new_string("6.1"));
	json_object_object_add(view_get(y.doc, "env"), "kernel", json_object_new_string("6.12"));
	c = compare_results(&x, &y, 0.05, &err);
	assert_int_equal(view_length(c, "differences"), 1);
	assert_string_equal(view_string(view_item(c, "differences", 0)), "kernel: 6.1, then 6.12");
	json_object_put(c);
	results_close(&x);
	results_close(&y);
}

/* --- targets */

static void add_ratio(struct results *r, double value, double low, double high)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "scenario", json_object_new_string("s03-exec"));
	json_object_object_add(o, "of", json_object_new_string("cloison"));
	json_object_object_add(o, "to", json_object_new_string("floor"));
	json_object_object_add(o, "metric", json_object_new_string("whole"));
	json_object_object_add(o, "ratio", json_object_new_double(value));
	json_object_object_add(o, "low", json_object_new_double(low));
	json_object_object_add(o, "high", json_object_new_double(high));
	json_object_object_add(o, "interval", json_object_new_string(RESULT_RATIO_INTERVAL));
	json_object_array_add(results_list(r, "ratios"), o);
}

static json_object *exec_target(struct results *r)
{
	const char *const match[][2] = {{"what", "exec into a running container"}};
	struct error err = ERROR_INIT;

	assert_int_equal(targets_judge(r, &err), 0);
	return view_find(r->doc, "targets", match, 1);
}

static void a_target_is_met_missed_or_unclear_by_its_whole_interval(void **state)
{
	static const struct {
		double value, low, high;
		const char *verdict;
	} cases[] = {{2.0, 1.8, 2.5, "met"}, {3.0, 2.6, 3.4, "missed"}, {2.4, 2.2, 2.6, "unclear"}};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct results r;

		fill(&r, 1, 1, 1);
		add_ratio(&r, cases[i].value, cases[i].low, cases[i].high);
		assert_string_equal(view_text(exec_target(&r), "verdict"), cases[i].verdict);
		results_close(&r);
	}
}

static void a_target_without_a_figure_says_why(void **state)
{
	struct results r;
	json_object *o = json_object_new_object(), *s = json_object_new_object();

	(void)state;
	fill(&r, 1, 1, 1);
	assert_string_equal(view_text(exec_target(&r), "verdict"), "not measured");
	assert_string_equal(view_text(exec_target(&r), "reason"), "s03-exec was not run");
	json_object_object_add(o, "id", json_object_new_string("s03-exec"));
	json_object_array_add(results_list(&r, "scenarios"), o);
	assert_string_equal(view_text(exec_target(&r), "reason"),
			    "this bench has no system cloison");
	json_object_object_add(s, "id", json_object_new_string("cloison"));
	json_object_object_add(s, "skip", json_object_new_string("needs root"));
	json_object_array_add(results_list(&r, "systems"), s);
	assert_string_equal(view_text(exec_target(&r), "reason"), "cloison: needs root");
	results_close(&r);
}

static void no_target_is_met_by_a_ratio_that_may_not_be_printed(void **state)
{
	struct results r;
	json_object *gate = json_object_new_object();

	(void)state;
	fill(&r, 1, 1, 1);
	add_ratio(&r, 2, 1.9, 2.1);
	json_object_object_add(gate, "passed", json_object_new_boolean(false));
	json_object_object_add(r.doc, "selftest", gate);
	assert_string_equal(view_text(exec_target(&r), "verdict"), "not measured");
	assert_null(view_get(exec_target(&r), "value"));
	results_close(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_runs_are_the_same),
		cmocka_unit_test(a_tenth_more_is_slower_and_a_tenth_less_is_faster),
		cmocka_unit_test(what_is_sure_but_small_does_not_count),
		cmocka_unit_test(few_blocks_are_not_compared),
		cmocka_unit_test(a_comparison_says_which_machines_differ),
		cmocka_unit_test(a_target_is_met_missed_or_unclear_by_its_whole_interval),
		cmocka_unit_test(a_target_without_a_figure_says_why),
		cmocka_unit_test(no_target_is_met_by_a_ratio_that_may_not_be_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
