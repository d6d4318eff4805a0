/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * chart.c: see chart.h. Numbers are written with a point, whatever the locale: the program never
 * sets one.
 */
#include "bench/chart.h"

#include <math.h>
#include <string.h>

#define RIGHT_MARGIN 22
#define LEGEND_LINE 20
#define CHARACTER 7.6 /* wide, at most, on average */

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
			if ((unsigned char)*s >= ' ' || *s == '\n' || *s == '\t')
				fputc(*s, out);
		}
	}
}

/* round_to - the next of 1, 2, 5 times a power of ten, at or below @v (or at or above it). */
static double round_to(double v, bool up)
{
	static const double steps[] = {1, 2, 5, 10};
	double power = pow(10, floor(log10(v) + 1e-9)), m = v / power;

	if (up)
		for (size_t i = 0; i < 4; i++)
			if (steps[i] >= m * (1 - 1e-9))
				return steps[i] * power;
	for (size_t i = 3; i > 0; i--)
		if (steps[i] <= m * (1 + 1e-9))
			return steps[i] * power;
	return power;
}

/* scale_of - what is round on this axis is a round number of these. */
static double scale_of(const struct axis *a)
{
	return a->unit == UNIT_KIB && a->high - a->low >= 2048 ? 1024 : 1;
}

static double step_of(const struct axis *a)
{
	return round_to((a->high - a->low) / 6 / scale_of(a), true) * scale_of(a);
}

bool axis_fit(struct axis *a, double low, double high)
{
	if (!isfinite(low) || !isfinite(high) || (a->log && low <= 0))
		return false;
	a->low = low;
	a->high = high;
	if (a->log) {
		a->low = round_to(low, false);
		a->high = round_to(high, true);
		if (a->high < 5 * a->low)
			a->high = round_to(5 * a->low, true);
		return true;
	}
	if (a->high <= a->low)
		a->high = a->low + (a->low != 0 ? fabs(a->low) : 1);
	double step = step_of(a);

	a->low = floor(a->low / step + 1e-9) * step;
	a->high = ceil(a->high / step - 1e-9) * step;
	return true;
}

const char *unit_text(enum unit unit, double v, char *buf)
{
	static const struct {
		double from, size;
		const char *name;
	} scales[][4] = {
		[UNIT_NS] = {{1e9, 1e9, " s"}, {1e6, 1e6, " ms"}, {1e3, 1e3, " us"}, {0, 1, " ns"}},
		[UNIT_NUMBER] = {{1e9, 1e9, " G"}, {1e6, 1e6, " M"}, {1e4, 1e3, " k"}, {0, 1, ""}},
		[UNIT_KIB] = {{1048576, 1048576, " GiB"},
			      {1024, 1024, " MiB"},
			      {0, 1, " KiB"},
			      {0, 1, " KiB"}},
		[UNIT_PERCENT] = {{0, 0.01, "%"}, {0, 0.01, "%"}, {0, 0.01, "%"}, {0, 0.01, "%"}},
	};
	size_t i = 0;

	while (i < 3 && fabs(v) < scales[unit][i].from * (1 - 1e-9))
		i++;
	snprintf(buf, 32, "%.4g%s", v / scales[unit][i].size, v == 0 ? "" : scales[unit][i].name);
	if (v == 0 && unit == UNIT_PERCENT)
		snprintf(buf, 32, "0%%");
	return buf;
}

static double part_of(const struct axis *a, double v)
{
	double p = a->log ? log(v / a->low) / log(a->high / a->low)
			  : (v - a->low) / (a->high - a->low);

	return fmin(fmax(p, 0), 1);
}

double chart_x(const struct chart *c, double v)
{
	return c->left + (c->right - c->left) * part_of(&c->x, v);
}

double chart_y(const struct chart *c, double v)
{
	return c->bottom - (c->bottom - c->top) * part_of(&c->y, v);
}

/* ticks - round values on an axis into @v (room for 32). Returns how many. */
static size_t ticks(const struct axis *a, double *v)
{
	static const double parts[] = {1, 2, 5};
	double decades = log10(a->high / a->low), power;
	size_t n = 0;

	if (!a->log) {
		double step = step_of(a), t = a->low;

		while (t <= a->high + step * 1e-6 && n < 32) {
			v[n++] = fabs(t) < step * 1e-6 ? 0 : t;
			t += step;
		}
		return n;
	}
	power = pow(10, floor(log10(a->low) + 1e-9));
	while (power <= a->high * 1.001) {
		for (size_t i = 0; i < (decades <= 2.2 ? 3 : 1); i++)
			if (power * parts[i] >= a->low * 0.999 &&
			    power * parts[i] <= a->high * 1.001 && n < 32)
				v[n++] = power * parts[i];
		power *= 10;
	}
	return n;
}

void chart_text(struct chart *c, double x, double y, const char *anchor, const char *text)
{
	fprintf(c->out, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">", x, y, anchor);
	xml_text(c->out, text);
	fputs("</text>\n", c->out);
}

/* utf8_length - how many characters stand in a row. */
static size_t utf8_length(const char *s)
{
	size_t n = 0;

	for (; *s; s++)
		n += ((unsigned char)*s & 0xc0) != 0x80;
	return n;
}

static double legend_width(const char *name)
{
	return 46 + CHARACTER * (double)utf8_length(name);
}

/* legend_key - what stands before a name: a box, a hollow marker, or the line with its marker. */
static void legend_key(struct chart *c, size_t i, bool hollow, double x, double y)
{
	if (c->boxes) {
		fprintf(c->out,
			"<rect class=\"f%zu\" x=\"%.1f\" y=\"%.1f\" width=\"16\" height=\"12\"/>\n",
			i % CHART_COLOURS, x + 10, y - 6);
		return;
	}
	if (hollow) {
		chart_hollow(c, i, x + 13, y);
		return;
	}
	fprintf(c->out, "<path class=\"s c%zu d%zu\" d=\"M%.1f %.1fh26\"/>\n", i % CHART_COLOURS,
		i % 4, x, y);
	chart_marker(c, i, x + 13, y);
}

/* legend - draw it (or, with @draw false, only measure). Returns its height. */
static double legend(struct chart *c, const char *const *names, size_t n, bool draw)
{
	double x = 8, y = 16;

	for (size_t i = 0; i < n; i++) {
		if (x + legend_width(names[i]) > CHART_WIDTH && x > 8) {
			x = 8;
			y += LEGEND_LINE;
		}
		if (draw) {
			legend_key(c, i, i + c->hollow >= n, x, y - 4);
			chart_text(c, x + 31, y, "start", names[i]);
		}
		x += legend_width(names[i]);
	}
	return n ? y + 8 : 8;
}

void chart_open(struct chart *c, FILE *out, const char *title, double left, double height,
		const char *const *names, size_t n)
{
	c->out = out;
	c->left = left;
	c->right = CHART_WIDTH - RIGHT_MARGIN;
	c->top = legend(c, names, n, false) + 10;
	c->bottom = c->top + height;
	c->height = c->bottom + (c->x.name ? 42 : 24);
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %.0f\" role=\"img\">\n"
		"<title>",
		CHART_WIDTH, c->height);
	xml_text(out, title);
	fputs("</title>\n<style>text{fill:var(--ink,#1b1b1b);font:13px system-ui,sans-serif}"
	      ".g{stroke:var(--grid,#d8d8d8)}.a{stroke:var(--ink,#1b1b1b)}"
	      ".s{fill:none;stroke-width:2}.h{fill:var(--paper,#fff);stroke:var(--grey,#777);"
	      "stroke-width:1.5}.d1{stroke-dasharray:7 3}.d2{stroke-dasharray:2 3}"
	      ".d3{stroke-dasharray:9 3 2 3}",
	      out);
	for (int i = 0; i < CHART_COLOURS; i++) {
		static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73", "#b04a86",
						      "#a87000", "#2f8fc4", "#555",    "#7a3fb0"};

		fprintf(out, ".c%d{stroke:var(--s%d,%s)}.f%d{fill:var(--s%d,%s)}", i, i, colours[i],
			i, i, colours[i]);
	}
	fputs("</style>\n", out);
	legend(c, names, n, true);
	if (c->x.name)
		chart_text(c, (c->left + c->right) / 2, c->bottom + 36, "middle", c->x.name);
}

void chart_grid_x(struct chart *c)
{
	double v[32];
	size_t n = ticks(&c->x, v), every = 1;
	/* A label every so often that none touches the next. */
	size_t labels = (size_t)((c->right - c->left) / 62);
	char text[32];

	while (every < n && n / every > labels)
		every++;
	for (size_t i = 0; i < n; i++) {
		double x = chart_x(c, v[i]);

		fprintf(c->out, "<path class=\"g\" d=\"M%.1f %.1fV%.1f\"/>\n", x, c->top,
			c->bottom);
		if (i % every == 0)
			chart_text(c, x, c->bottom + 17, "middle",
				   unit_text(c->x.unit, v[i], text));
	}
}

void chart_grid_y(struct chart *c)
{
	double v[32];
	size_t n = ticks(&c->y, v);
	char text[32];

	for (size_t i = 0; i < n; i++) {
		double y = chart_y(c, v[i]);

		fprintf(c->out, "<path class=\"g\" d=\"M%.1f %.1fH%.1f\"/>\n", c->left, y,
			c->right);
		chart_text(c, c->left - 6, y + 4, "end", unit_text(c->y.unit, v[i], text));
	}
}

void chart_close(struct chart *c)
{
	fputs("</svg>\n", c->out);
}

static void shape(struct chart *c, const char *class, size_t colour, size_t i, double x, double y)
{
	static const char *const shapes[] = {
		"m-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0z", /* circle */
		"m-3 -3h6v6h-6z",				 /* square */
		"m0 -4.5l4.5 7.5h-9z",				 /* triangle */
		"m0 -4.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z",		 /* diamond */
		"m0 4.5l-4.5 -7.5h9z",				 /* triangle, down */
	};

	fprintf(c->out, "<path class=\"%s%zu\" d=\"M%.1f %.1f%s\"/>\n", class, colour, x, y,
		shapes[i % 5]);
}

void chart_marker(struct chart *c, size_t i, double x, double y)
{
	shape(c, "f", i % CHART_COLOURS, i, x, y);
}

void chart_hollow(struct chart *c, size_t i, double x, double y)
{
	shape(c, "h h", 0, i, x, y);
}

void chart_line(struct chart *c, size_t i, const double *x, const double *y, size_t n)
{
	const char *step = "M";

	fprintf(c->out, "<path class=\"s c%zu d%zu\" d=\"", i % CHART_COLOURS, i % 4);
	for (size_t k = 0; k < n; k++) {
		if (!isfinite(x[k]) || !isfinite(y[k]))
			continue;
		fprintf(c->out, "%s%.1f %.1f", step, chart_x(c, x[k]), chart_y(c, y[k]));
		step = "L";
	}
	/* A path has to begin somewhere, also one without points. */
	fputs(*step == 'M' ? "M0 0\"/>\n" : "\"/>\n", c->out);
}

void chart_whisker(struct chart *c, size_t i, double x, double low, double high)
{
	if (isfinite(low) && isfinite(high))
		fprintf(c->out, "<path class=\"s c%zu\" d=\"M%.1f %.1fV%.1f\"/>\n",
			i % CHART_COLOURS, chart_x(c, x), chart_y(c, low), chart_y(c, high));
}

void chart_bar(struct chart *c, size_t i, double x, double y, double width, double height,
	       const char *title)
{
	fprintf(c->out,
		"<rect class=\"f%zu\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"><title>",
		i % CHART_COLOURS, x, y, fmax(width, 0), height);
	xml_text(c->out, title);
	fputs("</title></rect>\n", c->out);
}
