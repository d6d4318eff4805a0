/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * result.h: the results of one run, as one JSON document (schema 1).
 *
 * {
 *   "schema": 1, "run_id", "seed", "mode", "options": [...], "interrupted",
 *   "checkpoint": {...},               while it is not finished: journal.h
 *   "env": {...},                      the machine, before and after (env.c)
 *   "systems": [{id, what, kind, accel, rung, version, program, sha256, args, skip}],
 *   "scenarios": [{id, title, params{}}],
 *   "samples": [{scenario, system, block, order, boot, invocation, t0_ns, ready_ns, exit_ns,
 *                cpu_ns, majflt, instructions, rc, steal_ticks, psi_us, flag, error}],
 *   "summaries": [{scenario, system, metric, unit, n, failed, min, p5, p25, p50, low, high, p75,
 *                  p95, p99, p99_low, p99_high, max, mad, spread, outliers, p50_censored,
 *                  interval}],
 *   "selftest": {system, level, blocks, starts_per_block, cpu{}, whole{}, passed, reason},
 *   "curves": [{scenario, system, x, y, unit, points: [{x, n, p50, low, high, p95, p99, rate}],
 *               slope{}, ended}],
 *   "papers": [{figure, series, source, hardware, unit, points: [[x, y]]}],
 *   "ratios": [{scenario, metric, of, to, ratio, low, high, interval, blocks, spread, rung}],
 *   "memory": [{system, where, instances, marginal{...}, pss_kb, uss_kb, memcg_kb, guest_used_kb,
 *               vmm_overhead_kb, guest_resident_kb, jit_kb, reasons{}}],
 *   "supervisor": [{system, where, containers, idle_s, base_kb, per_container_kb{point, low, high}, level,
 *                   cpu_percent, wake_ups, trouble}],
 *   "claims": [{text, value, low, high, interval, target, verdict, n, scenario}],
 *   "targets": [{what, target, value, low, high, interval, unit, verdict, reason, from}],
 *   "proof": [text lines of a container that ran in the appliance],
 *   "threats": [text]
 * }
 * "interval" says what low and high are: RESULT_INTERVAL, or the range of so many runs.
 * What was not measured is null or, in a sample, left out; never 0. Durations count from the
 * sample's t0. The table and the report are made from this document alone, so a file says what the
 * terminal said.
 */
#ifndef CLOISON_BENCH_RESULT_H
#define CLOISON_BENCH_RESULT_H

#include "bench/stats.h"
#include "lib/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>

#define RESULT_SCHEMA 1
#define RESULT_LEVEL 0.95
#define RESULT_INTERVAL "95% interval"
/*
 * Ratios are what conclusions rest on, so theirs is wider; `cloison-bench selftest` counts how
 * often that very interval contains 1 when nothing differs.
 */
#define RESULT_RATIO_LEVEL 0.99
#define RESULT_RATIO_INTERVAL "99% interval"
#define NOT_MEASURED (-1)

enum outcome { OUTCOME_OK, OUTCOME_FAILED, OUTCOME_TIMEOUT };

/* One start of one system. Times in ns; NOT_MEASURED where there is none. */
struct sample {
	const char *scenario;
	const char *system;
	int block, order, boot, invocation;
	int64_t t0_ns, ready_ns, exit_ns, cpu_ns;
	int64_t instructions;
	long majflt;
	int rc;
	enum outcome outcome;
	int64_t steal_ticks, psi_us; /* of the whole block */
	char error[160];
};

struct results {
	json_object *doc;
	struct sample *samples;
	size_t count, room;
	char **names; /* of scenarios and systems that came out of a file */
	size_t name_count;
	/* journal.c's: */
	int journal; /* descriptor */
	bool muted;
	unsigned int visit; /* to which the next samples belong; 0: none */
	struct replay *replays;
	size_t replay_count;
};

/* sample_field - the field of a sample that a metric is about, or NOT_MEASURED. */
typedef int64_t (*sample_field)(const struct sample *s);
int64_t sample_ready(const struct sample *s);
int64_t sample_exit(const struct sample *s);
int64_t sample_cpu(const struct sample *s);
int64_t sample_instructions(const struct sample *s);

must_check int results_open(struct results *r, uint64_t seed, const char *mode, struct error *err);
void results_close(struct results *r);

/* results_add - append a sample. */
must_check int results_add(struct results *r, const struct sample *s, struct error *err);

/* sample_json, sample_parse - a sample as an object, and back. */
json_object *sample_json(const struct sample *s);
must_check int sample_parse(struct results *r, json_object *o, struct sample *s, struct error *err);

/* results_mute - samples that are added from now on are kept out of the journal, or no longer. */
void results_mute(struct results *r, bool on);

/* results_list - the array called @name in the document, made when it is not there. */
json_object *results_list(struct results *r, const char *name);

/*
 * results_data - the values of @field of all good samples of a system in a scenario.
 * @failed: receives how many samples were not good
 * Returns an array to be freed with its length in @n; NULL without memory.
 */
struct datum *results_data(const struct results *r, const char *scenario, const char *system,
			   sample_field field, size_t *n, size_t *failed);

/* results_summarise - add a summary of @field; nothing when the system has no samples at all. */
must_check int results_summarise(struct results *r, const char *scenario, const char *system,
				 const char *metric, const char *unit, sample_field field,
				 struct rng *rng, struct error *err);

/* results_summarise_data - the same from values that are not in samples. */
must_check int results_summarise_data(struct results *r, const char *scenario, const char *system,
				      const char *metric, const char *unit, const struct datum *d,
				      size_t n, size_t failed, struct rng *rng, struct error *err);

/*
 * results_ratio - add "@of is so many times @to", paired by block.
 * @out: receives the ratio (may be NULL); NAN when there were too few common blocks.
 */
must_check int results_ratio(struct results *r, const char *scenario, const char *metric,
			     sample_field field, const char *of, const char *to, const char *rung,
			     struct rng *rng, struct interval *out, struct error *err);

/*
 * results_range_ratio - the same from one ratio per run, for runs too few for an interval: the
 * point is their median, low and high are the smallest and the largest.
 * @out:    receives the three
 */
must_check int results_range_ratio(struct results *r, const char *scenario, const char *metric,
				   const char *of, const char *to, const char *rung,
				   const double *ratios, size_t n, struct interval *out,
				   struct error *err);

/* results_range_name - what low and high of @n runs are called, into @buf. Returns @buf. */
const char *results_range_name(size_t n, char *buf, size_t size);

/*
 * results_claim - add a claim.
 * @interval:	what low and high of @value are
 * @target:	as text
 * @verdict:	"holds", "fails" or "unclear"
 */
must_check int results_claim(struct results *r, const char *text, struct interval value,
			     const char *interval, const char *target, const char *verdict,
			     struct error *err);

/* results_list_add - append @item, which is taken over, also on failure. */
must_check int results_list_add(struct results *r, const char *list, json_object *item,
				struct error *err);

/*
 * results_curve - add a curve without points: what @y (in @unit) is for several @x. NULL with @err.
 * results_curve_point - add a point to it; members that are NAN are left out.
 * results_curve_slope - its slope, in units of y per x.
 */
json_object *results_curve(struct results *r, const char *scenario, const char *system,
			   const char *x, const char *y, const char *unit, struct error *err);
struct curve_point {
	double x;
	size_t n;
	struct interval value; /* the median */
	double p95, p99;
	double rate; /* per second */
};
must_check int results_curve_point(json_object *curve, const struct curve_point *p,
				   struct error *err);
void results_curve_slope(json_object *curve, struct interval slope);

/* results_text - add a line to a list of texts ("threats", "proof"). */
must_check int results_text(struct results *r, const char *list, const char *line,
			    struct error *err);

/* results_put_samples - the samples into the document. */
must_check int results_put_samples(struct results *r, struct error *err);

/* results_write - put all into the document and write it to @path by rename. */
must_check int results_write(struct results *r, const char *path, struct error *err);

/*
 * results_load - results from a file, with what its journal has beyond it. After results_load,
 * also a failed one, results_close is due.
 * results_read - only the document, or NULL with @err.
 */
must_check int results_load(struct results *r, const char *path, struct error *err);
json_object *results_read(const char *path, struct error *err);

/* write_whole - @text to @path: a temporary file beside it, then rename. */
must_check int write_whole(const char *path, const char *text, size_t len, struct error *err);

/* json_number - a number, or null for NAN. */
json_object *json_number(double v);

#endif
