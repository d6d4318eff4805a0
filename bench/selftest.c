/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * selftest.c: A/A, A/B and the channel.
 *
 * The three systems of the test are the floor program with different names; they go through the
 * same visits, blocks and ratio as real ones. What can make an interval of 95% hold less often than
 * 95 times of 100:
 *
 * - starts of one block share what the machine did then: so the block is the unit, and has one
 *   value per side. Neighbouring starts resemble each other (on a machine with a load of 15 on two
 *   processors, the processor times of successive starts correlate by 0.6, of those 14 apart by 0.1),
 *   so small blocks cancel most: blocks of one start per side need half the starts that blocks of six
 *   need for the same interval;
 * - few blocks: the percentile interval of the mean of n values is too narrow by about
 *   sqrt(n/(n-1)) t/z; the level is expanded by that (bootstrap.c);
 * - the median of all starts is a statistic whose bootstrap has few different values: the mean of
 *   the blocks' log-ratios has many;
 * - a true 95% interval gives fewer than 95 of 100 in four of ten self-tests. Ratios therefore have
 *   a 99% interval everywhere in the bench, and that interval is what is counted here.
 *
 * The verdict goes by processor time. On a busy machine the time of the clock says how long the
 * scheduler made a start wait, and a tenth of a start drowns in that; both are printed.
 */
#include "bench/selftest.h"

#include "bench/scenarios/scenario.h"
#include "bench/view.h"
#include "bench/workspace.h"

#include <math.h>
#include <string.h>
#include <sys/wait.h>

#define BLOCKS 80
#define STARTS 1 /* of each side in a block */
#define WARMUPS 10
#define PINGS 200
#define ENOUGH 0.95 /* of the repeats */
#define GATE_BLOCKS 40
#define GATE_LEVEL 0.999 /* chance alone stops one run in 500, having two measures */

static const char scenario_id[] = "s23-selftest";
static long spin_us;

static void start_plain(const struct bench *b, const struct system *s, const struct request *r,
			struct command *cmd)
{
	bench_system((struct bench *)b, "floor")->driver->start(b, s, r, cmd);
}

static void start_process(const struct bench *b, const struct system *s, const struct request *r,
			  struct command *cmd)
{
	bench_system((struct bench *)b, "process")->driver->start(b, s, r, cmd);
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

enum side { SIDE_A, SIDE_AGAIN, SIDE_SLOW, SIDES };

static const struct driver floor_drivers[SIDES] = {
	{.id = "A", .kind = KIND_CONTAINER, .start = start_plain},
	{.id = "A again", .kind = KIND_CONTAINER, .start = start_plain},
	{.id = "A slowed down", .kind = KIND_CONTAINER, .start = start_slow},
};
static const struct driver process_drivers[SIDES] = {
	{.id = "A", .kind = KIND_PROCESS, .start = start_process},
	{.id = "A again", .kind = KIND_PROCESS, .start = start_process},
};

static const struct measure {
	const char *name, *what;
	sample_field field;
} measures[] = {
	{"cpu", "processor time", sample_cpu},
	{"whole", "time of the clock", sample_exit},
};

/* The systems that are compared: copies of one with other names. */
struct sides {
	struct system system[SIDES];
	int count; /* 2: no slow one */
	struct child *child;
};

static void sides_of(struct sides *s, const struct system *of, const struct driver *drivers,
		     int count, struct child *c)
{
	for (int i = 0; i < count; i++) {
		s->system[i] = *of;
		s->system[i].driver = &drivers[i];
	}
	s->count = count;
	s->child = c;
}

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

/* start - one visit. A failed one is an error: what does not start cannot be compared. */
static int start(struct bench *b, struct sides *s, int which, int block, int order,
		 struct error *err)
{
	struct place at = {scenario_id, block, order, 0, false};
	struct request r = {0};
	bool failed = false;

	if (visit(b, &s->system[which], &r, &at, s->child, &failed, err))
		return -1;
	if (failed)
		return error_set(err, 0, "the self-test's program does not start: %s",
				 s->child->errors_size ? s->child->errors : "it said nothing");
	return 0;
}

/* run_blocks - all sides, interleaved; the samples replace those from @first on. */
static int run_blocks(struct bench *b, struct sides *s, size_t first, int blocks, int starts,
		      struct error *err)
{
	int order[SIDES * STARTS];
	size_t n = (size_t)s->count * (size_t)starts;

	b->results.count = first;
	for (int block = 0; block < blocks && !b->h.interrupted; block++) {
		for (size_t i = 0; i < n; i++)
			order[i] = (int)i % s->count;
		rng_shuffle(&b->order, order, n);
		for (size_t i = 0; i < n && !b->h.interrupted; i++)
			if (start(b, s, order[i], block, (int)i, err))
				return -1;
	}
	return 0;
}

static int ratio_to_a(struct bench *b, enum side side, sample_field field, double level,
		      struct interval *out, struct error *err)
{
	size_t na, nb, failed;
	_cleanup_free_ struct datum *a =
		results_data(&b->results, scenario_id, floor_drivers[side].id, field, &na, &failed);
	_cleanup_free_ struct datum *base =
		results_data(&b->results, scenario_id, floor_drivers[SIDE_A].id, field, &nb,
			     &failed);

	if (!a || !base)
		return error_set(err, ENOMEM, "cannot keep the results");
	*out = stats_paired_ratio(a, na, base, nb, level, &b->draws, NULL);
	return 0;
}

static bool holds_one(struct interval v)
{
	return v.low <= 1 && v.high >= 1;
}

/* calibrate_spin - SELFTEST_SLOWDOWN of the median of some starts, which are forgotten. */
static int calibrate_spin(struct bench *b, struct sides *s, struct error *err)
{
	size_t n, failed, first = b->results.count;
	_cleanup_free_ struct datum *d = NULL;
	struct interval v;

	for (int i = 0; i < 4 * WARMUPS; i++) {
		if (i == WARMUPS)
			b->results.count = first;
		if (start(b, s, SIDE_A, 0, i, err))
			return -1;
	}
	d = results_data(&b->results, scenario_id, "A", sample_cpu, &n, &failed);
	if (!d)
		return error_set(err, ENOMEM, "cannot keep the results");
	v = stats_median_ci(d, n, RESULT_LEVEL, &b->draws);
	spin_us = lround(v.point / 1e3 * SELFTEST_SLOWDOWN);
	b->results.count = first;
	return 0;
}

/* What all repeats gave, by one measure. */
struct tally {
	int equal, equal_95, found;
	double ratios[SELFTEST_MAX_REPEATS], slowed[SELFTEST_MAX_REPEATS];
};

static int count_repeat(struct bench *b, struct tally *t, const struct measure *m, int repeat,
			struct error *err)
{
	struct interval same = {0}, narrow = {0}, slow = {0};

	if (ratio_to_a(b, SIDE_AGAIN, m->field, RESULT_RATIO_LEVEL, &same, err) ||
	    ratio_to_a(b, SIDE_AGAIN, m->field, RESULT_LEVEL, &narrow, err) ||
	    ratio_to_a(b, SIDE_SLOW, m->field, RESULT_RATIO_LEVEL, &slow, err))
		return -1;
	t->equal += holds_one(same);
	t->equal_95 += holds_one(narrow);
	t->found += slow.low > 1;
	t->ratios[repeat] = same.point;
	t->slowed[repeat] = slow.point;
	return 0;
}

/* print_tally - two lines; returns whether both are good enough. */
static bool print_tally(const struct tally *t, const struct measure *m, int repeats)
{
	int enough = (int)(ENOUGH * repeats);
	bool equal = t->equal >= enough, found = t->found >= enough;

	printf("by %s:\n", m->what);
	printf("  A/A  %s contains 1 in %d of %d repeats (the 95%% one in %d); "
	       "median ratio %.4f, from %.4f to %.4f\n",
	       RESULT_RATIO_INTERVAL, t->equal, repeats, t->equal_95,
	       stats_median(t->ratios, (size_t)repeats),
	       stats_quantile(t->ratios, (size_t)repeats, 0),
	       stats_quantile(t->ratios, (size_t)repeats, 1));
	printf("  A/B  %s lies above 1 in %d of %d repeats; median ratio %.4f\n",
	       RESULT_RATIO_INTERVAL, t->found, repeats, stats_median(t->slowed, (size_t)repeats));
	return equal && found;
}

static int repeat_all(struct bench *b, struct sides *s, int repeats, struct error *err)
{
	static struct tally tallies[ARRAY_SIZE(measures)];
	int blocks = b->opt.blocks ? b->opt.blocks : BLOCKS, done;
	size_t first = b->results.count;
	bool good = false;

	for (done = 0; done < repeats && !b->h.interrupted; done++) {
		bench_progress(b, scenario_id, done, repeats);
		if (run_blocks(b, s, first, blocks, STARTS, err))
			return -1;
		for (size_t i = 0; i < ARRAY_SIZE(measures) && !b->h.interrupted; i++)
			if (count_repeat(b, &tallies[i], &measures[i], done, err))
				return -1;
	}
	b->results.count = first;
	if (b->h.interrupted)
		return 130;
	printf("each repeat: %d blocks, %d start of each side in a block, in random order; "
	       "seed %llu\nA/B: one side spins for %ld us, %.0f%% of the median processor time\n",
	       blocks, STARTS, (unsigned long long)b->opt.seed, spin_us, 100 * SELFTEST_SLOWDOWN);
	for (size_t i = 0; i < ARRAY_SIZE(measures); i++)
		if (print_tally(&tallies[i], &measures[i], repeats) && i == 0)
			good = true;
	printf("verdict, by %s, at least %.0f%% of both: %s\n", measures[0].what, 100 * ENOUGH,
	       good ? "holds" : "fails");
	return good ? 0 : 1;
}

int selftest_run(struct bench *b, int repeats, struct error *err)
{
	const struct system *floor = bench_system(b, "floor");
	_cleanup_child_ struct child *c = child_new();
	struct sides s;

	if (!floor->available)
		return error_set(err, 0, "cannot test with the floor: %s", floor->skip);
	if (!c)
		return error_set(err, ENOMEM, "cannot start anything");
	sides_of(&s, floor, floor_drivers, SIDES, c);
	if (measure_channel(err) || calibrate_spin(b, &s, err))
		return -1;
	return repeat_all(b, &s, repeats, err);
}

/* compare_with_itself - the gate's blocks and their ratios into @o. */
static int compare_with_itself(struct bench *b, struct sides *s, json_object *o, struct error *err)
{
	size_t first = b->results.count;
	bool passed = true;
	int ret;

	ret = run_blocks(b, s, first, GATE_BLOCKS, STARTS, err);
	for (size_t i = 0; ret == 0 && i < ARRAY_SIZE(measures) && !b->h.interrupted; i++) {
		json_object *m = json_object_new_object();
		struct interval v = {NAN, NAN, NAN};

		ret = ratio_to_a(b, SIDE_AGAIN, measures[i].field, GATE_LEVEL, &v, err);
		json_object_object_add(m, "ratio", json_number(v.point));
		json_object_object_add(m, "low", json_number(v.low));
		json_object_object_add(m, "high", json_number(v.high));
		json_object_object_add(o, measures[i].name, m);
		passed = passed && holds_one(v);
	}
	b->results.count = first;
	json_object_object_add(o, "passed", json_object_new_boolean(passed && ret == 0));
	return ret;
}

int selftest_gate(struct bench *b, struct error *err)
{
	const struct system *floor = bench_system(b, "floor");
	_cleanup_child_ struct child *c = child_new();
	bool process = !floor->available;
	json_object *o = json_object_new_object();
	struct error first = ERROR_INIT;
	struct sides s;
	int ret = -1;

	if (!c || !o)
		return error_set(err, ENOMEM, "cannot start anything");
	json_object_object_add(b->results.doc, "selftest", o);
	json_object_object_add(o, "level", json_object_new_double(GATE_LEVEL));
	json_object_object_add(o, "blocks", json_object_new_int(GATE_BLOCKS));
	json_object_object_add(o, "starts_per_block", json_object_new_int(STARTS));
	bench_say("A/A self-test: one program against itself");
	results_mute(&b->results, true);
	if (!process) {
		sides_of(&s, floor, floor_drivers, 2, c);
		ret = compare_with_itself(b, &s, o, &first);
		/* A floor that does not start is a matter of the scenarios. */
		process = ret != 0;
	}
	if (process) {
		sides_of(&s, bench_system(b, "process"), process_drivers, 2, c);
		ret = compare_with_itself(b, &s, o, &first);
	}
	results_mute(&b->results, false);
	if (ret)
		json_object_object_add(o, "reason", json_object_new_string(first.what));
	json_object_object_add(o, "system", json_object_new_string(process ? "process" : "floor"));
	if (!json_object_get_boolean(view_get(o, "passed")))
		bench_say("the A/A self-test failed%s%s: no ratio will be printed", ret ? ": " : "",
			  ret ? first.what : "");
	return 0;
}
