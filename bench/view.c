/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * view.c: see view.h. Null and missing are the same to a reader: not measured, "-".
 */
#include "bench/view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

json_object *view_get(json_object *o, const char *key)
{
	json_object *v = NULL;

	return o && json_object_object_get_ex(o, key, &v) ? v : NULL;
}

const char *view_string(json_object *v)
{
	return v ? json_object_get_string(v) : "";
}

const char *view_text(json_object *o, const char *key)
{
	return view_string(view_get(o, key));
}

double view_number(json_object *o, const char *key)
{
	json_object *v = view_get(o, key);

	return v ? json_object_get_double(v) : NAN;
}

size_t view_length(json_object *o, const char *list)
{
	json_object *v = view_get(o, list);

	return json_object_is_type(v, json_type_array) ? json_object_array_length(v) : 0;
}

json_object *view_item(json_object *o, const char *list, size_t i)
{
	return json_object_array_get_idx(view_get(o, list), i);
}

json_object *view_find(json_object *doc, const char *list, const char *const (*match)[2],
		       size_t matches)
{
	for (size_t i = 0; i < view_length(doc, list); i++) {
		json_object *item = view_item(doc, list, i);
		size_t ok = 0;

		while (ok < matches && strcmp(view_text(item, match[ok][0]), match[ok][1]) == 0)
			ok++;
		if (ok == matches)
			return item;
	}
	return NULL;
}

json_object *view_summary(json_object *doc, const char *scenario, const char *system,
			  const char *metric)
{
	const char *const match[][2] = {{"scenario", scenario},
					{"system", system},
					{"metric", metric}};

	return view_find(doc, "summaries", match, 3);
}

bool view_withheld(json_object *doc)
{
	json_object *gate = view_get(doc, "selftest");

	/* Files of before had no such test. */
	return gate && !json_object_get_boolean(view_get(gate, "passed"));
}

struct view_unit view_unit_of(double ns)
{
	if (ns >= 1e9)
		return (struct view_unit){"s", 1e9};
	if (ns >= 1e6)
		return (struct view_unit){"ms", 1e6};
	return (struct view_unit){"us", 1e3};
}

/* unmeasured - what stands for a number that is not there. */
static const char *unmeasured(char buf[VIEW_SIZE])
{
	buf[0] = '-';
	buf[1] = '\0';
	return buf;
}

const char *view_figure(double v, char buf[VIEW_SIZE])
{
	int digits;

	if (!isfinite(v))
		return unmeasured(buf);
	digits = fabs(v) >= 100 ? 0 : fabs(v) >= 10 ? 1 : fabs(v) >= 1 ? 2 : 3;
	snprintf(buf, VIEW_SIZE, "%.*f", digits, v);
	return buf;
}

const char *view_interval(double point, double low, double high, double scale, char buf[VIEW_SIZE])
{
	char p[VIEW_SIZE], l[VIEW_SIZE], h[VIEW_SIZE];

	if (!isfinite(point))
		return unmeasured(buf);
	if (!isfinite(low) && !isfinite(high))
		return view_figure(point / scale, buf);
	snprintf(buf, VIEW_SIZE, "%.16s [%.16s, %.16s]", view_figure(point / scale, p),
		 view_figure(low / scale, l), view_figure(high / scale, h));
	return buf;
}

const char *view_interval_name(json_object *o)
{
	const char *name = view_text(o, "interval");

	return name[0] ? name : "95% interval"; /* files of before had no other */
}

const char *view_time(json_object *summary, char buf[VIEW_SIZE])
{
	double point = view_number(summary, "p50");
	struct view_unit u = view_unit_of(point);
	char p[VIEW_SIZE], l[VIEW_SIZE], h[VIEW_SIZE];

	if (!isfinite(point))
		return unmeasured(buf);
	snprintf(buf, VIEW_SIZE, "%.14s %s [%.14s, %.14s]", view_figure(point / u.ns, p), u.name,
		 view_figure(view_number(summary, "low") / u.ns, l),
		 view_figure(view_number(summary, "high") / u.ns, h));
	return buf;
}

const char *view_kb(double kb, char buf[VIEW_SIZE])
{
	char v[VIEW_SIZE];

	if (!isfinite(kb))
		return unmeasured(buf);
	if (fabs(kb) >= 10000)
		snprintf(buf, VIEW_SIZE, "%.32s MiB", view_figure(kb / 1024, v));
	else
		snprintf(buf, VIEW_SIZE, "%.0f KiB", kb);
	return buf;
}
