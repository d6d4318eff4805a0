/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repro.h: `cloison-bench repro RECIPE`: a paper's figure, measured here, beside the paper's values.
 */
#ifndef CLOISON_BENCH_REPRO_H
#define CLOISON_BENCH_REPRO_H

#include "lib/error.h"

#include <stdio.h>

/* A verb that takes options and gives an exit status, or -1 with @err: `run`. */
typedef int (*repro_run)(int argc, char **argv, struct error *err);

/*
 * repro_verb - run a recipe's scenarios with @run, then print ours beside the paper's.
 * Options that follow the recipe's name are given to @run behind its own.
 * Returns 0 whatever the numbers are; 1 when a system that could be measured has none; or @run's own
 * status when it could not measure at all.
 */
int repro_verb(int argc, char **argv, repro_run run, struct error *err);

/* repro_list - one line per recipe. */
void repro_list(FILE *out);

#endif
