/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s04_first.c: the first container of a boot of the appliance (W3): nothing of it is in any cache.
 *
 * One start in each boot; n is the number of boots. Beside it, in the same boots, the next four.
 */
#include "bench/scenarios/scenario.h"

#include <string.h>

#define STARTS 5
#define QUICK_BOOTS 3
#define FULL_BOOTS 10

/* summarise - the starts from number @first to @last of every boot. */
static int summarise(struct bench *b, const char *metric, int first, int last, struct error *err)
{
	struct datum d[FULL_BOOTS * STARTS];
	size_t n = 0, failed = 0;

	for (size_t i = 0; i < b->results.count && n < ARRAY_SIZE(d); i++) {
		const struct sample *s = &b->results.samples[i];

		if (strcmp(s->scenario, scenario_first.id) != 0 || s->invocation < first ||
		    s->invocation > last)
			continue;
		if (s->outcome == OUTCOME_OK && s->ready_ns != NOT_MEASURED)
			d[n++] = (struct datum){(double)s->ready_ns, s->block};
		else
			failed++;
	}
	if (n == 0)
		return 0;
	return results_summarise_data(&b->results, scenario_first.id, "appliance", metric, "ns", d,
				      n, failed, &b->draws, err);
}

static int run(struct bench *b, struct error *err)
{
	const struct system *s = bench_system(b, "appliance");
	int boots = b->opt.blocks ? b->opt.blocks : b->opt.full ? FULL_BOOTS : QUICK_BOOTS;
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();
	const struct request r = {.starts = STARTS};

	if (boots > FULL_BOOTS)
		boots = FULL_BOOTS;
	json_object_object_add(params, "boots", json_object_new_int(boots));
	json_object_object_add(params, "state", json_object_new_string("W3"));
	if (!s->available)
		json_object_object_add(params, "skip", json_object_new_string(s->skip));
	if (scenario_record(b, &scenario_first, params, err))
		return -1;
	if (!c)
		return error_set(err, ENOMEM, "cannot boot anything");
	for (int i = 0; i < boots && s->available && !b->h.interrupted; i++) {
		struct place at = {scenario_first.id, i, 0, 0, false};
		bool failed;

		bench_say("%s: boot %d of %d", scenario_first.id, i + 1, boots);
		if (visit(b, s, &r, &at, c, &failed, err))
			return -1;
	}
	if (summarise(b, "ready, the first", 0, 0, err))
		return -1;
	return summarise(b, "ready, the next", 1, STARTS - 1, err);
}

const struct scenario scenario_first = {
	.id = "s04-first",
	.title = "the first container of a boot, and the next four",
	.full_only = true,
	.run = run,
};
