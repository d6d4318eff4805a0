/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c: order statistics: quantiles, medians, distances from them, and intervals of quantiles.
 */
#include "bench/stats.h"

#include "bench/stats_own.h"

#include "lib/fd.h"

#include <math.h>
#include <stdlib.h>

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double sorted_quantile(const double *v, size_t n, double q)
{
	double at = q * (double)(n - 1);
	size_t i = (size_t)at;

	if (i + 1 >= n)
		return v[n - 1];
	return v[i] + (at - (double)i) * (v[i + 1] - v[i]);
}

void sort_values(double *v, size_t n)
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
	sort_values(copy, n);
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
	sort_values(away, n);
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

double quick_median(double *v, size_t n)
{
	double upper = select_kth(v, n, n / 2), lower;

	if (n % 2)
		return upper;
	lower = v[0];
	for (size_t i = 1; i < n / 2; i++)
		lower = fmax(lower, v[i]);
	return (lower + upper) / 2;
}

double mean_of(double *v, size_t n)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += v[i];
	return sum / (double)n;
}

double stats_modified_z(double v, double median, double mad)
{
	if (v >= median && v <= median)
		return 0;
	return 0.6745 * (v - median) / mad;
}

/* binomial_quantile - the smallest k with P(B <= k) >= @p, B of @n draws with chance @q. */
static size_t binomial_quantile(double p, size_t n, double q)
{
	double below = 0;

	for (size_t k = 0; k < n; k++) {
		double N = (double)n, K = (double)k;

		below += exp(lgamma(N + 1) - lgamma(K + 1) - lgamma(N - K + 1) + K * log(q) +
			     (N - K) * log1p(-q));
		if (below >= p)
			return k;
	}
	return n;
}

struct interval stats_quantile_ci(const double *v, size_t n, double q, double level)
{
	_cleanup_free_ double *copy = n ? sorted_copy(v, n) : NULL;
	double tail = (1 - level) / 2;
	size_t low, high;

	if (!copy)
		return (struct interval){NAN, NAN, NAN};
	low = binomial_quantile(tail, n, q); /* counted from 1, as the upper one */
	high = binomial_quantile(1 - tail, n, q) + 1;
	return (struct interval){
		.point = sorted_quantile(copy, n, q),
		.low = low >= 1 ? copy[low - 1] : NAN,
		.high = high <= n ? copy[high - 1] : NAN,
	};
}
