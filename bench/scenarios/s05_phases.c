/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s05_phases.c: the appliance from reset to its first container, in phases, counted in instructions.
 *
 * Booted under `-icount shift=0,sleep=off`, as s22 does it and for its reasons; the unit is virtual ns.
 * One boot is one run:
 *	firmware	from reset until the first instruction of the kernel's image: firmware, and the
 *			loading of kernel and initramfs
 *	unpacking	until the kernel's own first instruction: its decompression
 *	kernel		until PID 1's first phase
 *	init		until it is ready
 *	agent		until the bench's agent, which PID 1 starts then, spawns `cloison run`: its own loading
 *			and the settling of the serial console, so no part of the appliance
 *	container	until the probe's first instruction in the container: the first of this boot, with all
 *			caches cold
 * A plugin in QEMU tells the first two (plugin/boot.c), in instructions: there is nothing to wait for yet. The agent reads the counter and
 * CLOCK_BOOTTIME at one moment, and PID 1 the latter at each phase; by then both go at the same pace.
 */
#include "bench/scenarios/scenario.h"
#include "bench/view.h"

#include <math.h>
#include <string.h>
#include <unistd.h>

#define UNIT "instructions and skipped idle time (virtual ns)"
#define RUNS 3

enum part { FIRMWARE, UNPACKING, KERNEL, INIT, AGENT, CONTAINER, PARTS };

static const char *const part_names[] = VIEW_PHASES;

_Static_assert(sizeof(part_names) / sizeof(part_names[0]) == PARTS + 1,
	       "a name for each, and the total");

/* A boot: how long each part took; NAN when it was not told. */
struct boot {
	double part[PARTS];
};

static double value_of(const struct child *c, char kind)
{
	const struct mark *m = child_mark(c, kind, 0);

	return m ? (double)m->value : NAN;
}

/* counter_of - a mark that is a counter, in ns. */
static double counter_of(const struct bench *b, const struct child *c, char kind)
{
	return value_of(c, kind) * visit_tick_ns(b);
}

static struct boot boot_of(const struct bench *b, const struct child *c)
{
	double image = value_of(c, MARK_IMAGE), kernel = value_of(c, MARK_KERNEL);
	double boottime = counter_of(b, c, MARK_COUNTER) - value_of(c, MARK_BOOT_NS);
	double init = boottime + value_of(c, MARK_INIT_NS);
	double ready = boottime + value_of(c, MARK_READY_NS);
	double spawn = counter_of(b, c, MARK_BEGIN);

	return (struct boot){.part = {[FIRMWARE] = image,
				      [UNPACKING] = kernel - image,
				      [KERNEL] = init - kernel,
				      [INIT] = ready - init,
				      [AGENT] = spawn - ready,
				      [CONTAINER] = counter_of(b, c, MARK_PROBE) - spawn}};
}

static int boot_once(struct bench *b, const struct system *s, int number, struct child *c,
		     struct boot *boot, struct error *err)
{
	const struct request r = {.agent = "phases",
				  .icount = true,
				  .boot_plugin = true,
				  .starts = 1};
	const struct place at = {scenario_phases.id, number, 0, 0, false};
	bool failed = false;

	bench_say("%s: boot %d of %d", scenario_phases.id, number + 1, RUNS);
	if (visit(b, s, &r, &at, c, &failed, err))
		return -1;
	*boot = boot_of(b, c);
	for (int p = 0; p < PARTS; p++)
		if (failed || isnan(boot->part[p]))
			boot->part[p] = NAN;
	return 0;
}

/* summarise - a part over all boots; PARTS: the whole of each. */
static int summarise(struct bench *b, const struct boot *boots, int part, struct error *err)
{
	struct datum d[RUNS];
	size_t n = 0;

	for (int i = 0; i < RUNS; i++) {
		double v = 0;

		for (int p = 0; p < PARTS; p++)
			v += p == part || part == PARTS ? boots[i].part[p] : 0;
		if (!isnan(v))
			d[n++] = (struct datum){v, i};
	}
	if (n == 0)
		return 0;
	return results_summarise_data(&b->results, scenario_phases.id, "appliance",
				      part_names[part], UNIT, d, n, RUNS - n, &b->draws, err);
}

/* reason_of - why nothing can be said; NULL when it can. */
static const char *reason_of(struct bench *b)
{
	const struct system *s = bench_system(b, "appliance");

	if (!s->available)
		return s->skip;
	return access(b->files.boot_plugin, R_OK)
		       ? "QEMU's plugin bench/boot.so is not there, which `make bench` builds"
		       : NULL;
}

static int run(struct bench *b, struct error *err)
{
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();
	const char *reason = reason_of(b);
	struct boot boots[RUNS];

	json_object_object_add(params, "runs", json_object_new_int(RUNS));
	json_object_object_add(params, "icount", json_object_new_string("shift=0,sleep=off"));
	if (reason)
		json_object_object_add(params, "skip", json_object_new_string(reason));
	if (scenario_record(b, &scenario_phases, params, err))
		return -1;
	if (reason)
		return 0;
	if (!c)
		return error_set(err, ENOMEM, "cannot boot anything");
	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];

		if (!s->available || s->driver->kind != KIND_APPLIANCE)
			continue;
		for (int n = 0; n < RUNS; n++) {
			for (int p = 0; p < PARTS; p++)
				boots[n].part[p] = NAN;
			if (!b->h.interrupted && boot_once(b, s, n, c, &boots[n], err))
				return -1;
		}
		for (int part = 0; part <= PARTS; part++)
			if (summarise(b, boots, part, err))
				return -1;
	}
	return 0;
}

const struct scenario scenario_phases = {
	.id = "s05-phases",
	.title = "The appliance from reset to its first container, in phases",
	.run = run,
};
