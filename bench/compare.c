/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * compare.c: two result files, for regressions.
 *
 * The unit is the block: starts of one block share what the machine did then, so each block gives one
 * value, the logarithm of its median, and the permutation test divides blocks. A row is slower when
 * - its chance of coming about without a difference, adjusted for the number of rows (Holm), is
 *   below ALPHA, and
 * - its ratio b / a is beyond the minimal effect (--effect): what is sure but small is not worth
 *   anybody's time.
 * Two runs differ by more than the programs under test: the machine, its load, the day. Both files should
 * come from one machine in one hour, A and B taken in turns; what differs in their environment is said.
 *
 * Exit status: 0 nothing became slower, 1 something did, 2 wrong usage, or nothing in both files
 * could be compared; 125 a file could not be read.
 */
#include "bench/compare.h"

#include "bench/options.h"
#include "bench/view.h"

#include <math.h>
#include <string.h>

#define ALPHA 0.05
#define MAX_COMPARED 256
/* With fewer blocks on both sides the smallest possible chance is above what any row could pass. */
#define MIN_BLOCKS 4

static const struct {
	const char *name, *unit;
	sample_field field;
} metrics[] = {
	{"ready", "ns", sample_ready},
	{"whole", "ns", sample_exit},
	{"cpu", "ns", sample_cpu},
	{"instructions", "virtual ns", sample_instructions},
};

struct side {
	struct datum *d;
	double *blocks; /* logarithms of the blocks' medians */
	size_t n, failed, count;
};

static void side_free(struct side *s)
{
	free(s->d);
	free(s->blocks);
}

#define _cleanup_side_ __attribute__((cleanup(side_free)))

/* side_of - returns 0, or -1 without memory. */
static int side_of(struct side *s, const struct results *r, const char *scenario,
		   const char *system, sample_field field)
{
	s->d = results_data(r, scenario, system, field, &s->n, &s->failed);
	s->blocks = calloc(r->count + 1, sizeof(*s->blocks));
	if (!s->d || !s->blocks)
		return -1;
	s->count = s->n ? stats_block_medians(s->d, s->n, s->blocks) : 0;
	for (size_t i = 0; i < s->count; i++)
		s->blocks[i] = log(s->blocks[i]);
	return 0;
}

static double median_of(const struct side *s)
{
	_cleanup_free_ double *v = calloc(s->n + 1, sizeof(*v));

	for (size_t i = 0; v && i < s->n; i++)
		v[i] = s->d[i].value;
	return v ? stats_median(v, s->n) : NAN;
}

static json_object *row_of(const struct side *a, const struct side *b, const char *scenario,
			   const char *system, size_t metric, struct rng *rng)
{
	struct interval ratio =
		stats_ratio_of_medians(b->d, b->n, a->d, a->n, RESULT_RATIO_LEVEL, rng);
	json_object *o = json_object_new_object();

	json_object_object_add(o, "scenario", json_object_new_string(scenario));
	json_object_object_add(o, "system", json_object_new_string(system));
	json_object_object_add(o, "metric", json_object_new_string(metrics[metric].name));
	json_object_object_add(o, "unit", json_object_new_string(metrics[metric].unit));
	json_object_object_add(o, "n_a", json_object_new_uint64(a->n));
	json_object_object_add(o, "n_b", json_object_new_uint64(b->n));
	json_object_object_add(o, "failed_a", json_object_new_uint64(a->failed));
	json_object_object_add(o, "failed_b", json_object_new_uint64(b->failed));
	json_object_object_add(o, "blocks_a", json_object_new_uint64(a->count));
	json_object_object_add(o, "blocks_b", json_object_new_uint64(b->count));
	json_object_object_add(o, "a", json_number(median_of(a)));
	json_object_object_add(o, "b", json_number(median_of(b)));
	json_object_object_add(o, "ratio", json_number(ratio.point));
	json_object_object_add(o, "low", json_number(ratio.low));
	json_object_object_add(o, "high", json_number(ratio.high));
	json_object_object_add(o, "p",
			       json_number(stats_permutation_p(a->blocks, a->count, b->blocks,
							       b->count, rng)));
	return o;
}

/* add_rows - all metrics of one system in one scenario. */
static int add_rows(json_object *rows, const struct results *a, const struct results *b,
		    const char *scenario, const char *system, struct rng *rng, struct error *err)
{
	for (size_t m = 0; m < ARRAY_SIZE(metrics); m++) {
		_cleanup_side_ struct side x = {0}, y = {0};

		if (side_of(&x, a, scenario, system, metrics[m].field) ||
		    side_of(&y, b, scenario, system, metrics[m].field))
			return error_set(err, ENOMEM, "cannot compare the results");
		if (x.count < MIN_BLOCKS || y.count < MIN_BLOCKS)
			continue;
		if (json_object_array_length(rows) == MAX_COMPARED)
			return error_set(err, 0, "more than %d rows to compare", MAX_COMPARED);
		json_object_array_add(rows, row_of(&x, &y, scenario, system, m, rng));
	}
	return 0;
}

/* first_of_kind - whether sample @i is the first of its system in its scenario. */
static bool first_of_kind(const struct results *r, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (strcmp(r->samples[j].system, r->samples[i].system) == 0 &&
		    strcmp(r->samples[j].scenario, r->samples[i].scenario) == 0)
			return false;
	return true;
}

/* judge - verdicts, once the number of rows is known. */
static void judge(json_object *comparison, json_object *rows, double effect)
{
	double p[MAX_COMPARED];
	size_t n = json_object_array_length(rows), slower = 0, faster = 0;

	for (size_t i = 0; i < n; i++)
		p[i] = view_number(json_object_array_get_idx(rows, i), "p");
	stats_holm(p, n);
	for (size_t i = 0; i < n; i++) {
		json_object *row = json_object_array_get_idx(rows, i);
		double ratio = view_number(row, "ratio");
		const char *verdict = "same";

		if (p[i] < ALPHA && ratio > 1 + effect) {
			verdict = "slower";
			slower++;
		} else if (p[i] < ALPHA && ratio < 1 / (1 + effect)) {
			verdict = "faster";
			faster++;
		}
		json_object_object_add(row, "p_adjusted", json_number(p[i]));
		json_object_object_add(row, "verdict", json_object_new_string(verdict));
	}
	json_object_object_add(comparison, "slower", json_object_new_uint64(slower));
	json_object_object_add(comparison, "faster", json_object_new_uint64(faster));
}

/* note_differences - what of the machine is not the same in both. */
static void note_differences(json_object *comparison, json_object *a, json_object *b)
{
	static const char *const keys[] = {"cpu",   "cpus",	   "memory_kb",		"kernel",
					   "accel", "clocksource", "harness_scheduling"};
	json_object *list = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		char line[512];

		if (json_object_equal(view_get(view_get(a, "env"), keys[i]),
				      view_get(view_get(b, "env"), keys[i])))
			continue;
		snprintf(line, sizeof(line), "%s: %.200s, then %.200s", keys[i],
			 view_text(view_get(a, "env"), keys[i]),
			 view_text(view_get(b, "env"), keys[i]));
		json_object_array_add(list, json_object_new_string(line));
	}
	json_object_object_add(comparison, "differences", list);
}

json_object *compare_results(const struct results *a, const struct results *b, double effect,
			     struct error *err)
{
	json_object *o = json_object_new_object(), *rows = json_object_new_array();
	struct rng rng = {1}; /* the same files give the same answer */

	json_object_object_add(o, "effect", json_object_new_double(effect));
	json_object_object_add(o, "alpha", json_object_new_double(ALPHA));
	json_object_object_add(o, "a", json_object_get(view_get(a->doc, "run_id")));
	json_object_object_add(o, "b", json_object_get(view_get(b->doc, "run_id")));
	json_object_object_add(o, "rows", rows);
	for (size_t i = 0; i < a->count; i++)
		if (first_of_kind(a, i) &&
		    add_rows(rows, a, b, a->samples[i].scenario, a->samples[i].system, &rng, err)) {
			json_object_put(o);
			return NULL;
		}
	note_differences(o, a->doc, b->doc);
	judge(o, rows, effect);
	return o;
}

static const char *value_of(json_object *row, const char *key, char buf[VIEW_SIZE])
{
	double v = view_number(row, key);
	struct view_unit u = view_unit_of(v);
	char f[VIEW_SIZE];

	if (strcmp(view_text(row, "unit"), "ns") == 0)
		snprintf(buf, VIEW_SIZE, "%.20s %s", view_figure(v / u.ns, f), u.name);
	else
		snprintf(buf, VIEW_SIZE, "%.3f M", v / 1e6);
	return buf;
}

void compare_print(json_object *comparison, FILE *out)
{
	fprintf(out,
		"A %s\nB %s\n%zu rows; slower or faster: p (adjusted for the rows) < %.2f and a ratio "
		"beyond %.1f%%\n\n"
		"  %-12s %-16s %-13s %7s %7s %10s %10s  %-22s %8s  %s\n",
		view_text(comparison, "a"), view_text(comparison, "b"),
		view_length(comparison, "rows"), view_number(comparison, "alpha"),
		100 * view_number(comparison, "effect"), "scenario", "system", "metric", "blocks A",
		"B", "A", "B", "B / A [" RESULT_RATIO_INTERVAL "]", "p", "verdict");
	for (size_t i = 0; i < view_length(comparison, "rows"); i++) {
		json_object *r = view_item(comparison, "rows", i);
		char a[VIEW_SIZE], b[VIEW_SIZE], v[VIEW_SIZE];

		fprintf(out, "  %-12s %-16s %-13s %7.0f %7.0f %10s %10s  %-22s %8.4f  %s\n",
			view_text(r, "scenario"), view_text(r, "system"), view_text(r, "metric"),
			view_number(r, "blocks_a"), view_number(r, "blocks_b"), value_of(r, "a", a),
			value_of(r, "b", b),
			view_interval(view_number(r, "ratio"), view_number(r, "low"),
				      view_number(r, "high"), 1, v),
			view_number(r, "p_adjusted"), view_text(r, "verdict"));
	}
	for (size_t i = 0; i < view_length(comparison, "differences"); i++)
		fprintf(out, "%s  - %s\n", i ? "" : "\nThe machines differ\n",
			view_string(view_item(comparison, "differences", i)));
	fprintf(out, "\n%.0f slower, %.0f faster\n", view_number(comparison, "slower"),
		view_number(comparison, "faster"));
}

int compare_verb(int argc, char **argv, struct error *err)
{
	struct options o = options_default();
	const char *files[2] = {NULL, NULL};
	struct results a = {.journal = FD_EMPTY}, b = {.journal = FD_EMPTY};
	json_object *comparison = NULL;
	int status = -1;

	if (options_parse(argc, argv, &o, files, 2, err))
		return -1;
	if (!files[1])
		return options_error(err, "`compare` needs two result files");
	if (results_load(&a, files[0], err) == 0 && results_load(&b, files[1], err) == 0)
		comparison = compare_results(&a, &b, o.effect, err);
	if (comparison && view_length(comparison, "rows") == 0) {
		error_set(err, 0, "nothing was measured in %d blocks of both files", MIN_BLOCKS);
		err->code = 2;
	} else if (comparison) {
		if (o.json)
			puts(json_object_to_json_string_ext(comparison, JSON_C_TO_STRING_PRETTY));
		else
			compare_print(comparison, stdout);
		status = view_number(comparison, "slower") > 0;
	}
	json_object_put(comparison);
	results_close(&a);
	results_close(&b);
	return status;
}
