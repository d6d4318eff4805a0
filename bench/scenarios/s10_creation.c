/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s10_creation.c: the time of a start beside ever more instances that run already.
 *
 * Figures 4 and 9 of the LightVM paper, for each system that can stay: at each level the next STARTS
 * starts are timed, as in s02, then instances that do nothing are added up to the next level. The appliance
 * does the same inside one boot with RAM_MIB (density.c), where instructions and skipped idle time are
 * counted (-icount): a slope of microseconds drowns in what else this machine does, that one does not. Systems
 * one after the other: instances of one must not run beside the starts of another.
 */
#include "bench/scenarios/density.h"

#define MAX_HELD 1000
#define RAM_MIB 1024
#define BOOT_DEADLINE_MS 900000

static const unsigned int container_levels[] = {0, 10, 30, 100, 300, 1000};
static const unsigned int vm_levels[] = {0, 1, 2, 4, 8, 16};

/* Up to which level, and how many starts are timed at each. */
static const struct plan {
	unsigned int most, vm_most, starts, vm_starts;
} plan_quick = {100, 2, 10, 2}, plan_full = {300, 8, 30, 3};

static int measure(struct bench *b, const struct system *s, const struct plan *p, struct error *err)
{
	struct density d = {.scenario = scenario_creation.id, .system = s->driver->id};
	bool vm = s->driver->kind == KIND_VM;
	const struct density_range range = {vm ? vm_levels : container_levels,
					    vm ? ARRAY_SIZE(vm_levels)
					       : ARRAY_SIZE(container_levels),
					    vm ? p->vm_most : p->most,
					    vm ? p->vm_starts : p->starts, 0};
	int ret;

	bench_say("%s: %s", scenario_creation.id, s->driver->id);
	if (s->driver->kind == KIND_APPLIANCE) {
		d.ram_mib = RAM_MIB;
		d.icount = true;
		ret = density_boot(b, s, &d, p->most, p->starts, BOOT_DEADLINE_MS, err);
	} else {
		ret = density_host(b, s, &range, &d, err);
	}
	return ret ? ret : density_record(b, &d, NULL, err);
}

static int run(struct bench *b, struct error *err)
{
	struct plan p = b->opt.full ? plan_full : plan_quick;
	json_object *params = json_object_new_object();

	if (b->opt.blocks) { /* for trials: so many instances at most */
		p.most = (unsigned int)b->opt.blocks < MAX_HELD ? (unsigned int)b->opt.blocks
								: MAX_HELD;
		p.vm_most = p.most < p.vm_most ? p.most : p.vm_most;
	}
	json_object_object_add(params, "most", json_object_new_int((int)p.most));
	json_object_object_add(params, "most_vms", json_object_new_int((int)p.vm_most));
	json_object_object_add(params, "starts_per_level", json_object_new_int((int)p.starts));
	json_object_object_add(params, "vm_starts_per_level",
			       json_object_new_int((int)p.vm_starts));
	json_object_object_add(params, "appliance_ram_mib", json_object_new_int(RAM_MIB));
	if (scenario_record(b, &scenario_creation, params, err))
		return -1;
	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];

		if (s->available && s->driver->holds && measure(b, s, &p, err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_creation = {
	.id = "s10-creation-vs-n",
	.title = "the time of a start beside ever more instances that run",
	.full_only = true,
	.run = run,
};
