/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s11_density.c: how many containers an appliance of 4 GiB holds, and what then gives out.
 *
 * One boot. The agent adds containers that do nothing, each with its cgroup, its six namespaces and its
 * network, until one does not start, memory runs short or MOST run (density.c tells the exact
 * ends). At each level some more are started, one at a time, and counted (-icount): a slope of a fraction of a
 * microsecond drowns in what else an emulating machine does. In the quick mode it is asked for fewer.
 */
#include "bench/scenarios/density.h"

#include <math.h>

#define RAM_MIB 4096
#define QUICK_MOST 1000
#define FULL_MOST 8000 /* as many as LightVM had; four minutes of a processor */
#define AT_LEAST 1000
#define STARTS 10
#define DEADLINE_MS 3000000

static int claim(struct bench *b, const struct density *d, unsigned int most, struct interval slope,
		 struct error *err)
{
	struct interval n = {d->running, d->running, d->running};
	char text[640];

	snprintf(text, sizeof(text), "containers at once in an appliance of %d MiB; %s", RAM_MIB,
		 d->end);
	if (most >= AT_LEAST && results_claim(&b->results, text, n, "a count", ">= 1000",
					      d->running >= AT_LEAST ? "holds" : "fails", err))
		return -1;
	if (isnan(slope.point))
		return 0;
	slope = (struct interval){slope.point / 1e3, slope.low / 1e3, slope.high / 1e3};
	return results_claim(&b->results,
			     "slope of a start over the number running, virtual us for each", slope,
			     RESULT_INTERVAL, "<= 0.5", scenario_verdict(slope, 0.5), err);
}

static int run(struct bench *b, struct error *err)
{
	unsigned int most = b->opt.blocks ? (unsigned int)b->opt.blocks
			    : b->opt.full ? FULL_MOST
					  : QUICK_MOST;
	const struct system *s = bench_system(b, "appliance");
	struct density d = {.scenario = scenario_density.id,
			    .system = "appliance",
			    .ram_mib = RAM_MIB,
			    .icount = true};
	json_object *params = json_object_new_object();
	struct interval slope;

	json_object_object_add(params, "most", json_object_new_int((int)most));
	json_object_object_add(params, "ram_mib", json_object_new_int(RAM_MIB));
	json_object_object_add(params, "starts_per_level", json_object_new_int(STARTS));
	if (!s->available)
		json_object_object_add(params, "skip", json_object_new_string(s->skip));
	if (scenario_record(b, &scenario_density, params, err))
		return -1;
	if (!s->available)
		return 0;
	if (density_boot(b, s, &d, most, STARTS, DEADLINE_MS, err))
		return -1;
	if (density_record(b, &d, &slope, err))
		return -1;
	return b->h.interrupted ? 0 : claim(b, &d, most, slope, err);
}

const struct scenario scenario_density = {
	.id = "s11-density",
	.title = "how many containers an appliance of 4 GiB holds",
	.full_only = true,
	.run = run,
};
