/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.h: the verb that measures, and what other verbs that start systems need of it.
 */
#ifndef CLOISON_BENCH_RUN_H
#define CLOISON_BENCH_RUN_H

#include "bench/bench.h"

/* run_verb - returns the exit status, or -1 with @err. */
int run_verb(int argc, char **argv, struct error *err);

/* bench_open - everything up to the point where systems have said whether they can run. */
must_check int bench_open(struct bench *b, struct error *err);
void bench_close(struct bench *b);

#endif
