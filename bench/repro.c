/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repro.c: see repro.h. The results of `run` are read again from its file, so what is printed is what is kept;
 * the recipe and the paper's values go into that file, as the member "repro".
 */
#include "bench/repro.h"

#include "bench/options.h"
#include "bench/repro_recipes.h"
#include "bench/result.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <string.h>

#define MOST_ARGS 64

static const struct recipe *find_recipe(const char *id)
{
	for (unsigned long i = 0; i < recipe_count; i++)
		if (strcmp(recipes[i].id, id) == 0)
			return &recipes[i];
	return NULL;
}

void repro_list(FILE *out)
{
	for (unsigned long i = 0; i < recipe_count; i++)
		fprintf(out, "  %-16s %s (about %d min)\n", recipes[i].id, recipes[i].title,
			recipes[i].minutes);
}

/* What we have of a row: a value with its interval, and how many values are behind it. */
struct figure {
	double point, low, high, n;
};

static double adapt(const struct our_row *r, double v)
{
	return r->of > 0 ? r->of / v : v / r->scale;
}

static struct figure figure_of(json_object *doc, const struct our_row *r)
{
	const char *const match[][2] = {{"system", r->system}};
	bool memory = strcmp(r->scenario, "memory") == 0;
	json_object *m = memory ? view_find(doc, "memory", match, 1)
				: view_summary(doc, r->scenario, r->system, r->metric);
	json_object *v = memory ? view_get(m, r->metric) : m;
	struct figure f = {view_number(v, memory ? "point" : "p50"), view_number(v, "low"),
			   view_number(v, "high"), view_number(m, memory ? "instances" : "n")};

	if (memory && !isfinite(f.point))
		f = (struct figure){view_number(m, r->metric), NAN, NAN, f.n};
	f.point = adapt(r, f.point);
	f.low = adapt(r, f.low);
	f.high = adapt(r, f.high);
	if (r->of > 0) { /* a quotient turns its ends around */
		double low = f.low;

		f.low = f.high;
		f.high = low;
	}
	return f;
}

/* system_of - the entry of the system that a row is about, without what it ran in. NULL: none. */
static json_object *system_of(json_object *doc, const struct our_row *r)
{
	char id[64];
	const char *const match[][2] = {{"id", id}};

	snprintf(id, sizeof(id), "%.*s", (int)strcspn(r->system, ":"), r->system);
	return view_find(doc, "systems", match, 1);
}

/* print_ours - returns how many rows should have a value and have none. */
static int print_ours(json_object *doc, const struct recipe *p)
{
	int missing = 0;

	printf("  %-34s %-30s %5s\n", "ours", "median [95% interval]", "n");
	for (size_t i = 0; i < MOST_ROWS && p->ours[i].label; i++) {
		const struct our_row *r = &p->ours[i];
		struct figure f = figure_of(doc, r);
		const char *skip = view_text(system_of(doc, r), "skip");
		char v[VIEW_SIZE], with[VIEW_SIZE + 24];

		if (!isfinite(f.point)) {
			printf("  %-34s %s%s\n", r->label, skip[0] ? "skipped: " : "no value",
			       skip);
			missing += !skip[0];
			continue;
		}
		snprintf(with, sizeof(with), "%s %s",
			 isfinite(f.low) && f.n > 1 ? view_interval(f.point, f.low, f.high, 1, v)
						    : view_figure(f.point, v),
			 r->unit);
		printf("  %-34s %-30s %5.0f\n", r->label, with, f.n);
	}
	return missing;
}

static void print_theirs(const struct recipe *p)
{
	printf("\n  %-34s %-30s %s\n", "the paper's", "value", "source");
	for (size_t i = 0; i < MOST_ROWS && p->theirs[i].label; i++)
		printf("  %-34s %-30s %s\n", p->theirs[i].label, p->theirs[i].value,
		       p->theirs[i].evidence);
	if (!p->theirs[0].label)
		printf("  none was checked against its source\n");
	printf("  on: %s\n\nDifferences from the paper\n", p->hardware);
	for (size_t i = 0; i < MOST_ROWS && p->differences[i]; i++)
		printf("  - %s\n", p->differences[i]);
}

/* keep - the recipe into the results' file. */
static int keep(json_object *doc, const struct recipe *p, const char *path, struct error *err)
{
	json_object *o = json_object_new_object(), *theirs = json_object_new_array();
	json_object *differences = json_object_new_array();
	const char *text;

	json_object_object_add(o, "id", json_object_new_string(p->id));
	json_object_object_add(o, "title", json_object_new_string(p->title));
	json_object_object_add(o, "paper", json_object_new_string(p->paper));
	json_object_object_add(o, "hardware", json_object_new_string(p->hardware));
	for (size_t i = 0; i < MOST_ROWS && p->theirs[i].label; i++) {
		json_object *row = json_object_new_object();

		json_object_object_add(row, "label", json_object_new_string(p->theirs[i].label));
		json_object_object_add(row, "value", json_object_new_string(p->theirs[i].value));
		json_object_object_add(row, "evidence",
				       json_object_new_string(p->theirs[i].evidence));
		json_object_array_add(theirs, row);
	}
	for (size_t i = 0; i < MOST_ROWS && p->differences[i]; i++)
		json_object_array_add(differences, json_object_new_string(p->differences[i]));
	json_object_object_add(o, "theirs", theirs);
	json_object_object_add(o, "differences", differences);
	json_object_object_add(doc, "repro", o);
	text = json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PLAIN);
	return write_whole(path, text, strlen(text), err);
}

/* out_of - where the results go: the last --out, which is the one that counts. */
static const char *out_of(int argc, char **argv)
{
	const char *out = NULL;

	for (int i = 0; i + 1 < argc; i++)
		if (strcmp(argv[i], "--out") == 0)
			out = argv[i + 1];
	return out;
}

static int show(const struct recipe *p, const char *out, struct error *err)
{
	json_object *doc = results_read(out, err);
	int missing, ret;

	if (!doc)
		return -1;
	printf("\n%s: %s\n%s\n\n", p->id, p->title, p->paper);
	missing = print_ours(doc, p);
	print_theirs(p);
	ret = keep(doc, p, out, err);
	json_object_put(doc);
	if (ret)
		return -1;
	if (missing)
		fprintf(stderr, "cloison-bench: %d figures could have been measured and were not\n",
			missing);
	return missing > 0;
}

int repro_verb(int argc, char **argv, repro_run run, struct error *err)
{
	const struct recipe *p = argc > 0 ? find_recipe(argv[0]) : NULL;
	char *args[MOST_ARGS], file[64];
	int n = 0, status;

	if (!p) {
		fprintf(stderr, "recipes\n");
		repro_list(stderr);
		return options_error(err, "no recipe `%s`", argc > 0 ? argv[0] : "");
	}
	/* The words of the table are only read. */
	for (size_t i = 0; i < MOST_WORDS && p->options[i]; i++)
		args[n++] = (char *)(uintptr_t)p->options[i];
	snprintf(file, sizeof(file), "repro-%s.json", p->id);
	args[n++] = (char *)(uintptr_t) "--out";
	args[n++] = file;
	for (int i = 1; i < argc; i++) {
		if (n == MOST_ARGS)
			return options_error(err, "too many arguments");
		args[n++] = argv[i];
	}
	fprintf(stderr, "cloison-bench: %s: about %d minutes\n", p->id, p->minutes);
	status = run(n, args, err);
	/* 1: some start failed, which the figures show or do not. */
	return status < 0 || status > 1 ? status : show(p, out_of(n, args), err);
}
