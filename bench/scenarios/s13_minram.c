/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s13_minram.c: the smallest memory that will do, by bisection.
 *
 * Of a virtual machine the smallest RAM in which its init reports, in MiB; of the appliance that in which a
 * container runs, too; of a container, in the appliance, the smallest memory.max with which the probe ends with 0,
 * three times out of three (the agent looks for that). What does not report by its deadline has not
 * got enough, so the answer is a bound for this machine's patience as well.
 */
#include "bench/scenarios/scenario.h"

#include <string.h>

#define LOW_MIB 8 /* known not to do */
#define HIGH_MIB 128
#define PATIENCE 3 /* deadline: the machines' own, divided by this */

/* does - whether @s runs in so many MiB. */
static int does(struct bench *b, const struct system *s, unsigned int mib, bool *yes,
		struct error *err)
{
	struct request r = {.ram_mib = mib, .starts = 1, .serial = ++b->serial};
	_cleanup_child_ struct child *c = child_new();
	enum wait_result result;
	struct command cmd;

	if (!c)
		return error_set(err, ENOMEM, "cannot boot `%s`", s->driver->id);
	command_init(&cmd);
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, c, &cmd, visit_deadline_ms(b, s, &r) / PATIENCE, &result, err))
		return -1;
	*yes = child_mark(c, MARK_PROBE, 0) != NULL;
	bench_say("%s: %s: %u MiB: %s", scenario_minram.id, s->driver->id, mib,
		  *yes ? "enough" : "not enough");
	return 0;
}

static int record(struct bench *b, const char *system, const char *metric, const char *unit,
		  double v, struct error *err)
{
	struct datum d = {v, 0};

	return results_summarise_data(&b->results, scenario_minram.id, system, metric, unit, &d, 1,
				      0, &b->draws, err);
}

static int bisect(struct bench *b, const struct system *s, struct error *err)
{
	unsigned int low = LOW_MIB, high = HIGH_MIB;
	bool yes = false;

	if (does(b, s, high, &yes, err))
		return -1;
	if (!yes || b->h.interrupted)
		return 0;
	while (high - low > 1 && !b->h.interrupted) {
		unsigned int middle = low + (high - low) / 2;

		if (does(b, s, middle, &yes, err))
			return -1;
		if (yes)
			high = middle;
		else
			low = middle;
	}
	return b->h.interrupted ? 0 : record(b, s->driver->id, "smallest RAM", "MiB", high, err);
}

/* of_container - what the agent found in one boot with the usual RAM. */
static int of_container(struct bench *b, const struct system *s, struct error *err)
{
	struct request r = {.agent = "minmem", .serial = ++b->serial};
	_cleanup_child_ struct child *c = child_new();
	const struct mark *m;
	enum wait_result result;
	struct command cmd;

	if (!c)
		return error_set(err, ENOMEM, "cannot boot `%s`", s->driver->id);
	command_init(&cmd);
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, c, &cmd, visit_deadline_ms(b, s, &r), &result, err))
		return -1;
	m = child_mark(c, MARK_LEVEL, 0);
	return m ? record(b, s->driver->id, "smallest memory.max", "KiB", (double)m->value, err)
		 : 0;
}

static int run(struct bench *b, struct error *err)
{
	json_object *params = json_object_new_object();

	json_object_object_add(params, "above_mib", json_object_new_int(LOW_MIB));
	json_object_object_add(params, "up_to_mib", json_object_new_int(HIGH_MIB));
	if (scenario_record(b, &scenario_minram, params, err))
		return -1;
	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];
		enum kind kind = s->driver->kind;

		if (!s->available || s->driver->uncounted ||
		    (kind != KIND_VM && kind != KIND_APPLIANCE))
			continue;
		if (bisect(b, s, err))
			return -1;
		if (kind == KIND_APPLIANCE && !b->h.interrupted && of_container(b, s, err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_minram = {
	.id = "s13-minram",
	.title = "the smallest memory that will do, by bisection",
	.full_only = true,
	.run = run,
};
