/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s10_creation.c: the time of a start beside ever more instances that run already.
 *
 * Figures 4 and 9 of the LightVM paper, for each system that can stay: at each level the next STARTS
 * starts are timed, as in s02, then instances that do nothing are added up to the next level. The appliance
 * does the same inside one boot with RAM_MIB (density.c), where instructions and skipped idle time are
 * counted (-icount): a slope of microseconds drowns in what else this machine does, that one does not. Systems one after the other: instances of one
 * must not run beside the starts of another.
 */
#include "bench/scenarios/density.h"
#include "bench/scenarios/held.h"

#include "bench/memory.h"

#include <math.h>
#include <string.h>

#define MAX_HELD 1000
#define RAM_MIB 1024
#define BOOT_DEADLINE_MS 900000

static const unsigned int container_levels[] = {0, 10, 30, 100, 300, 1000};
static const unsigned int vm_levels[] = {0, 1, 2, 4, 8, 16};

/* Up to which level, and how many starts are timed at each. */
static const struct plan {
	unsigned int most, vm_most, starts, vm_starts;
} plan_quick = {100, 2, 10, 2}, plan_full = {300, 8, 30, 3};

struct range {
	const unsigned int *levels;
	size_t count;
	unsigned int most, starts;
};

static int time_starts(struct bench *b, const struct system *s, unsigned int running,
		       unsigned int starts, struct child *c, struct error *err)
{
	const struct request r = {0};

	for (unsigned int i = 0; i < starts && !b->h.interrupted; i++) {
		struct place at = {scenario_creation.id, (int)running, (int)i, 0, false};
		bool failed = false;

		if (visit(b, s, &r, &at, c, &failed, err))
			return -1;
	}
	return 0;
}

/* climb - from level to level, with @held for @range->most. */
static int climb(struct bench *b, const struct system *s, const struct range *range,
		 struct held *held, struct density *d, struct error *err)
{
	static const struct request r = {0};
	_cleanup_child_ struct child *c = child_new();
	struct memory books;

	if (!c)
		return error_set(err, ENOMEM, "cannot start `%s`", s->driver->id);
	for (size_t i = 0; i < range->count && range->levels[i] <= range->most; i++) {
		struct density_level *l;

		while (d->running < range->levels[i] && !b->h.interrupted) {
			if (held_start(b, s, &r, &held[d->running], d->end, sizeof(d->end)))
				return 0;
			d->running++;
		}
		l = density_level(d, d->running);
		if (!l || b->h.interrupted)
			return 0;
		if (memory_read(&books, err))
			return -1;
		l->kernel_kb = memory_kernel(&books);
		if (time_starts(b, s, d->running, range->starts, c, err))
			return -1;
	}
	d->whole = true;
	snprintf(d->end, sizeof(d->end), "nothing gave out: the number that was asked for runs");
	return 0;
}

static int on_host(struct bench *b, const struct system *s, const struct range *range,
		   struct density *d, struct error *err)
{
	struct held *held = calloc(range->most, sizeof(*held));
	int ret;

	if (!held)
		return error_set(err, ENOMEM, "cannot hold `%s`", s->driver->id);
	ret = climb(b, s, range, held, d, err);
	for (unsigned int i = 0; i < d->running; i++)
		held_stop(b, &held[i]);
	free(held);
	harness_reap(10000);
	return ret;
}

static int measure(struct bench *b, const struct system *s, const struct plan *p, struct error *err)
{
	struct density d = {.scenario = scenario_creation.id, .system = s->driver->id};
	bool vm = s->driver->kind == KIND_VM;
	const struct range range = {vm ? vm_levels : container_levels,
				    vm ? ARRAY_SIZE(vm_levels) : ARRAY_SIZE(container_levels),
				    vm ? p->vm_most : p->most, vm ? p->vm_starts : p->starts};
	int ret;

	bench_say("%s: %s", scenario_creation.id, s->driver->id);
	if (s->driver->kind == KIND_APPLIANCE) {
		d.ram_mib = RAM_MIB;
		d.icount = true;
		ret = density_boot(b, s, &d, p->most, p->starts, BOOT_DEADLINE_MS, err);
	} else {
		ret = on_host(b, s, &range, &d, err);
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
