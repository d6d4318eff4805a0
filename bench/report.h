/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h: a result document as one HTML file that needs nothing else.
 */
#ifndef CLOISON_BENCH_REPORT_H
#define CLOISON_BENCH_REPORT_H

#include "lib/error.h"

#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * report_write - the report of @doc into @path, and its samples as CSV beside that, named after @source,
 * the file the results came from; the results too when they are elsewhere. Each by rename.
 */
must_check int report_write(json_object *doc, const char *path, const char *source, bool french,
			    struct error *err);

/* report_page - the page alone. Returns 0, or -1 without memory. */
int report_page(json_object *doc, bool french, FILE *out);

#endif
