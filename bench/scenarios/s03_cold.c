/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s03_cold.c: the same starts with an empty page cache (W2).
 *
 * Before each start everything that the kernel can drop is dropped (sync, then drop_caches), so all that a
 * system reads comes from the disk: for a virtual machine the emulator, firmware, kernel and image. The bench's
 * bundles are on a tmpfs and stay. It slows whatever else the machine does, so few starts are made.
 */
#include "bench/scenarios/scenario.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define DROP "/proc/sys/vm/drop_caches"

static const struct plan {
	int blocks, vm_every;
} plan_quick = {5, 5}, plan_full = {20, 4};

static int drop_caches(struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	sync();
	fd = open(DROP, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "3", 1) != 1)
		return error_set(err, errno, "cannot drop the page cache through `%s`", DROP);
	return 0;
}

static int run_block(struct bench *b, const struct plan *p, int block, struct child *c,
		     struct error *err)
{
	static const struct request r = {0};
	int visits[MAX_NAMES];
	size_t n = 0;

	for (size_t i = 0; i < b->system_count; i++) {
		const struct system *s = &b->systems[i];
		bool vm = s->driver->kind == KIND_VM;

		if (!s->available || s->driver->heavy || s->driver->kind == KIND_APPLIANCE ||
		    (vm && block % p->vm_every != 0))
			continue;
		visits[n++] = (int)i;
	}
	rng_shuffle(&b->order, visits, n);
	for (size_t i = 0; i < n && !b->h.interrupted; i++) {
		struct place at = {scenario_cold.id, block, (int)i, 0, false};
		bool failed;

		if (drop_caches(err) || visit(b, &b->systems[visits[i]], &r, &at, c, &failed, err))
			return -1;
	}
	return 0;
}

static int run(struct bench *b, struct error *err)
{
	struct plan p = b->opt.full ? plan_full : plan_quick;
	_cleanup_child_ struct child *c = child_new();
	json_object *params = json_object_new_object();

	if (b->opt.blocks)
		p.blocks = b->opt.blocks;
	json_object_object_add(params, "blocks", json_object_new_int(p.blocks));
	json_object_object_add(params, "state", json_object_new_string("W2"));
	if (!b->root)
		json_object_object_add(params, "skip",
				       json_object_new_string(
					       "needs root: it drops the page cache"));
	if (scenario_record(b, &scenario_cold, params, err))
		return -1;
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (int block = 0; block < p.blocks && b->root && !b->h.interrupted; block++)
		if (run_block(b, &p, block, c, err))
			return -1;
	for (size_t i = 0; i < b->system_count; i++)
		if (results_summarise(&b->results, scenario_cold.id, b->systems[i].driver->id,
				      "ready", "ns", sample_ready, &b->draws, err) ||
		    results_summarise(&b->results, scenario_cold.id, b->systems[i].driver->id,
				      "whole", "ns", sample_exit, &b->draws, err))
			return -1;
	return 0;
}

const struct scenario scenario_cold = {
	.id = "s03-start-cold",
	.title = "from the command to the probe's first instruction, page cache empty",
	.full_only = true,
	.run = run,
};
