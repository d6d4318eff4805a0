/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plots.c: figures with lines and points: P1, P3, P4, P6, P7, P9.
 *
 * A run has tens of thousands of samples and a page must stay small: the distribution function is
 * drawn at no more points than the eye can tell apart, and of the scatter every so many are shown.
 */
#include "bench/plots.h"

#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <string.h>

#define LEFT 70
#define HEIGHT 260
#define ECDF_POINTS 160
#define SCATTER_POINTS 2400
#define STRIP 34
#define MAX_POINTS 256

static const char start_id[] = "s02-start";

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ready_times - of all good starts of @system, in the order they were made; NULL for none. */
static double *ready_times(json_object *doc, const char *system, size_t *n)
{
	double *v = calloc(view_length(doc, "samples") + 1, sizeof(*v));

	*n = 0;
	for (size_t i = 0; v && i < view_length(doc, "samples"); i++) {
		json_object *s = view_item(doc, "samples", i);

		if (strcmp(view_text(s, "scenario"), start_id) == 0 &&
		    strcmp(view_text(s, "system"), system) == 0 && !view_get(s, "flag") &&
		    view_get(s, "ready_ns"))
			v[(*n)++] = view_number(s, "ready_ns");
	}
	if (v && *n == 0) {
		free(v);
		v = NULL;
	}
	return v;
}

/* The start times of each system that has some. */
struct times {
	const char *names[MAX_SERIES];
	double *v[MAX_SERIES];
	size_t n[MAX_SERIES], count;
	double low, high;
};

static void times_free(struct times *t)
{
	for (size_t i = 0; i < t->count; i++)
		free(t->v[i]);
}

#define _cleanup_times_ __attribute__((cleanup(times_free)))

static void times_of(json_object *doc, struct times *t)
{
	t->low = INFINITY;
	t->high = 0;
	for (size_t i = 0; i < view_length(doc, "systems") && t->count < MAX_SERIES; i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		double *v = ready_times(doc, id, &t->n[t->count]);

		if (!v)
			continue;
		for (size_t k = 0; k < t->n[t->count]; k++) {
			t->low = fmin(t->low, v[k]);
			t->high = fmax(t->high, v[k]);
		}
		t->names[t->count] = id;
		t->v[t->count++] = v;
	}
}

/* ecdf - one system's steps. */
static void ecdf(struct chart *c, size_t series, double *v, size_t n)
{
	double x[2 * ECDF_POINTS + 2], y[2 * ECDF_POINTS + 2], before = 0;
	size_t shown = n < ECDF_POINTS ? n : ECDF_POINTS, m = 0;

	qsort(v, n, sizeof(*v), by_value);
	for (size_t i = 0; i < shown; i++) {
		size_t rank = (i + 1) * n / shown;

		x[m] = v[rank - 1];
		y[m++] = before;
		before = (double)rank / (double)n;
		x[m] = v[rank - 1];
		y[m++] = before;
	}
	chart_line(c, series, x, y, m);
	for (int q = 1; q <= 3; q++) /* the quartiles, so that lines can be told apart in print */
		chart_marker(c, series, chart_x(c, v[(n * (size_t)q + 3) / 4 - 1]),
			     chart_y(c, q / 4.0));
}

static bool draw_ecdf(json_object *doc, FILE *out, const char *title)
{
	_cleanup_times_ struct times t = {0};
	struct chart c = {.x = {.log = true, .unit = UNIT_NS, .name = tr("time until ready")},
			  .y = {0, 1, false, UNIT_PERCENT, NULL}};

	times_of(doc, &t);
	if (t.count == 0 || !axis_fit(&c.x, t.low, t.high))
		return false;
	chart_open(&c, out, title, LEFT, HEIGHT, t.names, t.count);
	chart_grid_x(&c);
	chart_grid_y(&c);
	for (size_t i = 0; i < t.count; i++)
		ecdf(&c, i, t.v[i], t.n[i]);
	chart_close(&c);
	return true;
}

/* One curve of the document, as arrays. */
struct curve {
	json_object *o;
	char name[64];
	double x[MAX_POINTS], y[MAX_POINTS];
	size_t n;
};

struct curves {
	struct curve v[MAX_SERIES];
	const char *names[MAX_SERIES];
	size_t count, papers; /* the last so many are values of papers */
	double x_low, x_high, y_low, y_high;
};

static void curve_add(struct curves *all, struct curve *c, double x, double y)
{
	if (!isfinite(x) || !isfinite(y) || c->n == MAX_POINTS)
		return;
	c->x[c->n] = x;
	c->y[c->n++] = y;
	all->x_low = fmin(all->x_low, x);
	all->x_high = fmax(all->x_high, x);
	all->y_low = fmin(all->y_low, y);
	all->y_high = fmax(all->y_high, y);
}

/* keep_curve - the one just filled, when it has points. */
static void keep_curve(struct curves *all, json_object *o, const char *name)
{
	struct curve *c = &all->v[all->count];

	if (c->n == 0)
		return;
	c->o = o;
	snprintf(c->name, sizeof(c->name), "%.63s", name);
	all->names[all->count++] = c->name;
}

/* place - which curve of @all is of @system; a new one when there is none. NULL: no room. */
static struct curve *place(struct curves *all, const char *system)
{
	size_t i = 0;

	while (i < all->count && strcmp(all->v[i].name, system) != 0)
		i++;
	if (i == MAX_SERIES)
		return NULL;
	if (i == all->count) {
		snprintf(all->v[i].name, sizeof(all->v[i].name), "%.63s", system);
		all->names[all->count++] = all->v[i].name;
	}
	return &all->v[i];
}

/*
 * add_summaries - scenarios that load a system have a summary for each load: "ready, 4 at once",
 * "rate, 4 at once", "ready, 50% of capacity".
 * @member: of the summary; or "rate", which is the median of those
 */
static void add_summaries(json_object *doc, const char *scenario, const char *member,
			  struct curves *all)
{
	bool rate = strcmp(member, "rate") == 0;

	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);
		const char *metric = view_text(s, "metric");
		struct curve *c;
		double x;

		if (strcmp(view_text(s, "scenario"), scenario) != 0 ||
		    sscanf(metric, rate ? "rate, %lf" : "ready, %lf", &x) != 1)
			continue;
		c = place(all, view_text(s, "system"));
		if (c)
			curve_add(all, c, x, view_number(s, rate ? "p50" : member));
	}
}

/* add_density - the list "density" has curves too: of starts and of memory over what runs. */
static void add_density(json_object *doc, const char *scenario, const char *y, struct curves *all)
{
	bool memory = strcmp(y, "kernel") == 0;

	for (size_t i = 0; i < view_length(doc, "density") && all->count < MAX_SERIES; i++) {
		json_object *o = view_item(doc, "density", i);
		double base = view_number(view_item(o, "points", 0), "kernel_kb");
		char name[64];

		bool density = strcmp(view_text(o, "scenario"), "s11-density") == 0;

		if (!memory && strcmp(view_text(o, "scenario"), scenario) != 0 &&
		    !(density && strcmp(scenario, "s10-creation-vs-n") == 0))
			continue;
		for (size_t k = 0; k < view_length(o, "points"); k++) {
			json_object *p = view_item(o, "points", k);

			curve_add(all, &all->v[all->count], view_number(p, "running"),
				  memory ? view_number(p, "kernel_kb") - base
					 : view_number(p, "point"));
		}
		snprintf(name, sizeof(name), "%.24s, %.24s", view_text(o, "system"),
			 view_text(o, "scenario"));
		keep_curve(all, o, memory || density ? name : view_text(o, "system"));
	}
}

/*
 * curves_of - all curves of a scenario, and what papers have for @figure (NULL: nothing).
 * @y:		the member of a point that is drawn
 * @suffix:	behind the system's name
 * The caller frees what is returned; NULL when there are none.
 */
static struct curves *curves_of(json_object *doc, const char *scenario, const char *y,
				const char *suffix, const char *figure)
{
	struct curves *all = calloc(1, sizeof(*all));
	char name[64];
	bool alone;

	if (!all)
		return NULL;
	all->x_low = all->y_low = INFINITY;
	all->x_high = all->y_high = -INFINITY;
	add_density(doc, scenario, y, all);
	/* Thousands of instances and forty of them do not go on one axis. */
	alone = all->count && strcmp(y, "kernel") == 0;
	for (size_t i = 0; !alone && i < view_length(doc, "curves") && all->count < MAX_SERIES;
	     i++) {
		json_object *o = view_item(doc, "curves", i);

		if (strcmp(view_text(o, "scenario"), scenario) != 0)
			continue;
		for (size_t k = 0; k < view_length(o, "points"); k++) {
			json_object *p = view_item(o, "points", k);

			curve_add(all, &all->v[all->count], view_number(p, "x"),
				  view_number(p, strcmp(y, "kernel") == 0 ? "p50" : y));
		}
		snprintf(name, sizeof(name), "%.30s%.30s", view_text(o, "system"), suffix);
		keep_curve(all, o, name);
	}
	add_summaries(doc, scenario, y, all);
	for (size_t i = 0;
	     figure && all->count && i < view_length(doc, "papers") && all->count < MAX_SERIES;
	     i++) {
		json_object *o = view_item(doc, "papers", i);

		if (strcmp(view_text(o, "figure"), figure) != 0)
			continue;
		for (size_t k = 0; k < view_length(o, "points"); k++) {
			json_object *p = view_item(o, "points", k);

			curve_add(all, &all->v[all->count],
				  json_object_get_double(json_object_array_get_idx(p, 0)),
				  json_object_get_double(json_object_array_get_idx(p, 1)));
		}
		all->papers++;
		keep_curve(all, o, view_text(o, "series"));
	}
	if (all->count)
		return all;
	free(all);
	return NULL;
}

static void draw_one(struct chart *c, const struct curves *all, size_t i)
{
	const struct curve *v = &all->v[i];
	bool paper = i >= all->count - all->papers;

	if (!paper)
		chart_line(c, i, v->x, v->y, v->n);
	for (size_t k = 0; k < v->n; k++)
		if (paper)
			chart_hollow(c, i, chart_x(c, v->x[k]), chart_y(c, v->y[k]));
		else
			chart_marker(c, i, chart_x(c, v->x[k]), chart_y(c, v->y[k]));
	for (size_t k = 0; !paper && k < view_length(v->o, "points"); k++) {
		json_object *p = view_item(v->o, "points", k);

		if (c->y.log || view_number(p, "low") >= c->y.low)
			chart_whisker(c, i, view_number(p, view_get(p, "x") ? "x" : "running"),
				      view_number(p, "low"), view_number(p, "high"));
	}
}

/* paper_captions - whose machine the hollow markers come from. */
static void paper_captions(json_object *doc, const char *figure, FILE *out)
{
	for (size_t i = 0; i < view_length(doc, "papers"); i++) {
		json_object *o = view_item(doc, "papers", i);

		if (strcmp(view_text(o, "figure"), figure) != 0)
			continue;
		fputs("<p class=\"note\">", out);
		xml_text(out, tr("hollow"));
		fputs(": ", out);
		xml_text(out, view_text(o, "series"));
		fputs(", ", out);
		xml_text(out, view_text(o, "source"));
		fputs("; ", out);
		xml_text(out, view_text(o, "hardware"));
		fputs("</p>\n", out);
	}
}

/* draw_curves - lines over whatever x is; from 0 on unless @log. */
static bool draw_curves(json_object *doc, FILE *out, const char *title, const char *scenario,
			const char *member, const char *figure, struct chart c)
{
	_cleanup_free_ struct curves *all = curves_of(doc, scenario, member, "", figure);

	if (!all || !axis_fit(&c.x, c.x.log ? all->x_low : 0, all->x_high) ||
	    !axis_fit(&c.y, c.y.log ? all->y_low : fmin(0, all->y_low), all->y_high))
		return false;
	c.hollow = all->papers;
	chart_open(&c, out, title, LEFT, HEIGHT, all->names, all->count);
	chart_grid_x(&c);
	chart_grid_y(&c);
	for (size_t i = 0; i < all->count; i++)
		draw_one(&c, all, i);
	chart_close(&c);
	if (figure)
		paper_captions(doc, figure, out);
	return true;
}

static bool draw_creation(json_object *doc, FILE *out, const char *title)
{
	return draw_curves(doc, out, title, "s10-creation-vs-n", "p50", "P3",
			   (struct chart){.x = {.name = tr("containers already running"),
						.unit = UNIT_NUMBER},
					  .y = {.log = true, .unit = UNIT_NS}});
}

static bool draw_staircase(json_object *doc, FILE *out, const char *title)
{
	return draw_curves(doc, out, title, "s12-mem", "kernel", "P4",
			   (struct chart){.x = {.name = tr("instances"), .unit = UNIT_NUMBER},
					  .y = {.unit = UNIT_KIB}});
}

/* tail_of - "p99" when every load of a scenario has one, which takes 1000 starts; else "p95". */
static const char *tail_of(json_object *doc, const char *scenario)
{
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);

		if (strcmp(view_text(s, "scenario"), scenario) != 0 ||
		    strncmp(view_text(s, "metric"), "ready, ", 7) != 0)
			continue;
		any = true;
		if (!view_get(s, "p99"))
			return "p95";
	}
	return any ? "p99" : "p95";
}

/* tail_note - what the lower of two figures shows. */
static void tail_note(FILE *out, const char *upper, const char *tail)
{
	char text[300];

	snprintf(text, sizeof(text), tr(upper), tail);
	fputs("<p class=\"note\">", out);
	xml_text(out, text);
	if (strcmp(tail, "p95") == 0) {
		fputs(" ", out);
		xml_text(out, tr("(A p99 takes 1000 starts.)"));
	}
	fputs("</p>\n", out);
}

static bool draw_concurrency(json_object *doc, FILE *out, const char *title)
{
	struct chart c = {.x = {.name = tr("starts in flight"), .unit = UNIT_NUMBER, .log = true},
			  .y = {.unit = UNIT_NUMBER}};

	const char *tail = tail_of(doc, "s08-par");

	if (!draw_curves(doc, out, title, "s08-par", "rate", NULL, c))
		return false;
	tail_note(out, "Above: starts per second. Below: %s of the time until ready.", tail);
	c.y = (struct axis){.unit = UNIT_NS, .log = true};
	draw_curves(doc, out, title, "s08-par", tail, "P6", c);
	return true;
}

static bool draw_open_loop(json_object *doc, FILE *out, const char *title)
{
	struct chart c = {.x = {.name = tr("offered load, % of capacity"), .unit = UNIT_NUMBER},
			  .y = {.unit = UNIT_NS, .log = true}};
	const char *tail = tail_of(doc, "s09-open");

	if (!draw_curves(doc, out, title, "s09-open", "p50", NULL, c))
		return false;
	tail_note(out,
		  "Above: median. Below: %s. Both count from the time at which the start was due.",
		  tail);
	draw_curves(doc, out, title, "s09-open", tail, "P7", c);
	return true;
}

/* strip - one value per block as bars under the scatter. */
static void strip(struct chart *c, json_object *doc, double top, const char *key, const char *name)
{
	double bars[CHART_WIDTH] = {0}, most = 0;
	size_t n = view_length(doc, "samples"), at = 0, total = 0;

	for (size_t i = 0; i < n; i++)
		total += strcmp(view_text(view_item(doc, "samples", i), "scenario"), start_id) == 0;
	for (size_t i = 0; i < n; i++) {
		json_object *s = view_item(doc, "samples", i);
		double v = view_number(s, key);
		size_t k;

		if (strcmp(view_text(s, "scenario"), start_id) != 0)
			continue;
		/* @total counts this one too */
		k = at++ * (size_t)(c->right - c->left) / (total ? total : 1);
		if (isfinite(v)) {
			bars[k] = fmax(bars[k], v);
			most = fmax(most, v);
		}
	}
	fprintf(c->out, "<path class=\"s c6\" d=\"M%.1f %.1fH%.1f", c->left, top + STRIP - 8,
		c->right);
	for (size_t k = 0; most > 0 && k < (size_t)(c->right - c->left); k++)
		if (bars[k] > 0)
			fprintf(c->out, "M%.1f %.1fv%.1f", c->left + (double)k, top + STRIP - 8,
				-bars[k] / most * (STRIP - 14));
	fputs("\"/>\n", c->out);
	chart_text(c, c->left - 6, top + STRIP - 10, "end", name);
}

static bool draw_run_order(json_object *doc, FILE *out, const char *title)
{
	_cleanup_times_ struct times t = {0};
	struct chart c = {.x = {.name = NULL}, .y = {.log = true, .unit = UNIT_NS}};
	size_t n = view_length(doc, "samples"), total = 0, every, at = 0;

	times_of(doc, &t);
	for (size_t i = 0; i < t.count; i++)
		total += t.n[i];
	if (total == 0 || !axis_fit(&c.y, t.low, t.high))
		return false;
	every = (total + SCATTER_POINTS - 1) / SCATTER_POINTS;
	c.x = (struct axis){0, (double)total, false, UNIT_NUMBER, NULL};
	chart_open(&c, out, title, LEFT, HEIGHT + 2 * STRIP, t.names, t.count);
	c.bottom -= 2 * STRIP;
	chart_grid_y(&c);
	for (size_t i = 0; i < n; i++) {
		json_object *s = view_item(doc, "samples", i);
		size_t k = 0;

		if (strcmp(view_text(s, "scenario"), start_id) != 0 || view_get(s, "flag") ||
		    !view_get(s, "ready_ns"))
			continue;
		while (k < t.count && strcmp(t.names[k], view_text(s, "system")) != 0)
			k++;
		/* the few starts of machines are all shown */
		if (k < t.count && (at % every == 0 || t.n[k] < 100))
			fprintf(out, "<path class=\"p c%zu\" d=\"M%.1f %.1fh0\"/>\n",
				k % CHART_COLOURS, chart_x(&c, (double)at),
				chart_y(&c, view_number(s, "ready_ns")));
		at++;
	}
	strip(&c, doc, c.bottom + 4, "steal_ticks", tr("steal"));
	strip(&c, doc, c.bottom + 4 + STRIP, "psi_us", tr("pressure"));
	chart_close(&c);
	return true;
}

static const struct plot plots_of_curves[] = {
	{"P1", "Time from the command to the probe's first instruction", start_id,
	 "Part of the starts that were ready by then. Markers: quartiles. Logarithmic.", draw_ecdf},
	{"P3", "Start time against containers already running", "s10-creation-vs-n",
	 "Medians with their intervals. Logarithmic.", draw_creation},
	{"P4", "The kernel's memory against the number of instances", "s12-mem",
	 "Kernel memory of the machine above what it was before the first instance.",
	 draw_staircase},
	{"P6", "Throughput and slowest starts against starts in flight", "s08-par",
	 "A closed loop.", draw_concurrency},
	{"P7", "Time until ready against the offered load", "s09-open", "An open loop.",
	 draw_open_loop},
};

static const struct plot plot_run_order = {
	"P9", "All starts in the order they were made", start_id,
	"What drifts shows here. Below: time stolen by the host and pressure on the processors, per block, each against its largest value.",
	draw_run_order};

/* why_not - the reason why a figure has no data. */
static void why_not(json_object *doc, const char *scenario, char *buf, size_t size)
{
	const char *const match[][2] = {{"id", scenario}};
	json_object *s = view_find(doc, "scenarios", match, 1);
	const char *skip = view_text(view_get(s, "params"), "skip");

	if (skip[0])
		snprintf(buf, size, "%s: %.200s", scenario, skip);
	else
		snprintf(buf, size, tr(s ? "%s has no data for it" : "%s was not run"), scenario);
}

static void write_plot(json_object *doc, FILE *out, const struct plot *p)
{
	char title[200], why[300];

	snprintf(title, sizeof(title), "%s. %s", p->id, tr(p->title));
	fputs("<figure><h3>", out);
	xml_text(out, title);
	fputs("</h3>\n<div class=\"scroll\">", out);
	if (p->draw(doc, out, title)) {
		fputs("</div>\n<figcaption>", out);
		xml_text(out, tr(p->caption));
		fputs("</figcaption></figure>\n", out);
		return;
	}
	why_not(doc, p->scenario, why, sizeof(why));
	fputs("</div>\n<p class=\"note\">", out);
	xml_text(out, tr("Not drawn"));
	fputs(": ", out);
	xml_text(out, why);
	fputs("</p></figure>\n", out);
}

void plots_write(json_object *doc, FILE *out)
{
	const struct plot *const order[] = {
		&plots_of_curves[0], &plots_of_bars[0],	  &plots_of_curves[1], &plots_of_curves[2],
		&plots_of_bars[1],   &plots_of_curves[3], &plots_of_curves[4], &plots_of_bars[2],
		&plot_run_order,     &plots_of_bars[3],
	};

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		write_plot(doc, out, order[i]);
}
