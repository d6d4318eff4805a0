/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selftest.h: does the bench find no difference where there is none, and one where there is?
 */
#ifndef CLOISON_BENCH_SELFTEST_H
#define CLOISON_BENCH_SELFTEST_H

#include "bench/bench.h"

/*
 * selftest_run - print the latency of the channel and two verdicts.
 *
 * A/A: the floor against itself, interleaved; the ratio's interval has to contain 1. So that
 * chance alone fails only once in a thousand runs, the interval for this verdict is the 99.9 %
 * one. A/B: the floor against itself slowed down by SELFTEST_SLOWDOWN of its own median; the
 * interval must lie above 1.
 * Returns 0 when both hold, 1 when not, -1 with @err when it could not be done.
 */
#define SELFTEST_SLOWDOWN 0.5
must_check int selftest_run(struct bench *b, struct error *err);

#endif
