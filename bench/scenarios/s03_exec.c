/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s03_exec.c: one more process in a running container, from the command to its end.
 *
 * Each system keeps one container in which nothing happens, and is asked again and again to run the
 * probe in it. The floor enters the namespaces (and the cgroup) of its own container, drops what the
 * spec's process may not do, and executes. Randomised complete blocks, as in s02.
 */
#include "bench/scenarios/scenario.h"

#include <math.h>
#include <string.h>

#define MAX_VISITS 1024
#define FLOOR_LIMIT 2.5

static const struct plan {
	int blocks, execs, warmups;
} plan_quick = {10, 10, 5}, plan_full = {40, 25, 10};

/* hold - start @s's container. Returns its serial number, or 0; the reason is said and kept. */
static unsigned int hold(struct bench *b, const struct system *s, struct child *c,
			 struct error *err)
{
	struct request r = {.hold = true, .serial = ++b->serial};
	int deadline = visit_deadline_ms(b, s, &r);
	struct command cmd;
	enum wait_result result;
	char line[200], why[120];

	command_init(&cmd);
	cmd.leashed = true;
	s->driver->start(b, s, &r, &cmd);
	if (harness_start(&b->h, c, &cmd, err))
		return 0;
	/* The container has the probe's report still to make when its runtime has ended. */
	result = harness_wait_marks(&b->h, c, MARK_RAM_FREE, 1, deadline);
	if (result == WAIT_OK)
		result = harness_wait_exit(&b->h, c, deadline);
	if (result == WAIT_OK && child_exit_code(c) == 0) {
		child_hang_up(c);
		return r.serial;
	}
	harness_kill(&b->h, c);
	child_complaint(c, why, sizeof(why));
	snprintf(line, sizeof(line), "%s: %s: no container to execute in: %s", scenario_exec.id,
		 s->driver->id, why);
	bench_say("%s", line);
	visit_stop(b, s, r.serial);
	if (results_text(&b->results, "threats", line, err))
		return 0;
	return 0;
}

static int run_block(struct bench *b, const unsigned int *held, const struct plan *plan, int block,
		     struct child *c, struct error *err)
{
	int visits[MAX_VISITS];
	size_t n = 0;

	for (size_t i = 0; i < b->system_count; i++)
		for (int j = 0; held[i] && j < plan->execs && n < MAX_VISITS; j++)
			visits[n++] = (int)i;
	rng_shuffle(&b->order, visits, n);
	for (size_t i = 0; i < n && !b->h.interrupted; i++) {
		const struct system *s = &b->systems[visits[i]];
		const struct request r = {.exec_in = held[visits[i]]};
		struct place at = {scenario_exec.id, block, (int)i, 0, block < 0};
		bool failed;

		if (visit(b, s, &r, &at, c, &failed, err))
			return -1;
	}
	return 0;
}

static int compare(struct bench *b, const char *of, struct error *err)
{
	static const struct {
		const char *name, *claim;
		sample_field field;
	} by[] = {
		{"whole", "cloison exec, whole command, in floors of exec", sample_exit},
		{"cpu", "cloison exec, cpu, in floors of exec", sample_cpu},
	};

	for (size_t i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		struct interval v = {NAN, NAN, NAN};

		if (results_ratio(&b->results, scenario_exec.id, by[i].name, by[i].field, of,
				  "floor", "host", &b->draws, &v, err))
			return -1;
		if (strcmp(of, "cloison") != 0 || isnan(v.point))
			continue;
		if (results_claim(&b->results, by[i].claim, v, RESULT_RATIO_INTERVAL, "<= 2.5",
				  scenario_verdict(v, FLOOR_LIMIT), err))
			return -1;
	}
	return 0;
}

static int summarise(struct bench *b, const unsigned int *held, struct error *err)
{
	for (size_t i = 0; i < b->system_count; i++) {
		const char *id = b->systems[i].driver->id;

		if (!held[i])
			continue;
		if (results_summarise(&b->results, scenario_exec.id, id, "whole", "ns", sample_exit,
				      &b->draws, err) ||
		    results_summarise(&b->results, scenario_exec.id, id, "cpu", "ns", sample_cpu,
				      &b->draws, err))
			return -1;
		if (strcmp(id, "floor") != 0 && compare(b, id, err))
			return -1;
	}
	return 0;
}

static int run_held(struct bench *b, const unsigned int *held, struct child *c, struct error *err)
{
	struct plan plan = b->opt.full ? plan_full : plan_quick, warm_up;
	json_object *params = json_object_new_object();

	if (b->opt.soak)
		plan.blocks *= SOAK_FACTOR;
	if (b->opt.blocks)
		plan.blocks = b->opt.blocks;
	json_object_object_add(params, "blocks", json_object_new_int(plan.blocks));
	json_object_object_add(params, "execs_per_block", json_object_new_int(plan.execs));
	json_object_object_add(params, "warmups", json_object_new_int(plan.warmups));
	if (scenario_record(b, &scenario_exec, params, err))
		return -1;
	warm_up = plan;
	warm_up.execs = plan.warmups;
	if (run_block(b, held, &warm_up, -1, c, err))
		return -1;
	for (int block = 0; block < plan.blocks && !b->h.interrupted; block++) {
		bench_progress(b, scenario_exec.id, block, plan.blocks);
		if (run_block(b, held, &plan, block, c, err))
			return -1;
	}
	return summarise(b, held, err);
}

static int run(struct bench *b, struct error *err)
{
	_cleanup_child_ struct child *c = child_new();
	unsigned int held[MAX_NAMES] = {0};
	int rc;

	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (size_t i = 0; i < b->system_count; i++) {
		const struct driver *d = b->systems[i].driver;

		if (b->systems[i].available && d->kind == KIND_CONTAINER && d->executes)
			held[i] = hold(b, &b->systems[i], c, err);
	}
	rc = run_held(b, held, c, err);
	for (size_t i = 0; i < b->system_count; i++)
		if (held[i])
			visit_stop(b, &b->systems[i], held[i]);
	return rc;
}

const struct scenario scenario_exec = {
	.id = "s03-exec",
	.title = "one more process in a running container",
	.run = run,
};
