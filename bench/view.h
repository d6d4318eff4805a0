/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.h: reading a result document, and how its numbers are written for people.
 */
#ifndef CLOISON_BENCH_VIEW_H
#define CLOISON_BENCH_VIEW_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stddef.h>

#define VIEW_SIZE 64

/* view_get - member @key of @o, or NULL. */
json_object *view_get(json_object *o, const char *key);
/* view_text - member @key as text; "" when it is null or missing. */
const char *view_text(json_object *o, const char *key);
/* view_number - member @key; NAN when it is null or missing. */
double view_number(json_object *o, const char *key);

/* view_string - @v as text; "" for NULL, which is how json-c has null. */
const char *view_string(json_object *v);

size_t view_length(json_object *o, const char *list);
json_object *view_item(json_object *o, const char *list, size_t i);

/*
 * view_find - the first item of @list that has, for each of the @matches pairs, a member of that
 * name with that text; or NULL.
 */
json_object *view_find(json_object *doc, const char *list, const char *const (*match)[2],
		       size_t matches);

/* view_summary - the summary of a metric of a system in a scenario, or NULL. */
json_object *view_summary(json_object *doc, const char *scenario, const char *system,
			  const char *metric);

/* view_withheld - whether ratios may not be printed: the A/A self-test of the run failed. */
bool view_withheld(json_object *doc);

/* The unit in which a value of so many ns is written, and its size in ns. */
struct view_unit {
	const char *name;
	double ns;
};
struct view_unit view_unit_of(double ns);

/* view_figure - three significant digits, or "-" for NAN. */
const char *view_figure(double v, char buf[VIEW_SIZE]);

/* view_time - "1.42 ms [1.40, 1.45]" from the p50, low and high of a summary; "-" for NULL. */
const char *view_time(json_object *summary, char buf[VIEW_SIZE]);

/* view_interval - "1.42 [1.40, 1.45]" in units of @scale. */
const char *view_interval(double point, double low, double high, double scale, char buf[VIEW_SIZE]);

/* view_kb - "344 KiB", "177 MiB"; "-" for NAN. */
const char *view_kb(double kb, char buf[VIEW_SIZE]);

/* view_interval_name - what low and high of a ratio, claim or summary are. */
const char *view_interval_name(json_object *o);

/* The parts of s05-phases in their order; the last is their sum. */
#define VIEW_PHASES                                                                      \
	{                                                                                \
		"firmware", "unpacking", "kernel", "init", "agent", "container", "total" \
	}

#endif
