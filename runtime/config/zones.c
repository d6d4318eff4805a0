/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zones.c: names, rules, and the file that C libraries read.
 *
 * The table's rules are those of the tz database, 2024a. A program with a database of its own, in a
 * container, does not need this.
 */
#include "runtime/config/zones.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "lib/fd.h"

#define RULE_MAX 80
#define CET "CET-1CEST,M3.5.0,M10.5.0/3"
#define EET "EET-2EEST,M3.5.0/3,M10.5.0/4"
#define WET "WET0WEST,M3.5.0/1,M10.5.0"

static const struct {
	const char *name, *rule;
} zones[] = {
	{"UTC", "UTC0"},
	{"Etc/UTC", "UTC0"},
	{"GMT", "GMT0"},
	{"Africa/Cairo", "EET-2EEST,M4.5.5/0,M10.5.4/24"},
	{"Africa/Johannesburg", "SAST-2"},
	{"Africa/Lagos", "WAT-1"},
	{"Africa/Nairobi", "EAT-3"},
	{"America/Anchorage", "AKST9AKDT,M3.2.0,M11.1.0"},
	{"America/Argentina/Buenos_Aires", "<-03>3"},
	{"America/Bogota", "<-05>5"},
	{"America/Chicago", "CST6CDT,M3.2.0,M11.1.0"},
	{"America/Denver", "MST7MDT,M3.2.0,M11.1.0"},
	{"America/Halifax", "AST4ADT,M3.2.0,M11.1.0"},
	{"America/Lima", "<-05>5"},
	{"America/Los_Angeles", "PST8PDT,M3.2.0,M11.1.0"},
	{"America/Mexico_City", "CST6"},
	{"America/New_York", "EST5EDT,M3.2.0,M11.1.0"},
	{"America/Phoenix", "MST7"},
	{"America/Sao_Paulo", "<-03>3"},
	{"America/Toronto", "EST5EDT,M3.2.0,M11.1.0"},
	{"America/Vancouver", "PST8PDT,M3.2.0,M11.1.0"},
	{"Asia/Dubai", "<+04>-4"},
	{"Asia/Hong_Kong", "HKT-8"},
	{"Asia/Jakarta", "WIB-7"},
	{"Asia/Jerusalem", "IST-2IDT,M3.4.4/26,M10.5.0"},
	{"Asia/Karachi", "PKT-5"},
	{"Asia/Kolkata", "IST-5:30"},
	{"Asia/Seoul", "KST-9"},
	{"Asia/Shanghai", "CST-8"},
	{"Asia/Singapore", "<+08>-8"},
	{"Asia/Taipei", "CST-8"},
	{"Asia/Tokyo", "JST-9"},
	{"Atlantic/Reykjavik", "GMT0"},
	{"Australia/Brisbane", "AEST-10"},
	{"Australia/Perth", "AWST-8"},
	{"Australia/Sydney", "AEST-10AEDT,M10.1.0,M4.1.0/3"},
	{"Europe/Amsterdam", CET},
	{"Europe/Athens", EET},
	{"Europe/Berlin", CET},
	{"Europe/Brussels", CET},
	{"Europe/Bucharest", EET},
	{"Europe/Budapest", CET},
	{"Europe/Copenhagen", CET},
	{"Europe/Dublin", "IST-1GMT0,M10.5.0,M3.5.0/1"},
	{"Europe/Helsinki", EET},
	{"Europe/Istanbul", "<+03>-3"},
	{"Europe/Kyiv", EET},
	{"Europe/Lisbon", WET},
	{"Europe/London", "GMT0BST,M3.5.0/1,M10.5.0"},
	{"Europe/Luxembourg", CET},
	{"Europe/Madrid", CET},
	{"Europe/Moscow", "MSK-3"},
	{"Europe/Oslo", CET},
	{"Europe/Paris", CET},
	{"Europe/Prague", CET},
	{"Europe/Rome", CET},
	{"Europe/Sofia", EET},
	{"Europe/Stockholm", CET},
	{"Europe/Vienna", CET},
	{"Europe/Warsaw", CET},
	{"Europe/Zurich", CET},
	{"Pacific/Auckland", "NZST-12NZDT,M9.5.0,M4.1.0/3"},
	{"Pacific/Honolulu", "HST10"},
};

/* skip_name - past three letters or more, or past <...>; NULL: there is no name. */
static const char *skip_name(const char *p)
{
	const char *begin = p;

	if (*p == '<') {
		p += 1 + strspn(p + 1,
				"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-");
		return *p == '>' && p - begin >= 4 && p - begin <= 11 ? p + 1 : NULL;
	}
	p += strspn(p, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");
	return p - begin >= 3 && p - begin <= 10 ? p : NULL;
}

/* skip_number - past a number of at most three digits that is no more than @max; NULL: none. */
static const char *skip_number(const char *p, int max)
{
	int n = 0, digits = 0;

	for (; *p >= '0' && *p <= '9' && digits < 3; digits++)
		n = n * 10 + (*p++ - '0');
	return digits && n <= max ? p : NULL;
}

/* skip_time - past [+-]hh[:mm[:ss]]; NULL: it is none. */
static const char *skip_time(const char *p, int hours)
{
	if (*p == '+' || *p == '-')
		p++;
	p = skip_number(p, hours);
	for (int i = 0; p && i < 2 && *p == ':'; i++)
		p = skip_number(p + 1, 59);
	return p;
}

/* skip_date - past ",Mm.w.d[/time]", ",Jn[/time]" or ",n[/time]"; NULL: it is none. */
static const char *skip_date(const char *p)
{
	if (*p++ != ',')
		return NULL;
	if (*p == 'M') {
		p = skip_number(p + 1, 12);
		p = p && *p == '.' ? skip_number(p + 1, 5) : NULL;
		p = p && *p == '.' ? skip_number(p + 1, 6) : NULL;
	} else {
		p = skip_number(p + (*p == 'J'), 365);
	}
	return p && *p == '/' ? skip_time(p + 1, 167) : p;
}

static bool is_rule(const char *text)
{
	const char *p = strlen(text) <= RULE_MAX ? skip_name(text) : NULL;

	p = p ? skip_time(p, 24) : NULL;
	if (!p || !*p)
		return p;
	p = skip_name(p);
	if (p && *p && *p != ',')
		p = skip_time(p, 24);
	/* Without dates the C library would take those of the United States. */
	p = p ? skip_date(p) : NULL;
	p = p ? skip_date(p) : NULL;
	return p && !*p;
}

const char *zone_rule(const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(zones); i++)
		if (!strcmp(zones[i].name, text))
			return zones[i].rule;
	return is_rule(text) ? text : NULL;
}

/* put_block - a header and its data: one type, which is UTC, and as many transitions to it. */
static size_t put_block(char *at, int transitions)
{
	/* 1901, as 64 bits */
	static const char long_ago[8] = "\xff\xff\xff\xff\x80\0\0";
	static const char magic[5] = {'T', 'Z', 'i', 'f', '2'};
	char *p = at + 44;

	memset(at, 0, 44);
	memcpy(at, magic, sizeof(magic));
	at[35] = (char)transitions;
	at[39] = 1; /* types */
	at[43] = 4; /* bytes of designations */
	if (transitions) {
		memcpy(p, long_ago, sizeof(long_ago));
		p[sizeof(long_ago)] = 0;
		p += sizeof(long_ago) + 1;
	}
	/* the type: offset 0, no summer time, designation 0 */
	memset(p, 0, 6);
	memcpy(p + 6, "UTC", 4);
	return (size_t)(p + 10 - at);
}

size_t zone_file(const char *rule, char buf[ZONE_FILE_MAX])
{
	size_t n = put_block(buf, 0);

	/* The footer holds after the last transition: without one, glibc and musl would not look at it. */
	n += put_block(buf + n, 1);
	n += (size_t)snprintf(buf + n, ZONE_FILE_MAX - n, "\n%.*s\n", RULE_MAX, rule);
	return n;
}
