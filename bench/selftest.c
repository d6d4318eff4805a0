/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selftest.c: A/A, A/B and the channel.
 *
 * The three systems of the test are the floor program with different names; what is compared is
 * the whole command. They go through the same visits and the same ratio as real ones.
 */
#include "bench/selftest.h"

#include "bench/scenarios/scenario.h"
#include "bench/view.h"
#include "bench/workspace.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#define BLOCKS 40
#define STARTS 6
#define WARMUPS 10
#define PINGS 200
#define VERDICT_LEVEL 0.999

static const char scenario_id[] = "s23-selftest";
static long spin_us;

static void start_plain(const struct bench *b, const struct system *s, const struct request *r,
			struct command *cmd)
{
	bench_system((struct bench *)b, "floor")->driver->start(b, s, r, cmd);
}

static void start_slow(const struct bench *b, const struct system *s, const struct request *r,
		       struct command *cmd)
{
	(void)r;
	command_add(cmd, "%s", s->program);
	command_add(cmd, "run");
	command_add(cmd, "--spin-us");
	command_add(cmd, "%ld", spin_us);
	command_add(cmd, "%s/%s/rootfs", b->work, BUNDLE_ONCE);
	command_add(cmd, "/probe");
}

static const struct driver drivers[] = {
	{.id = "A", .kind = KIND_CONTAINER, .start = start_plain},
	{.id = "A again", .kind = KIND_CONTAINER, .start = start_plain},
	{.id = "A slowed down", .kind = KIND_CONTAINER, .start = start_slow},
};

static int compare_ns(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* measure_channel - from a write in another process to the stamp, both of the same clock. */
static int measure_channel(struct error *err)
{
	int there[2], back[2], status;
	int64_t sent, took[PINGS], middle;
	char byte = 0;
	pid_t pid;

	if (pipe(there) < 0 || pipe(back) < 0)
		return error_set(err, errno, "cannot create a pipe");
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot fork");
	if (pid == 0) {
		while (read(there[0], &byte, 1) == 1) {
			sent = harness_now_ns();
			if (write(back[1], &sent, sizeof(sent)) != sizeof(sent))
				break;
			if (byte)
				break;
		}
		_exit(0);
	}
	for (int i = 0; i < PINGS; i++) {
		byte = i == PINGS - 1;
		if (write(there[1], &byte, 1) != 1 ||
		    read(back[0], &sent, sizeof(sent)) != sizeof(sent))
			return error_set(err, errno, "cannot talk to a child");
		took[i] = harness_now_ns() - sent;
	}
	for (int i = 0; i < 2; i++) {
		close(there[i]);
		close(back[i]);
	}
	waitpid(pid, &status, 0);
	qsort(took, PINGS, sizeof(*took), compare_ns);
	middle = took[PINGS / 2];
	printf("channel: %.1f us from a write to its stamp (median of %d; not subtracted)\n",
	       (double)middle / 1e3, PINGS);
	return 0;
}

static int start(struct bench *b, const struct system *systems, int which, int block, int order,
		 bool warmup, struct child *c, struct error *err)
{
	struct place at = {scenario_id, block, order, 0, warmup};
	struct request r = {0};
	bool failed = false;

	if (visit(b, &systems[which], &r, &at, c, &failed, err))
		return -1;
	if (failed)
		return error_set(err, 0, "the floor does not start: %s",
				 c->errors_size ? c->errors : "it said nothing");
	return 0;
}

/* calibrate_spin - SELFTEST_SLOWDOWN of the median of some starts, which are forgotten. */
static int calibrate_spin(struct bench *b, const struct system *systems, struct child *c,
			  struct error *err)
{
	size_t n, failed;
	_cleanup_free_ struct datum *d = NULL;
	struct interval v;

	for (int i = 0; i < 2 * WARMUPS; i++)
		if (start(b, systems, 0, 0, i, i < WARMUPS, c, err))
			return -1;
	d = results_data(&b->results, scenario_id, "A", sample_exit, &n, &failed);
	if (!d)
		return error_set(err, ENOMEM, "cannot keep the results");
	v = stats_median_ci(d, n, RESULT_LEVEL, &b->draws);
	spin_us = (long)(v.point / 1e3 * SELFTEST_SLOWDOWN);
	b->results.count = 0;
	return 0;
}

static int ratio_to_a(struct bench *b, const char *of, double level, struct interval *out,
		      struct error *err)
{
	size_t na, nb, failed;
	_cleanup_free_ struct datum *a =
		results_data(&b->results, scenario_id, of, sample_exit, &na, &failed);
	_cleanup_free_ struct datum *base =
		results_data(&b->results, scenario_id, "A", sample_exit, &nb, &failed);

	if (!a || !base)
		return error_set(err, ENOMEM, "cannot keep the results");
	*out = stats_paired_ratio(a, na, base, nb, level, &b->draws, NULL);
	return 0;
}

static int judge(struct bench *b, struct error *err)
{
	struct interval same = {0}, same_wide = {0}, slow = {0};
	char text[VIEW_SIZE];
	bool equal, found;

	if (ratio_to_a(b, "A again", RESULT_LEVEL, &same, err) ||
	    ratio_to_a(b, "A again", VERDICT_LEVEL, &same_wide, err) ||
	    ratio_to_a(b, "A slowed down", RESULT_LEVEL, &slow, err))
		return -1;
	equal = same_wide.low <= 1 && same_wide.high >= 1;
	found = slow.low > 1;
	printf("A/A: ratio %s, 99.9%% interval",
	       view_interval(same.point, same.low, same.high, 1, text));
	printf(" [%.3f, %.3f]: %s\n", same_wide.low, same_wide.high,
	       equal ? "contains 1" : "does not contain 1");
	printf("A/B: slowed down by %ld us (%.0f%%), ratio %s: %s\n", spin_us,
	       100 * SELFTEST_SLOWDOWN, view_interval(slow.point, slow.low, slow.high, 1, text),
	       found ? "found" : "not found");
	return equal && found ? 0 : 1;
}

int selftest_run(struct bench *b, struct error *err)
{
	const struct system *floor = bench_system(b, "floor");
	_cleanup_child_ struct child *c = child_new();
	struct system systems[ARRAY_SIZE(drivers)];
	int order[ARRAY_SIZE(drivers) * STARTS];

	if (!floor->available)
		return error_set(err, 0, "cannot test with the floor: %s", floor->skip);
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		systems[i] = *floor;
		systems[i].driver = &drivers[i];
	}
	if (measure_channel(err) || calibrate_spin(b, systems, c, err))
		return -1;
	for (int block = 0; block < (b->opt.blocks ? b->opt.blocks : BLOCKS) && !b->h.interrupted;
	     block++) {
		for (size_t i = 0; i < ARRAY_SIZE(order); i++)
			order[i] = (int)(i % ARRAY_SIZE(drivers));
		rng_shuffle(&b->order, order, ARRAY_SIZE(order));
		for (size_t i = 0; i < ARRAY_SIZE(order); i++)
			if (start(b, systems, order[i], block, (int)i, false, c, err))
				return -1;
	}
	return judge(b, err);
}
