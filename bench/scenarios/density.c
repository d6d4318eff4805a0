/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * density.c: from the marks of `agent density`, or from levels seen on the host, to results.
 *
 * The slope of the time of a start over the number of running instances is drawn through the
 * medians of the levels (Theil, Sen): a start that was disturbed moves it little.
 */
#include "bench/scenarios/density.h"

#include "bench/agent.h"

#include <math.h>
#include <string.h>

struct density_level *density_level(struct density *d, unsigned int running)
{
	struct density_level *l;

	if (d->count == DENSITY_LEVELS)
		return NULL;
	l = &d->levels[d->count++];
	*l = (struct density_level){.running = running,
				    .kernel_kb = NOT_MEASURED,
				    .memcg_kb = NOT_MEASURED,
				    .pss_kb = NOT_MEASURED,
				    .available_kb = NOT_MEASURED};
	return l;
}

/* keep_text - the agent's last line, or what else the boot ended with. */
static void keep_text(struct density *d, const struct child *c, enum gave_out out)
{
	static const char *const reasons[] = {
		[OUT_NOTHING] = "nothing gave out: the number that was asked for runs",
		[OUT_START] = "a container did not start",
		[OUT_MEMORY] = "memory: the kernel would soon have begun to kill",
		[OUT_PRESSURE] = "memory: more than 5% of the time was spent waiting for it",
	};
	const char *line = strstr(c->output, AGENT_DENSITY_END);

	if (line)
		snprintf(d->end, sizeof(d->end), "%s (%.*s)", reasons[out],
			 (int)strcspn(line + strlen(AGENT_DENSITY_END), "\r\n"),
			 line + strlen(AGENT_DENSITY_END));
	else
		child_complaint(c, d->end, sizeof(d->end));
}

/* read_marks - the levels, and which of them each start belongs to. */
static int read_marks(struct bench *b, const struct system *s, const struct child *c,
		      enum wait_result result, struct density *d, struct error *err)
{
	const struct request r = {.icount = d->icount};
	struct density_level *l = NULL;
	size_t nth = 0;

	d->whole = false;
	for (const struct mark *m = c->marks; m < c->marks + c->mark_count; m++) {
		bool last = m + 1 < c->marks + c->mark_count && m[1].kind == MARK_GAVE_OUT;

		if (m->kind == MARK_LEVEL) {
			d->running = (unsigned int)m->value;
			if (!last)
				l = density_level(d, d->running);
		} else if (m->kind == MARK_GAVE_OUT) {
			d->whole = m->value == OUT_NOTHING;
			keep_text(d, c,
				  m->value <= OUT_PRESSURE ? (enum gave_out)m->value : OUT_START);
		} else if (m->kind == MARK_START) {
			struct place at = {d->scenario, (int)d->running, 0, 0, false};
			struct sample sample = visit_nth_start(s, &at, c, result, nth++, &r);

			if (sample.instructions != NOT_MEASURED)
				sample.instructions *= visit_tick_ns(b);
			if (results_add(&b->results, &sample, err))
				return -1;
		} else if (l && m->kind == MARK_KERNEL_KB) {
			l->kernel_kb = (int64_t)m->value;
		} else if (l && m->kind == MARK_MEMCG_KB) {
			l->memcg_kb = (int64_t)m->value;
		} else if (l && m->kind == MARK_PSS_KB) {
			l->pss_kb = (int64_t)m->value;
		} else if (l && m->kind == MARK_AVAILABLE_KB) {
			l->available_kb = (int64_t)m->value;
		}
	}
	return 0;
}

/* keep_trouble - of an agent that did not come to its end: why, as far as the console tells. */
static void keep_trouble(struct density *d, const struct child *c)
{
	static const char killed[] = "Out of memory: ";
	const char *line = strstr(c->output, killed);
	char last[200];

	child_complaint(c, last, sizeof(last));
	snprintf(d->end, sizeof(d->end), "the agent did not come to its end: %.*s",
		 line ? (int)strcspn(line, "\r\n") : (int)sizeof(last), line ? line : last);
}

int density_boot(struct bench *b, const struct system *s, struct density *d, unsigned int most,
		 unsigned int starts, int deadline_ms, struct error *err)
{
	struct request r = {.agent = "density",
			    .serial = ++b->serial,
			    .starts = most,
			    .pause_ms = starts,
			    .icount = d->icount,
			    .ram_mib = d->ram_mib};
	_cleanup_child_ struct child *c = child_new();
	enum wait_result result;
	struct command cmd;

	if (!c)
		return error_set(err, ENOMEM, "cannot boot `%s`", s->driver->id);
	command_init(&cmd);
	cmd.leashed = true;
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, c, &cmd, deadline_ms, &result, err))
		return -1;
	if (read_marks(b, s, c, result, d, err))
		return -1;
	if (!d->end[0])
		keep_trouble(d, c);
	return 0;
}

/* level_data - the good starts at one level. @failed: receives the others' number. */
static size_t level_data(const struct bench *b, const struct density *d, unsigned int running,
			 struct datum *out, size_t room, size_t *failed)
{
	sample_field field = d->icount ? sample_instructions : sample_ready;
	size_t n = 0;

	*failed = 0;
	for (size_t i = 0; i < b->results.count; i++) {
		const struct sample *s = &b->results.samples[i];

		if (strcmp(s->scenario, d->scenario) != 0 || strcmp(s->system, d->system) != 0 ||
		    s->block != (int)running)
			continue;
		if (s->outcome != OUTCOME_OK)
			++*failed;
		else if (field(s) != NOT_MEASURED && n < room)
			out[n++] = (struct datum){(double)field(s), (int)i};
	}
	return n;
}

static json_object *kb(int64_t v)
{
	return json_number(v == NOT_MEASURED ? NAN : (double)v);
}

static json_object *interval_json(struct interval v)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "point", json_number(v.point));
	json_object_object_add(o, "low", json_number(v.low));
	json_object_object_add(o, "high", json_number(v.high));
	return o;
}

#define MAX_STARTS 512

/* record_level - its summary and its point. @median: receives the time of a start there. */
static int record_level(struct bench *b, const struct density *d, const struct density_level *l,
			json_object *points, double *median, struct error *err)
{
	struct datum data[MAX_STARTS];
	size_t failed, n = level_data(b, d, l->running, data, MAX_STARTS, &failed);
	struct interval v = stats_median_ci(data, n, RESULT_LEVEL, &b->draws);
	json_object *o = interval_json(v);
	char metric[32];

	*median = v.point;
	json_object_object_add(o, "running", json_object_new_int64(l->running));
	json_object_object_add(o, "n", json_object_new_int64((int64_t)n));
	json_object_object_add(o, "failed", json_object_new_int64((int64_t)failed));
	json_object_object_add(o, "kernel_kb", kb(l->kernel_kb));
	json_object_object_add(o, "memcg_kb", kb(l->memcg_kb));
	json_object_object_add(o, "pss_kb", kb(l->pss_kb));
	json_object_object_add(o, "available_kb", kb(l->available_kb));
	json_object_array_add(points, o);
	if (n == 0)
		return 0;
	snprintf(metric, sizeof(metric), "ready at %u", l->running);
	return results_summarise_data(&b->results, d->scenario, d->system, metric,
				      d->icount ? "virtual ns" : "ns", data, n, failed, &b->draws,
				      err);
}

/* slope_of - of one of the memory's numbers over the instances; NAN where it was not measured. */
static struct interval slope_of(struct bench *b, const struct density *d,
				int64_t (*number)(const struct density_level *l))
{
	double x[DENSITY_LEVELS], y[DENSITY_LEVELS];
	size_t n = 0;

	for (size_t i = 0; i < d->count; i++) {
		int64_t kb_now = number(&d->levels[i]);

		if (kb_now == NOT_MEASURED)
			continue;
		x[n] = d->levels[i].running;
		y[n++] = (double)kb_now;
	}
	return stats_slope(x, y, n, RESULT_LEVEL, &b->draws);
}

static int64_t kernel_of(const struct density_level *l)
{
	return l->kernel_kb;
}

static int64_t memcg_of(const struct density_level *l)
{
	return l->memcg_kb;
}

/* used_of - what is not available any more, from an origin of its own: the slope is what counts. */
static int64_t used_of(const struct density_level *l)
{
	return l->available_kb == NOT_MEASURED ? NOT_MEASURED : -l->available_kb;
}

/* add_memory - what one more instance takes, by each of the books that were read. */
static void add_memory(struct bench *b, const struct density *d, json_object *o)
{
	const struct density_level *last = d->count ? &d->levels[d->count - 1] : NULL;

	json_object_object_add(o, "kernel_kb", interval_json(slope_of(b, d, kernel_of)));
	json_object_object_add(o, "memcg_kb", interval_json(slope_of(b, d, memcg_of)));
	json_object_object_add(o, "used_kb", interval_json(slope_of(b, d, used_of)));
	json_object_object_add(o, "pss_kb", kb(last ? last->pss_kb : NOT_MEASURED));
}

int density_record(struct bench *b, const struct density *d, struct interval *slope,
		   struct error *err)
{
	json_object *o = json_object_new_object(), *points = json_object_new_array();
	double x[DENSITY_LEVELS], y[DENSITY_LEVELS];
	size_t n = 0;
	struct interval v;

	for (size_t i = 0; i < d->count; i++) {
		const struct density_level *l = &d->levels[i];
		double median;

		if (record_level(b, d, l, points, &median, err)) {
			json_object_put(points);
			json_object_put(o);
			return -1;
		}
		if (!isnan(median)) {
			x[n] = l->running;
			y[n++] = median;
		}
	}
	v = stats_slope(x, y, n, RESULT_LEVEL, &b->draws);
	if (slope)
		*slope = v;
	json_object_object_add(o, "scenario", json_object_new_string(d->scenario));
	json_object_object_add(o, "system", json_object_new_string(d->system));
	json_object_object_add(o, "ram_mib", d->ram_mib ? json_object_new_int64(d->ram_mib) : NULL);
	json_object_object_add(o, "icount", json_object_new_boolean(d->icount));
	json_object_object_add(o, "running", json_object_new_int64(d->running));
	if (d->within_mib) {
		json_object_object_add(o, "within", json_object_new_int64(d->within));
		json_object_object_add(o, "within_mib", json_object_new_int64(d->within_mib));
	}
	json_object_object_add(o, "whole", json_object_new_boolean(d->whole));
	json_object_object_add(o, "end", json_object_new_string(d->end));
	json_object_object_add(o, "points", points);
	json_object_object_add(o, "slope_ns", interval_json(v));
	add_memory(b, d, o);
	if (json_object_array_add(results_list(&b->results, "density"), o) == 0)
		return 0;
	json_object_put(o);
	return error_set(err, ENOMEM, "cannot keep the results");
}
