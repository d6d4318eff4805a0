/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.h: before anything is timed, a container in the appliance says where it is.
 */
#ifndef CLOISON_BENCH_PROOF_H
#define CLOISON_BENCH_PROOF_H

#include "bench/bench.h"

/*
 * proof_take - boot the appliance, run one container and keep what it printed in the results.
 * When that fails the appliance is marked unavailable, with the last line of its console.
 */
must_check int proof_take(struct bench *b, struct error *err);

#endif
