/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bars.c: figures with a row per system: P2, P5, P8, P10.
 *
 * Parts of a whole are bars of 100%, with the whole beside them: a stack on a logarithmic axis would
 * mean nothing, and on a linear one most systems would be a line.
 */
#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/plots.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <string.h>

#define ROW 28
#define BAR 16
#define LEFT 130
#define WIDE_LEFT 265
#define VALUE_ROOM 110
#define MAX_ROWS 40
#define MAX_PARTS 8

struct row {
	char label[80];
	char value[VIEW_SIZE];
	double parts[MAX_PARTS]; /* NAN or 0: not there */
};

/* draw_shares - rows of 100%, each with its whole at the right. */
static void draw_shares(FILE *out, const char *title, const struct row *rows, size_t n,
			const char *const *parts, size_t part_count,
			void (*value)(double v, char buf[VIEW_SIZE]))
{
	struct chart c = {.x = {0, 1, false, UNIT_PERCENT, NULL}, .boxes = true};

	chart_open(&c, out, title, LEFT, (double)n * ROW, parts, part_count);
	c.right -= VALUE_ROOM;
	chart_grid_x(&c);
	for (size_t i = 0; i < n; i++) {
		double y = c.top + (double)i * ROW + (ROW - BAR) / 2.0, whole = 0, at = 0;

		for (size_t k = 0; k < part_count; k++)
			whole += rows[i].parts[k] > 0 ? rows[i].parts[k] : 0;
		for (size_t k = 0; k < part_count; k++) {
			char text[VIEW_SIZE], tip[200];

			if (!(rows[i].parts[k] > 0))
				continue;
			value(rows[i].parts[k], text);
			snprintf(tip, sizeof(tip), "%s: %s %s", rows[i].label, parts[k], text);
			chart_bar(&c, k, chart_x(&c, at / whole), y,
				  (c.right - c.left) * rows[i].parts[k] / whole, BAR, tip);
			at += rows[i].parts[k];
		}
		chart_text(&c, c.left - 8, y + BAR - 4, "end", rows[i].label);
		chart_text(&c, c.right + 8, y + BAR - 4, "start", rows[i].value);
	}
	chart_close(&c);
}

static void instructions_text(double v, char buf[VIEW_SIZE])
{
	char f[VIEW_SIZE];

	snprintf(buf, VIEW_SIZE, "%.20s M", view_figure(v / 1e6, f));
}

static void kb_text(double v, char buf[VIEW_SIZE])
{
	view_kb(v, buf);
}

static bool draw_phases(json_object *doc, FILE *out, const char *title)
{
	static const char *const phases[] = VIEW_PHASES;
	const char *names[MAX_PARTS];
	struct row rows[MAX_ROWS] = {0};
	size_t n = 0, parts = ARRAY_SIZE(phases) - 1; /* the last is their sum */

	for (size_t k = 0; k < parts; k++)
		names[k] = tr(phases[k]);
	for (size_t i = 0; i < view_length(doc, "systems") && n < MAX_ROWS; i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		double whole = 0;

		for (size_t k = 0; k < parts; k++) {
			rows[n].parts[k] =
				view_number(view_summary(doc, "s05-phases", id, phases[k]), "p50");
			whole += rows[n].parts[k] > 0 ? rows[n].parts[k] : 0;
		}
		if (whole <= 0)
			continue;
		snprintf(rows[n].label, sizeof(rows[n].label), "%.20s", id);
		instructions_text(whole, rows[n++].value);
	}
	if (n == 0)
		return false;
	draw_shares(out, title, rows, n, names, parts, instructions_text);
	return true;
}

static bool draw_memory(json_object *doc, FILE *out, const char *title)
{
	const char *const names[] = {tr("guest RAM"), tr("translated code"), tr("VMM"),
				     tr("processes (PSS)"), tr("kernel")};
	struct row rows[MAX_ROWS] = {0};
	size_t n = 0;

	for (size_t i = 0; i < view_length(doc, "memory") && n < MAX_ROWS; i++) {
		json_object *m = view_item(doc, "memory", i);
		json_object *marginal = view_get(m, "marginal_kb");
		struct row *r = &rows[n];
		double whole = 0;

		r->parts[0] = view_number(m, "guest_resident_kb");
		r->parts[1] = view_number(m, "jit_kb");
		r->parts[2] = view_number(m, "vmm_overhead_kb");
		r->parts[3] = isfinite(r->parts[2]) ? NAN : view_number(m, "pss_kb");
		r->parts[4] = view_number(view_get(marginal, "kernel"), "point");
		for (size_t k = 0; k < ARRAY_SIZE(names); k++)
			whole += r->parts[k] > 0 ? r->parts[k] : 0;
		if (whole <= 0)
			continue;
		snprintf(r->label, sizeof(r->label), "%.20s", view_text(m, "system"));
		kb_text(whole, r->value);
		n++;
	}
	if (n == 0)
		return false;
	draw_shares(out, title, rows, n, names, ARRAY_SIZE(names), kb_text);
	return true;
}

/* forest_row - the interval of a ratio. */
static void forest_row(struct chart *c, json_object *r, double y)
{
	double point = chart_x(c, view_number(r, "ratio"));
	char label[96];

	fprintf(c->out, "<path class=\"s c0\" d=\"M%.1f %.1fH%.1f\"/>\n",
		chart_x(c, view_number(r, "low")), y, chart_x(c, view_number(r, "high")));
	chart_marker(c, 0, point, y);
	snprintf(label, sizeof(label), "%.18s / %.12s, %.14s", view_text(r, "of"),
		 view_text(r, "to"),
		 strcmp(view_text(r, "metric"), "instructions") == 0 ? "R2"
								     : view_text(r, "metric"));
	chart_text(c, c->left - 8, y + 4, "end", label);
}

static bool draw_forest(json_object *doc, FILE *out, const char *title)
{
	struct chart c = {.x = {.log = true, .unit = UNIT_NUMBER, .name = tr("ratio")}};
	double low = 1, high = 1;
	size_t n = 0;

	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);

		if (!(view_number(r, "low") > 0) || !isfinite(view_number(r, "high")))
			continue;
		low = fmin(low, view_number(r, "low"));
		high = fmax(high, view_number(r, "high"));
		n++;
	}
	if (n == 0 || view_withheld(doc) || !axis_fit(&c.x, low, high))
		return false;
	n = n < MAX_ROWS ? n : MAX_ROWS;
	chart_open(&c, out, title, WIDE_LEFT, (double)n * 20 + 8, NULL, 0);
	chart_grid_x(&c);
	fprintf(out, "<path class=\"a\" d=\"M%.1f %.1fV%.1f\"/>\n", chart_x(&c, 1), c.top,
		c.bottom);
	for (size_t i = 0, at = 0; i < view_length(doc, "ratios") && at < n; i++) {
		json_object *r = view_item(doc, "ratios", i);

		if (view_number(r, "low") > 0 && isfinite(view_number(r, "high")))
			forest_row(&c, r, c.top + 14 + 20 * (double)at++);
	}
	chart_close(&c);
	return true;
}

static bool draw_icount(json_object *doc, FILE *out, const char *title)
{
	struct chart c = {.x = {.log = true,
				.unit = UNIT_NUMBER,
				.name = tr("instructions and skipped idle time (virtual ns)")}};
	double low = INFINITY, high = 0, values[MAX_ROWS];
	const char *names[MAX_ROWS];
	size_t n = 0;

	for (size_t i = 0; i < view_length(doc, "systems") && n < MAX_ROWS; i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		double v = view_number(view_summary(doc, "s22-icount", id, "instructions"), "p50");

		if (!(v > 0))
			continue;
		low = fmin(low, v);
		high = fmax(high, v);
		names[n] = id;
		values[n++] = v;
	}
	/* A bar on a logarithmic axis has no zero: it begins a decade below the smallest. */
	if (n == 0 || !axis_fit(&c.x, low / 10, high))
		return false;
	chart_open(&c, out, title, LEFT, (double)n * ROW, NULL, 0);
	c.right -= VALUE_ROOM;
	chart_grid_x(&c);
	for (size_t i = 0; i < n; i++) {
		double y = c.top + (double)i * ROW + (ROW - BAR) / 2.0;
		char text[VIEW_SIZE];

		instructions_text(values[i], text);
		chart_bar(&c, i, c.left, y, chart_x(&c, values[i]) - c.left, BAR, names[i]);
		chart_text(&c, c.left - 8, y + BAR - 4, "end", names[i]);
		chart_text(&c, c.right + 8, y + BAR - 4, "start", text);
	}
	chart_close(&c);
	return true;
}

const struct plot plots_of_bars[] = {
	{"P2", "Where a boot's time goes, in instructions", "s05-phases",
	 "Shares; the whole stands at the right.", draw_phases},
	{"P5", "What the memory of one idle instance consists of", "s12-mem",
	 "Shares; the whole stands at the right.", draw_memory},
	{"P8", "Ratios with their intervals", "s02-start",
	 "Left of 1: the first takes less. Logarithmic.", draw_forest},
	{"P10", "A machine's boot and a container's start, in instructions", "s22-icount",
	 "The same emulated processor and kernel. Logarithmic, so lengths do not compare: read the values.",
	 draw_icount},
};
