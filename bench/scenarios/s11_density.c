/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s11_density.c: how many containers an appliance of 4 GiB holds, how many machines the host beside it, and what
 * then gives out.
 *
 * One boot. The agent adds containers that do nothing, each with its cgroup, its six namespaces and its
 * network, until one does not start, memory runs short or MOST run (density.c tells the exact
 * ends). At each level some more are started, one at a time, and counted (-icount): a slope of a fraction of a
 * microsecond drowns in what else an emulating machine does. In the quick mode it is asked for fewer.
 *
 * Then the smallest machines there are, on the host, each with the probe as its only process, until the host gives
 * out. Kept with it: how many of them the host held in the memory that the appliance had.
 */
#include "bench/scenarios/density.h"

#include <math.h>

#define RAM_MIB 4096
#define QUICK_MOST 1000
#define FULL_MOST 8000 /* as many as LightVM had; four minutes of a processor */
#define AT_LEAST 1000
#define STARTS 10
#define DEADLINE_MS 3000000
#define MOST_VMS 1000
#define VM_STARTS 5
#define VM_SECONDS 600

static const unsigned int vm_levels[] = {0, 1, 3, 10, 30, 100, 200, 300, 400, 600, 800, MOST_VMS};

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

/* machines - as many of @s as this host carries, or @most. */
static int machines(struct bench *b, const struct system *s, unsigned int most, struct error *err)
{
	const struct density_range range = {vm_levels, ARRAY_SIZE(vm_levels), most, VM_STARTS,
					    VM_SECONDS};
	struct density d = {.scenario = scenario_density.id,
			    .system = s->driver->id,
			    .within_mib = RAM_MIB};

	bench_say("%s: %s", scenario_density.id, s->driver->id);
	if (density_host(b, s, &range, &d, err))
		return -1;
	return density_record(b, &d, NULL, err);
}

static int appliance(struct bench *b, const struct system *s, unsigned int most, struct error *err)
{
	struct density d = {.scenario = scenario_density.id,
			    .system = s->driver->id,
			    .ram_mib = RAM_MIB,
			    .icount = true};
	struct interval slope;

	bench_say("%s: %s", scenario_density.id, s->driver->id);
	if (density_boot(b, s, &d, most, STARTS, DEADLINE_MS, err) ||
	    density_record(b, &d, &slope, err))
		return -1;
	return b->h.interrupted ? 0 : claim(b, &d, most, slope, err);
}

static int run(struct bench *b, struct error *err)
{
	unsigned int most = b->opt.blocks ? (unsigned int)b->opt.blocks
			    : b->opt.full ? FULL_MOST
					  : QUICK_MOST;
	const struct system *s = bench_system(b, "appliance");
	const struct system *vm =
		bench_system(b, b->guest == ARCH_X86_64 ? "qemu-microvm" : "qemu-virt");
	json_object *params = json_object_new_object();

	json_object_object_add(params, "most", json_object_new_int((int)most));
	json_object_object_add(params, "ram_mib", json_object_new_int(RAM_MIB));
	json_object_object_add(params, "starts_per_level", json_object_new_int(STARTS));
	json_object_object_add(params, "most_vms", json_object_new_int(MOST_VMS));
	json_object_object_add(params, "vm_starts_per_level", json_object_new_int(VM_STARTS));
	json_object_object_add(params, "vm_seconds", json_object_new_int(VM_SECONDS));
	if (!s->available && !vm->available)
		json_object_object_add(params, "skip", json_object_new_string(s->skip));
	if (scenario_record(b, &scenario_density, params, err))
		return -1;
	if (s->available && appliance(b, s, most, err))
		return -1;
	if (!vm->available || b->h.interrupted)
		return 0;
	return machines(b, vm, most < MOST_VMS ? most : MOST_VMS, err);
}

const struct scenario scenario_density = {
	.id = "s11-density",
	.title = "how many containers an appliance of 4 GiB holds, and how many machines the host",
	.full_only = true,
	.run = run,
};
