/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * permute.c: would a difference as large as this one come of chance alone?
 *
 * If two groups do not differ, any division of the pooled values into groups of these sizes was
 * as likely as the one that was seen. All divisions are tried when there are not too many, else a
 * random part of them, the seen one counted among it (Phipson and Smyth, 2010), so that p is
 * never 0.
 */
#include "bench/stats.h"

#include "lib/fd.h"

#include <math.h>
#include <stdbool.h>

#define TOLERANCE 1e-12

/* divisions - n over k, INFINITY when it is beyond what would ever be tried. */
static double divisions(size_t n, size_t k)
{
	double v = 1;

	for (size_t i = 1; i <= k; i++) {
		v *= (double)(n - k + i) / (double)i;
		if (v > 1e9)
			return INFINITY;
	}
	return rint(v);
}

struct count {
	double seen;  /* difference of means */
	double total; /* sum of all values */
	double na, nb, slack;
	size_t low, high, n;
};

static void look(struct count *c, double sum)
{
	double d = sum / c->na - (c->total - sum) / c->nb;

	c->n++;
	c->low += d <= c->seen + c->slack;
	c->high += d >= c->seen - c->slack;
}

/* try_all - every choice of @k of @n values; chosen[] holds its indices in ascending order. */
static void try_all(struct count *c, const double *v, size_t n, size_t k, size_t *chosen)
{
	for (size_t i = 0; i < k; i++)
		chosen[i] = i;
	for (;;) {
		double sum = 0;
		size_t i = k;

		for (size_t j = 0; j < k; j++)
			sum += v[chosen[j]];
		look(c, sum);
		while (i > 0 && chosen[i - 1] == n - k + i - 1)
			i--;
		if (i == 0)
			return;
		chosen[i - 1]++;
		for (; i < k; i++)
			chosen[i] = chosen[i - 1] + 1;
	}
}

static void try_some(struct count *c, double *v, size_t n, size_t k, struct rng *rng)
{
	for (int draw = 0; draw < STATS_BOOTSTRAP_DRAWS - 1; draw++) {
		double sum = 0;

		for (size_t i = 0; i < k; i++) {
			size_t j = i + rng_below(rng, n - i);
			double t = v[i];

			v[i] = v[j];
			v[j] = t;
			sum += v[i];
		}
		look(c, sum);
	}
	c->n++; /* the division that was seen */
	c->low++;
	c->high++;
}

double stats_permutation_p(const double *a, size_t na, const double *b, size_t nb, struct rng *rng)
{
	_cleanup_free_ double *v = calloc(na + nb + 1, sizeof(*v));
	_cleanup_free_ size_t *chosen = calloc(na + 1, sizeof(*chosen));
	struct count c = {.na = (double)na, .nb = (double)nb};
	double sum = 0, size = 0;

	if (na == 0 || nb == 0 || !v || !chosen)
		return NAN;
	for (size_t i = 0; i < na + nb; i++) {
		v[i] = i < na ? a[i] : b[i - na];
		c.total += v[i];
		size += fabs(v[i]);
		sum += i < na ? v[i] : 0;
	}
	c.seen = sum / c.na - (c.total - sum) / c.nb;
	c.slack = TOLERANCE * size;
	if (divisions(na + nb, na) <= STATS_BOOTSTRAP_DRAWS)
		try_all(&c, v, na + nb, na, chosen);
	else
		try_some(&c, v, na + nb, na, rng);
	return fmin(1, 2 * (double)(c.low < c.high ? c.low : c.high) / (double)c.n);
}

/* adjust - Holm's step: @rank smaller values came before, the largest adjusted one was @before. */
static double adjust(double p, size_t m, size_t rank, double before)
{
	return fmin(1, fmax(before, p * (double)(m - rank)));
}

void stats_holm(double *p, size_t n)
{
	double before = 0;

	/* Smallest first; adjusted ones are marked by adding 2, which no probability reaches. */
	for (size_t rank = 0; rank < n; rank++) {
		size_t least = n;

		for (size_t i = 0; i < n; i++)
			if (p[i] < 2 && (least == n || p[i] < p[least]))
				least = i;
		before = adjust(p[least], n, rank, before);
		p[least] = before + 2;
	}
	for (size_t i = 0; i < n; i++)
		p[i] -= 2;
}
