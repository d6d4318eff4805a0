/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s01_floor.c: what the kernel's parts of a start cost, one by one.
 *
 * `cloison-bench-floor steps` does the timing, in a process of a few pages (a fork copies the
 * page tables of whoever forks) and in random order. Several invocations, since what a process
 * happens to get from the kernel lasts for its life; each is a block. A namespace that cannot be had
 * here is listed with its error; the others are timed.
 */
#include "bench/floor_steps.h"
#include "bench/scenarios/scenario.h"

#include <string.h>

#define ROUNDS_PER_INVOCATION 50 /* the output of which fits CHILD_OUTPUT */
#define QUICK_INVOCATIONS 6
#define FULL_INVOCATIONS 20

/* step_name - the table's own copy of a name of @len bytes, or NULL. */
static const char *step_name(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(floor_steps); i++)
		if (strlen(floor_steps[i].name) == len &&
		    strncmp(floor_steps[i].name, name, len) == 0)
			return floor_steps[i].name;
	return NULL;
}

/*
 * add_line - "round<TAB>nanoseconds<TAB>name" as a sample, "skip<TAB>errno<TAB>name" to @skipped.
 * Returns -1 when it is neither.
 */
static int add_line(struct bench *b, const char *line, size_t len, int block, json_object *skipped,
		    struct error *err)
{
	int round, name_at = 0, reason;
	long long ns;
	struct sample s = {
		.scenario = scenario_floor.id,
		.block = block,
		.order = NOT_MEASURED,
		.boot = NOT_MEASURED,
		.ready_ns = NOT_MEASURED,
		.cpu_ns = NOT_MEASURED,
		.instructions = NOT_MEASURED,
		.majflt = NOT_MEASURED,
		.steal_ticks = NOT_MEASURED,
		.psi_us = NOT_MEASURED,
	};

	if (sscanf(line, "skip\t%d\t%n", &reason, &name_at) == 1 && name_at > 0 &&
	    (size_t)name_at < len) {
		const char *name = step_name(line + name_at, len - (size_t)name_at);

		if (name) {
			json_object_object_add(skipped, name,
					       json_object_new_string(errno_name(reason)));
			return 0;
		}
	}
	if (sscanf(line, "%d\t%lld\t%n", &round, &ns, &name_at) == 2 && name_at > 0 &&
	    (size_t)name_at < len)
		s.system = step_name(line + name_at, len - (size_t)name_at);
	if (!s.system)
		return error_set(err, 0, "cloison-bench-floor said `%.*s`", (int)len, line);
	s.invocation = round;
	s.exit_ns = ns;
	return results_add(&b->results, &s, err);
}

static int invoke(struct bench *b, int block, struct child *c, json_object *skipped,
		  struct error *err)
{
	struct command cmd;
	enum wait_result result;
	char complaint[160];

	command_init(&cmd);
	command_add(&cmd, "%s", b->files.floor);
	command_add(&cmd, "steps");
	command_add(&cmd, "%d", ROUNDS_PER_INVOCATION);
	command_add(&cmd, "%llu", (unsigned long long)rng_next(&b->order));
	command_add(&cmd, "%s", b->files.probe);
	if (harness_run(&b->h, c, &cmd, b->opt.container_deadline_ms * 6, &result, err))
		return -1;
	if (result == WAIT_INTERRUPTED)
		return 0;
	if (result != WAIT_OK || child_exit_code(c) != 0) {
		child_complaint(c, complaint, sizeof(complaint));
		return error_set(err, 0, "`%s steps` ended with %d: %s", b->files.floor,
				 child_exit_code(c), complaint);
	}
	for (const char *line = c->output; *line;) {
		size_t len = strcspn(line, "\n");

		if (add_line(b, line, len, block, skipped, err))
			return -1;
		line += len + (line[len] == '\n');
	}
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	const struct system *floor = bench_system(b, "floor");
	int invocations = b->opt.blocks ? b->opt.blocks
			  : b->opt.full ? FULL_INVOCATIONS
					: QUICK_INVOCATIONS;
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object(), *skipped = json_object_new_object();

	json_object_object_add(params, "invocations", json_object_new_int(invocations));
	json_object_object_add(params, "rounds", json_object_new_int(ROUNDS_PER_INVOCATION));
	json_object_object_add(params, "skipped_steps", skipped);
	if (!floor->available)
		json_object_object_add(params, "skip", json_object_new_string(floor->skip));
	if (scenario_record(b, &scenario_floor, params, err))
		return -1;
	if (!floor->available)
		return 0;
	if (!c)
		return error_set(err, ENOMEM, "cannot start `%s`", b->files.floor);
	for (int i = 0; i < invocations && !b->h.interrupted; i++) {
		bench_progress(b, scenario_floor.id, i, invocations);
		if (invoke(b, i, c, skipped, err))
			return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(floor_steps); i++)
		if (results_summarise(&b->results, scenario_floor.id, floor_steps[i].name, "whole",
				      "ns", sample_exit, &b->draws, err))
			return -1;
	return 0;
}

const struct scenario scenario_floor = {
	.id = "s01-floor",
	.title = "a process, and clone3 with each namespace alone and with ever more of them",
	.run = run,
};
