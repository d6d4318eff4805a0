/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s08_par.c: several starts at once, a closed loop: as many in flight as the level says, each end begins the
 * next. Starts per second, and the time of each.
 *
 * Native systems only: two virtual machines at once under emulation measure the emulator's share of
 * the processors. Each level is one run of the loop, so its rate has no interval, the times have one.
 */
#include "bench/scenarios/flow.h"

static const unsigned int levels[] = {1, 2, 4, 8, 16, 32, 64};

#define QUICK_STARTS 64
#define FULL_STARTS 400

static int one_level(struct bench *b, const struct system *s, unsigned int k, unsigned int starts,
		     struct error *err)
{
	struct flow f = {.scenario = scenario_par.id,
			 .system = s,
			 .block = (int)k,
			 .in_flight = k,
			 .starts = starts};
	struct datum rate;
	char label[32];

	if (flow_run(b, &f, err))
		return -1;
	if (f.done == 0)
		return 0;
	snprintf(label, sizeof(label), "%u at once", k);
	if (flow_summarise(b, &f, label, err))
		return -1;
	rate = (struct datum){f.done / f.took_s, 0};
	snprintf(label, sizeof(label), "rate, %u at once", k);
	return results_summarise_data(&b->results, scenario_par.id, s->driver->id, label,
				      "starts/s", &rate, 1, starts - f.done, &b->draws, err);
}

static int run(struct bench *b, struct error *err)
{
	unsigned int starts = b->opt.blocks ? (unsigned int)b->opt.blocks
			      : b->opt.full ? FULL_STARTS
					    : QUICK_STARTS;
	json_object *params = json_object_new_object();

	json_object_object_add(params, "starts_per_level", json_object_new_int((int)starts));
	if (scenario_record(b, &scenario_par, params, err))
		return -1;
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];

		if (!s->available || s->driver->heavy ||
		    (s->driver->kind != KIND_CONTAINER && s->driver->kind != KIND_PROCESS))
			continue;
		bench_say("%s: %s", scenario_par.id, s->driver->id);
		for (size_t k = 0; k < ARRAY_SIZE(levels) && !b->h.interrupted; k++)
			if (one_level(b, s, levels[k], starts, err))
				return -1;
	}
	return 0;
}

const struct scenario scenario_par = {
	.id = "s08-par",
	.title = "several starts at once, closed loop",
	.full_only = true,
	.run = run,
};
