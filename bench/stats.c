/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c: medians, bootstrap intervals, paired ratios, slopes.
 *
 * Blocks are made contiguous first (one sort), so a bootstrap draw is: choose a block, choose
 * values in it, as often as there are blocks. The scratch arrays are allocated once per call.
 */
#include "bench/stats.h"

#include "lib/fd.h"

#include <math.h>
#include <stdlib.h>

static const struct interval no_interval = {NAN, NAN, NAN};

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static int by_block(const void *a, const void *b)
{
	const struct datum *x = a, *y = b;

	return (x->block > y->block) - (x->block < y->block);
}

/* sorted_quantile - as stats_quantile, of values in ascending order. */
static double sorted_quantile(const double *v, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return v[n - 1];
	return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

static void sort(double *v, size_t n)
{
	qsort(v, n, sizeof(*v), by_value);
}

/* sorted_copy - a sorted copy of @v, or NULL. */
static double *sorted_copy(const double *v, size_t n)
{
	double *copy = calloc(n ? n : 1, sizeof(*copy));

	if (!copy)
		return NULL;
	for (size_t i = 0; i < n; i++)
		copy[i] = v[i];
	sort(copy, n);
	return copy;
}

double stats_quantile(const double *v, size_t n, double q)
{
	_cleanup_free_ double *copy = n ? sorted_copy(v, n) : NULL;

	return copy ? sorted_quantile(copy, n, q) : NAN;
}

double stats_median(const double *v, size_t n)
{
	return stats_quantile(v, n, 0.5);
}

double stats_mad(const double *v, size_t n)
{
	_cleanup_free_ double *away = calloc(n ? n : 1, sizeof(*away));
	double middle = stats_median(v, n);

	if (!away || n == 0)
		return NAN;
	for (size_t i = 0; i < n; i++)
		away[i] = fabs(v[i] - middle);
	sort(away, n);
	return sorted_quantile(away, n, 0.5);
}

double stats_spread(const double *v, size_t n)
{
	double low = n ? v[0] : 0, high = low;

	if (n < 2)
		return 0;
	for (size_t i = 1; i < n; i++) {
		low = fmin(low, v[i]);
		high = fmax(high, v[i]);
	}
	return (high - low) / stats_median(v, n);
}

/*
 * select_kth - the k-th smallest of @v (from 0), reordering it so that no larger value stands
 * before it and no smaller one after. Hoare's quickselect with the middle element as pivot.
 */
static double select_kth(double *v, size_t n, size_t k)
{
	size_t left = 0, right = n - 1;

	while (left < right) {
		double pivot = v[left + (right - left) / 2];
		size_t i = left, j = right;

		for (;;) {
			while (v[i] < pivot)
				i++;
			while (v[j] > pivot)
				j--;
			if (i >= j)
				break;
			double t = v[i];

			v[i++] = v[j];
			v[j--] = t;
		}
		if (k <= j)
			right = j;
		else
			left = j + 1;
	}
	return v[k];
}

/* quick_median - the median of @v without a full sort; reorders @v. */
static double quick_median(double *v, size_t n)
{
	double upper = select_kth(v, n, n / 2), lower;

	if (n % 2)
		return upper;
	lower = v[0];
	for (size_t i = 1; i < n / 2; i++)
		lower = fmax(lower, v[i]);
	return (lower + upper) / 2;
}

/* The blocks of a set of data: block i holds data[start[i]] up to data[start[i + 1]]. */
struct blocks {
	struct datum *data;
	size_t *start;
	size_t count;
	size_t largest;
};

static void blocks_free(struct blocks *b)
{
	free(b->data);
	free(b->start);
}

#define _cleanup_blocks_ __attribute__((cleanup(blocks_free)))

/* blocks_make - group @d by block. Returns 0, or -1 without memory. */
static int blocks_make(struct blocks *b, const struct datum *d, size_t n)
{
	b->data = calloc(n + 1, sizeof(*b->data));
	b->start = calloc(n + 1, sizeof(*b->start));
	if (!b->data || !b->start)
		return -1;
	for (size_t i = 0; i < n; i++)
		b->data[i] = d[i];
	qsort(b->data, n, sizeof(*b->data), by_block);
	for (size_t i = 0; i < n; i++)
		if (i == 0 || b->data[i].block != b->data[i - 1].block)
			b->start[b->count++] = i;
	b->start[b->count] = n;
	for (size_t i = 0; i < b->count; i++)
		if (b->start[i + 1] - b->start[i] > b->largest)
			b->largest = b->start[i + 1] - b->start[i];
	return 0;
}

static size_t block_size(const struct blocks *b, size_t i)
{
	return b->start[i + 1] - b->start[i];
}

/* draw - one bootstrap sample: as many blocks as there are, each refilled from itself. */
static size_t draw(const struct blocks *b, double *out, struct rng *rng)
{
	size_t n = 0;

	for (size_t i = 0; i < b->count; i++) {
		size_t chosen = rng_below(rng, b->count);
		size_t size = block_size(b, chosen);

		for (size_t j = 0; j < size; j++)
			out[n++] = b->data[b->start[chosen] + rng_below(rng, size)].value;
	}
	return n;
}

/* percentile_interval - the central @level part of @n draws, which get sorted. */
static struct interval percentile_interval(double point, double *draws, size_t n, double level)
{
	double tail = (1 - level) / 2;

	sort(draws, n);
	return (struct interval){
		.point = point,
		.low = sorted_quantile(draws, n, tail),
		.high = sorted_quantile(draws, n, 1 - tail),
	};
}

struct interval stats_median_ci(const struct datum *d, size_t n, double level, struct rng *rng)
{
	_cleanup_blocks_ struct blocks b = {0};
	_cleanup_free_ double *draws = calloc(STATS_BOOTSTRAP_DRAWS, sizeof(*draws));
	_cleanup_free_ double *sample = NULL;

	if (n == 0 || !draws || blocks_make(&b, d, n))
		return no_interval;
	sample = calloc(b.count * b.largest + n, sizeof(*sample));
	if (!sample)
		return no_interval;
	for (size_t i = 0; i < STATS_BOOTSTRAP_DRAWS; i++)
		draws[i] = quick_median(sample, draw(&b, sample, rng));
	for (size_t i = 0; i < n; i++)
		sample[i] = d[i].value;
	return percentile_interval(quick_median(sample, n), draws, STATS_BOOTSTRAP_DRAWS, level);
}

/* block_median - the median of block @i, through @scratch. */
static double block_median(const struct blocks *b, size_t i, double *scratch)
{
	size_t n = block_size(b, i);

	for (size_t j = 0; j < n; j++)
		scratch[j] = b->data[b->start[i] + j].value;
	return quick_median(scratch, n);
}

static int block_id(const struct blocks *b, size_t i)
{
	return b->data[b->start[i]].block;
}

/* log_ratios - log(a / b) of every block both have, into @out. Returns how many. */
static size_t log_ratios(const struct blocks *a, const struct blocks *b, double *scratch,
			 double *out)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a->count && j < b->count) {
		if (block_id(a, i) < block_id(b, j)) {
			i++;
		} else if (block_id(a, i) > block_id(b, j)) {
			j++;
		} else {
			double over = block_median(a, i++, scratch);

			out[n++] = log(over / block_median(b, j++, scratch));
		}
	}
	return n;
}

static double mean(const double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

/* expanded_level - the percentile level whose interval covers @level for @n values. */
static double expanded_level(double level, size_t n)
{
	double t = stats_t_quantile((1 + level) / 2, (unsigned int)(n - 1));

	return erf(t * sqrt((double)n / (double)(n - 1)) / sqrt(2));
}

struct interval stats_paired_ratio(const struct datum *a, size_t na, const struct datum *b,
				   size_t nb, double level, struct rng *rng, size_t *blocks)
{
	_cleanup_blocks_ struct blocks ba = {0}, bb = {0};
	_cleanup_free_ double *draws = calloc(STATS_BOOTSTRAP_DRAWS, sizeof(*draws));
	_cleanup_free_ double *scratch = calloc(na + nb + 1, sizeof(*scratch));
	_cleanup_free_ double *logs = calloc(na + nb + 1, sizeof(*logs));
	struct interval r;
	size_t n;

	if (blocks)
		*blocks = 0;
	if (!draws || !scratch || !logs || blocks_make(&ba, a, na) || blocks_make(&bb, b, nb))
		return no_interval;
	n = log_ratios(&ba, &bb, scratch, logs);
	if (blocks)
		*blocks = n;
	if (n < 3)
		return no_interval;
	for (size_t i = 0; i < STATS_BOOTSTRAP_DRAWS; i++) {
		double sum = 0;

		for (size_t j = 0; j < n; j++)
			sum += logs[rng_below(rng, n)];
		draws[i] = sum / (double)n;
	}
	r = percentile_interval(mean(logs, n), draws, STATS_BOOTSTRAP_DRAWS,
				expanded_level(level, n));
	return (struct interval){exp(r.point), exp(r.low), exp(r.high)};
}

/* theil_sen - the median of the slopes of all pairs with different x; NAN when there is none. */
static double theil_sen(const double *x, const double *y, size_t n, double *scratch)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t j = i + 1; j < n; j++)
			if (x[i] < x[j] || x[i] > x[j])
				scratch[m++] = (y[j] - y[i]) / (x[j] - x[i]);
	return m ? quick_median(scratch, m) : NAN;
}

struct interval stats_slope(const double *x, const double *y, size_t n, double level,
			    struct rng *rng)
{
	_cleanup_free_ double *draws = calloc(STATS_BOOTSTRAP_DRAWS, sizeof(*draws));
	_cleanup_free_ double *scratch = calloc(n * n + 1, sizeof(*scratch));
	_cleanup_free_ double *xs = calloc(n + 1, sizeof(*xs));
	_cleanup_free_ double *ys = calloc(n + 1, sizeof(*ys));
	double point;
	size_t got = 0;

	if (n < 3 || !draws || !scratch || !xs || !ys)
		return no_interval;
	point = theil_sen(x, y, n, scratch);
	if (isnan(point))
		return no_interval;
	for (size_t i = 0; i < STATS_BOOTSTRAP_DRAWS; i++) {
		double slope;

		for (size_t j = 0; j < n; j++) {
			size_t k = rng_below(rng, n);

			xs[j] = x[k];
			ys[j] = y[k];
		}
		slope = theil_sen(xs, ys, n, scratch);
		if (!isnan(slope)) /* every point drawn was the same one */
			draws[got++] = slope;
	}
	return percentile_interval(point, draws, got, level);
}

/*
 * t_central - P(-t <= T <= t) for t > 0: the finite series for whole degrees of freedom,
 * Abramowitz and Stegun 26.7.3 (odd) and 26.7.4 (even).
 */
static double t_central(double t, unsigned int df)
{
	double theta = atan(t / sqrt((double)df));
	double c2 = cos(theta) * cos(theta);
	double term = df % 2 ? cos(theta) : 1;
	double sum = df == 1 ? 0 : term;

	for (unsigned int k = df % 2 ? 2 : 1; k + 2 < df; k += 2) {
		term *= c2 * (double)k / (double)(k + 1);
		sum += term;
	}
	if (df % 2)
		return 2 / M_PI * (theta + sin(theta) * sum);
	return sin(theta) * sum;
}

double stats_t_quantile(double p, unsigned int df)
{
	double central = fabs(2 * p - 1), low = 0, high = 1;

	while (t_central(high, df) < central && high < 1e12)
		high *= 2;
	for (int i = 0; i < 200; i++) {
		double mid = (low + high) / 2;

		if (t_central(mid, df) < central)
			low = mid;
		else
			high = mid;
	}
	return p < 0.5 ? -high : high;
}
