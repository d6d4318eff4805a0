/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s09_open.c: starts that come when they come, an open loop with Poisson arrivals.
 *
 * What the machine can do is taken from a closed loop of two in flight first; then 25 to 120% of that
 * arrive. The time of a start counts from when it was due, also when it had to wait for others
 * (coordinated omission would leave just those out). Of the systems that run natively, the runtimes.
 * Source: G. Tene, wrk2, README, "Acknowledgements" and "Basic Usage", on coordinated omission.
 */
#include "bench/scenarios/flow.h"

static const int percents[] = {25, 50, 75, 100, 120};

#define CAPACITY_STARTS 100
#define QUICK_SECONDS 4
#define FULL_SECONDS 20

static int one_rate(struct bench *b, const struct system *s, double capacity, int percent,
		    int seconds, struct error *err)
{
	struct flow f = {.scenario = scenario_open.id,
			 .system = s,
			 .block = percent,
			 .per_second = capacity * percent / 100,
			 .ns = (int64_t)seconds * 1000000000};
	char label[32];

	if (flow_run(b, &f, err))
		return -1;
	snprintf(label, sizeof(label), "%d%% of capacity", percent);
	return flow_summarise(b, &f, label, err);
}

static int one_system(struct bench *b, const struct system *s, int seconds, struct error *err)
{
	struct flow f = {.scenario = scenario_open.id,
			 .system = s,
			 .block = 0,
			 .in_flight = 2,
			 .starts = CAPACITY_STARTS};
	struct datum capacity;

	if (flow_run(b, &f, err))
		return -1;
	if (f.done == 0 || b->h.interrupted)
		return 0;
	capacity = (struct datum){f.done / f.took_s, 0};
	if (results_summarise_data(&b->results, scenario_open.id, s->driver->id, "capacity",
				   "starts/s", &capacity, 1, CAPACITY_STARTS - f.done, &b->draws,
				   err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(percents) && !b->h.interrupted; i++)
		if (one_rate(b, s, capacity.value, percents[i], seconds, err))
			return -1;
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	int seconds = b->opt.blocks ? b->opt.blocks : b->opt.full ? FULL_SECONDS : QUICK_SECONDS;
	json_object *params = json_object_new_object();

	json_object_object_add(params, "seconds_per_rate", json_object_new_int(seconds));
	if (scenario_record(b, &scenario_open, params, err))
		return -1;
	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];

		if (!s->available || s->driver->kind != KIND_CONTAINER || s->driver->heavy ||
		    !s->driver->detaches)
			continue;
		bench_say("%s: %s", scenario_open.id, s->driver->id);
		if (one_system(b, s, seconds, err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_open = {
	.id = "s09-open",
	.title = "starts with Poisson arrivals; time from when each was due",
	.full_only = true,
	.run = run,
};
