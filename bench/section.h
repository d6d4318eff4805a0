/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * section.h: the part of the table and of the report that needs to know nothing of a scenario.
 */
#ifndef CLOISON_BENCH_SECTION_H
#define CLOISON_BENCH_SECTION_H

#include <json-c/json.h>
#include <stdio.h>

/*
 * section_print, section_html - for each scenario that has no section of its own, every summary with its
 * interval and every ratio, in the order of the results; and the list "density". For people with a terminal, and
 * with a browser.
 */
void section_print(json_object *doc, FILE *out);
void section_html(json_object *doc, FILE *out);

#endif
