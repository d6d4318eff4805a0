/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_stats.c: known answers, and what an interval has to do.
 *
 * Quantiles and t quantiles are those of R (type 7; qt). Random properties use a fixed seed.
 */
#include "bench/stats.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void near(double got, double want, double tolerance)
{
	if (!(fabs(got - want) <= tolerance))
		fail_msg("got %.10g, want %.10g", got, want);
}

static void splitmix_gives_its_published_values(void **state)
{
	struct rng rng = {0};

	(void)state;
	assert_true(rng_next(&rng) == 0xe220a8397b1dcdaf);
	assert_true(rng_next(&rng) == 0x6e789e6aa1b965f4);
	assert_true(rng_next(&rng) == 0x06c45d188009454f);
}

static void shuffle_keeps_all_and_moves_each_everywhere(void **state)
{
	struct rng rng = {7};
	int seen[5][5] = {0};

	(void)state;
	for (int round = 0; round < 500; round++) {
		int v[5] = {0, 1, 2, 3, 4}, sum = 0;

		rng_shuffle(&rng, v, 5);
		for (int i = 0; i < 5; i++) {
			seen[v[i]][i]++;
			sum += 1 << v[i];
		}
		assert_int_equal(sum, 31);
	}
	for (int i = 0; i < 25; i++)
		assert_in_range(seen[i / 5][i % 5], 60, 140);
}

static void same_seed_gives_the_same_order(void **state)
{
	struct rng a = {42}, b = {42};

	(void)state;
	for (int i = 0; i < 100; i++)
		assert_int_equal(rng_below(&a, 1000), rng_below(&b, 1000));
}

static void quantiles_are_those_of_r(void **state)
{
	const double v[] = {9, 1, 4, 16, 25, 36, 49};

	(void)state;
	near(stats_quantile(v, 7, 0), 1, 0);
	near(stats_quantile(v, 7, 0.05), 1.9, 1e-12);
	near(stats_quantile(v, 7, 0.25), 6.5, 1e-12);
	near(stats_median(v, 7), 16, 0);
	near(stats_quantile(v, 7, 0.95), 45.1, 1e-9);
	near(stats_quantile(v, 7, 1), 49, 0);
	near(stats_median(v, 6), 12.5, 1e-12);
}

static void mad_is_the_median_distance(void **state)
{
	const double v[] = {1, 1, 2, 2, 4, 6, 9};

	(void)state;
	near(stats_mad(v, 7), 1, 0);
}

static void spread_is_range_over_median(void **state)
{
	const double v[] = {100, 101, 99};

	(void)state;
	near(stats_spread(v, 3), 0.02, 1e-12);
	near(stats_spread(v, 1), 0, 0);
}

static void t_quantiles_are_those_of_tables(void **state)
{
	(void)state;
	near(stats_t_quantile(0.975, 1), 12.7062047362, 1e-6);
	near(stats_t_quantile(0.975, 2), 4.3026527297, 1e-8);
	near(stats_t_quantile(0.975, 5), 2.5705818356, 1e-8);
	near(stats_t_quantile(0.975, 14), 2.1447866879, 1e-8);
	near(stats_t_quantile(0.995, 30), 2.7499956536, 1e-8);
	near(stats_t_quantile(0.025, 14), -2.1447866879, 1e-8);
	near(stats_t_quantile(0.5, 9), 0, 1e-9);
}

static void interval_of_equal_values_is_the_value(void **state)
{
	struct datum d[20];
	struct rng rng = {1};
	struct interval v;

	(void)state;
	for (int i = 0; i < 20; i++)
		d[i] = (struct datum){5, i / 4};
	v = stats_median_ci(d, 20, 0.95, &rng);
	near(v.low, 5, 0);
	near(v.point, 5, 0);
	near(v.high, 5, 0);
}

static void interval_of_nothing_is_not_a_number(void **state)
{
	struct rng rng = {1};

	(void)state;
	assert_true(isnan(stats_median_ci(NULL, 0, 0.95, &rng).point));
}

/* normal - Box and Muller's, enough of it. */
static double normal(struct rng *rng)
{
	double u = ((double)rng_below(rng, 1000000) + 1) / 1000001;
	double v = (double)rng_below(rng, 1000000) / 1000000;

	return sqrt(-2 * log(u)) * cos(2 * M_PI * v);
}

/* The interval has to grow when values of a block resemble each other. */
static void blocks_that_differ_widen_the_interval(void **state)
{
	struct datum blocked[100], loose[100];
	struct rng noise = {3}, rng = {4};
	struct interval a, b;

	(void)state;
	for (int i = 0; i < 100; i++) {
		int block = i / 10;
		double v = 100 + 10 * block + normal(&noise);

		blocked[i] = (struct datum){v, block};
		loose[i] = (struct datum){v, i};
	}
	a = stats_median_ci(blocked, 100, 0.95, &rng);
	b = stats_median_ci(loose, 100, 0.95, &rng);
	assert_true(a.high - a.low > 1.5 * (b.high - b.low));
	assert_true(a.low <= a.point && a.point <= a.high);
}

/* nested_like - 8 boots of 5 invocations of 4 values; one level varies. */
static struct interval nested_like(double boots, double invocations, struct rng *noise)
{
	struct nested d[160];
	struct rng rng = {12};
	int n = 0;

	for (int b = 0; b < 8; b++) {
		double boot = boots * normal(noise);

		for (int i = 0; i < 5; i++) {
			double invocation = invocations * normal(noise);

			for (int k = 0; k < 4; k++)
				d[n++] = (struct nested){100 + boot + invocation + normal(noise), b,
							 i};
		}
	}
	return stats_nested_median_ci(d, (size_t)n, 0.95, &rng);
}

static void each_level_that_varies_widens_the_interval(void **state)
{
	struct rng noise = {11};
	struct interval none = nested_like(0, 0, &noise), inner = nested_like(0, 10, &noise),
			outer = nested_like(10, 0, &noise);

	(void)state;
	assert_true(inner.high - inner.low > 2 * (none.high - none.low));
	/* 8 boots say less than 40 invocations */
	assert_true(outer.high - outer.low > 1.3 * (inner.high - inner.low));
}

static void one_level_is_two_with_one_invocation_each(void **state)
{
	struct datum d[60];
	struct nested e[60];
	struct rng noise = {13}, a = {14}, b = {14};
	struct interval v, w;

	(void)state;
	for (int i = 0; i < 60; i++) {
		d[i] = (struct datum){100 + normal(&noise), i / 5};
		e[i] = (struct nested){d[i].value, i / 5, 7};
	}
	v = stats_median_ci(d, 60, 0.95, &a);
	w = stats_nested_median_ci(e, 60, 0.95, &b);
	near(v.low, w.low, 0);
	near(v.high, w.high, 0);
}

static void block_medians_are_one_per_block(void **state)
{
	const struct datum d[] = {{3, 1}, {9, 0}, {5, 1}, {4, 1}, {11, 0}};
	double out[5];

	(void)state;
	assert_int_equal(stats_block_medians(d, 5, out), 2);
	near(out[0], 10, 0);
	near(out[1], 4, 0);
}

static void ratio_of_medians_needs_no_common_block(void **state)
{
	struct datum a[60], b[60];
	struct rng noise = {15}, rng = {16};
	struct interval v;

	(void)state;
	for (int i = 0; i < 60; i++) {
		a[i] = (struct datum){200 + normal(&noise), i / 4};
		b[i] = (struct datum){100 + normal(&noise), 1000 + i / 4};
	}
	v = stats_ratio_of_medians(a, 60, b, 60, 0.95, &rng);
	near(v.point, 2, 0.02);
	assert_true(v.low < v.point && v.point < v.high);
	near(v.low, 2, 0.05);
	near(v.high, 2, 0.05);
}

/* paired - @n blocks of @k values each of a and b, which share a drift; b is a times @factor. */
static struct interval paired(struct rng *noise, struct rng *rng, int n, int k, double factor)
{
	struct datum a[400], b[400];
	int m = 0;

	for (int block = 0; block < n; block++) {
		double drift = exp(0.5 * normal(noise));

		for (int i = 0; i < k; i++, m++) {
			a[m] = (struct datum){drift * factor * exp(0.05 * normal(noise)), block};
			b[m] = (struct datum){drift * exp(0.05 * normal(noise)), block};
		}
	}
	return stats_paired_ratio(a, (size_t)m, b, (size_t)m, 0.95, rng, NULL);
}

static void paired_ratio_cancels_drift(void **state)
{
	struct rng noise = {5}, rng = {6};
	struct interval v = paired(&noise, &rng, 15, 8, 1.5);

	(void)state;
	near(v.point, 1.5, 0.03);
	assert_true(v.low > 1.45 && v.high < 1.55);
}

/* covered - in how many of 200 experiments without a difference the interval holds 1. */
static int covered(int blocks, int starts, uint64_t seed)
{
	struct rng noise = {seed}, rng = {seed + 1};
	int n = 0;

	for (int i = 0; i < 200; i++) {
		struct interval v = paired(&noise, &rng, blocks, starts, 1);

		n += v.low <= 1 && v.high >= 1;
	}
	return n;
}

/* 95 % of 200 is 190; fewer than 181 has a chance of 2 in 1000. Ten blocks are percentile, 35 BCa. */
static void paired_ratio_covers_one_as_often_as_it_says(void **state)
{
	(void)state;
	assert_in_range(covered(10, 4, 8), 181, 200);
	assert_in_range(covered(35, 4, 18), 181, 200);
}

static void paired_ratio_uses_common_blocks_only(void **state)
{
	const struct datum a[] = {{2, 1}, {4, 2}, {6, 3}, {99, 4}};
	const struct datum b[] = {{7, 0}, {1, 1}, {2, 2}, {3, 3}};
	struct rng rng = {1};
	size_t blocks;
	struct interval v = stats_paired_ratio(a, 4, b, 4, 0.95, &rng, &blocks);

	(void)state;
	assert_int_equal(blocks, 3);
	near(v.point, 2, 1e-12);
	near(v.low, 2, 1e-12);
}

static void paired_ratio_of_two_blocks_is_refused(void **state)
{
	const struct datum a[] = {{2, 1}, {4, 2}};
	struct rng rng = {1};

	(void)state;
	assert_true(isnan(stats_paired_ratio(a, 2, a, 2, 0.95, &rng, NULL).point));
}

static void slope_is_exact_on_a_line_and_ignores_an_outlier(void **state)
{
	const double x[] = {0, 8, 16, 24, 32, 40};
	double y[6];
	struct rng rng = {2};
	struct interval v;

	(void)state;
	for (int i = 0; i < 6; i++)
		y[i] = 1000 + 3.5 * x[i];
	v = stats_slope(x, y, 6, 0.95, &rng);
	near(v.point, 3.5, 1e-9);
	near(v.low, 3.5, 1e-9);
	y[3] += 500;
	near(stats_slope(x, y, 6, 0.95, &rng).point, 3.5, 1e-9);
}

static void slope_without_different_x_is_not_a_number(void **state)
{
	const double x[] = {1, 1, 1}, y[] = {1, 2, 3};
	struct rng rng = {2};

	(void)state;
	assert_true(isnan(stats_slope(x, y, 3, 0.95, &rng).point));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splitmix_gives_its_published_values),
		cmocka_unit_test(shuffle_keeps_all_and_moves_each_everywhere),
		cmocka_unit_test(same_seed_gives_the_same_order),
		cmocka_unit_test(quantiles_are_those_of_r),
		cmocka_unit_test(mad_is_the_median_distance),
		cmocka_unit_test(spread_is_range_over_median),
		cmocka_unit_test(t_quantiles_are_those_of_tables),
		cmocka_unit_test(interval_of_equal_values_is_the_value),
		cmocka_unit_test(interval_of_nothing_is_not_a_number),
		cmocka_unit_test(blocks_that_differ_widen_the_interval),
		cmocka_unit_test(each_level_that_varies_widens_the_interval),
		cmocka_unit_test(one_level_is_two_with_one_invocation_each),
		cmocka_unit_test(block_medians_are_one_per_block),
		cmocka_unit_test(ratio_of_medians_needs_no_common_block),
		cmocka_unit_test(paired_ratio_cancels_drift),
		cmocka_unit_test(paired_ratio_covers_one_as_often_as_it_says),
		cmocka_unit_test(paired_ratio_uses_common_blocks_only),
		cmocka_unit_test(paired_ratio_of_two_blocks_is_refused),
		cmocka_unit_test(slope_is_exact_on_a_line_and_ignores_an_outlier),
		cmocka_unit_test(slope_without_different_x_is_not_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
