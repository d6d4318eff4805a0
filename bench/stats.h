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

/* A value and the block it was taken in; blocks need not be in order nor without gaps. */
struct datum {
	double value;
	int block;
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

/*
 * stats_median_ci - median with its percentile bootstrap interval, resampled by block.
 * @level: coverage, for example 0.95
 * The interval is the point itself for one value. NAN throughout when @n is 0 or memory is short.
 */
struct interval stats_median_ci(const struct datum *d, size_t n, double level, struct rng *rng);

/*
 * stats_paired_ratio - how many times b is a, from blocks that hold both.
 * @blocks: receives the number of blocks used (may be NULL)
 *
 * Each block gives log(median of a / median of b); the ratio is exp of their mean, so a drift of
 * the machine that both share cancels. The interval is Hesterberg's expanded percentile bootstrap
 * of that mean ("What Teachers Should Know About the Bootstrap", 2015, section 4.3.3): a plain
 * percentile interval is too narrow for few blocks by about sqrt(n/(n-1)) t/z.
 * NAN throughout with fewer than 3 common blocks.
 */
struct interval stats_paired_ratio(const struct datum *a, size_t na, const struct datum *b,
				   size_t nb, double level, struct rng *rng, size_t *blocks);

/*
 * stats_slope - y per x: the median of all pairwise slopes (Theil, Sen), bootstrapped by point.
 * NAN throughout with fewer than 3 points or when all x are equal.
 */
struct interval stats_slope(const double *x, const double *y, size_t n, double level,
			    struct rng *rng);

/* stats_t_quantile - t with P(T <= t) = @p for Student's t with @df >= 1 degrees of freedom. */
double stats_t_quantile(double p, unsigned int df);

#endif
