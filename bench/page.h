/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * page.h: the parts of the report that are no figures, and its tables' cells.
 */
#ifndef CLOISON_BENCH_PAGE_H
#define CLOISON_BENCH_PAGE_H

#include <json-c/json.h>
#include <stdio.h>

void html_open_table(FILE *out, const char *const *heads, size_t n);
void html_close_table(FILE *out);

/* html_cell - @text, escaped. html_number_cell - a whole number, "-" for NAN. */
void html_cell(FILE *out, const char *class, const char *text);
void html_number_cell(FILE *out, double v);

void page_environment(json_object *doc, FILE *out);
void page_systems(json_object *doc, FILE *out);
void page_threats(json_object *doc, FILE *out);

/* page_raw - all results as JSON in the page. Returns 0, or -1 without memory. */
int page_raw(json_object *doc, FILE *out);

#endif
