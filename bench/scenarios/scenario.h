/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario.h: one experiment each, and what several of them share.
 */
#ifndef CLOISON_BENCH_SCENARIOS_SCENARIO_H
#define CLOISON_BENCH_SCENARIOS_SCENARIO_H

#include "bench/bench.h"

struct scenario {
	const char *id;
	const char *title;
	/*
	 * run - measure and put everything into b->results.
	 * Returns 0, or -1 with @err when nothing can be said at all. A system that fails is no
	 * error: it is recorded.
	 */
	int (*run)(struct bench *b, struct error *err);
};

extern const struct scenario scenario_floor;
extern const struct scenario scenario_start;
extern const struct scenario scenario_exec;
extern const struct scenario scenario_mem;
extern const struct scenario scenario_icount;

extern const struct scenario *const scenarios[];
extern const size_t scenario_count;

/* scenario_find - the scenario called @id, or NULL. */
const struct scenario *scenario_find(const char *id);

/* scenario_verdict - whether the whole interval is on the right side of @limit. */
const char *scenario_verdict(struct interval v, double limit);

/* scenario_record - put id, title and @params (taken over; may be NULL) into the results. */
must_check int scenario_record(struct bench *b, const struct scenario *sc, json_object *params,
			       struct error *err);

/* Where a start belongs. */
struct place {
	const char *scenario;
	int block, order, invocation;
	bool warmup; /* not recorded */
};

/*
 * visit - start @s once (the appliance: boot it once, with @r->starts containers), and add a
 * sample for each start.
 * @failed:	receives whether a start failed
 */
must_check int visit(struct bench *b, const struct system *s, const struct request *r,
		     const struct place *at, struct child *c, bool *failed, struct error *err);

/* visit_deadline_ms - how long a start of @s may take at most. */
int visit_deadline_ms(const struct bench *b, const struct system *s, const struct request *r);

/* visit_stop - remove what a start of @s may have left. */
void visit_stop(struct bench *b, const struct system *s, unsigned int serial);

/* child_complaint - the last line a program wrote on standard error, else its last of output. */
void child_complaint(const struct child *c, char *buf, size_t size);

#endif
