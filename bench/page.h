/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h: the parts of the report that are no figures of a scenario, and its tables' cells.
 */
#ifndef CLOISON_BENCH_PAGE_H
#define CLOISON_BENCH_PAGE_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

#define PAGE_MAX_BYTES 1000000

/* page_head - everything up to the body. page_title - an <h2>. */
void page_head(FILE *out, const char *title);
void page_title(FILE *out, const char *english);
void page_paragraph(FILE *out, const char *english);

/* html_open_table - with a heading row; the heads are English and get translated. */
void html_open_table(FILE *out, const char *const *heads, size_t n);
void html_close_table(FILE *out);

/* html_cell - @text, escaped. html_number_cell - a whole number, "-" for NAN. */
void html_cell(FILE *out, const char *class, const char *text);
void html_number_cell(FILE *out, double v);

void page_fairness(json_object *doc, FILE *out);
void page_environment(json_object *doc, FILE *out);
void page_systems(json_object *doc, FILE *out);
void page_skips(json_object *doc, FILE *out);
void page_threats(json_object *doc, FILE *out);
void page_commands(json_object *doc, FILE *out);

/*
 * page_raw - all results as JSON in the page: all samples if they fit into @room bytes, else the
 * samples of every so many blocks, which is said.
 * Returns 0, or -1 without memory.
 */
int page_raw(json_object *doc, FILE *out, size_t room);

/* page_csv - the samples as comma-separated values, a line each, into @out. */
void page_csv(json_object *doc, FILE *out);

#endif
