/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * svg.c: the dot plot. Coordinates are in user units of a 720 wide view box; colours come from
 * CSS variables of the page, with defaults for a figure that is taken out of it.
 */
#include "bench/svg.h"

#include <math.h>

#define WIDTH 720
#define LEFT 130
#define RIGHT 590
#define TOP 16
#define ROW 30

void xml_text(FILE *out, const char *s)
{
	for (; *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		case '\'':
			fputs("&#39;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
}

/* An axis of whole decades. */
struct axis {
	int first, last; /* powers of ten */
};

static int drawable(const struct svg_row *r)
{
	return isfinite(r->point) && r->point > 0;
}

static struct axis axis_for(const struct svg_row *rows, size_t n)
{
	struct axis a = {0, 1};
	double low = INFINITY, high = 0;

	for (size_t i = 0; i < n; i++) {
		if (!drawable(&rows[i]))
			continue;
		low = fmin(low, fmin(rows[i].min, rows[i].low));
		high = fmax(high, fmax(rows[i].p95, rows[i].high));
	}
	if (low > 0 && high >= low && isfinite(high)) {
		a.first = (int)floor(log10(low));
		a.last = (int)ceil(log10(high));
	}
	if (a.last <= a.first)
		a.last = a.first + 1;
	return a;
}

static double at(struct axis a, double v)
{
	double part = (log10(v) - a.first) / (a.last - a.first);

	return LEFT + (RIGHT - LEFT) * fmin(fmax(part, 0), 1);
}

static void ticks(FILE *out, struct axis a, int bottom)
{
	static const struct {
		int power;
		const char *name;
	} units[] = {{9, "s"}, {6, "ms"}, {3, "us"}, {0, "ns"}};

	for (int p = a.first; p <= a.last; p++) {
		double x = at(a, pow(10, p));
		size_t u = 0;

		while (u < 3 && units[u].power > p)
			u++;
		fprintf(out,
			"<line class=\"g\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>"
			"<text class=\"t\" x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f %s</text>\n",
			x, TOP - 8, x, bottom, x, bottom + 16, pow(10, p - units[u].power),
			units[u].name);
	}
}

static void row(FILE *out, struct axis a, const struct svg_row *r, double y)
{
	fprintf(out, "<text class=\"l\" x=\"%d\" y=\"%.1f\" text-anchor=\"end\">", LEFT - 12,
		y + 4);
	xml_text(out, r->label);
	fprintf(out,
		"</text><line class=\"w\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		"<line class=\"b\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>"
		"<circle class=\"d\" cx=\"%.1f\" cy=\"%.1f\" r=\"4\"/>"
		"<text class=\"t\" x=\"%d\" y=\"%.1f\">",
		at(a, r->min), y, at(a, r->p95), y, at(a, r->low), y, at(a, r->high), y,
		at(a, r->point), y, RIGHT + 12, y + 4);
	xml_text(out, r->note);
	fprintf(out, "</text>\n");
}

void svg_dots(FILE *out, const char *title, const struct svg_row *rows, size_t n)
{
	struct axis a = axis_for(rows, n);
	int shown = 0, bottom;

	for (size_t i = 0; i < n; i++)
		shown += drawable(&rows[i]);
	bottom = TOP + shown * ROW;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" role=\"img\">\n"
		"<title>",
		WIDTH, bottom + 28);
	xml_text(out, title);
	fprintf(out, "</title>\n"
		     "<style>.g{stroke:var(--grid,#ddd)}.w{stroke:var(--ink,#222);stroke-width:1}"
		     ".b{stroke:var(--mark,#0072b2);stroke-width:7}.d{fill:var(--ink,#222)}"
		     ".t,.l{fill:var(--ink,#222);font:12px sans-serif}.l{font-weight:600}"
		     "</style>\n");
	ticks(out, a, bottom);
	shown = 0;
	for (size_t i = 0; i < n; i++)
		if (drawable(&rows[i]))
			row(out, a, &rows[i], TOP + ROW / 2.0 + ROW * shown++);
	fprintf(out, "</svg>\n");
}
