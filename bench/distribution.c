/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * distribution.c: Student's t and the normal distribution.
 *
 * Quantiles are found by halving: they are asked for a few times per interval, so that a formula
 * nobody can check by eye would buy nothing.
 */
#include "bench/stats.h"

#include <math.h>

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

double stats_normal_cdf(double z)
{
	return erfc(-z / M_SQRT2) / 2;
}

double stats_normal_quantile(double p)
{
	double low = -40, high = 40;

	for (int i = 0; i < 200; i++) {
		double mid = (low + high) / 2;

		if (stats_normal_cdf(mid) < p)
			low = mid;
		else
			high = mid;
	}
	return (low + high) / 2;
}
