/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s20_teardown.c: the end of a container, and what many of them leave behind.
 *
 * "end" is from the probe's first instruction, which is nearly its last, until the command has cleaned up and
 * ended. The kernel takes network namespaces apart after that, so what is left is looked at when its own memory
 * has come to rest: "left" is how much more the kernel holds after all the starts, for each of them. Zero is
 * within what the rest of the machine does meanwhile; a leak grows with the number of starts.
 */
#include "bench/scenarios/scenario.h"

#include "bench/memory.h"

#include <string.h>

#define WARMUPS 20
#define SETTLE_MS 500
#define SETTLE_TIMES 20
#define QUICK_STARTS 50
#define FULL_STARTS 300

/* at_rest - the kernel's memory, when it has stopped to shrink; kB. */
static int at_rest(struct bench *b, int64_t *kb, struct error *err)
{
	struct memory m;
	int64_t now;

	*kb = INT64_MAX;
	for (int i = 0; i < SETTLE_TIMES; i++) {
		harness_sleep(&b->h, SETTLE_MS);
		if (memory_read(&m, err))
			return -1;
		now = memory_kernel(&m);
		if (now >= *kb)
			break;
		*kb = now;
	}
	return 0;
}

static int starts(struct bench *b, const struct system *s, int n, bool warmup, struct child *c,
		  struct error *err)
{
	static const struct request r = {0};

	for (int i = 0; i < n && !b->h.interrupted; i++) {
		struct place at = {scenario_teardown.id, i / 10, i, i, warmup};
		bool failed;

		if (visit(b, s, &r, &at, c, &failed, err))
			return -1;
	}
	return 0;
}

/* summarise_ends - whole minus ready. */
static int summarise_ends(struct bench *b, const char *system, struct error *err)
{
	struct datum *d = calloc(b->results.count + 1, sizeof(*d));
	size_t n = 0, failed = 0;
	int ret = 0;

	if (!d)
		return error_set(err, ENOMEM, "cannot summarise `%s`", system);
	for (size_t i = 0; i < b->results.count; i++) {
		const struct sample *s = &b->results.samples[i];

		if (strcmp(s->scenario, scenario_teardown.id) != 0 ||
		    strcmp(s->system, system) != 0)
			continue;
		if (s->outcome == OUTCOME_OK && s->exit_ns != NOT_MEASURED)
			d[n++] = (struct datum){(double)(s->exit_ns - s->ready_ns), s->block};
		else
			failed++;
	}
	if (n > 0)
		ret = results_summarise_data(&b->results, scenario_teardown.id, system, "end", "ns",
					     d, n, failed, &b->draws, err);
	free(d);
	return ret;
}

static int measure(struct bench *b, const struct system *s, int n, struct child *c,
		   struct error *err)
{
	int64_t before, after;
	struct datum left;

	bench_say("%s: %s", scenario_teardown.id, s->driver->id);
	if (starts(b, s, WARMUPS, true, c, err) || at_rest(b, &before, err) ||
	    starts(b, s, n, false, c, err) || at_rest(b, &after, err))
		return -1;
	if (b->h.interrupted)
		return 0;
	left = (struct datum){(double)(after - before) / n, 0};
	if (results_summarise_data(&b->results, scenario_teardown.id, s->driver->id, "left, each",
				   "KiB", &left, 1, 0, &b->draws, err))
		return -1;
	return summarise_ends(b, s->driver->id, err);
}

static int run(struct bench *b, struct error *err)
{
	int n = b->opt.blocks ? b->opt.blocks * 10 : b->opt.full ? FULL_STARTS : QUICK_STARTS;
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();

	json_object_object_add(params, "starts", json_object_new_int(n));
	if (scenario_record(b, &scenario_teardown, params, err))
		return -1;
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (size_t i = 0; i < b->system_count && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[i];

		if (s->available && s->driver->kind == KIND_CONTAINER && measure(b, s, n, c, err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_teardown = {
	.id = "s20-teardown",
	.title = "the end of a container, and what many leave behind",
	.full_only = true,
	.run = run,
};
