/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.c: see page.h.
 *
 * The page is printed light, whatever the screen is; tables wrap there, as paper does not scroll. On
 * a narrow screen a table or figure that is too wide scrolls within its own box, not the page.
 */
#include "bench/page.h"

#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <string.h>

static const char style[] =
	":root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--grid:#d8d8d8;--grey:#777;"
	"--good:#00694d;--bad:#a33600;--s0:#0072b2;--s1:#c25500;--s2:#008a64;--s3:#b04a86;"
	"--s4:#946300;--s5:#2f8fc4;--s6:#555;--s7:#7a3fb0}\n"
	"@media screen and (prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#16181a;"
	"--grid:#3a3d40;--grey:#9a9a9a;--good:#3cc79c;--bad:#ff9a5c;--s0:#56b4e9;--s1:#ff9a4d;"
	"--s2:#2fd0a0;--s3:#e79cc6;--s4:#e6b64c;--s5:#a3d8f4;--s6:#bbb;--s7:#c39bf0}}\n"
	"*{box-sizing:border-box}body{margin:0 auto;max-width:80rem;padding:1.25rem;"
	"background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;"
	"overflow-wrap:anywhere}\n"
	"h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.2rem;margin:2.25rem 0 .5rem}"
	"h3{font-size:1rem;margin:0 0 .25rem}\n"
	"p,ul{max-width:56rem}.scroll{overflow-x:auto;margin:.75rem 0}table{border-collapse:collapse;font-size:.9rem;"
	"font-variant-numeric:tabular-nums}\n"
	"th,td{padding:.25rem .75rem .25rem 0;text-align:left;border-bottom:1px solid var(--grid);"
	"vertical-align:top;overflow-wrap:normal}td.n,th.n{text-align:right}\n"
	"td{white-space:nowrap}td.wrap{white-space:normal;overflow-wrap:anywhere;min-width:14rem}\n"
	".holds,.met{color:var(--good);font-weight:600}.fails,.missed{color:var(--bad);font-weight:600}\n"
	".banner{border:2px solid var(--ink);padding:.5rem 1rem;margin:1rem 0}.banner p{margin:.35rem 0}\n"
	"figure{margin:1.5rem 0;break-inside:avoid}figcaption,.note{font-size:.875rem;margin:.25rem 0}\n"
	"pre{overflow-x:auto;padding:.75rem;border:1px solid var(--grid)}\n"
	"svg{display:block;width:100%;min-width:34rem;max-width:48rem;height:auto}\n"
	".p{stroke-width:3.2;stroke-linecap:round;opacity:.75}\n"
	"@media print{body{max-width:none;font-size:11px;padding:0}.scroll,pre{overflow:visible}"
	"td,th,pre{white-space:normal;padding-right:.4rem}table{font-size:9px}td.wrap{min-width:0}"
	"svg{min-width:0;max-width:34rem}pre{white-space:pre-wrap}h2,h3{break-after:avoid}tr{break-inside:avoid}}\n";

void page_head(FILE *out, const char *title)
{
	fprintf(out,
		"<!doctype html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		"<link rel=\"icon\" href=\"data:,\">\n<title>",
		lang_code());
	xml_text(out, title);
	fprintf(out, "</title>\n<style>\n%s</style>\n</head>\n<body>\n<h1>", style);
	xml_text(out, title);
	fputs("</h1>\n", out);
}

void page_title(FILE *out, const char *english)
{
	fputs("<h2>", out);
	xml_text(out, tr(english));
	fputs("</h2>\n", out);
}

void page_paragraph(FILE *out, const char *english)
{
	fputs("<p>", out);
	xml_text(out, tr(english));
	fputs("</p>\n", out);
}

void html_open_table(FILE *out, const char *const *heads, size_t n)
{
	fputs("<div class=\"scroll\"><table><thead><tr>", out);
	for (size_t i = 0; i < n; i++) {
		fputs("<th scope=\"col\">", out);
		xml_text(out, tr(heads[i]));
		fputs("</th>", out);
	}
	fputs("</tr></thead><tbody>\n", out);
}

void html_close_table(FILE *out)
{
	fputs("</tbody></table></div>\n", out);
}

void html_cell(FILE *out, const char *class, const char *text)
{
	fputs("<td", out);
	if (class[0]) {
		fputs(" class=\"", out);
		xml_text(out, class);
		fputs("\"", out);
	}
	fputs(">", out);
	xml_text(out, text);
	fputs("</td>", out);
}

void html_number_cell(FILE *out, double v)
{
	char buf[VIEW_SIZE];

	if (isfinite(v))
		snprintf(buf, sizeof(buf), "%.0f", v);
	else
		snprintf(buf, sizeof(buf), "-");
	html_cell(out, "n", buf);
}

/* line - a paragraph out of a format with two texts. */
static void line(FILE *out, const char *english, const char *a, const char *b)
{
	char text[1024];

	snprintf(text, sizeof(text), tr(english), a, b);
	fputs("<p>", out);
	xml_text(out, text);
	fputs("</p>\n", out);
}

static void fairness_gate(json_object *doc, FILE *out)
{
	json_object *gate = view_get(doc, "selftest"), *cpu = view_get(gate, "cpu");
	char v[VIEW_SIZE];

	if (!gate)
		return;
	view_interval(view_number(cpu, "ratio"), view_number(cpu, "low"), view_number(cpu, "high"),
		      1, v);
	line(out,
	     view_withheld(doc)
		     ? "A/A self-test failed: %s beside itself was %s times as slow, by processor time. No ratio is printed."
		     : "A/A self-test passed: %s beside itself was %s times as slow, by processor time.",
	     view_text(gate, "system"), v);
}

void page_fairness(json_object *doc, FILE *out)
{
	json_object *env = view_get(doc, "env");
	double ticks =
		view_number(env, "steal_ticks_after") - view_number(env, "steal_ticks_before");
	char a[400], b[64];

	page_title(out, "Fairness");
	fputs("<div class=\"banner\">", out);
	snprintf(a, sizeof(a), "%.20s (%.300s)", view_text(env, "accel"),
		 view_text(env, "accel_reason"));
	line(out, "Virtual machines run with %s.", a, "");
	if (strcmp(view_text(env, "accel"), "tcg") == 0)
		page_paragraph(
			out,
			"Their times are those of an emulator: no argument for containers. What "
			"compares is R1 (containers inside the same emulated machine) and R2 "
			"(instructions).");
	if (json_object_get_boolean(view_get(env, "nested")))
		page_paragraph(out, "This machine is itself a virtual machine.");
	fairness_gate(doc, out);
	snprintf(b, sizeof(b), "%.0f ms", isfinite(ticks) ? ticks * 10 : 0);
	line(out, "Load before: %s; processor time stolen by the host during the run: %s.",
	     view_text(env, "load_before"), b);
	fputs("</div>\n", out);
}

/* object_rows - members of @o as two columns, nested objects beneath their key. */
static void object_rows(json_object *o, FILE *out)
{
	if (!json_object_is_type(o, json_type_object))
		return;
	json_object_object_foreach(o, key, value)
	{
		if (json_object_is_type(value, json_type_object)) {
			json_object_object_foreach(value, inner, text)
			{
				fputs("<tr><td>", out);
				xml_text(out, key);
				fputs(": ", out);
				xml_text(out, inner);
				fputs("</td>", out);
				html_cell(out, "wrap", text ? json_object_get_string(text) : "-");
				fputs("</tr>\n", out);
			}
			continue;
		}
		fputs("<tr>", out);
		html_cell(out, "", key);
		html_cell(out, "wrap", value ? json_object_get_string(value) : "-");
		fputs("</tr>\n", out);
	}
}

void page_environment(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"what", "value"};
	json_object *env = view_get(doc, "env");

	page_title(out, "Environment");
	page_paragraph(out,
		       "Processor, kernel, load, mitigations; sha256 of each program, kernel and "
		       "image that was built.");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	if (env)
		object_rows(env, out);
	html_close_table(out);
}

void page_systems(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"system", "what", "version", "command", "sha256"};

	page_title(out, "Systems");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		json_object *s = view_item(doc, "systems", i);
		char what[200];

		if (view_get(s, "skip"))
			continue;
		fputs("<tr>", out);
		html_cell(out, "", view_text(s, "id"));
		html_cell(out, "wrap", tr_text(view_text(s, "what"), what, sizeof(what)));
		html_cell(out, "wrap", view_text(s, "version"));
		html_cell(out, "wrap", view_text(s, "args"));
		html_cell(out, "wrap", view_text(s, "sha256"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

static void skip_row(FILE *out, const char *what, const char *why)
{
	char text[700];

	fputs("<tr>", out);
	html_cell(out, "", what);
	html_cell(out, "wrap", tr_text(why, text, sizeof(text)));
	fputs("</tr>\n", out);
}

/* skipped_steps - of the floor: namespaces that could not be had, with their errors. */
static void skipped_steps(json_object *steps, FILE *out)
{
	if (!json_object_is_type(steps, json_type_object))
		return;
	json_object_object_foreach(steps, name, why)
	{
		skip_row(out, name, view_string(why));
	}
}

void page_skips(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"what", "reason"};
	const char *const match[][2] = {{"id", "s01-floor"}};
	json_object *steps = view_get(view_get(view_find(doc, "scenarios", match, 1), "params"),
				      "skipped_steps");

	page_title(out, "Skipped");
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++)
		if (view_get(view_item(doc, "systems", i), "skip"))
			skip_row(out, view_text(view_item(doc, "systems", i), "id"),
				 view_text(view_item(doc, "systems", i), "skip"));
	for (size_t i = 0; i < view_length(doc, "scenarios"); i++) {
		json_object *s = view_item(doc, "scenarios", i);
		const char *skip = view_text(view_get(s, "params"), "skip");

		if (skip[0])
			skip_row(out, view_text(s, "id"), skip);
	}
	skipped_steps(steps, out);
	html_close_table(out);
}

void page_threats(json_object *doc, FILE *out)
{
	char text[700];

	page_title(out, "Threats to validity");
	fputs("<ul>\n", out);
	for (size_t i = 0; i < view_length(doc, "threats"); i++) {
		fputs("<li>", out);
		xml_text(out,
			 tr_text(view_string(view_item(doc, "threats", i)), text, sizeof(text)));
		fputs("</li>\n", out);
	}
	if (view_length(doc, "threats") == 0)
		fprintf(out, "<li>%s</li>\n", tr("none found automatically"));
	fputs("</ul>\n", out);
}

void page_commands(json_object *doc, FILE *out)
{
	page_title(out, "Commands to repeat this");
	fputs("<pre>cloison-bench run", out);
	for (size_t i = 0; i < view_length(doc, "options"); i++) {
		fputc(' ', out);
		xml_text(out, view_string(view_item(doc, "options", i)));
	}
	if (view_length(doc, "options") == 0) {
		fputs(" --mode ", out);
		xml_text(out, view_text(doc, "mode"));
		fputs(" --seed ", out);
		xml_text(out, view_text(doc, "seed"));
	}
	fputs("\ncloison-bench selftest\n", out);
	for (size_t i = 0; i < view_length(doc, "scenarios"); i++) {
		fputs("cloison-bench run --scenario ", out);
		xml_text(out, view_text(view_item(doc, "scenarios", i), "id"));
		fputc('\n', out);
	}
	fputs("</pre>\n", out);
}
