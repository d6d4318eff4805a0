/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c: `events`.
 */
#include <limits.h>

#include "runtime/cli/native/common.h"
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

/* parse_interval - a duration, of a millisecond at least. */
static int parse_interval(const char *text, int *interval_ms, struct error *err)
{
	int64_t ms;

	if (parse_duration("interval", text, 0, &ms, err) < 0)
		return -1;
	if (ms < 1 || ms > INT_MAX)
		return error_set(err, ERANGE, "option --interval: `%s`", text);
	*interval_ms = (int)ms;
	return 0;
}

static int events(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	int interval_ms = DEFAULT_INTERVAL_MS;

	if (v->interval && parse_interval(v->interval, &interval_ms, err) < 0)
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
