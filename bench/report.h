/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * report.h: a result document as one HTML file that needs nothing else.
 */
#ifndef CLOISON_BENCH_REPORT_H
#define CLOISON_BENCH_REPORT_H

#include "lib/error.h"

#include <json-c/json.h>

/* report_write - the report of @doc into @path, by rename. */
must_check int report_write(json_object *doc, const char *path, struct error *err);

#endif
