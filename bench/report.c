/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c: claims first, then what they rest on, the raw data last.
 *
 * No script, no font, no picture from elsewhere: the page reads the same offline, printed and with
 * scripts off. It follows the reader's light or dark setting.
 */
#include "bench/report.h"

#include "bench/page.h"
#include "bench/result.h"
#include "bench/svg.h"
#include "bench/view.h"

#include <math.h>
#include <string.h>

#define MAX_ROWS 32

static const char head[] =
	"<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	"<title>Cloison: containers beside virtual machines</title>\n<style>\n"
	":root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--grid:#d8d8d8;--mark:#0072b2;"
	"--good:#007a5a;--bad:#b23b00}\n"
	"@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#16181a;--grid:#3a3d40;"
	"--mark:#56b4e9;--good:#3cc79c;--bad:#ff9a5c}}\n"
	"body{margin:0 auto;max-width:60rem;padding:1.5rem;background:var(--paper);"
	"color:var(--ink);font:16px/1.5 system-ui,sans-serif}\n"
	"h1{font-size:1.6rem;margin:0 0 .5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}\n"
	".scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid var(--grid);"
	"vertical-align:top}td.n,th.n{text-align:right}\n"
	"td{white-space:nowrap}td.wrap{white-space:normal;overflow-wrap:anywhere;min-width:14rem}\n"
	".holds{color:var(--good);font-weight:600}.fails{color:var(--bad);font-weight:600}\n"
	"pre{overflow-x:auto;padding:.75rem;border:1px solid var(--grid)}svg{width:100%;min-width:36rem}\n"
	"@media print{body{max-width:none}}\n</style>\n</head>\n<body>\n";

static void claims(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"verdict", "claim", "value", "low and high are",
					    "target"};

	if (view_length(doc, "claims") == 0)
		return;
	fputs("<h2>Claims</h2>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "claims"); i++) {
		json_object *c = view_item(doc, "claims", i);
		char v[VIEW_SIZE];

		fputs("<tr>", out);
		html_cell(out, view_text(c, "verdict"), view_text(c, "verdict"));
		html_cell(out, "wrap", view_text(c, "text"));
		html_cell(out, "",
			  view_interval(view_number(c, "value"), view_number(c, "low"),
					view_number(c, "high"), 1, v));
		html_cell(out, "", view_interval_name(c));
		html_cell(out, "", view_text(c, "target"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void proof(json_object *doc, FILE *out)
{
	if (view_length(doc, "proof") == 0)
		return;
	fputs("<h2>A container in the appliance</h2>\n<pre>", out);
	for (size_t i = 0; i < view_length(doc, "proof"); i++) {
		xml_text(out, view_string(view_item(doc, "proof", i)));
		fputc('\n', out);
	}
	fputs("</pre>\n", out);
}

static double marginal_of(json_object *doc, const char *system)
{
	const char *const match[][2] = {{"system", system}};

	return view_number(view_get(view_find(doc, "memory", match, 1), "marginal_kb"), "point");
}

/* time_cell - one number of a summary with its unit. */
static void time_cell(json_object *summary, const char *key, FILE *out)
{
	double v = view_number(summary, key);
	struct view_unit u = view_unit_of(v);
	char text[VIEW_SIZE], f[VIEW_SIZE];

	snprintf(text, sizeof(text), "%.32s %s", view_figure(v / u.ns, f),
		 isfinite(v) ? u.name : "");
	html_cell(out, "", text);
}

static void start_table(json_object *doc, FILE *out)
{
	static const char *const heads[] = {
		"system",
		"n",
		"failed",
		"min",
		"ready [95% interval]",
		"p95",
		"whole [95% interval]",
		"cpu",
		"memory",
		"accel",
		"rung",
	};

	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		json_object *s = view_item(doc, "systems", i);
		const char *id = view_text(s, "id");
		json_object *ready = view_summary(doc, "s02-start", id, "ready");
		char v[VIEW_SIZE];

		if (!ready)
			continue;
		fputs("<tr>", out);
		html_cell(out, "", id);
		html_number_cell(out, view_number(ready, "n"));
		html_number_cell(out, view_number(ready, "failed"));
		time_cell(ready, "min", out);
		html_cell(out, "", view_time(ready, v));
		time_cell(ready, "p95", out);
		html_cell(out, "", view_time(view_summary(doc, "s02-start", id, "whole"), v));
		time_cell(view_summary(doc, "s02-start", id, "cpu"), "p50", out);
		html_cell(out, "", view_kb(marginal_of(doc, id), v));
		html_cell(out, "", view_text(s, "accel"));
		html_cell(out, "", view_text(s, "rung"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void start_figure(json_object *doc, FILE *out)
{
	static char notes[MAX_ROWS][VIEW_SIZE];
	struct svg_row rows[MAX_ROWS];
	size_t n = 0;

	for (size_t i = 0; i < view_length(doc, "systems") && n < MAX_ROWS; i++) {
		json_object *s = view_item(doc, "systems", i);
		json_object *r = view_summary(doc, "s02-start", view_text(s, "id"), "ready");

		if (!r)
			continue;
		snprintf(notes[n], VIEW_SIZE, "%.20s, %.8s", view_text(s, "accel"),
			 view_text(s, "rung"));
		rows[n] = (struct svg_row){
			.label = view_text(s, "id"),
			.note = notes[n],
			.min = view_number(r, "min"),
			.low = view_number(r, "low"),
			.point = view_number(r, "p50"),
			.high = view_number(r, "high"),
			.p95 = view_number(r, "p95"),
		};
		n++;
	}
	fputs("<div class=\"scroll\">\n", out);
	svg_dots(out, "Time from the command to the probe's first instruction, by system", rows, n);
	fputs("</div>\n", out);
	fputs("<p>Dot: median. Bar: its 95% interval. Line: smallest to 95th percentile. "
	      "Logarithmic.</p>\n",
	      out);
}

static void start(json_object *doc, FILE *out)
{
	const char *const match[][2] = {{"scenario", "s02-start"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	fputs("<h2>Start</h2>\n<p>ready: until the probe's first instruction is seen; whole: until "
	      "the command has ended; cpu: its processor time. Medians. memory: what one more idle instance takes. Rungs: R0 "
	      "a native container beside an emulated machine, from which no ratio is drawn; R1 equal "
	      "substrate; R3 hardware virtualisation; R4 the same, nested.</p>\n",
	      out);
	start_table(doc, out);
	start_figure(doc, out);
}

static void exec_rows(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"system", "n", "failed", "min", "whole [95% interval]",
					    "cpu"};
	const char *const match[][2] = {{"scenario", "s03-exec"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	fputs("<h2>One more process in a running container</h2>\n<p>whole: from the command to its "
	      "end; cpu: its processor time. Medians.</p>\n",
	      out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		const char *id = view_text(view_item(doc, "systems", i), "id");
		json_object *whole = view_summary(doc, "s03-exec", id, "whole");
		char v[VIEW_SIZE];

		if (!whole)
			continue;
		fputs("<tr>", out);
		html_cell(out, "", id);
		html_number_cell(out, view_number(whole, "n"));
		html_number_cell(out, view_number(whole, "failed"));
		time_cell(whole, "min", out);
		html_cell(out, "", view_time(whole, v));
		time_cell(view_summary(doc, "s03-exec", id, "cpu"), "p50", out);
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void ratios(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"scenario",		"of / to", "metric", "ratio",
					    "low and high are", "spread",  "rung"};

	if (view_length(doc, "ratios") == 0)
		return;
	fputs("<h2>Ratios, paired by block</h2>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char v[VIEW_SIZE], pair[96];

		snprintf(pair, sizeof(pair), "%.40s / %.40s", view_text(r, "of"),
			 view_text(r, "to"));
		fputs("<tr>", out);
		html_cell(out, "", view_text(r, "scenario"));
		html_cell(out, "", pair);
		html_cell(out, "", view_text(r, "metric"));
		html_cell(out, "",
			  view_interval(view_number(r, "ratio"), view_number(r, "low"),
					view_number(r, "high"), 1, v));
		html_cell(out, "", view_interval_name(r));
		if (isfinite(view_number(r, "spread")))
			snprintf(v, sizeof(v), "%.3f%%", 100 * view_number(r, "spread"));
		else
			snprintf(v, sizeof(v), "-");
		html_cell(out, "", v);
		html_cell(out, "", view_text(r, "rung"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
	fputs("<p>Metric <em>instructions</em>: instructions and skipped idle time (virtual ns). The "
	      "virtual clock goes on by 1 ns per instruction and jumps over idle waits.</p>\n",
	      out);
}

static void memory(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"system", "kernel of",
					    "n",      "marginal KiB [95% interval]",
					    "PSS",    "USS",
					    "memcg",  "guest used",
					    "VMM",    "guest RAM",
					    "JIT"};
	static const char *const columns[] = {"pss_kb",		 "uss_kb",
					      "memcg_kb",	 "guest_used_kb",
					      "vmm_overhead_kb", "guest_resident_kb",
					      "jit_kb"};

	if (view_length(doc, "memory") == 0)
		return;
	fputs("<h2>Memory of one idle instance, KiB</h2>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "memory"); i++) {
		json_object *m = view_item(doc, "memory", i), *k = view_get(m, "marginal_kb");
		char v[VIEW_SIZE];

		fputs("<tr>", out);
		html_cell(out, "", view_text(m, "system"));
		html_cell(out, "", view_text(m, "where"));
		html_number_cell(out, view_number(m, "instances"));
		html_cell(out, "",
			  view_interval(view_number(k, "point"), view_number(k, "low"),
					view_number(k, "high"), 1, v));
		for (size_t j = 0; j < ARRAY_SIZE(columns); j++)
			html_number_cell(out, view_number(m, columns[j]));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void skipped_steps(json_object *doc, FILE *out)
{
	const char *const match[][2] = {{"id", "s01-floor"}};
	json_object *params = view_get(view_find(doc, "scenarios", match, 1), "params");
	json_object *skipped = view_get(params, "skipped_steps");

	if (!json_object_is_type(skipped, json_type_object))
		return;
	json_object_object_foreach(skipped, name, why)
	{
		fputs("<tr>", out);
		html_cell(out, "", name);
		html_cell(out, "", "skipped");
		html_cell(out, "", view_string(why));
		fputs("</tr>\n", out);
	}
}

static void floor_steps(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"new namespaces", "n", "median [95% interval]"};
	const char *const match[][2] = {{"scenario", "s01-floor"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	fputs("<h2>The kernel's part: one process made and waited for</h2>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "summaries"); i++) {
		json_object *s = view_item(doc, "summaries", i);
		char v[VIEW_SIZE];

		if (strcmp(view_text(s, "scenario"), "s01-floor") != 0)
			continue;
		fputs("<tr>", out);
		html_cell(out, "", view_text(s, "system"));
		html_number_cell(out, view_number(s, "n"));
		html_cell(out, "", view_time(s, v));
		fputs("</tr>\n", out);
	}
	skipped_steps(doc, out);
	html_close_table(out);
}

static void banner(json_object *doc, FILE *out)
{
	json_object *env = view_get(doc, "env");
	char line[512];

	fputs("<h1>Containers beside virtual machines, on this machine</h1>\n<p>", out);
	snprintf(line, sizeof(line),
		 "%.120s, %.0f processors, Linux %.80s. Virtual machines: %.8s (%.200s).",
		 view_text(env, "cpu"), view_number(env, "cpus"), view_text(env, "kernel"),
		 view_text(env, "accel"), view_text(env, "accel_reason"));
	xml_text(out, line);
	fputs("</p>\n<p>Run ", out);
	xml_text(out, view_text(doc, "run_id"));
	if (json_object_get_boolean(view_get(doc, "interrupted")))
		fputs(", interrupted", out);
	fprintf(out, ". Repeat it with <code>cloison-bench run --mode ");
	xml_text(out, view_text(doc, "mode"));
	fputs(" --seed ", out);
	xml_text(out, view_text(doc, "seed"));
	fputs("</code>.</p>\n", out);
}

int report_write(json_object *doc, const char *path, struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (!out)
		return error_set(err, errno, "cannot make the report");
	fputs(head, out);
	banner(doc, out);
	claims(doc, out);
	proof(doc, out);
	start(doc, out);
	exec_rows(doc, out);
	ratios(doc, out);
	memory(doc, out);
	floor_steps(doc, out);
	page_systems(doc, out);
	page_threats(doc, out);
	page_environment(doc, out);
	ret = page_raw(doc, out);
	fputs("</body>\n</html>\n", out);
	if (fclose(out) || ret)
		ret = error_set(err, ENOMEM, "cannot make the report");
	else
		ret = write_whole(path, text, len, err);
	free(text);
	return ret;
}
