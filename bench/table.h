/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * table.h: a result document as text for a terminal, at most 132 columns wide.
 */
#ifndef CLOISON_BENCH_TABLE_H
#define CLOISON_BENCH_TABLE_H

#include <json-c/json.h>
#include <stdio.h>

void table_print(json_object *doc, FILE *out);

#endif
