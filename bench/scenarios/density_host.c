/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * density_host.c: the time of a start beside ever more instances that run on this host.
 *
 * What `agent density` does in the appliance (bench/density.c), with the same ends: a start that
 * fails, memory that is short. A processor that is too slow for what runs shows as a start beyond its deadline.
 */
#include "bench/scenarios/density.h"
#include "bench/scenarios/held.h"

#include "bench/memory.h"
#include "bench/qemu.h"

/* A climb from level to level. */
struct ladder {
	const struct density_range *range;
	struct held *held; /* room for range->most */
	struct child *timed;
	int64_t available_kb; /* before the first */
	int64_t end_ns;	      /* 0: no limit */
};

static int time_starts(struct bench *b, const struct system *s, const struct density *d,
		       const struct ladder *l, struct error *err)
{
	const struct request r = {0};

	for (unsigned int i = 0; i < l->range->starts && !b->h.interrupted; i++) {
		struct place at = {d->scenario, (int)d->running, (int)i, 0, false};
		bool failed = false;

		if (visit(b, s, &r, &at, l->timed, &failed, err))
			return -1;
	}
	return 0;
}

/* books - those of the level that has been reached. */
static int books(const struct system *s, const struct density *d, const struct ladder *l,
		 struct density_level *level, struct error *err)
{
	struct memory now;

	if (memory_read(&now, err))
		return -1;
	level->kernel_kb = memory_kernel(&now);
	level->available_kb = memory_available_kb();
	if (d->running > 0 && s->driver->kind == KIND_VM) {
		struct footprint f = {0};

		if (footprint_add_tree(&f, l->held[d->running - 1].pid, GUEST_RAM_MAPPING, err))
			return -1;
		level->pss_kb = f.pss_kb;
	}
	return 0;
}

/* add - instances up to @running. Returns whether they run; else d->end says what gave out. */
static bool add(struct bench *b, const struct system *s, struct density *d, struct ladder *l,
		unsigned int running)
{
	static const struct request r = {0};

	while (d->running < running && !b->h.interrupted) {
		if (l->end_ns && harness_now_ns() > l->end_ns) {
			snprintf(d->end, sizeof(d->end),
				 "nothing gave out: the time for it was over");
			return false;
		}
		if (held_start(b, s, &r, &l->held[d->running], d->end, sizeof(d->end)))
			return false;
		d->running++;
		if (l->available_kb - memory_available_kb() <= (int64_t)d->within_mib * 1024)
			d->within = d->running;
		if (memory_is_short()) {
			snprintf(d->end, sizeof(d->end),
				 "memory: the kernel would soon have begun to kill");
			return false;
		}
	}
	return !b->h.interrupted;
}

static int climb(struct bench *b, const struct system *s, struct density *d, struct ladder *l,
		 struct error *err)
{
	const struct density_range *range = l->range;

	for (size_t i = 0; i < range->count && (i == 0 || d->running < range->most); i++) {
		unsigned int to = range->levels[i] < range->most ? range->levels[i] : range->most;
		struct density_level *level;

		if (!add(b, s, d, l, to))
			return 0;
		level = density_level(d, d->running);
		if (!level)
			break;
		if (books(s, d, l, level, err) || time_starts(b, s, d, l, err))
			return -1;
	}
	if (b->h.interrupted)
		return 0;
	d->whole = true;
	snprintf(d->end, sizeof(d->end), "nothing gave out: the number that was asked for runs");
	return 0;
}

int density_host(struct bench *b, const struct system *s, const struct density_range *range,
		 struct density *d, struct error *err)
{
	_cleanup_child_ struct child *timed = child_new();
	struct ladder l = {.range = range,
			   .held = calloc(range->most, sizeof(*l.held)),
			   .timed = timed,
			   .available_kb = memory_available_kb(),
			   .end_ns = range->seconds ? harness_now_ns() +
							      (int64_t)range->seconds * 1000000000
						    : 0};
	int ret;

	if (!l.held || !timed) {
		free(l.held);
		return error_set(err, ENOMEM, "cannot hold `%s`", s->driver->id);
	}
	ret = climb(b, s, d, &l, err);
	for (unsigned int i = 0; i < d->running; i++)
		held_stop(b, &l.held[i]);
	free(l.held);
	harness_reap(10000);
	return ret;
}
