/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rng.h: the bench's only source of chance, seeded and repeatable.
 *
 * SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): 64 bits of state, passes BigCrush, the same on
 * every machine. The seed is stored with the results, so an order of starts can be repeated.
 */
#ifndef CLOISON_BENCH_RNG_H
#define CLOISON_BENCH_RNG_H

#include <stddef.h>
#include <stdint.h>

struct rng {
	uint64_t state;
};

/* rng_next - 64 random bits. */
uint64_t rng_next(struct rng *rng);

/* rng_below - a number from 0 to @n - 1, each as likely as any other; @n at least 1. */
size_t rng_below(struct rng *rng, size_t n);

/* rng_shuffle - put @n numbers in random order. */
void rng_shuffle(struct rng *rng, int *v, size_t n);

#endif
