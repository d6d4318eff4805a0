/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * survival.c: times of which some are only known to be longer: a start killed at its deadline.
 *
 * Kaplan and Meier's estimate (1958) of the part that has not yet happened after each time, with
 * Greenwood's standard error. What was censored at a time counts as at risk at that time.
 */
#include "bench/stats.h"

#include "lib/fd.h"

#include <math.h>

static int by_time(const void *a, const void *b)
{
	const struct lifetime *x = a, *y = b;

	return (x->time > y->time) - (x->time < y->time);
}

size_t stats_kaplan_meier(const struct lifetime *t, size_t n, struct survival *out)
{
	_cleanup_free_ struct lifetime *v = calloc(n + 1, sizeof(*v));
	double left = 1, greenwood = 0;
	size_t steps = 0;

	if (!v)
		return 0;
	for (size_t i = 0; i < n; i++)
		v[i] = t[i];
	qsort(v, n, sizeof(*v), by_time);
	for (size_t i = 0, same; i < n; i = same) {
		double risk = (double)(n - i), ended = 0;

		for (same = i; same < n && v[same].time <= v[i].time; same++)
			ended += !v[same].censored;
		if (ended <= 0)
			continue;
		left *= 1 - ended / risk;
		greenwood += ended / (risk * (risk - ended)); /* infinite at the very end */
		out[steps++] = (struct survival){
			.time = v[i].time,
			.left = left,
			.error = left > 0 ? left * sqrt(greenwood) : 0,
			.at_risk = n - i,
		};
	}
	return steps;
}

double stats_survival_quantile(const struct survival *s, size_t n, double q)
{
	for (size_t i = 0; i < n; i++)
		if (s[i].left <= 1 - q + 1e-12)
			return s[i].time;
	return NAN;
}
