/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.c: see page.h.
 */
#include "bench/page.h"

#include "bench/svg.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

void html_open_table(FILE *out, const char *const *heads, size_t n)
{
	fputs("<div class=\"scroll\"><table><thead><tr>", out);
	for (size_t i = 0; i < n; i++) {
		fputs("<th>", out);
		xml_text(out, heads[i]);
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
	fputs("<td class=\"", out);
	xml_text(out, class);
	fputs("\">", out);
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
				fputs("<tr>", out);
				fprintf(out, "<td>");
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

	fputs("<h2>Environment</h2>\n<details><summary>processor, kernel, load, mitigations, "
	      "sha256 of every program, kernel and image</summary>\n",
	      out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	if (env)
		object_rows(env, out);
	html_close_table(out);
	fputs("</details>\n", out);
}

void page_systems(json_object *doc, FILE *out)
{
	static const char *const heads[] = {"system", "what", "version or reason for the skip",
					    "command"};

	fputs("<h2>Systems</h2>\n", out);
	html_open_table(out, heads, ARRAY_SIZE(heads));
	for (size_t i = 0; i < view_length(doc, "systems"); i++) {
		json_object *s = view_item(doc, "systems", i);
		bool skipped = view_get(s, "skip") != NULL;

		fputs("<tr>", out);
		html_cell(out, "", view_text(s, "id"));
		html_cell(out, "wrap", view_text(s, "what"));
		html_cell(out, "wrap", view_text(s, skipped ? "skip" : "version"));
		html_cell(out, "wrap", skipped ? "skipped" : view_text(s, "args"));
		fputs("</tr>\n", out);
	}
	html_close_table(out);
}

void page_threats(json_object *doc, FILE *out)
{
	fputs("<h2>Threats to validity</h2>\n<ul>\n", out);
	for (size_t i = 0; i < view_length(doc, "threats"); i++) {
		fputs("<li>", out);
		xml_text(out, view_string(view_item(doc, "threats", i)));
		fputs("</li>\n", out);
	}
	if (view_length(doc, "threats") == 0)
		fputs("<li>none found automatically</li>\n", out);
	fputs("</ul>\n", out);
}

/* The columns of the raw samples in the page; names would be repeated thousands of times. */
static const char *const sample_columns[] = {"scenario", "system",   "block",	    "order",
					     "boot",	 "ready_ns", "exit_ns",	    "cpu_ns",
					     "rc",	 "flag",     "instructions"};

/* compact - the document with its samples as rows. NULL without memory. */
static json_object *compact(json_object *doc)
{
	json_object *copy = json_object_new_object(), *rows = json_object_new_array();
	json_object *columns = json_object_new_array();

	if (!copy || !rows || !columns) {
		json_object_put(copy);
		json_object_put(rows);
		json_object_put(columns);
		return NULL;
	}
	json_object_object_foreach(doc, key, value) if (strcmp(key, "samples") != 0)
		json_object_object_add(copy, key, json_object_get(value));
	for (size_t i = 0; i < ARRAY_SIZE(sample_columns); i++)
		json_object_array_add(columns, json_object_new_string(sample_columns[i]));
	for (size_t i = 0; i < view_length(doc, "samples"); i++) {
		json_object *row = json_object_new_array(), *s = view_item(doc, "samples", i);

		for (size_t j = 0; j < ARRAY_SIZE(sample_columns); j++)
			json_object_array_add(row, json_object_get(view_get(s, sample_columns[j])));
		json_object_array_add(rows, row);
	}
	json_object_object_add(copy, "sample_columns", columns);
	json_object_object_add(copy, "samples", rows);
	return copy;
}

/* raw - the data. '<' is written as an escape, so nothing in it can end the script element. */
int page_raw(json_object *doc, FILE *out)
{
	json_object *all = compact(doc);

	if (!all)
		return -1;
	fputs("<h2>Raw data</h2>\n<p>In this page as JSON (element <code>#results</code>), and in "
	      "<code>results.json</code> beside it.</p>\n"
	      "<script type=\"application/json\" id=\"results\">",
	      out);
	for (const char *p = json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN); *p; p++)
		if (*p == '<')
			fputs("\\u003c", out);
		else
			fputc(*p, out);
	fputs("</script>\n", out);
	json_object_put(all);
	return 0;
}
