/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats_own.h: what the files of the statistics share among themselves.
 */
#ifndef CLOISON_BENCH_STATS_OWN_H
#define CLOISON_BENCH_STATS_OWN_H

#include <stddef.h>

/* sort_values - ascending. sorted_quantile - as stats_quantile, of values in that order. */
void sort_values(double *v, size_t n);
double sorted_quantile(const double *v, size_t n, double q);

/* quick_median - the median of @v without a full sort; reorders @v. */
double quick_median(double *v, size_t n);

/* mean_of - of @n >= 1 values, which it leaves as they are. */
double mean_of(double *v, size_t n);

#endif
