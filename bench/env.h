/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * env.h: the machine the figures come from, and what else it did meanwhile.
 */
#ifndef CLOISON_BENCH_ENV_H
#define CLOISON_BENCH_ENV_H

#include "bench/bench.h"

/* env_nested - whether this host is itself a virtual machine. */
bool env_nested(void);

/* What others took from us, since boot. */
struct disturbance {
	int64_t steal_ticks; /* /proc/stat */
	int64_t psi_us;	     /* /proc/pressure/cpu, some; NOT_MEASURED without PSI */
};

struct disturbance env_disturbance(void);

/* env_record - the fingerprint, into the document's "env". */
must_check int env_record(struct bench *b, struct error *err);

/* env_finish - load, steal and pressure over the whole run; adds threats to validity found. */
must_check int env_finish(struct bench *b, struct error *err);

#endif
