/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.h: a figure with two axes, as SVG.
 *
 * Coordinates are in user units of a CHART_WIDTH wide view box. Colours come from CSS variables of
 * the page, with defaults for a figure that is taken out of it; series differ in colour, dash and
 * marker, so that they can be told apart in print. Text is ink, whatever its series.
 */
#ifndef CLOISON_BENCH_CHART_H
#define CLOISON_BENCH_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CHART_WIDTH 600
#define CHART_COLOURS 8
#define MAX_SERIES 24

/* How a number on an axis is written. */
enum unit { UNIT_NS, UNIT_NUMBER, UNIT_KIB, UNIT_PERCENT };

struct axis {
	double low, high;
	bool log;
	enum unit unit;
	const char *name;
};

struct chart {
	FILE *out;
	double left, right, top, bottom; /* of the area with the data */
	double height;
	struct axis x, y;
	size_t hollow; /* the last so many names of the legend are hollow markers */
	bool boxes;    /* its keys are boxes: series are areas */
};

/* axis_fit - ends that hold @low to @high and are round. Returns whether there is anything. */
bool axis_fit(struct axis *a, double low, double high);

/* unit_text - @v as its axis would write it, into @buf of 32 bytes. */
const char *unit_text(enum unit unit, double v, char *buf);

double chart_x(const struct chart *c, double v);
double chart_y(const struct chart *c, double v);

/*
 * chart_open - begin a figure whose data area is @height high, with a legend of @n names above.
 * @left: room for what stands before the data area
 * The axes have to be fitted already.
 */
void chart_open(struct chart *c, FILE *out, const char *title, double left, double height,
		const char *const *names, size_t n);
void chart_grid_x(struct chart *c);
void chart_grid_y(struct chart *c);
void chart_close(struct chart *c);

/* chart_text - at a place; @anchor "start", "middle" or "end". */
void chart_text(struct chart *c, double x, double y, const char *anchor, const char *text);

/* chart_marker - that of series @i. chart_hollow - the same in grey, for values of others. */
void chart_marker(struct chart *c, size_t i, double x, double y);
void chart_hollow(struct chart *c, size_t i, double x, double y);

/* chart_line - through @n points in data coordinates; points that are no numbers are left out. */
void chart_line(struct chart *c, size_t i, const double *x, const double *y, size_t n);

/* chart_whisker - from @low to @high at @x, in data coordinates. */
void chart_whisker(struct chart *c, size_t i, double x, double low, double high);

/* chart_bar - a filled box in user units. */
void chart_bar(struct chart *c, size_t i, double x, double y, double width, double height,
	       const char *title);

/* xml_text - @s with what XML reserves as entities, and without what it does not allow. */
void xml_text(FILE *out, const char *s);

#endif
