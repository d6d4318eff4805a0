/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s06_phases.c: the start of a container in phases: namespaces, root, mounts, masks, pivot, limits, exec.
 *
 * The floor tells them of itself (`cloison-bench-floor phases`): a runtime does the same calls, and what it
 * takes beyond them is the difference in s02. The same in the appliance under -icount, where a nanosecond is
 * an instruction or skipped idle time (places "icount"), so that column is free of this machine's load.
 */
#include "bench/scenarios/lines.h"

#include "bench/workspace.h"

#define ROUNDS 20
#define DEADLINE_MS 60000

static int run(struct bench *b, struct error *err)
{
	const struct system *floor = bench_system(b, "floor");
	int blocks = b->opt.blocks ? b->opt.blocks : b->opt.full ? 20 : 5;
	json_object *params = json_object_new_object();
	struct lines l;

	json_object_object_add(params, "blocks", json_object_new_int(blocks));
	json_object_object_add(params, "rounds", json_object_new_int(ROUNDS));
	if (lines_open(b, &scenario_phases_ct, params, &l, err))
		return -1;
	if (!floor->available)
		lines_skip(&l, "floor", floor->skip);
	for (int i = 0; i < blocks && floor->available && !b->h.interrupted; i++) {
		struct command cmd;

		command_init(&cmd);
		command_add(&cmd, "%s", floor->program);
		command_add(&cmd, "phases");
		command_add(&cmd, "%d", ROUNDS);
		command_add(&cmd, "%s/" BUNDLE_ONCE "/rootfs", b->work);
		command_add(&cmd, "/probe");
		if (lines_run(b, &l, "floor", &cmd, i, DEADLINE_MS, err))
			return -1;
	}
	if (!b->h.interrupted &&
	    lines_boot(b, &l, "icount",
		       "/bench/cloison-bench-floor,phases,20,/bench/bundles/once/rootfs,/probe",
		       true, 0, err))
		return -1;
	return lines_close(b, &l, err);
}

const struct scenario scenario_phases_ct = {
	.id = "s06-phases-ct",
	.title = "the start of a container in phases; icount: in instructions, virtual ns",
	.full_only = true,
	.run = run,
};
