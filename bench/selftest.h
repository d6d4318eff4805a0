/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selftest.h: does the bench find no difference where there is none, and one where there is?
 */
#ifndef CLOISON_BENCH_SELFTEST_H
#define CLOISON_BENCH_SELFTEST_H

#include "bench/bench.h"

#define SELFTEST_REPEATS 100
#define SELFTEST_MAX_REPEATS 1000
#define SELFTEST_SLOWDOWN 0.1 /* of the median processor time of a start */

/*
 * selftest_run - compare the floor with itself, and with itself slowed down by SELFTEST_SLOWDOWN,
 * @repeats times, and print how often the ratio's interval contained 1.
 * Returns 0 when it did in 95 of 100 repeats of the first kind and did not in 95 of 100 of the
 * second, 1 when not, -1 with @err when it could not be done.
 */
must_check int selftest_run(struct bench *b, int repeats, struct error *err);

/*
 * selftest_gate - one short comparison of a system with itself, before a run. Its outcome goes into
 * the results; when it fails, no ratio of the run is printed.
 */
must_check int selftest_gate(struct bench *b, struct error *err);

#endif
