/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.c: claims first, then what they rest on, the raw data last.
 *
 * No script, no font, no picture from elsewhere: the page reads the same offline, printed and with
 * scripts off. It follows the reader's light or dark setting. The order is: claims and targets, the
 * fairness banner, the environment, the summary and the other tables, the figures, what was skipped and
 * why, threats to validity, commands, raw data.
 */
#include "bench/report.h"

#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/page.h"
#include "bench/plots.h"
#include "bench/result.h"
#include "bench/section.h"
#include "bench/view.h"

#include <limits.h>
#include <math.h>
#include <string.h>
#include <sys/stat.h>

/* verdict_cell - a verdict, coloured by its English name. */
static void verdict_cell(FILE *out, const char *verdict)
{
	html_cell(out, verdict, tr(verdict));
}

static void claims(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"verdict", "claim",	 "value",  "low and high are",
					    "blocks",  "target", "command"};

	if (view_length(doc, "claims") == 0)
		return;
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "claims"); i++) {
		json_object *c = view_item(doc, "claims", i);
		bool hidden = view_get(c, "n") && view_withheld(doc);
		char v[VIEW_SIZE], text[400], name[64];

		fputs("<tr>", out);
		verdict_cell(out, hidden ? "not printed" : view_text(c, "verdict"));
		html_cell(out, "wrap", tr_text(view_text(c, "text"), text, sizeof(text)));
		html_cell(out, "",
			  view_interval(hidden ? NAN : view_number(c, "value"),
					view_number(c, "low"), view_number(c, "high"), 1, v));
		html_cell(out, "", tr_text(view_interval_name(c), name, sizeof(name)));
		html_number_cell(out, view_number(c, "n"));
		html_cell(out, "", view_text(c, "target"));
		snprintf(text, sizeof(text), "cloison-bench run --scenario %.40s",
			 view_text(c, "scenario"));
		html_cell(out, "", view_get(c, "scenario") ? text : "cloison-bench run");
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void targets(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"verdict", "target of the design", "measured", "target",
					    "from"};
	bool any = false;

	for (size_t i = 0; i < view_length(doc, "targets"); i++)
		any |= isfinite(view_number(view_item(doc, "targets", i), "value"));
	if (!any)
		return;
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "targets"); i++) {
		json_object *t = view_item(doc, "targets", i);
		bool hidden = view_withheld(doc) && strcmp(view_text(t, "unit"), "x") == 0;
		char v[VIEW_SIZE], text[400];

		fputs("<tr>", out);
		verdict_cell(out, hidden ? "not printed" : view_text(t, "verdict"));
		html_cell(out, "wrap", tr_text(view_text(t, "what"), text, sizeof(text)));
		view_interval(hidden ? NAN : view_number(t, "value"), view_number(t, "low"),
			      view_number(t, "high"), 1, v);
		snprintf(text, sizeof(text), "%s %s", v,
			 hidden || isnan(view_number(t, "value")) ? "" : view_text(t, "unit"));
		html_cell(out, "", text);
		html_cell(out, "", tr_text(view_text(t, "target"), text, sizeof(text)));
		html_cell(out, "wrap",
			  tr_text(view_text(t, view_get(t, "reason") ? "reason" : "from"), text,
				  sizeof(text)));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
	page_paragraph(out, "All of them: cloison-bench run targets.");
}

static void proof(json_object *doc, FILE *out)
{
	if (view_length(doc, "proof") == 0)
		return;
	page_title(out, "A container in the appliance");
	fputs("<pre>", out);
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

/* ratio_cell - how many times the base of the comparison a system takes. */
static void ratio_cell(json_object *doc, const char *id, FILE *out)
{
	const char *const match[][2] = {{"scenario", "s02-start"}, {"of", id}, {"metric", "whole"}};
	json_object *r = view_find(doc, "ratios", match, ARRAY_SIZE(match));
	char v[VIEW_SIZE], text[VIEW_SIZE + 48] = "-";

	if (r && !view_withheld(doc))
		snprintf(text, sizeof(text), "%s x %.24s",
			 view_interval(view_number(r, "ratio"), view_number(r, "low"),
				       view_number(r, "high"), 1, v),
			 view_text(r, "to"));
	html_cell(out, "", text);
}

static void start_row(json_object *doc, json_object *s, json_object *ready, FILE *out)
{
	const char *id = view_text(s, "id");
	const char *const match[][2] = {{"system", id}};
	char v[VIEW_SIZE];

	fputs("<tr>", out);
	html_cell(out, "", id);
	html_number_cell(out, view_number(ready, "n"));
	html_number_cell(out, view_number(ready, "failed"));
	time_cell(ready, "min", out);
	html_cell(out, "", view_time(ready, v));
	time_cell(ready, "p95", out);
	html_number_cell(out, view_number(ready, "outliers"));
	html_cell(out, "", view_time(view_summary(doc, "s02-start", id, "whole"), v));
	ratio_cell(doc, id, out);
	time_cell(view_summary(doc, "s02-start", id, "cpu"), "p50", out);
	html_cell(out, "", view_kb(view_number(view_find(doc, "memory", match, 1), "pss_kb"), v));
	html_cell(out, "", view_kb(marginal_of(doc, id), v));
	html_cell(out, "", view_text(s, "accel"));
	html_cell(out, "", view_text(s, "rung"));
	fputs("</tr>\n", out);
}

static void start(json_object *doc, FILE *out)
{
	static const char *const heads[] = {
		"system",
		"n",
		"failed",
		"min",
		"ready [95% interval]",
		"p95",
		"outliers",
		"whole [95% interval]",
		"ratio [99% interval]",
		"cpu",
		"PSS",
		"one more",
		"accel",
		"rung",
	};
	const char *const match[][2] = {{"scenario", "s02-start"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	page_title(out, "Start");
	page_paragraph(out, "ready: until the probe's first instruction is seen; whole: until the "
			    "command has ended; cpu: its processor time. Medians. Outliers, by the "
			    "modified z, are in all of them. one more: what one more idle instance "
			    "takes. Rungs: R0 a native container beside an emulated machine, from "
			    "which no ratio is drawn; R1 equal substrate; R3 hardware "
			    "virtualisation; R4 the same, nested.");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		json_object *s = view_item(doc, "systems", i);
		json_object *ready = view_summary(doc, "s02-start", view_text(s, "id"), "ready");

		if (ready)
			start_row(doc, s, ready, out);
	}
	html_close_table(out);
}

static void exec_rows(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"system", "n", "failed", "min", "whole [95% interval]",
					    "cpu"};
	const char *const match[][2] = {{"scenario", "s03-exec"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	page_title(out, "One more process in a running container");
	page_paragraph(out,
		       "whole: from the command to its end; cpu: its processor time. Medians.");
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
	page_title(out, "Ratios, paired by block");
	if (view_withheld(doc)) {
		page_paragraph(out, "Not printed: the A/A self-test failed.");
		return;
	}
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "ratios"); i++) {
		json_object *r = view_item(doc, "ratios", i);
		char v[VIEW_SIZE], pair[96], name[64];

		snprintf(pair, sizeof(pair), "%.40s / %.40s", view_text(r, "of"),
			 view_text(r, "to"));
		fputs("<tr>", out);
		html_cell(out, "", view_text(r, "scenario"));
		html_cell(out, "", pair);
		html_cell(out, "", view_text(r, "metric"));
		html_cell(out, "",
			  view_interval(view_number(r, "ratio"), view_number(r, "low"),
					view_number(r, "high"), 1, v));
		html_cell(out, "", tr_text(view_interval_name(r), name, sizeof(name)));
		if (isfinite(view_number(r, "spread")))
			snprintf(v, sizeof(v), "%.3f%%", 100 * view_number(r, "spread"));
		else
			snprintf(v, sizeof(v), "-");
		html_cell(out, "", v);
		html_cell(out, "", view_text(r, "rung"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
	page_paragraph(out,
		       "Metric instructions: instructions and skipped idle time (virtual ns). The "
		       "virtual clock goes on by 1 ns per instruction and jumps over idle "
		       "waits.");
}

static void boot_phases(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"phase", "boots", "M virtual ns", "share", "spread"};
	static const char *const phases[] = VIEW_PHASES;
	double total = view_number(view_summary(doc, "s05-phases", "appliance", "total"), "p50");

	if (!isfinite(total))
		return;
	page_title(out, "The appliance from reset to its first container");
	page_paragraph(out,
		       "Instructions and skipped idle time. firmware: until the kernel's image is "
		       "entered; unpacking: until the kernel itself is; agent: of the bench, no "
		       "part of the appliance.");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < ARRAY_SIZE(phases); i++) {
		json_object *s = view_summary(doc, "s05-phases", "appliance", phases[i]);
		char text[VIEW_SIZE];

		fputs("<tr>", out);
		html_cell(out, "", tr(phases[i]));
		html_number_cell(out, view_number(s, "n"));
		snprintf(text, sizeof(text), "%.3f", view_number(s, "p50") / 1e6);
		html_cell(out, "", text);
		snprintf(text, sizeof(text), "%.1f%%", 100 * view_number(s, "p50") / total);
		html_cell(out, "", text);
		snprintf(text, sizeof(text), "%.3f%%", 100 * view_number(s, "spread"));
		html_cell(out, "", text);
		fputs("</tr>\n", out);
	}
	html_close_table(out);
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
	page_title(out, "Memory of one idle instance, KiB");
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

static void supervisor(json_object *doc, FILE *out)
{
	static const char *const heads[] = {
		"system", "kernel of",	"containers", "base", "each, KiB [95% interval]",
		"cpu %",  "wake-ups/s", "over s"};

	if (view_length(doc, "supervisor") == 0)
		return;
	page_title(out, "The supervisor of idle containers, KiB of PSS");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "supervisor"); i++) {
		json_object *m = view_item(doc, "supervisor", i);
		json_object *k = view_get(m, "per_container_kb");
		char v[VIEW_SIZE];

		fputs("<tr>", out);
		html_cell(out, "", view_text(m, "system"));
		html_cell(out, "", view_text(m, "where"));
		html_number_cell(out, view_number(m, "containers"));
		html_number_cell(out, view_number(m, "base_kb"));
		html_cell(out, "",
			  view_interval(view_number(k, "point"), view_number(k, "low"),
					view_number(k, "high"), 1, v));
		html_number_cell(out, view_number(m, "cpu_percent"));
		html_number_cell(out, view_number(m, "wake_ups"));
		html_number_cell(out, view_number(m, "idle_s"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void floor_steps(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"new namespaces", "n", "median [95% interval]"};
	const char *const match[][2] = {{"scenario", "s01-floor"}};

	if (!view_find(doc, "summaries", match, 1))
		return;
	page_title(out, "The kernel's part: one process made and waited for");
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
	html_close_table(out);
}

/* repro - a paper's values, which were measured on other machines, and how ours differ. */
static void repro(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"what", "the paper's", "evidence"};
	json_object *o = view_get(doc, "repro");
	char line[600];

	if (!o)
		return;
	snprintf(line, sizeof(line), "%.40s: %.200s", view_text(o, "id"), view_text(o, "title"));
	fputs("<h2>", out);
	xml_text(out, line);
	snprintf(line, sizeof(line), "%.280s; %.280s", view_text(o, "paper"),
		 view_text(o, "hardware"));
	fputs("</h2>\n<p>", out);
	xml_text(out, line);
	fputs("</p>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(o, "theirs"); i++) {
		json_object *t = view_item(o, "theirs", i);

		fputs("<tr>", out);
		html_cell(out, "wrap", view_text(t, "label"));
		html_cell(out, "", view_text(t, "value"));
		html_cell(out, "wrap", view_text(t, "evidence"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
	fputs("<ul>\n", out);
	for (size_t i = 0; i < view_length(o, "differences"); i++) {
		fputs("<li>", out);
		xml_text(out, view_string(view_item(o, "differences", i)));
		fputs("</li>\n", out);
	}
	fputs("</ul>\n", out);
}

static void banner(json_object *doc, FILE *out)
{
	json_object *env = view_get(doc, "env");
	char line[512];

	page_head(out, tr("Containers beside virtual machines, on this machine"));
	snprintf(line, sizeof(line), tr("%.120s, %.0f processors, Linux %.80s. Run %.80s%s."),
		 view_text(env, "cpu"), view_number(env, "cpus"), view_text(env, "kernel"),
		 view_text(doc, "run_id"),
		 json_object_get_boolean(view_get(doc, "interrupted")) ? tr(", interrupted") : "");
	fputs("<p>", out);
	xml_text(out, line);
	fputs("</p>\n", out);
}

/* body - everything but the raw data, in the order of the head comment. */
static void body(json_object *doc, FILE *out)
{
	banner(doc, out);
	if (view_length(doc, "claims") || view_length(doc, "targets"))
		page_title(out, "Claims");
	claims(doc, out);
	targets(doc, out);
	page_fairness(doc, out);
	page_environment(doc, out);
	page_systems(doc, out);
	start(doc, out);
	exec_rows(doc, out);
	ratios(doc, out);
	boot_phases(doc, out);
	memory(doc, out);
	supervisor(doc, out);
	floor_steps(doc, out);
	section_html(doc, out);
	repro(doc, out);
	proof(doc, out);
	page_title(out, "Figures");
	plots_write(doc, out);
	page_skips(doc, out);
	page_threats(doc, out);
	page_commands(doc, out);
}

int report_page(json_object *doc, bool french, FILE *out)
{
	long before = ftell(out), after;

	lang_set(french);
	body(doc, out);
	after = ftell(out);
	if (page_raw(doc, out, PAGE_MAX_BYTES - (size_t)(after - before) - 50000))
		return -1;
	fputs("</body>\n</html>\n", out);
	return 0;
}

/* write_made - what @make writes, to @path by rename. */
static int write_made(json_object *doc, const char *path, bool french,
		      int (*make)(json_object *doc, bool french, FILE *out), struct error *err)
{
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	int ret;

	if (!out)
		return error_set(err, errno, "cannot make `%s`", path);
	ret = make(doc, french, out);
	if (fclose(out) || ret)
		ret = error_set(err, ENOMEM, "cannot make `%s`", path);
	else
		ret = write_whole(path, text, len, err);
	free(text);
	return ret;
}

static int make_csv(json_object *doc, bool french, FILE *out)
{
	(void)french;
	page_csv(doc, out);
	return 0;
}

static int make_json(json_object *doc, bool french, FILE *out)
{
	const char *text =
		json_object_to_json_string_ext(doc, JSON_C_TO_STRING_PRETTY |
							    JSON_C_TO_STRING_PRETTY_TAB |
							    JSON_C_TO_STRING_NOSLASHESCAPE);

	(void)french;
	return text && fputs(text, out) >= 0 ? 0 : -1;
}

static bool same_file(const char *a, const char *b)
{
	struct stat x, y;

	return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

int report_write(json_object *doc, const char *path, const char *source, bool french,
		 struct error *err)
{
	const char *slash = strrchr(path, '/'), *name = strrchr(source, '/');
	int directory = slash ? (int)(slash - path + 1) : 0, stem;
	char beside[PATH_MAX];

	name = name ? name + 1 : source;
	stem = (int)(strlen(name) > 5 && strcmp(name + strlen(name) - 5, ".json") == 0
			     ? strlen(name) - 5
			     : strlen(name));
	if (write_made(doc, path, french, report_page, err))
		return -1;
	if (snprintf(beside, sizeof(beside), "%.*s%.*s.csv", directory, path, stem, name) >=
	    PATH_MAX)
		return error_set(err, ENAMETOOLONG, "cannot write beside `%s`", path);
	if (write_made(doc, beside, french, make_csv, err))
		return -1;
	snprintf(beside, sizeof(beside), "%.*s%.*s.json", directory, path, stem, name);
	return same_file(beside, source) ? 0 : write_made(doc, beside, french, make_json, err);
}
