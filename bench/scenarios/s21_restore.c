/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s21_restore.c: a machine whose state is loaded from a file, beside the same machine that boots.
 *
 * Both until the probe's first report; the restored one's reports come 1 ms apart. What making the file took is
 * not in it. Checkpoints of containers (CRIU) are not driven: neither Cloison nor its kernel has them.
 */
#include "bench/scenarios/scenario.h"

#include <string.h>

static const char restored[] = "qemu-restore", booted[] = "qemu-q35";

static int run(struct bench *b, struct error *err)
{
	int blocks = b->opt.blocks ? b->opt.blocks : b->opt.full ? 10 : 4;
	const struct system *const both[] = {bench_system(b, restored), bench_system(b, booted)};
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();
	static const struct request r = {0};

	json_object_object_add(params, "blocks", json_object_new_int(blocks));
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (!both[i]->available)
			json_object_object_add(params, "skip",
					       json_object_new_string(both[i]->skip));
	if (scenario_record(b, &scenario_restore, params, err))
		return -1;
	if (!both[0]->available)
		return 0;
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (int block = 0; block < blocks; block++) {
		size_t first = rng_next(&b->order) & 1;

		for (size_t i = 0; i < ARRAY_SIZE(both) && !b->h.interrupted; i++) {
			const struct system *s = both[(i + first) % ARRAY_SIZE(both)];
			struct place at = {scenario_restore.id, block, (int)i, 0, false};
			bool failed;

			if (s->available && visit(b, s, &r, &at, c, &failed, err))
				return -1;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		if (results_summarise(&b->results, scenario_restore.id, both[i]->driver->id,
				      "ready", "ns", sample_ready, &b->draws, err))
			return -1;
	return results_ratio(&b->results, scenario_restore.id, "ready", sample_ready, restored,
			     booted, "R1", &b->draws, NULL, err);
}

const struct scenario scenario_restore = {
	.id = "s21-restore",
	.title = "a machine restored from a file, beside the same one that boots",
	.full_only = true,
	.run = run,
};
