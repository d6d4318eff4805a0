/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * regress.c: slopes: least squares, and Theil and Sen's, which a third of wild points cannot move.
 */
#include "bench/stats.h"

#include "bench/stats_own.h"
#include "lib/fd.h"

#include <math.h>

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
		return (struct interval){NAN, NAN, NAN};
	point = theil_sen(x, y, n, scratch);
	if (isnan(point))
		return (struct interval){NAN, NAN, NAN};
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
	sort_values(draws, got);
	return (struct interval){
		.point = point,
		.low = sorted_quantile(draws, got, (1 - level) / 2),
		.high = sorted_quantile(draws, got, (1 + level) / 2),
	};
}

/* ties - the sum over groups of equal values of t (t - 1) (2 t + 5), which Sen's variance loses. */
static double ties(const double *v, size_t n, double *scratch)
{
	double sum = 0, run = 1;

	for (size_t i = 0; i < n; i++)
		scratch[i] = v[i];
	sort_values(scratch, n);
	for (size_t i = 1; i <= n; i++) {
		if (i < n && scratch[i] <= scratch[i - 1]) {
			run++;
			continue;
		}
		sum += run * (run - 1) * (2 * run + 5);
		run = 1;
	}
	return sum;
}

struct interval stats_theil_sen(const double *x, const double *y, size_t n, double level)
{
	_cleanup_free_ double *slopes = calloc(n * n + 1, sizeof(*slopes));
	double N = (double)n, sigma, nt, low, high;
	struct interval r = {NAN, NAN, NAN};
	size_t m = 0;

	if (n < 3 || !slopes)
		return r;
	sigma = sqrt((N * (N - 1) * (2 * N + 5) - ties(x, n, slopes) - ties(y, n, slopes)) / 18);
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < n; j++)
			if (x[j] > x[i])
				slopes[m++] = (y[j] - y[i]) / (x[j] - x[i]);
	if (m == 0)
		return r;
	nt = (double)m;
	sort_values(slopes, m);
	r.point = sorted_quantile(slopes, m, 0.5);
	/* Counted from 0. Too few points for the level: the interval has no end on that side. */
	low = rint((nt - stats_normal_quantile((1 + level) / 2) * sigma) / 2) - 1;
	high = rint((nt + stats_normal_quantile((1 + level) / 2) * sigma) / 2);
	r.low = low >= 0 ? slopes[(size_t)low] : -INFINITY;
	r.high = high < nt ? slopes[(size_t)high] : INFINITY;
	return r;
}

struct line stats_least_squares(const double *x, const double *y, size_t n, double level)
{
	struct line l = {{NAN, NAN, NAN}, NAN, NAN, NAN, NAN};
	double N = (double)n, mx = 0, my = 0, sxx = 0, sxy = 0, syy = 0, rest = 0, t, var;

	if (n < 3)
		return l;
	for (size_t i = 0; i < n; i++) {
		mx += x[i] / N;
		my += y[i] / N;
	}
	for (size_t i = 0; i < n; i++) {
		sxx += (x[i] - mx) * (x[i] - mx);
		sxy += (x[i] - mx) * (y[i] - my);
		syy += (y[i] - my) * (y[i] - my);
	}
	if (sxx <= 0)
		return l;
	l.slope.point = sxy / sxx;
	l.intercept = my - l.slope.point * mx;
	for (size_t i = 0; i < n; i++) {
		double away = y[i] - l.intercept - l.slope.point * x[i];

		rest += away * away;
	}
	var = rest / (N - 2);
	l.slope_error = sqrt(var / sxx);
	l.intercept_error = sqrt(var * (1 / N + mx * mx / sxx));
	l.r_squared = syy > 0 ? 1 - rest / syy : 1;
	t = stats_t_quantile((1 + level) / 2, (unsigned int)(n - 2));
	l.slope.low = l.slope.point - t * l.slope_error;
	l.slope.high = l.slope.point + t * l.slope_error;
	return l;
}
