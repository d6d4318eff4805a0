/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * output.c: what listing verbs print: tables and JSON.
 *
 * A row is a JSON object whose fields are called as in Docker's templates, so one row serves all forms. What
 * comes from containers (names of programs, labels) ends on a terminal: control characters are shown as
 * "?" in tables, and JSON has its own way with them.
 */
#include "runtime/native/output.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

#include "runtime/native/tree.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define GAP 3
#define COLUMNS_MAX 32

/* width - in characters, which are as wide as one column each: the bytes that begin one. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += ((unsigned char)*text & 0xc0) != 0x80;
	return n;
}

static void print_cell(FILE *to, const char *text)
{
	for (; *text; text++)
		fputc(iscntrl((unsigned char)*text) ? '?' : *text, to);
}

static void print_padding(FILE *to, size_t n)
{
	while (n-- > 0)
		fputc(' ', to);
}

static const char *cell(struct json_object *row, const char *field)
{
	struct json_object *value;

	if (!json_object_object_get_ex(row, field, &value) || !value)
		return "";
	return json_object_get_string(value);
}

static void print_table(FILE *to, struct json_object *rows, const struct output_column *columns,
			size_t n)
{
	size_t widths[COLUMNS_MAX] = {0}, count = json_object_array_length(rows);

	for (size_t c = 0; c < n; c++)
		widths[c] = strlen(columns[c].header);
	for (size_t r = 0; r < count; r++)
		for (size_t c = 0; c < n; c++) {
			size_t w =
				width(cell(json_object_array_get_idx(rows, r), columns[c].field));

			widths[c] = w > widths[c] ? w : widths[c];
		}
	for (size_t c = 0; c < n; c++) {
		fputs(columns[c].header, to);
		if (c + 1 < n)
			print_padding(to, widths[c] + GAP - strlen(columns[c].header));
	}
	fputc('\n', to);
	for (size_t r = 0; r < count; r++) {
		for (size_t c = 0; c < n; c++) {
			const char *text =
				cell(json_object_array_get_idx(rows, r), columns[c].field);

			print_cell(to, text);
			if (c + 1 < n)
				print_padding(to, widths[c] + GAP - width(text));
		}
		fputc('\n', to);
	}
}

/* header_of - a field's header in the table, or the field in capitals, in @buf. */
static const char *header_of(const struct output_column *columns, size_t n, const char *field,
			     char *buf, size_t size)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(columns[i].field, field))
			return columns[i].header;
	snprintf(buf, size, "%s", field);
	for (char *p = buf; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	return buf;
}

/*
 * print_chosen - "table {{.A}}\t{{.B}}": the fields' columns. Anything but fields and tabs has no place in
 * a table.
 */
static int print_chosen(FILE *to, struct json_object *rows, const struct output_column *known,
			size_t n_known, const char *format, struct error *err)
{
	struct output_column columns[COLUMNS_MAX];
	char fields[COLUMNS_MAX][64], headers[COLUMNS_MAX][64];
	size_t n = 0;

	for (const char *p = format; *p;) {
		size_t length;

		if (*p == '\t' || *p == ' ' || !strncmp(p, "\\t", 2)) {
			p += *p == '\\' ? 2 : 1;
			continue;
		}
		length = strncmp(p, "{{.", 3) ? 0 : strcspn(p + 3, "}");
		if (!length || length >= sizeof(fields[0]) || strncmp(p + 3 + length, "}}", 2) ||
		    n == COLUMNS_MAX) {
			error_set(err, 0, "format `%s`", format);
			return error_hint(err, "after `table`: {{.Field}} and \\t between them");
		}
		snprintf(fields[n], sizeof(fields[n]), "%.*s", (int)length, p + 3);
		columns[n].field = fields[n];
		columns[n].header =
			header_of(known, n_known, fields[n], headers[n], sizeof(headers[n]));
		n++;
		p += length + 5;
	}
	print_table(to, rows, columns, n);
	return 0;
}

int output_rows(FILE *to, struct json_object *rows, const struct output_column *columns, size_t n,
		const char *format, bool json, struct error *err)
{
	bool lines = format && !strcmp(format, "json");
	size_t count = json_object_array_length(rows);

	if (json) {
		fprintf(to, "%s\n", json_object_to_json_string_ext(rows, JSON_FLAGS));
	} else if (!format || !strcmp(format, "table")) {
		print_table(to, rows, columns, n);
	} else if (!strncmp(format, "table ", 6) || !strncmp(format, "table\\t", 7)) {
		if (print_chosen(to, rows, columns, n, format + 5, err) < 0)
			return -1;
	} else {
		for (size_t i = 0; i < count; i++) {
			struct json_object *row = json_object_array_get_idx(rows, i);

			if (lines)
				fputs(json_object_to_json_string_ext(row, JSON_FLAGS), to);
			else if (template_print(to, format, row, err) < 0)
				return -1;
			fputc('\n', to);
		}
	}
	return fflush(to) ? error_set(err, errno, "cannot print") : 0;
}

const char *output_size(double bytes, enum output_units units, char *buf, size_t size)
{
	static const char *const names[2][6] = {
		[UNITS_BINARY] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"},
		[UNITS_DECIMAL] = {"B", "kB", "MB", "GB", "TB", "PB"},
	};
	double step = units == UNITS_BINARY ? 1024 : 1000;
	size_t i = 0;

	while (bytes >= step && i < 5) {
		bytes /= step;
		i++;
	}
	snprintf(buf, size, units == UNITS_BINARY ? "%.4g%s" : "%.3g%s", bytes, names[units][i]);
	return buf;
}

const char *output_age(int64_t s, char *buf, size_t size)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} steps[] = {
		{60, 1, "seconds"},
		{46 * 60, 60, "minutes"},
		{36 * 3600, 3600, "hours"},
		{14 * 86400, 86400, "days"},
		{60 * 86400, 604800, "weeks"},
		{730 * 86400, 2592000, "months"},
	};

	if (s < 1)
		snprintf(buf, size, "Less than a second");
	else if (s == 1)
		snprintf(buf, size, "1 second");
	else if (s >= 60 && s < 120)
		snprintf(buf, size, "About a minute");
	else if (s >= 46 * 60 && s < 5400)
		snprintf(buf, size, "About an hour");
	else
		for (size_t i = 0;; i++) {
			if (i == ARRAY_SIZE(steps)) {
				snprintf(buf, size, "%jd years", (intmax_t)(s / 31536000));
				break;
			}
			if (s >= steps[i].below)
				continue;
			snprintf(buf, size, "%jd %s",
				 (intmax_t)((s + (steps[i].unit == 3600 ? 1800 : 0)) /
					    steps[i].unit),
				 steps[i].name);
			break;
		}
	return buf;
}

time_t output_time(const char *text)
{
	struct tm tm = {0};
	int n = 0;

	if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
		   &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &n) != 6)
		return -1;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	if (text[n] == '.')
		n += 1 + (int)strspn(text + n + 1, "0123456789");
	return strcmp(text + n, "Z") ? -1 : timegm(&tm);
}
