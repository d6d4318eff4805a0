/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bootstrap.c: intervals by drawing again from what was measured.
 *
 * Measurements are nested: boots hold invocations, invocations hold iterations (Kalibera and Jones,
 * 2013). A draw chooses boots, then invocations in each of them, then iterations in each of those,
 * each time as many as there are, so that what the values of one boot share widens the interval as
 * it should. With one level (blocks), every block is a boot of one invocation.
 *
 * The interval of the draws is the percentile one; from BCA_UNITS outermost units on it is Efron's
 * BCa (1987), which corrects for skewness and bias; the acceleration comes from leaving out one unit
 * at a time. Both are too narrow for the mean of few units, by about sqrt(n/(n-1)) t/z; for means
 * the level is therefore expanded (Hesterberg, "What Teachers Should Know About the Bootstrap",
 * 2015, section 4.3.3).
 */
#include "bench/stats.h"

#include "bench/stats_own.h"
#include "lib/fd.h"

#include <math.h>
#include <stdbool.h>

static const struct interval no_interval = {NAN, NAN, NAN};

static int by_place(const void *a, const void *b)
{
	const struct nested *x = a, *y = b;

	if (x->boot != y->boot)
		return (x->boot > y->boot) - (x->boot < y->boot);
	return (x->invocation > y->invocation) - (x->invocation < y->invocation);
}

/*
 * Values in the order of their places. Invocation i holds the values from inner[i] up to
 * inner[i + 1]; boot i holds the invocations from outer[i] up to outer[i + 1].
 */
struct tree {
	struct nested *data;
	size_t *inner, *outer;
	size_t values, inners, outers;
	size_t largest; /* values that one draw of a boot can give at most */
};

static void tree_free(struct tree *t)
{
	free(t->data);
	free(t->inner);
	free(t->outer);
}

#define _cleanup_tree_ __attribute__((cleanup(tree_free)))

static size_t outer_start(const struct tree *t, size_t boot)
{
	return t->inner[t->outer[boot]];
}

/* measure_tree - the most values that a draw of one boot can give. */
static void measure_tree(struct tree *t)
{
	for (size_t o = 0; o < t->outers; o++) {
		size_t most = 0, room;

		for (size_t i = t->outer[o]; i < t->outer[o + 1]; i++)
			if (t->inner[i + 1] - t->inner[i] > most)
				most = t->inner[i + 1] - t->inner[i];
		room = most * (t->outer[o + 1] - t->outer[o]);
		if (room > t->largest)
			t->largest = room;
	}
}

/* tree_make - group @d. Returns 0, or -1 without memory. */
static int tree_make(struct tree *t, const struct nested *d, size_t n)
{
	*t = (struct tree){
		.data = calloc(n + 1, sizeof(*t->data)),
		.inner = calloc(n + 1, sizeof(*t->inner)),
		.outer = calloc(n + 1, sizeof(*t->outer)),
		.values = n,
	};
	if (!t->data || !t->inner || !t->outer)
		return -1;
	for (size_t i = 0; i < n; i++)
		t->data[i] = d[i];
	qsort(t->data, n, sizeof(*t->data), by_place);
	for (size_t i = 0; i < n; i++) {
		const struct nested *v = &t->data[i];

		if (i > 0 && by_place(v, v - 1) == 0)
			continue;
		if (i == 0 || v->boot != v[-1].boot)
			t->outer[t->outers++] = t->inners;
		t->inner[t->inners++] = i;
	}
	t->inner[t->inners] = n;
	t->outer[t->outers] = t->inners;
	measure_tree(t);
	return 0;
}

/* blocks_make - the tree of values with one level. */
static int blocks_make(struct tree *t, const struct datum *d, size_t n)
{
	_cleanup_free_ struct nested *all = calloc(n + 1, sizeof(*all));

	*t = (struct tree){0};
	if (!all)
		return -1;
	for (size_t i = 0; i < n; i++)
		all[i] = (struct nested){d[i].value, d[i].block, 0};
	return tree_make(t, all, n);
}

/* draw - one bootstrap sample into @out. Returns how many values it has. */
static size_t draw(const struct tree *t, double *out, struct rng *rng)
{
	size_t n = 0;

	for (size_t o = 0; o < t->outers; o++) {
		size_t boot = rng_below(rng, t->outers);
		size_t inners = t->outer[boot + 1] - t->outer[boot];

		for (size_t i = 0; i < inners; i++) {
			size_t k = t->outer[boot] + rng_below(rng, inners);
			size_t size = t->inner[k + 1] - t->inner[k];

			for (size_t j = 0; j < size; j++)
				out[n++] = t->data[t->inner[k] + rng_below(rng, size)].value;
		}
	}
	return n;
}

/* all_but - the values of all boots but @boot into @out. Returns how many. */
static size_t all_but(const struct tree *t, size_t boot, double *out)
{
	size_t n = 0;

	for (size_t i = 0; i < t->values; i++)
		if (boot >= t->outers || i < outer_start(t, boot) || i >= outer_start(t, boot + 1))
			out[n++] = t->data[i].value;
	return n;
}

/* acceleration - of BCa, from the statistic without each boot in turn; 0 when it never changes. */
static double acceleration(const struct tree *t, stats_statistic statistic, double *scratch,
			   double *without)
{
	double mean, squares = 0, cubes = 0;

	for (size_t i = 0; i < t->outers; i++)
		without[i] = statistic(scratch, all_but(t, i, scratch));
	mean = mean_of(without, t->outers);
	for (size_t i = 0; i < t->outers; i++) {
		double d = mean - without[i];

		squares += d * d;
		cubes += d * d * d;
	}
	return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* bias - of BCa: which normal quantile the point is among the draws. */
static double bias(const double *draws, size_t n, double point)
{
	double below = 0;

	for (size_t i = 0; i < n; i++)
		below += draws[i] < point ? 1 : draws[i] <= point ? 0.5 : 0;
	return stats_normal_quantile(below / (double)n);
}

/* interval_of - from sorted draws; z0 = a = 0 is the percentile interval. */
static struct interval interval_of(double point, const double *draws, size_t n, double level,
				   double z0, double a)
{
	double z = stats_normal_quantile((1 + level) / 2);
	double low = z0 + (z0 - z) / (1 - a * (z0 - z));
	double high = z0 + (z0 + z) / (1 - a * (z0 + z));

	return (struct interval){
		.point = point,
		.low = sorted_quantile(draws, n, stats_normal_cdf(low)),
		.high = sorted_quantile(draws, n, stats_normal_cdf(high)),
	};
}

static struct interval bootstrap(const struct tree *t, stats_statistic statistic,
				 enum stats_method method, double level, struct rng *rng)
{
	_cleanup_free_ double *draws = calloc(STATS_BOOTSTRAP_DRAWS, sizeof(*draws));
	_cleanup_free_ double *scratch =
		calloc(t->outers * t->largest + t->values + 1, sizeof(*scratch));
	_cleanup_free_ double *without = calloc(t->outers + 1, sizeof(*without));
	double point, z0 = 0, a = 0;

	if (t->values == 0 || !draws || !scratch || !without)
		return no_interval;
	for (size_t i = 0; i < STATS_BOOTSTRAP_DRAWS; i++)
		draws[i] = statistic(scratch, draw(t, scratch, rng));
	point = statistic(scratch, all_but(t, t->outers, scratch));
	sort_values(draws, STATS_BOOTSTRAP_DRAWS);
	if (draws[0] >= draws[STATS_BOOTSTRAP_DRAWS - 1])
		return (struct interval){point, draws[0], draws[0]};
	if (method == STATS_BCA) {
		z0 = bias(draws, STATS_BOOTSTRAP_DRAWS, point);
		a = acceleration(t, statistic, scratch, without);
	}
	return interval_of(point, draws, STATS_BOOTSTRAP_DRAWS, level, z0, a);
}

static enum stats_method method_for(size_t units)
{
	return units >= STATS_BCA_UNITS ? STATS_BCA : STATS_PERCENTILE;
}

struct interval stats_bootstrap(const double *v, size_t n, stats_statistic statistic,
				enum stats_method method, double level, struct rng *rng)
{
	_cleanup_tree_ struct tree t = {0};
	_cleanup_free_ struct datum *d = calloc(n + 1, sizeof(*d));

	if (!d)
		return no_interval;
	for (size_t i = 0; i < n; i++)
		d[i] = (struct datum){v[i], (int)i};
	if (blocks_make(&t, d, n))
		return no_interval;
	return bootstrap(&t, statistic, method, level, rng);
}

struct interval stats_median_ci(const struct datum *d, size_t n, double level, struct rng *rng)
{
	_cleanup_tree_ struct tree t = {0};

	if (n == 0 || blocks_make(&t, d, n))
		return no_interval;
	return bootstrap(&t, quick_median, method_for(t.outers), level, rng);
}

struct interval stats_nested_median_ci(const struct nested *d, size_t n, double level,
				       struct rng *rng)
{
	_cleanup_tree_ struct tree t = {0};

	if (n == 0 || tree_make(&t, d, n))
		return no_interval;
	return bootstrap(&t, quick_median, method_for(t.outers), level, rng);
}

/* boot_median - the median of boot @i, through @scratch. */
static double boot_median(const struct tree *t, size_t i, double *scratch)
{
	size_t n = 0;

	for (size_t j = outer_start(t, i); j < outer_start(t, i + 1); j++)
		scratch[n++] = t->data[j].value;
	return quick_median(scratch, n);
}

size_t stats_block_medians(const struct datum *d, size_t n, double *out)
{
	_cleanup_tree_ struct tree t = {0};
	_cleanup_free_ double *scratch = calloc(n + 1, sizeof(*scratch));

	if (!scratch || blocks_make(&t, d, n))
		return 0;
	for (size_t i = 0; i < t.outers; i++)
		out[i] = boot_median(&t, i, scratch);
	return t.outers;
}

static int block_id(const struct tree *t, size_t i)
{
	return t->data[outer_start(t, i)].boot;
}

/* log_ratios - log(a / b) of every block both have, into @out. Returns how many. */
static size_t log_ratios(const struct tree *a, const struct tree *b, double *scratch, double *out)
{
	size_t i = 0, j = 0, n = 0;

	while (i < a->outers && j < b->outers) {
		if (block_id(a, i) < block_id(b, j)) {
			i++;
		} else if (block_id(a, i) > block_id(b, j)) {
			j++;
		} else {
			double over = boot_median(a, i++, scratch);

			out[n++] = log(over / boot_median(b, j++, scratch));
		}
	}
	return n;
}

/* expanded_level - the percentile level whose interval covers @level for the mean of @n values. */
static double expanded_level(double level, size_t n)
{
	double t = stats_t_quantile((1 + level) / 2, (unsigned int)(n - 1));

	return erf(t * sqrt((double)n / (double)(n - 1)) / sqrt(2));
}

struct interval stats_paired_ratio(const struct datum *a, size_t na, const struct datum *b,
				   size_t nb, double level, struct rng *rng, size_t *blocks)
{
	_cleanup_tree_ struct tree ta = {0}, tb = {0};
	_cleanup_free_ double *scratch = calloc(na + nb + 1, sizeof(*scratch));
	_cleanup_free_ double *logs = calloc(na + nb + 1, sizeof(*logs));
	struct interval r;
	size_t n;

	if (blocks)
		*blocks = 0;
	if (!scratch || !logs || blocks_make(&ta, a, na) || blocks_make(&tb, b, nb))
		return no_interval;
	n = log_ratios(&ta, &tb, scratch, logs);
	if (blocks)
		*blocks = n;
	if (n < 3)
		return no_interval;
	r = stats_bootstrap(logs, n, mean_of, method_for(n), expanded_level(level, n), rng);
	return (struct interval){exp(r.point), exp(r.low), exp(r.high)};
}

struct interval stats_ratio_of_medians(const struct datum *a, size_t na, const struct datum *b,
				       size_t nb, double level, struct rng *rng)
{
	_cleanup_tree_ struct tree ta = {0}, tb = {0};
	_cleanup_free_ double *draws = calloc(STATS_BOOTSTRAP_DRAWS, sizeof(*draws));
	_cleanup_free_ double *scratch = NULL;
	double point;

	if (na == 0 || nb == 0 || !draws || blocks_make(&ta, a, na) || blocks_make(&tb, b, nb))
		return no_interval;
	scratch =
		calloc(ta.outers * ta.largest + tb.outers * tb.largest + na + nb, sizeof(*scratch));
	if (!scratch)
		return no_interval;
	point = quick_median(scratch, all_but(&ta, ta.outers, scratch));
	point /= quick_median(scratch, all_but(&tb, tb.outers, scratch));
	for (size_t i = 0; i < STATS_BOOTSTRAP_DRAWS; i++) {
		draws[i] = quick_median(scratch, draw(&ta, scratch, rng));
		draws[i] /= quick_median(scratch, draw(&tb, scratch, rng));
	}
	sort_values(draws, STATS_BOOTSTRAP_DRAWS);
	return interval_of(point, draws, STATS_BOOTSTRAP_DRAWS, level, 0, 0);
}
