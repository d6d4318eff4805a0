/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.h: what is said about a set of measurements.
 *
 * Times of starts are skewed and disturbed, so everything rests on medians and resampling. Values
 * of one block (a round in which every system was started) are not independent: they share what
 * else the machine did then. The bootstrap therefore draws blocks first, then values within them.
 * All functions are pure: same data and same generator state, same result.
 */
#ifndef CLOISON_BENCH_STATS_H
#define CLOISON_BENCH_STATS_H

#include "bench/rng.h"

#include <stddef.h>

#define STATS_BOOTSTRAP_DRAWS 10000
#define STATS_BCA_UNITS 30    /* blocks or boots from which on intervals are BCa */
#define STATS_P99_VALUES 1000 /* fewer say nothing about a 99th percentile */
#define STATS_OUTLIER_Z 3.5   /* of the modified z: Iglewicz and Hoaglin, 1993 */

/* A value and the block it was taken in; blocks need not be in order nor without gaps. */
struct datum {
	double value;
	int block;
};

/* A value two levels deep: iterations in an invocation, invocations in a boot. */
struct nested {
	double value;
	int boot, invocation;
};

struct interval {
	double point;
	double low;
	double high;
};

/* stats_quantile - the @q quantile (0 to 1) of @n >= 1 values; linear between order statistics. */
double stats_quantile(const double *v, size_t n, double q);

/* stats_median - the middle value, or the mean of the two middle ones. */
double stats_median(const double *v, size_t n);

/* stats_mad - the median distance from the median, unscaled. */
double stats_mad(const double *v, size_t n);

/* stats_spread - (largest - smallest) / median; 0 for fewer than two values. */
double stats_spread(const double *v, size_t n);

/* stats_modified_z - how far @v is from the median, in scaled median distances. */
double stats_modified_z(double v, double median, double mad);

/*
 * stats_quantile_ci - a quantile with the interval between two order statistics that covers it with
 * at least @level, whatever the distribution (Hahn and Meeker, 1991, section 5.2). An end for which
 * there are too few values is NAN.
 */
struct interval stats_quantile_ci(const double *v, size_t n, double q, double level);

/* What is drawn again: a function of values, which it may reorder. */
typedef double (*stats_statistic)(double *v, size_t n);
enum stats_method { STATS_PERCENTILE, STATS_BCA };

/* stats_bootstrap - a statistic of independent values with its interval. */
struct interval stats_bootstrap(const double *v, size_t n, stats_statistic statistic,
				enum stats_method method, double level, struct rng *rng);

/*
 * stats_median_ci - median with its bootstrap interval, resampled by block; BCa from
 * STATS_BCA_UNITS blocks on, percentile for fewer.
 * @level: coverage, for example 0.95
 * The interval is the point itself for one value. NAN throughout when @n is 0 or memory is short.
 */
struct interval stats_median_ci(const struct datum *d, size_t n, double level, struct rng *rng);

/* stats_nested_median_ci - the same, resampled by boot, then invocation, then iteration. */
struct interval stats_nested_median_ci(const struct nested *d, size_t n, double level,
				       struct rng *rng);

/* stats_block_medians - the median of each block into @out (room for @n). Returns how many. */
size_t stats_block_medians(const struct datum *d, size_t n, double *out);

/*
 * stats_paired_ratio - how many times b is a, from blocks that hold both.
 * @blocks: receives the number of blocks used (may be NULL)
 *
 * Each block gives log(median of a / median of b); the ratio is exp of their mean, so a drift of
 * the machine that both share cancels. The interval is the bootstrap's of that mean at an expanded
 * level (bootstrap.c says why), so that it covers what it says for few blocks too.
 * NAN throughout with fewer than 3 common blocks.
 */
struct interval stats_paired_ratio(const struct datum *a, size_t na, const struct datum *b,
				   size_t nb, double level, struct rng *rng, size_t *blocks);

/* stats_ratio_of_medians - the same from two sets that have no block in common. */
struct interval stats_ratio_of_medians(const struct datum *a, size_t na, const struct datum *b,
				       size_t nb, double level, struct rng *rng);

/*
 * stats_permutation_p - the chance that the means of two groups without a difference are as far
 * apart as these, two-sided: twice the smaller tail. Exact up to STATS_BOOTSTRAP_DRAWS divisions.
 */
double stats_permutation_p(const double *a, size_t na, const double *b, size_t nb, struct rng *rng);

/* stats_holm - adjust @n such chances for being that many (Holm, 1979), in place. */
void stats_holm(double *p, size_t n);

/* A time, and whether it is only known to be longer. */
struct lifetime {
	double time;
	int censored;
};

struct survival {
	double time, left, error; /* the part that is left after @time, with its standard error */
	size_t at_risk;
};

/* stats_kaplan_meier - a step for each time at which something ended into @out (room for @n). */
size_t stats_kaplan_meier(const struct lifetime *t, size_t n, struct survival *out);

/* stats_survival_quantile - the time by which the part @q had ended; NAN: not seen to. */
double stats_survival_quantile(const struct survival *s, size_t n, double q);

/*
 * stats_slope - y per x: the median of all pairwise slopes (Theil, Sen), bootstrapped by point.
 * NAN throughout with fewer than 3 points or when all x are equal.
 */
struct interval stats_slope(const double *x, const double *y, size_t n, double level,
			    struct rng *rng);

/*
 * stats_theil_sen - the same slope with Sen's interval (1968), which needs no chance. An end that
 * so few points cannot bound is infinite.
 */
struct interval stats_theil_sen(const double *x, const double *y, size_t n, double level);

/* A least-squares line; the interval of the slope is Student's. */
struct line {
	struct interval slope;
	double intercept, slope_error, intercept_error, r_squared;
};
struct line stats_least_squares(const double *x, const double *y, size_t n, double level);

double stats_normal_cdf(double z);
double stats_normal_quantile(double p);

/* stats_t_quantile - t with P(T <= t) = @p for Student's t with @df >= 1 degrees of freedom. */
double stats_t_quantile(double p, unsigned int df);

#endif
