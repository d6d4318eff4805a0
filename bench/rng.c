/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rng.c: SplitMix64, unbiased bounded numbers, Fisher and Yates' shuffle.
 */
#include "bench/rng.h"

uint64_t rng_next(struct rng *rng)
{
	uint64_t z;

	rng->state += 0x9e3779b97f4a7c15;
	z = rng->state;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

size_t rng_below(struct rng *rng, size_t n)
{
	/* Values from the incomplete last run of n would favour small results: draw again. */
	uint64_t limit = UINT64_MAX - UINT64_MAX % n;
	uint64_t v;

	do
		v = rng_next(rng);
	while (v >= limit);
	return (size_t)(v % n);
}

void rng_shuffle(struct rng *rng, int *v, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rng_below(rng, i);
		int t = v[i - 1];

		v[i - 1] = v[j];
		v[j] = t;
	}
}
