/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s22_icount.c: a VM's boot against a container's start, counted in instructions.
 *
 * Under `-icount shift=0,sleep=off` QEMU's virtual clock, and with it the guest's counter,
 * advances by one nanosecond per instruction and jumps over idle waits, so neither the load of
 * the host nor the speed of the emulator shows. The unit is therefore "instructions and skipped
 * idle time", in virtual ns. Same emulated processor, same kernel:
 *	VM boot		the counter at the probe's first instruction as init, from reset
 *	container	the counter there, minus the counter when the agent spawns `cloison run`;
 *			of one boot of the appliance, the median of its starts
 * A run is one boot of each. The ratio of one run is boot / container; if the ratios of the runs
 * spread by more than 1 %, something besides the guest's work was counted and the scenario fails.
 * Not in it: what QEMU itself does on the host before and beside the guest's instructions.
 */
#include "bench/scenarios/scenario.h"

#include <math.h>
#include <string.h>

#define UNIT "instructions and skipped idle time (virtual ns)"
#define RUNS 3
#define MOST_RUNS 20
#define STARTS 20
#define WARMUPS 4
#define PAUSE_MS 100 /* of virtual time: what the container before left behind is done */
#define MAX_SPREAD 0.01

/* runs_of - how many; --blocks says it otherwise. */
static int runs_of(const struct bench *b)
{
	if (!b->opt.blocks)
		return RUNS;
	return b->opt.blocks < MOST_RUNS ? b->opt.blocks : MOST_RUNS;
}

static int boot_all(struct bench *b, int run_number, struct child *c, struct error *err)
{
	struct request r = {.icount = true,
			    .starts = STARTS,
			    .warmups = WARMUPS,
			    .pause_ms = PAUSE_MS};
	bool failed;

	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];
		struct place at = {scenario_icount.id, run_number, (int)i, 0, false};

		if (!s->available || s->driver->uncounted ||
		    (s->driver->kind != KIND_VM && s->driver->kind != KIND_APPLIANCE))
			continue;
		bench_say("%s: run %d of %d: %s", scenario_icount.id, run_number + 1, runs_of(b),
			  s->driver->id);
		if (visit(b, s, &r, &at, c, &failed, err))
			return -1;
	}
	return 0;
}

/* to_instructions - counter ticks of @b's guests into instructions. */
static void to_instructions(struct bench *b, size_t first)
{
	for (size_t i = first; i < b->results.count; i++)
		if (b->results.samples[i].instructions != NOT_MEASURED)
			b->results.samples[i].instructions *= visit_tick_ns(b);
}

/* run_median - of @system in run @number; NAN when it has no good sample. */
static double run_median(const struct bench *b, const char *system, int number)
{
	double v[STARTS];
	size_t n = 0;

	for (size_t i = 0; i < b->results.count && n < STARTS; i++) {
		const struct sample *s = &b->results.samples[i];

		if (strcmp(s->scenario, scenario_icount.id) == 0 && s->block == number &&
		    s->outcome == OUTCOME_OK && strcmp(s->system, system) == 0 &&
		    s->instructions != NOT_MEASURED)
			v[n++] = (double)s->instructions;
	}
	return n ? stats_median(v, n) : NAN;
}

/* claim_ratio - boot / container of each run: their median, range and spread. */
static int claim_ratio(struct bench *b, const char *vm, struct error *err)
{
	int runs = runs_of(b);
	double ratios[MOST_RUNS], spread;
	struct interval v;
	char text[200], range[32];

	for (int i = 0; i < runs; i++) {
		ratios[i] = run_median(b, vm, i) / run_median(b, "appliance", i);
		if (isnan(ratios[i]))
			return 0;
	}
	spread = stats_spread(ratios, (size_t)runs);
	if (results_range_ratio(&b->results, scenario_icount.id, "instructions", vm, "appliance",
				"R2", ratios, (size_t)runs, &v, err))
		return -1;
	snprintf(text, sizeof(text),
		 UNIT ": one boot of %s is this many container starts; spread over %d runs %.3f%%",
		 vm, runs, 100 * spread);
	return results_claim(&b->results, text, v,
			     results_range_name((size_t)runs, range, sizeof(range)), "spread < 1%",
			     spread < MAX_SPREAD ? "holds" : "fails", err);
}

/* compare_kernels - a machine with our kernel beside the same one with Debian's. */
static int compare_kernels(struct bench *b, const char *ours, const char *theirs, struct error *err)
{
	double ratios[MOST_RUNS];
	int runs = runs_of(b);
	struct interval v;

	for (int i = 0; i < runs; i++) {
		ratios[i] = run_median(b, ours, i) / run_median(b, theirs, i);
		if (isnan(ratios[i]))
			return 0;
	}
	return results_range_ratio(&b->results, scenario_icount.id, "instructions", ours, theirs,
				   "R2", ratios, (size_t)runs, &v, err);
}

/* summarise_runs - per system: n is the number of runs, each represented by its median. */
static int summarise_runs(struct bench *b, const char *system, struct error *err)
{
	json_object *list = results_list(&b->results, "summaries"), *last;
	struct datum d[MOST_RUNS];
	char range[32];
	size_t n = 0, runs = (size_t)runs_of(b);

	for (int i = 0; i < (int)runs; i++) {
		double v = run_median(b, system, i);

		if (!isnan(v))
			d[n++] = (struct datum){v, i};
	}
	if (n == 0)
		return 0;
	if (results_summarise_data(&b->results, scenario_icount.id, system, "instructions", UNIT, d,
				   n, runs - n, &b->draws, err))
		return -1;
	/* The bootstrap of so few reaches from the smallest to the largest, whatever the level. */
	last = json_object_array_get_idx(list, json_object_array_length(list) - 1);
	results_range_name(n, range, sizeof(range));
	json_object_object_add(last, "interval", json_object_new_string(range));
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();
	size_t first = b->results.count;

	json_object_object_add(params, "runs", json_object_new_int(runs_of(b)));
	json_object_object_add(params, "starts_per_boot", json_object_new_int(STARTS));
	json_object_object_add(params, "warmups", json_object_new_int(WARMUPS));
	json_object_object_add(params, "pause_ms", json_object_new_int(PAUSE_MS));
	json_object_object_add(params, "icount", json_object_new_string("shift=0,sleep=off"));
	json_object_object_add(params, "max_spread", json_object_new_double(MAX_SPREAD));
	if (scenario_record(b, &scenario_icount, params, err))
		return -1;
	if (!c)
		return error_set(err, ENOMEM, "cannot boot anything");
	for (int i = 0; i < runs_of(b) && !b->h.interrupted; i++)
		if (boot_all(b, i, c, err))
			return -1;
	to_instructions(b, first);
	for (size_t i = 0; i < b->system_count; i++) {
		const struct driver *d = b->systems[i].driver;

		if (d->kind != KIND_VM && d->kind != KIND_APPLIANCE)
			continue;
		if (summarise_runs(b, d->id, err))
			return -1;
		if (d->kind == KIND_VM && claim_ratio(b, d->id, err))
			return -1;
	}
	if (compare_kernels(b, "qemu-microvm", "debian-microvm", err))
		return -1;
	return compare_kernels(b, "qemu-q35", "debian-q35", err);
}

const struct scenario scenario_icount = {
	.id = "s22-icount",
	.title = "VM boot and container start in instructions and skipped idle time",
	.run = run,
};
