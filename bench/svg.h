/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svg.h: figures as text.
 */
#ifndef CLOISON_BENCH_SVG_H
#define CLOISON_BENCH_SVG_H

#include <stddef.h>
#include <stdio.h>

struct svg_row {
	const char *label;
	const char *note; /* at the right end */
	double min, low, point, high, p95;
};

/*
 * svg_dots - one row per system on a logarithmic axis: a thin line from the smallest value to the
 * 95th percentile, a bar over the interval, a dot at the median.
 * @title:	for those who do not see the figure; the values themselves are in the table
 * Values are in nanoseconds. Rows whose point is not a positive number are left out.
 */
void svg_dots(FILE *out, const char *title, const struct svg_row *rows, size_t n);

/* xml_text - @s with the five characters escaped that XML and HTML reserve. */
void xml_text(FILE *out, const char *s);

#endif
