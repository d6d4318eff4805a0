/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_published.c: the statistics against values that others have published or computed.
 *
 * The data and the published values are in data/published.txt with their sources, what scipy makes
 * of the same data in data/scipy.txt (data/expected.py). Resampled values agree within the noise of
 * 10000 draws, all others to the digits that are given.
 */
#include "bench/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define MAX_VALUES 2000

struct set {
	size_t n;
	double v[64];
};

/* load - the numbers of line @name of one of the files. */
static struct set load(const char *name)
{
	static const char *const files[] = {"bench/tests/data/published.txt",
					    "bench/tests/data/scipy.txt"};
	struct set s = {0};

	for (size_t i = 0; i < 2 && s.n == 0; i++) {
		FILE *f = fopen(files[i], "re");
		char line[4096];

		assert_non_null(f);
		while (f && fgets(line, sizeof(line), f)) {
			char *at = strchr(line, ':'), *end;
			double v;

			if (line[0] == '#' || !at || (size_t)(at - line) != strlen(name) ||
			    strncmp(line, name, strlen(name)) != 0)
				continue;
			at++;
			while (v = strtod(at, &end), end != at) {
				assert_true(s.n < 64);
				s.v[s.n++] = v;
				at = end;
			}
		}
		if (f)
			fclose(f);
	}
	if (s.n == 0)
		fail_msg("no data called %s", name);
	return s;
}

static void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("got %.12g, want %.12g within %g", got, want, tolerance);
}

/* relative - to @digits significant digits. */
static void relative(double got, double want, int digits)
{
	near(got, want, 0.5 * fabs(want) * pow(10, 1 - digits) + 1e-12);
}

static double variance(double *v, size_t n)
{
	double mean = 0, sum = 0;

	for (size_t i = 0; i < n; i++)
		mean += v[i] / (double)n;
	for (size_t i = 0; i < n; i++)
		sum += (v[i] - mean) * (v[i] - mean) / (double)n;
	return sum;
}

static double average(double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i] / (double)n;
	return sum;
}

static double middle(double *v, size_t n)
{
	return stats_median(v, n);
}

static void least_squares_are_nists_certified_ones(void **state)
{
	struct set x = load("norris_x"), y = load("norris_y"), b0 = load("norris_intercept"),
		   b1 = load("norris_slope");
	struct line l = stats_least_squares(x.v, y.v, x.n, 0.95);

	(void)state;
	assert_int_equal(x.n, 36);
	relative(l.intercept, b0.v[0], 9);
	relative(l.intercept_error, b0.v[1], 9);
	relative(l.slope.point, b1.v[0], 12);
	relative(l.slope_error, b1.v[1], 9);
	relative(l.r_squared, load("norris_r_squared").v[0], 12);
}

static void least_squares_are_scipys(void **state)
{
	struct set x = load("wt"), y = load("mpg"), want = load("line_mpg_wt");
	struct line l = stats_least_squares(x.v, y.v, x.n, 0.95);

	(void)state;
	relative(l.slope.point, want.v[0], 9);
	relative(l.slope.low, want.v[1], 9);
	relative(l.slope.high, want.v[2], 9);
	relative(l.intercept, want.v[3], 9);
	relative(l.slope_error, want.v[4], 9);
	relative(l.intercept_error, want.v[5], 9);
	relative(l.r_squared, want.v[6], 9);
}

static void theil_and_sens_slope_is_scipys(void **state)
{
	struct set x = load("wt"), y = load("mpg"), want = load("theil_mpg_wt");
	struct interval v = stats_theil_sen(x.v, y.v, x.n, 0.95);

	(void)state;
	relative(v.point, want.v[0], 9);
	relative(v.low, want.v[1], 9);
	relative(v.high, want.v[2], 9);
	x = load("norris_x");
	y = load("norris_y");
	want = load("theil_norris");
	v = stats_theil_sen(x.v, y.v, x.n, 0.99);
	relative(v.point, want.v[0], 9);
	relative(v.low, want.v[1], 9);
	relative(v.high, want.v[2], 9);
}

static void theil_and_sens_slope_of_three_points_has_no_bounds(void **state)
{
	const double x[] = {0, 1, 2}, y[] = {0, 1, 2};
	struct interval v = stats_theil_sen(x, y, 3, 0.99);

	(void)state;
	near(v.point, 1, 0);
	assert_true(isinf(v.low) && isinf(v.high));
}

static void quantiles_and_mad_are_those_of_r(void **state)
{
	struct set v = load("mpg"), want = load("mpg_quantiles");

	(void)state;
	for (int i = 0; i < 5; i++)
		near(stats_quantile(v.v, v.n, i / 4.0), want.v[i], 1e-9);
	near(stats_mad(v.v, v.n), load("mpg_mad").v[0], 1e-9);
	near(stats_modified_z(33.9, 19.2, 3.65), 0.6745 * 14.7 / 3.65, 1e-12);
	near(stats_modified_z(5, 5, 0), 0, 0);
	assert_true(isinf(stats_modified_z(6, 5, 0)));
}

static void quantile_intervals_are_hahn_and_meekers(void **state)
{
	struct set v = load("mpg"), want = load("mpg_median_interval"), p99 = load("p99_interval");
	struct interval got = stats_quantile_ci(v.v, v.n, 0.5, 0.95);
	static double many[MAX_VALUES];

	(void)state;
	near(got.low, want.v[0], 1e-9);
	near(got.high, want.v[1], 1e-9);
	for (int i = 0; i < MAX_VALUES; i++)
		many[i] = (double)(i * 7919L % 10007);
	got = stats_quantile_ci(many, MAX_VALUES, 0.99, 0.95);
	near(got.point, p99.v[0], 1e-9);
	near(got.low, p99.v[1], 1e-9);
	near(got.high, p99.v[2], 1e-9);
	/* of 10 values none is sure to lie above the 99th percentile */
	assert_true(isnan(stats_quantile_ci(many, 10, 0.99, 0.95).high));
}

static void quantiles_of_distributions_are_scipys(void **state)
{
	static const double p[] = {0.005, 0.025, 0.5, 0.9, 0.975, 0.9995};
	static const unsigned int df[] = {1, 9, 29, 39};
	static const double tp[] = {0.995, 0.995, 0.995, 0.9995};
	struct set z = load("normal_quantiles"), t = load("t_quantiles");

	(void)state;
	for (int i = 0; i < 6; i++)
		near(stats_normal_quantile(p[i]), z.v[i], 1e-8);
	for (int i = 0; i < 4; i++)
		relative(stats_t_quantile(tp[i], df[i]), t.v[i], 9);
}

static void bca_is_efron_and_tibshiranis(void **state)
{
	struct set v = load("spatial"), percentile = load("spatial_percentile"),
		   bca = load("spatial_bca");
	struct rng rng = {1};
	struct interval p = stats_bootstrap(v.v, v.n, variance, STATS_PERCENTILE, 0.9, &rng);
	struct interval b = stats_bootstrap(v.v, v.n, variance, STATS_BCA, 0.9, &rng);

	(void)state;
	near(b.point, load("spatial_variance").v[0], 0.05);
	/* theirs come of 2000 draws: the ends of such intervals vary by some 2% */
	near(p.low, percentile.v[0], 4);
	near(p.high, percentile.v[1], 5);
	near(b.low, bca.v[0], 4);
	near(b.high, bca.v[1], 6);
}

static void bootstrap_intervals_are_scipys(void **state)
{
	static const struct {
		const char *data, *want;
		stats_statistic statistic;
		enum stats_method method;
		double tolerance;
	} cases[] = {
		{"mpg", "mpg_mean_percentile", average, STATS_PERCENTILE, 0.08},
		{"mpg", "mpg_mean_bca", average, STATS_BCA, 0.08},
		{"mpg", "mpg_median_percentile", middle, STATS_PERCENTILE, 0.3},
		{"spatial", "spatial_variance_percentile", variance, STATS_PERCENTILE, 3},
		{"spatial", "spatial_variance_bca", variance, STATS_BCA, 9},
	};
	struct rng rng = {2};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct set v = load(cases[i].data), want = load(cases[i].want);
		struct interval got =
			stats_bootstrap(v.v, v.n, cases[i].statistic, cases[i].method, 0.95, &rng);

		near(got.low, want.v[0], cases[i].tolerance);
		near(got.high, want.v[1], cases[i].tolerance);
	}
}

static void permutation_chances_are_scipys(void **state)
{
	struct set treated = load("mouse_treated"), control = load("mouse_control"),
		   v = load("mpg");
	struct rng rng = {3};
	double p = stats_permutation_p(treated.v, treated.n, control.v, control.n, &rng);

	(void)state;
	near(p, load("permutation_mouse").v[0], 0.015);
	near(p / 2, load("mouse_one_sided").v[0], 0.02);
	/* 924 divisions: exact on both sides */
	near(stats_permutation_p(v.v, 6, v.v + 16, 6, &rng), load("permutation_mpg_halves").v[0],
	     1e-9);
	for (int i = 16; i < 32; i++)
		v.v[i] += 4;
	near(stats_permutation_p(v.v, 16, v.v + 16, 16, &rng), load("permutation_mpg_shift").v[0],
	     0.0008);
	assert_true(isnan(stats_permutation_p(v.v, 0, v.v, 3, &rng)));
}

static void equal_groups_differ_by_chance_alone(void **state)
{
	const double a[] = {1, 1, 1, 1, 1};
	struct rng rng = {4};

	(void)state;
	near(stats_permutation_p(a, 5, a, 5, &rng), 1, 0);
}

static void holms_adjustment_is_that_of_r(void **state)
{
	struct set p = load("holm"), want = load("holm_adjusted");

	(void)state;
	stats_holm(p.v, p.n);
	for (size_t i = 0; i < p.n; i++)
		near(p.v[i], want.v[i], 1e-12);
}

static void kaplan_and_meiers_estimate_is_that_of_r(void **state)
{
	struct set t = load("remission"), c = load("remission_censored"),
		   time = load("remission_time"), risk = load("remission_at_risk"),
		   left = load("remission_left"), error = load("remission_error");
	struct lifetime v[64];
	struct survival s[64];

	(void)state;
	for (size_t i = 0; i < t.n; i++)
		v[i] = (struct lifetime){t.v[i], c.v[i] > 0};
	assert_int_equal(stats_kaplan_meier(v, t.n, s), time.n);
	for (size_t i = 0; i < time.n; i++) {
		near(s[i].time, time.v[i], 0);
		assert_int_equal(s[i].at_risk, (int)risk.v[i]);
		near(s[i].left, left.v[i], 0.0005);
		near(s[i].error, error.v[i], 0.00005);
	}
	near(stats_survival_quantile(s, time.n, 0.5), load("remission_median").v[0], 0);
	assert_true(isnan(stats_survival_quantile(s, time.n, 0.9)));
}

static void what_never_ends_in_time_has_no_median(void **state)
{
	const struct lifetime v[] = {{1, 0}, {10, 1}, {10, 1}};
	struct survival s[3];

	(void)state;
	assert_int_equal(stats_kaplan_meier(v, 3, s), 1);
	assert_true(isnan(stats_survival_quantile(s, 1, 0.5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(least_squares_are_nists_certified_ones),
		cmocka_unit_test(least_squares_are_scipys),
		cmocka_unit_test(theil_and_sens_slope_is_scipys),
		cmocka_unit_test(theil_and_sens_slope_of_three_points_has_no_bounds),
		cmocka_unit_test(quantiles_and_mad_are_those_of_r),
		cmocka_unit_test(quantile_intervals_are_hahn_and_meekers),
		cmocka_unit_test(quantiles_of_distributions_are_scipys),
		cmocka_unit_test(bca_is_efron_and_tibshiranis),
		cmocka_unit_test(bootstrap_intervals_are_scipys),
		cmocka_unit_test(permutation_chances_are_scipys),
		cmocka_unit_test(equal_groups_differ_by_chance_alone),
		cmocka_unit_test(holms_adjustment_is_that_of_r),
		cmocka_unit_test(kaplan_and_meiers_estimate_is_that_of_r),
		cmocka_unit_test(what_never_ends_in_time_has_no_median),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
