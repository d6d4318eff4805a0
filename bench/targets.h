/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * targets.h: what Cloison promises of its own speed and size, against what was measured.
 */
#ifndef CLOISON_BENCH_TARGETS_H
#define CLOISON_BENCH_TARGETS_H

#include "bench/result.h"

/* targets_scenario - the scenario of target @i; NULL behind the last. */
const char *targets_scenario(size_t i);

/*
 * targets_judge - add the list "targets" to the results, from what else is in them:
 * [{what, target, value, low, high, interval, unit, verdict, reason, from}], verdict "met", "missed",
 * "unclear" (the interval holds the limit) or "not measured", then with the reason.
 */
must_check int targets_judge(struct results *r, struct error *err);

void targets_print(json_object *doc, FILE *out);

#endif
