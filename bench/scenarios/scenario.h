/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scenario.h: one experiment each, and what several of them share.
 */
#ifndef CLOISON_BENCH_SCENARIOS_SCENARIO_H
#define CLOISON_BENCH_SCENARIOS_SCENARIO_H

#include "bench/bench.h"

#define SOAK_FACTOR 10 /* so many times the blocks of a full run */

struct scenario {
	const char *id;
	const char *title;
	bool full_only; /* part of a run with --mode quick only when it is asked for by name */
	/*
	 * run - measure and put everything into b->results.
	 * Returns 0, or -1 with @err when nothing can be said at all. A system that fails is no
	 * error: it is recorded.
	 */
	int (*run)(struct bench *b, struct error *err);
};

extern const struct scenario scenario_floor;
extern const struct scenario scenario_start;
extern const struct scenario scenario_cold;
extern const struct scenario scenario_exec;
extern const struct scenario scenario_first;
extern const struct scenario scenario_phases;
extern const struct scenario scenario_phases_ct;
extern const struct scenario scenario_tcp;
extern const struct scenario scenario_par;
extern const struct scenario scenario_open;
extern const struct scenario scenario_creation;
extern const struct scenario scenario_density;
extern const struct scenario scenario_mem;
extern const struct scenario scenario_minram;
extern const struct scenario scenario_netns;
extern const struct scenario scenario_rootfs;
extern const struct scenario scenario_cgroup;
extern const struct scenario scenario_syscall;
extern const struct scenario scenario_cpu;
extern const struct scenario scenario_net;
extern const struct scenario scenario_teardown;
extern const struct scenario scenario_restore;
extern const struct scenario scenario_icount;
extern const struct scenario scenario_selftest;
extern const struct scenario scenario_image;

extern const struct scenario *const scenarios[];
extern const size_t scenario_count;

/*
 * supervised_measure - the supervisor's part of s12-mem, for a system that has one: Cloison on this host, and the
 * appliance.
 */
must_check int supervised_measure(struct bench *b, const struct system *s, struct error *err);

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

/* visit_add - the sample of a start that somebody else has begun and waited for. */
must_check int visit_add(struct bench *b, const struct system *s, const struct place *at,
			 const struct child *c, enum wait_result result, struct error *err);

/* visit_tick_ns - virtual ns for each tick of the guest's counter when instructions are counted: counter.h. */
static inline int visit_tick_ns(const struct bench *b)
{
	return b->guest == ARCH_AARCH64 ? 16 : 1;
}

/* visit_nth_start - the sample of start number @nth (from 0) in a boot of the appliance. */
struct sample visit_nth_start(const struct system *s, const struct place *at, const struct child *c,
			      enum wait_result result, size_t nth, const struct request *r);

/* visit_deadline_ms - how long a start of @s may take at most. */
int visit_deadline_ms(const struct bench *b, const struct system *s, const struct request *r);

/* visit_stop - remove what a start of @s may have left. */
void visit_stop(struct bench *b, const struct system *s, unsigned int serial);

/* child_complaint - the last line a program wrote on standard error, else its last of output. */
void child_complaint(const struct child *c, char *buf, size_t size);

#endif
