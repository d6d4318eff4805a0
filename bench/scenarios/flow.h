/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.h: many starts in flight, for s08 and s09.
 */
#ifndef CLOISON_BENCH_SCENARIOS_FLOW_H
#define CLOISON_BENCH_SCENARIOS_FLOW_H

#include "bench/scenarios/scenario.h"

#define FLOW_MOST 64

/*
 * One flow. Closed (@per_second 0): @in_flight starts at any time, each end begins another, until there were
 * @starts. Open: starts are due at random times, @per_second on average, for @ns; one that is due when
 * FLOW_MOST are in flight waits, and its time counts from when it was due.
 */
struct flow {
	const char *scenario;
	const struct system *system;
	int block; /* of its samples */
	unsigned int in_flight, starts;
	double per_second;
	int64_t ns;
	double took_s;	   /* receives how long all of it took */
	unsigned int done; /* receives how many starts were good */
};

must_check int flow_run(struct bench *b, struct flow *f, struct error *err);

/* flow_summarise - of the samples of one flow: "ready, @label". */
must_check int flow_summarise(struct bench *b, const struct flow *f, const char *label,
			      struct error *err);

#endif
