/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c: `events`.
 */
#include <ctype.h>
#include <limits.h>
#include <string.h>

#include "runtime/cli/verb.h"

#define DEFAULT_INTERVAL_MS 5000

struct values {
	const char *interval;
	bool stats;
};

static const struct option table[] = {
	{"stats", 0, OPTION_FLAG, offsetof(struct values, stats), NULL,
	 "print the statistics once and end"},
	{"interval", 0, OPTION_STRING, offsetof(struct values, interval), "DURATION",
	 "time between two statistics, as 1m30s or 500ms (default: 5s)"},
};

/* Go's units that are not below a millisecond. */
static const struct {
	const char *name;
	double ms;
} units[] = {
	{"ms", 1},
	{"s", 1000},
	{"m", 60000},
	{"h", 3600000},
};

/* parse_duration - one or more "NUMBER UNIT" without blanks, in all from 1 ms up. */
static int parse_duration(const char *text, int *ms, struct error *err)
{
	double sum = 0;
	const char *p = text;

	while (*p) {
		size_t digits = strspn(p, "0123456789."), i = 0, len;
		char *end;
		double v = strtod(p, &end);

		len = strcspn(p + digits, "0123456789.");
		while (i < ARRAY_SIZE(units) && (strlen(units[i].name) != len ||
						 memcmp(p + digits, units[i].name, len) != 0))
			i++;
		if (!digits || end != p + digits || i == ARRAY_SIZE(units))
			break;
		sum += v * units[i].ms;
		p = end + len;
	}
	if (*p || sum < 1 || sum > INT_MAX) {
		error_set(err, EINVAL, "--interval `%s`", text);
		return error_hint(err, "use a duration such as 5s, 1m30s or 500ms");
	}
	*ms = (int)sum;
	return 0;
}

static int events(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	int interval_ms = DEFAULT_INTERVAL_MS;

	if (v->interval && parse_duration(v->interval, &interval_ms, err) < 0)
		return -1;
	return container_events(rt, argv[0], v->stats ? EVENTS_STATS : EVENTS_WATCH, interval_ms,
				err);
}

const struct verb verb_events = {
	.name = "events",
	.arguments = "ID",
	.summary = "print statistics and out-of-memory kills of a running container",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = events,
};
