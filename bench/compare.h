/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.h: did anything become slower between two result files?
 */
#ifndef CLOISON_BENCH_COMPARE_H
#define CLOISON_BENCH_COMPARE_H

#include "bench/result.h"

/*
 * compare_results - a row for each metric of each system that both runs measured.
 * Returns {"effect", "alpha", "a", "b", "rows": [{scenario, system, metric, unit, n_a, n_b,
 * blocks_a, blocks_b, a, b, ratio, low, high, p, p_adjusted, verdict}], "slower", "faster"}, or NULL
 * with @err.
 */
json_object *compare_results(const struct results *a, const struct results *b, double effect,
			     struct error *err);

/* compare_print - the rows as a table. */
void compare_print(json_object *comparison, FILE *out);

/* compare_verb - returns the exit status, or -1 with @err. */
int compare_verb(int argc, char **argv, struct error *err);

#endif
