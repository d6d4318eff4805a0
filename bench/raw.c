/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * raw.c: the data in the report, and beside it as CSV.
 */
#include "bench/chart.h"
#include "bench/lang.h"
#include "bench/page.h"
#include "bench/view.h"
#include "lib/fd.h"

#include <math.h>
#include <string.h>

/* The columns of the raw samples in the page; names would be repeated thousands of times. */
static const char *const sample_columns[] = {"scenario", "system",   "block",	    "order",
					     "boot",	 "ready_ns", "exit_ns",	    "cpu_ns",
					     "rc",	 "flag",     "instructions"};

/* The columns of the CSV: all that a sample can have. */
static const char *const csv_columns[] = {"scenario", "system",	     "block",  "order",
					  "boot",     "invocation",  "t0_ns",  "ready_ns",
					  "exit_ns",  "cpu_ns",	     "majflt", "instructions",
					  "rc",	      "steal_ticks", "psi_us", "flag",
					  "error"};

/* rows_of - the samples of every @every-th block, as rows. NULL without memory. */
static json_object *rows_of(json_object *doc, int every)
{
	json_object *rows = json_object_new_array();

	for (size_t i = 0; rows && i < view_length(doc, "samples"); i++) {
		json_object *row, *s = view_item(doc, "samples", i);

		if ((int)view_number(s, "block") % every)
			continue;
		row = json_object_new_array();
		if (!row)
			break;
		for (size_t j = 0; j < ARRAY_SIZE(sample_columns); j++)
			json_object_array_add(row, json_object_get(view_get(s, sample_columns[j])));
		json_object_array_add(rows, row);
	}
	return rows;
}

/* compact - the document with its samples as rows. NULL without memory. */
static json_object *compact(json_object *doc, int every)
{
	json_object *copy = json_object_new_object(), *rows = rows_of(doc, every);
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
	json_object_object_add(copy, "sample_columns", columns);
	json_object_object_add(copy, "sample_blocks_every", json_object_new_int(every));
	json_object_object_add(copy, "samples", rows);
	return copy;
}

int page_raw(json_object *doc, FILE *out, size_t room)
{
	json_object *all = compact(doc, 1);
	const char *text = all ? json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN) : NULL;
	int every = 1;
	char note[200];

	while (text && strlen(text) > room && every < 4096) {
		json_object_put(all);
		every *= 2;
		all = compact(doc, every);
		text = all ? json_object_to_json_string_ext(all, JSON_C_TO_STRING_PLAIN) : NULL;
	}
	if (!text)
		return -1;
	page_title(out, "Raw data");
	page_paragraph(out,
		       "In this page as JSON (element #results); all of it in the JSON and CSV "
		       "files beside it.");
	if (every > 1) {
		snprintf(note, sizeof(note),
			 tr("To stay small, this page has the samples of one block in %d."), every);
		fputs("<p>", out);
		xml_text(out, note);
		fputs("</p>\n", out);
	}
	fputs("<script type=\"application/json\" id=\"results\">", out);
	/* Nothing in it can end the element: "<" is written as an escape. */
	for (; *text; text++)
		if (*text == '<')
			fputs("\\u003c", out);
		else
			fputc(*text, out);
	fputs("</script>\n", out);
	json_object_put(all);
	return 0;
}

/* csv_field - quoted when it has to be: RFC 4180. */
static void csv_field(FILE *out, const char *text)
{
	if (!text[strcspn(text, ",\"\r\n")]) {
		fputs(text, out);
		return;
	}
	fputc('"', out);
	for (; *text; text++) {
		if (*text == '"')
			fputc('"', out);
		fputc(*text, out);
	}
	fputc('"', out);
}

void page_csv(json_object *doc, FILE *out)
{
	for (size_t j = 0; j < ARRAY_SIZE(csv_columns); j++)
		fprintf(out, "%s%s", j ? "," : "", csv_columns[j]);
	fputs("\r\n", out);
	for (size_t i = 0; i < view_length(doc, "samples"); i++) {
		json_object *s = view_item(doc, "samples", i);

		for (size_t j = 0; j < ARRAY_SIZE(csv_columns); j++) {
			if (j)
				fputc(',', out);
			csv_field(out, view_text(s, csv_columns[j]));
		}
		fputs("\r\n", out);
	}
}
