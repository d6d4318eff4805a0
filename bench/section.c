/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * section.c: see section.h. A value of unit "ns" is written as a time; others are as they are.
 */
#include "bench/section.h"

#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/page.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

/* Scenarios that the table and the report know: table.c, report.c, and density below. */
static const char *const own[] = {"s01-floor", "s02-start",	    "s03-exec",	   "s05-phases",
				  "s12-mem",   "s10-creation-vs-n", "s11-density", "s22-icount"};

static bool has_own(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		if (strcmp(own[i], id) == 0)
			return true;
	return false;
}

/* amount - "1.42 ms [1.40, 1.45]", or "12 [11, 13] KiB" where the unit is no time. */
static const char *amount(json_object *s, char buf[VIEW_SIZE])
{
	char v[VIEW_SIZE];

	if (strcmp(view_text(s, "unit"), "ns") == 0)
		return view_time(s, buf);
	if (view_number(s, "n") == 1) { /* one figure has no interval */
		snprintf(buf, VIEW_SIZE, "%.44s %.16s", view_figure(view_number(s, "p50"), v),
			 view_text(s, "unit"));
		return buf;
	}
	snprintf(buf, VIEW_SIZE, "%.44s %.16s",
		 view_interval(view_number(s, "p50"), view_number(s, "low"), view_number(s, "high"),
			       1, v),
		 view_text(s, "unit"));
	return buf;
}

/* quantity - one number of a summary, with the same unit. */
static const char *quantity(json_object *s, const char *key, char buf[VIEW_SIZE])
{
	double v = view_number(s, key);
	struct view_unit u = view_unit_of(v);
	char f[VIEW_SIZE];

	if (!isfinite(v) || strcmp(view_text(s, "unit"), "ns") != 0)
		return view_figure(v, buf);
	snprintf(buf, VIEW_SIZE, "%.32s %.16s", view_figure(v / u.ns, f), u.name);
	return buf;
}

static json_object *first_of(json_object *doc, const char *list, const char *scenario)
{
	const char *const match[][2] = {{"scenario", scenario}};

	return view_find(doc, list, match, 1);
}

/* skip_of - why a scenario did nothing; "" when it did something. */
static const char *skip_of(json_object *scenario)
{
	return view_text(view_get(scenario, "params"), "skip");
}

static void print_ratios(json_object *doc, const char *id, FILE *out)
{
	if (view_withheld(doc))
		return;
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char pair[176], v[VIEW_SIZE];

		if (strcmp(view_text(r, "scenario"), id) != 0)
			continue;
		snprintf(pair, sizeof(pair), "%.70s / %.70s, %.16s", view_text(r, "of"),
			 view_text(r, "to"), view_text(r, "metric"));
		fprintf(out, "  %-88s %-24s %s\n", pair,
			view_interval(view_number(r, "ratio"), view_number(r, "low"),
				      view_number(r, "high"), 1, v),
			view_text(r, "rung"));
	}
}

static void print_scenario(json_object *doc, json_object *scenario, FILE *out)
{
	const char *id = view_text(scenario, "id");
	bool any = first_of(doc, "summaries", id) != NULL;

	if (!any && !skip_of(scenario)[0])
		return;
	fprintf(out, "%s: %s\n", id, view_text(scenario, "title"));
	if (skip_of(scenario)[0])
		fprintf(out, "  skipped: %s\n", skip_of(scenario));
	if (any)
		fprintf(out, "\n  %-52s %6s %4s  %10s  %-28s %10s\n", "", "n", "fail", "min",
			"median [95% interval]", "p95");
	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);
		char a[VIEW_SIZE], low[VIEW_SIZE], high[VIEW_SIZE], name[160];

		if (strcmp(view_text(s, "scenario"), id) != 0)
			continue;
		snprintf(name, sizeof(name), "%.70s, %.60s", view_text(s, "system"),
			 view_text(s, "metric"));
		fprintf(out, "  %-52s %6.0f %4.0f  %10s  %-28s %10s\n", name, view_number(s, "n"),
			view_number(s, "failed"), quantity(s, "min", low), amount(s, a),
			quantity(s, "p95", high));
	}
	print_ratios(doc, id, out);
	fputc('\n', out);
}

static const char *slope_of(json_object *d, const char *key, double scale, char buf[VIEW_SIZE])
{
	json_object *v = view_get(d, key);

	return view_interval(view_number(v, "point"), view_number(v, "low"), view_number(v, "high"),
			     scale, buf);
}

static void print_density(json_object *d, FILE *out)
{
	char a[VIEW_SIZE], b[VIEW_SIZE];

	fprintf(out, "%s: %s: %.0f run%s\n  end: %s\n", view_text(d, "scenario"),
		view_text(d, "system"), view_number(d, "running"),
		isfinite(view_number(d, "ram_mib")) ? ", in one appliance" : "",
		view_text(d, "end"));
	fprintf(out, "  slope of a start: %s %sus for each that runs\n",
		slope_of(d, "slope_ns", 1e3, a),
		json_object_get_boolean(view_get(d, "icount")) ? "virtual " : "");
	fprintf(out, "  memory of one more, KiB: kernel %s", slope_of(d, "kernel_kb", 1, a));
	fprintf(out, "; PSS %s", view_figure(view_number(d, "pss_kb"), a));
	fprintf(out, "; its cgroup %s", slope_of(d, "memcg_kb", 1, a));
	fprintf(out, "; available less %s\n", slope_of(d, "used_kb", 1, a));
	if (isfinite(view_number(d, "within_mib")))
		fprintf(out, "  %.0f of them in %.0f MiB of this host\n", view_number(d, "within"),
			view_number(d, "within_mib"));
	fprintf(out, "  %8s %5s %4s  %-28s %10s %10s\n", "running", "n", "fail",
		"ready [95% interval]", "kernel", "available");
	for (size_t i = 0; i < view_length(d, "points"); i++) {
		json_object *p = view_item(d, "points", i);
		struct view_unit u = view_unit_of(view_number(p, "point"));
		char v[VIEW_SIZE];

		fprintf(out, "  %8.0f %5.0f %4.0f  %-25s %s %10s %10s\n", view_number(p, "running"),
			view_number(p, "n"), view_number(p, "failed"),
			view_interval(view_number(p, "point"), view_number(p, "low"),
				      view_number(p, "high"), u.ns, v),
			u.name, view_kb(view_number(p, "kernel_kb"), a),
			view_kb(view_number(p, "available_kb"), b));
	}
	fputc('\n', out);
}

void section_print(json_object *doc, FILE *out)
{
	for (size_t i = 0; i < view_length(doc, "scenarios"); i++) {
		json_object *s = view_item(doc, "scenarios", i);

		if (!has_own(view_text(s, "id")) || skip_of(s)[0])
			print_scenario(doc, s, out);
	}
	for (size_t i = 0; i < view_length(doc, "density"); i++)
		print_density(view_item(doc, "density", i), out);
}

static void html_scenario(json_object *doc, json_object *scenario, FILE *out)
{
	static const char *const heads[] = {"of",     "metric", "n",
					    "failed", "min",	"median [95% interval]",
					    "p95"};
	const char *id = view_text(scenario, "id");
	char text[400];

	if (!first_of(doc, "summaries", id) && !skip_of(scenario)[0])
		return;
	fputs("<h2>", out);
	xml_text(out, tr_text(view_text(scenario, "title"), text, sizeof(text)));
	fputs("</h2>\n<p>", out);
	xml_text(out, id);
	if (skip_of(scenario)[0]) {
		fputs(": ", out);
		xml_text(out, tr_text(skip_of(scenario), text, sizeof(text)));
	}
	fputs("</p>\n", out);
	if (!first_of(doc, "summaries", id))
		return;
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);
		char v[VIEW_SIZE];

		if (strcmp(view_text(s, "scenario"), id) != 0)
			continue;
		fputs("<tr>", out);
		html_cell(out, "", view_text(s, "system"));
		html_cell(out, "", view_text(s, "metric"));
		html_number_cell(out, view_number(s, "n"));
		html_number_cell(out, view_number(s, "failed"));
		html_cell(out, "", quantity(s, "min", v));
		html_cell(out, "", amount(s, v));
		html_cell(out, "", quantity(s, "p95", v));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void html_density(json_object *d, FILE *out)
{
	bool counted = json_object_get_boolean(view_get(d, "icount"));
	const char *const heads[] = {
		"running",
		"n",
		"failed",
		counted ? "ready, virtual ms [95% interval]" : "ready ms [95% interval]",
		"kernel kB",
		"available",
	};
	char u[VIEW_SIZE], v[VIEW_SIZE], w[VIEW_SIZE], name[100], line[900];

	snprintf(name, sizeof(name), "%.40s, %.40s", view_text(d, "system"),
		 view_text(d, "scenario"));
	page_title(out, "Starts beside many");
	snprintf(
		line, sizeof(line),
		counted ? tr("%s: %.0f run; %s. Slope of a start: %s virtual us for each that runs; kernel memory: %s kB each.")
			: tr("%s: %.0f run; %s. Slope of a start: %s us for each that runs; kernel memory: %s kB each."),
		name, view_number(d, "running"), view_text(d, "end"),
		slope_of(d, "slope_ns", 1e3, v), slope_of(d, "kernel_kb", 1, w));
	fputs("<p>", out);
	xml_text(out, line);
	snprintf(
		line, sizeof(line),
		tr(" PSS of one: %s KiB; its cgroup is charged with %s KiB; available memory falls by %s KiB."),
		view_figure(view_number(d, "pss_kb"), u), slope_of(d, "memcg_kb", 1, v),
		slope_of(d, "used_kb", 1, w));
	xml_text(out, line);
	if (isfinite(view_number(d, "within_mib"))) {
		snprintf(line, sizeof(line), tr(" %.0f of them had %.0f MiB of this host."),
			 view_number(d, "within"), view_number(d, "within_mib"));
		xml_text(out, line);
	}
	if (counted)
		xml_text(out, tr(" Times are instructions and skipped idle time (virtual ns)."));
	fputs("</p>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(d, "points"); i++) {
		json_object *p = view_item(d, "points", i);

		fputs("<tr>", out);
		html_number_cell(out, view_number(p, "running"));
		html_number_cell(out, view_number(p, "n"));
		html_number_cell(out, view_number(p, "failed"));
		html_cell(out, "",
			  view_interval(view_number(p, "point"), view_number(p, "low"),
					view_number(p, "high"), 1e6, v));
		html_cell(out, "", view_kb(view_number(p, "kernel_kb"), v));
		html_cell(out, "", view_kb(view_number(p, "available_kb"), v));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

void section_html(json_object *doc, FILE *out)
{
	for (size_t i = 0; i < view_length(doc, "scenarios"); i++) {
		json_object *s = view_item(doc, "scenarios", i);

		if (!has_own(view_text(s, "id")) || skip_of(s)[0])
			html_scenario(doc, s, out);
	}
	for (size_t i = 0; i < view_length(doc, "density"); i++)
		html_density(view_item(doc, "density", i), out);
}
