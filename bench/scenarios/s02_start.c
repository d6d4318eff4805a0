/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s02_start.c: every system started again and again, from the command to the probe's first
 * instruction.
 *
 * Randomised complete blocks: a block starts each cheap system STARTS times and each virtual
 * machine once, all in random order, so whatever else the machine does strikes all alike. One
 * boot of the appliance counts as one visit with several starts in it. W1: page cache warm,
 * processes cold. "ready" is the time until the probe's first mark came, "whole" until the
 * command had ended and cleaned up after itself (a VM: powered off). "cpu" is the processor time
 * of the command and what it waited for: on a busy machine it says more than the others, since the
 * scheduler then decides how long the same work takes.
 */
#include "bench/env.h"
#include "bench/journal.h"
#include "bench/scenarios/scenario.h"

#include <math.h>
#include <string.h>

#define MAX_VISITS 1024
#define GIVE_UP_AFTER 3
#define HEAVY_EVERY 5

static const struct plan {
	int blocks;
	int starts; /* of each process and container, per block */
	int warmups, vm_warmups;
	unsigned int boot_starts, boot_warmups;
} plan_quick = {15, 14, 10, 1, 8, 2}, plan_full = {40, 25, 10, 2, 25, 5};

struct state {
	const struct plan *plan;
	struct child *child;
	int failures[MAX_NAMES]; /* in a row */
	bool given_up[MAX_NAMES];
};

static bool is_machine(const struct system *s)
{
	return s->driver->kind == KIND_VM || s->driver->kind == KIND_APPLIANCE;
}

/* start - one visit, with the count of failures in a row. */
static int start(struct bench *b, struct state *st, size_t i, struct place at, struct error *err)
{
	const struct system *s = &b->systems[i];
	struct request r = {.starts = st->plan->boot_starts, .warmups = st->plan->boot_warmups};
	bool failed = false;
	char line[320];

	if (!s->available || st->given_up[i] || b->h.interrupted)
		return 0;
	if (visit(b, s, &r, &at, st->child, &failed, err))
		return -1;
	st->failures[i] = failed ? st->failures[i] + 1 : 0;
	if (st->failures[i] < GIVE_UP_AFTER)
		return 0;
	st->given_up[i] = true;
	if (at.warmup)
		return 0;
	child_complaint(st->child, line, 160);
	snprintf(line + strlen(line), sizeof(line) - strlen(line),
		 " (%s: given up after %d failures in a row)", s->driver->id, GIVE_UP_AFTER);
	bench_say("%s", line);
	return results_text(&b->results, "threats", line, err);
}

static int warm_up(struct bench *b, struct state *st, struct error *err)
{
	for (size_t i = 0; i < b->system_count; i++) {
		int n = b->systems[i].driver->heavy  ? 0
			: is_machine(&b->systems[i]) ? st->plan->vm_warmups
						     : st->plan->warmups;

		for (int j = 0; j < n; j++) {
			struct place at = {scenario_start.id, 0, 0, j, true};

			if (start(b, st, i, at, err))
				return -1;
		}
		/* A warm-up is not recorded, so neither may it silence the system. */
		st->failures[i] = 0;
		st->given_up[i] = false;
	}
	return 0;
}

/* mark_block - what disturbed the block since @before goes to each of its samples. */
static int mark_block(struct bench *b, size_t first, const struct disturbance *before,
		      struct error *err)
{
	struct disturbance now = env_disturbance();

	return journal_block(&b->results, first,
			     now.steal_ticks == NOT_MEASURED
				     ? NOT_MEASURED
				     : now.steal_ticks - before->steal_ticks,
			     now.psi_us == NOT_MEASURED ? NOT_MEASURED
							: now.psi_us - before->psi_us,
			     err);
}

/* visits_in - of a system in a block: what takes minutes is in few of them. */
static int visits_in(const struct system *s, const struct plan *plan, int block)
{
	if (s->driver->heavy)
		return block % HEAVY_EVERY == 0;
	return is_machine(s) ? 1 : plan->starts;
}

static int run_block(struct bench *b, struct state *st, int block, struct error *err)
{
	struct disturbance before = env_disturbance();
	size_t first = b->results.count, n = 0;
	int visits[MAX_VISITS];

	for (size_t i = 0; i < b->system_count; i++) {
		int times = visits_in(&b->systems[i], st->plan, block);

		for (int j = 0; b->systems[i].available && j < times && n < MAX_VISITS; j++)
			visits[n++] = (int)i;
	}
	rng_shuffle(&b->order, visits, n);
	for (size_t i = 0; i < n; i++) {
		struct place at = {scenario_start.id, block, (int)i, 0, false};

		if (start(b, st, (size_t)visits[i], at, err))
			return -1;
	}
	return mark_block(b, first, &before, err);
}

#define PEAKS 5

/*
 * peak_of - the most memory that was resident in one start of @s, KiB; NAN when that cannot be had. Told
 * by a small program in between (cloison-bench-work peak), so no start is timed here.
 */
static double peak_of(struct bench *b, const struct system *s, struct child *c)
{
	struct request r = {.serial = ++b->serial};
	struct error err = ERROR_INIT;
	enum wait_result result;
	struct command cmd;
	const char *said;
	long kib;

	command_init(&cmd);
	command_add(&cmd, "%s", b->files.work);
	command_add(&cmd, "peak");
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, c, &cmd, b->opt.container_deadline_ms, &result, &err) ||
	    result != WAIT_OK || child_exit_code(c) != 0) {
		visit_stop(b, s, r.serial);
		return NAN;
	}
	said = strstr(c->output, "peak\t");
	/* The kernel counts in batches: for a program of a few pages that may be none. */
	return said && sscanf(said, "peak\t%ld", &kib) == 1 && kib > 0 ? (double)kib : NAN;
}

static int measure_peaks(struct bench *b, struct child *c, struct error *err)
{
	if (access(b->files.work, X_OK) < 0)
		return 0;
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];
		struct datum d[PEAKS];
		size_t n = 0;

		for (int j = 0; j < PEAKS && s->available && !s->driver->heavy && !is_machine(s) &&
				!b->h.interrupted;
		     j++) {
			double kib = peak_of(b, s, c);

			if (!isnan(kib))
				d[n++] = (struct datum){kib, j};
		}
		if (n > 0 &&
		    results_summarise_data(&b->results, scenario_start.id, s->driver->id,
					   "peak RSS", "KiB", d, n, PEAKS - n, &b->draws, err))
			return -1;
	}
	return 0;
}

static const struct metric {
	const char *name;
	sample_field field;
} metrics[] = {
	{"ready", sample_ready},
	{"whole", sample_exit},
	{"cpu", sample_cpu},
};

static int summarise(struct bench *b, struct error *err)
{
	for (size_t i = 0; i < b->system_count * ARRAY_SIZE(metrics); i++) {
		const struct metric *m = &metrics[i % ARRAY_SIZE(metrics)];
		const char *id = b->systems[i / ARRAY_SIZE(metrics)].driver->id;

		if (results_summarise(&b->results, scenario_start.id, id, m->name, "ns", m->field,
				      &b->draws, err))
			return -1;
	}
	return 0;
}

/* compare - one pair, by all metrics. @whole receives the ratio of the whole command. */
static int compare(struct bench *b, const char *of, const char *to, const char *rung,
		   struct interval *whole, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(metrics); i++)
		if (results_ratio(&b->results, scenario_start.id, metrics[i].name, metrics[i].field,
				  of, to, rung, &b->draws,
				  metrics[i].field == sample_exit ? whole : NULL, err))
			return -1;
	return 0;
}

/* What `run` of one system is to take at most of another's, with a cgroup for each. */
static const struct goal {
	const char *beside;
	double limit;
	const char *text;
} goals[] = {{"floor", 1.3, "<= 1.3"}, {"crun", 0.3, "<= 0.3"}, {"runc", 0.1, "<= 0.1"}};

/* claim_goals - by the time and by the processor time of the whole command. */
static int claim_goals(struct bench *b, struct error *err)
{
	static const struct metric by[] = {{"whole", sample_exit}, {"cpu", sample_cpu}};

	for (size_t i = 0; i < ARRAY_SIZE(goals) * ARRAY_SIZE(by); i++) {
		const struct goal *g = &goals[i / ARRAY_SIZE(by)];
		const struct metric *m = &by[i % ARRAY_SIZE(by)];
		struct interval v = {NAN, NAN, NAN};
		char text[120];

		if (results_ratio(&b->results, scenario_start.id, m->name, m->field, "cloison",
				  g->beside, "host", &b->draws, &v, err))
			return -1;
		if (isnan(v.point))
			continue;
		snprintf(text, sizeof(text), "cloison run + delete with a cgroup, %s, in %s runs",
			 m->name, g->beside);
		if (results_claim(&b->results, text, v, RESULT_RATIO_INTERVAL, g->text,
				  scenario_verdict(v, g->limit), err))
			return -1;
	}
	return 0;
}

static int compare_all(struct bench *b, struct error *err)
{
	struct interval floor = {NAN, NAN, NAN}, crun = {NAN, NAN, NAN}, other = {NAN, NAN, NAN};

	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];
		bool native = !is_machine(s);

		if (strcmp(s->driver->id, "floor") == 0 || s->driver->kind == KIND_APPLIANCE)
			continue;
		if (b->opt.cgroups && strcmp(s->driver->id, "cloison") == 0)
			continue; /* in claim_goals() */
		/* What boots beside the appliance is on its rung, emulated or not. */
		if (compare(b, s->driver->id, native ? "floor" : "appliance",
			    native ? "host" : "R1", &other, err))
			return -1;
		if (strcmp(s->driver->id, "cloison") == 0)
			floor = other;
		/* Beside a native container only with hardware virtualisation. */
		if (!native && strcmp(b->accel, "kvm") == 0 &&
		    compare(b, s->driver->id, "cloison", s->rung, &other, err))
			return -1;
	}
	if (b->opt.cgroups)
		return claim_goals(b, err);
	if (compare(b, "cloison", "crun", "host", &crun, err))
		return -1;
	if (!isnan(floor.point) &&
	    results_claim(&b->results, "cloison run, whole command, in floors", floor,
			  RESULT_RATIO_INTERVAL, "<= 2", scenario_verdict(floor, 2), err))
		return -1;
	if (!isnan(crun.point) &&
	    results_claim(&b->results, "cloison run, whole command, in crun runs", crun,
			  RESULT_RATIO_INTERVAL, "< 1", scenario_verdict(crun, 1), err))
		return -1;
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	struct plan plan = b->opt.full ? plan_full : plan_quick;
	_cleanup_child_ struct child *c = child_new();
	struct state st = {.plan = &plan, .child = c};
	json_object *params = json_object_new_object();

	if (b->opt.soak)
		plan.blocks *= SOAK_FACTOR;
	if (b->opt.blocks)
		plan.blocks = b->opt.blocks;
	json_object_object_add(params, "blocks", json_object_new_int(plan.blocks));
	json_object_object_add(params, "starts_per_block", json_object_new_int(plan.starts));
	json_object_object_add(params, "starts_per_boot",
			       json_object_new_int((int)plan.boot_starts));
	json_object_object_add(params, "warmups", json_object_new_int(plan.warmups));
	json_object_object_add(params, "vm_warmups", json_object_new_int(plan.vm_warmups));
	json_object_object_add(params, "state", json_object_new_string("W1"));
	if (scenario_record(b, &scenario_start, params, err))
		return -1;
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	if (warm_up(b, &st, err))
		return -1;
	for (int block = 0; block < plan.blocks && !b->h.interrupted; block++) {
		bench_progress(b, scenario_start.id, block, plan.blocks);
		if (run_block(b, &st, block, err))
			return -1;
	}
	if (summarise(b, err) || measure_peaks(b, c, err))
		return -1;
	return compare_all(b, err);
}

const struct scenario scenario_start = {
	.id = "s02-start",
	.title = "from the command to the probe's first instruction, all systems interleaved",
	.run = run,
};
