/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.h: what listing verbs print: tables, JSON, templates.
 */
#ifndef CLOISON_NATIVE_OUTPUT_H
#define CLOISON_NATIVE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "lib/error.h"

struct json_object;

struct output_column {
	const char *header; /* "CONTAINER ID" */
	const char *field;  /* of a row: "ID" */
};

/*
 * output_rows - print @rows, an array of objects, as the user asked for.
 * @format: NULL or "table": the @columns; "json": each row as JSON on a line; otherwise a template, or
 *	    "table " and a template, whose table has the fields' headers
 * @json:   all rows as one JSON array, whatever the format
 */
int output_rows(FILE *to, struct json_object *rows, const struct output_column *columns, size_t n,
		const char *format, bool json, struct error *err) must_check;

/*
 * template_print - print @object by a template: text, {{.Field.Field}}, {{json .Field}}, {{json .}}; \n and \t
 * outside of them.
 */
int template_print(FILE *to, const char *template, struct json_object *object,
		   struct error *err) must_check;

/* output_size - "1.95GiB", with powers of 1024; @decimal: "2.1GB", with powers of 1000. */
enum output_units { UNITS_BINARY, UNITS_DECIMAL };
const char *output_size(double bytes, enum output_units units, char *buf, size_t size);

/* output_age - "2 minutes", "About an hour", as Docker says it. */
const char *output_age(int64_t seconds, char *buf, size_t size);

/* output_time - the seconds since 1970 of an RFC 3339 time in UTC; -1: it is none. */
time_t output_time(const char *text);

#endif
