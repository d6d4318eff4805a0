/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unsupported.c: what config.json may ask for and this version does not do.
 *
 * Each is refused by name, never ignored: a container that runs without what its configuration
 * says is worse than one that does not run. A row disappears when its feature is made.
 */
#include <string.h>

#include "runtime/oci/decode.h"

enum when {
	IF_SET,	  /* to anything but false, 0, "", [] or {} */
	IF_THERE, /* even if 0: the value has a meaning */
	IF_FALSE,
};

static const char *const NOT_YET = "is not supported by this version";
static const char *const NOT_V2 = "does not exist in cgroup v2";

static const struct unsupported {
	enum config_part part;
	const char *key; /* with one "." at most: a member's member */
	enum when when;
	const char *const *why;
} table[] = {
	{PART_LINUX, "intelRdt", IF_SET, &NOT_YET},
	{PART_RESOURCES, "network.classID", IF_SET, &NOT_V2},
	{PART_RESOURCES, "network.priorities", IF_SET, &NOT_V2},
	{PART_RESOURCES, "blockIO.leafWeight", IF_SET, &NOT_V2},
	{PART_RESOURCES, "memory.kernel", IF_SET, &NOT_V2},
	{PART_RESOURCES, "memory.kernelTCP", IF_SET, &NOT_V2},
	{PART_RESOURCES, "memory.swappiness", IF_THERE, &NOT_V2},
	{PART_RESOURCES, "memory.disableOOMKiller", IF_SET, &NOT_V2},
	{PART_RESOURCES, "memory.useHierarchy", IF_FALSE, &NOT_V2},
	{PART_RESOURCES, "cpu.realtimeRuntime", IF_SET, &NOT_V2},
	{PART_RESOURCES, "cpu.realtimePeriod", IF_SET, &NOT_V2},
};

static bool asks_for_it(const struct json_at *value, enum when when)
{
	switch (when) {
	case IF_SET:
		return !json_is_empty(value);
	case IF_THERE:
		return true;
	case IF_FALSE:
		return json_is_empty(value);
	}
	return true;
}

static int refuse(const struct json_at *at, const struct unsupported *row)
{
	const char *dot = strchr(row->key, '.');
	struct json_at outer, inner;

	if (!dot) {
		if (json_member(at, row->key, &inner) && asks_for_it(&inner, row->when))
			return json_fail(&inner, "%s", *row->why);
		return 0;
	}
	if (json_member_n(at, row->key, (size_t)(dot - row->key), &outer) &&
	    json_member(&outer, dot + 1, &inner) && asks_for_it(&inner, row->when))
		return json_fail(&inner, "%s", *row->why);
	return 0;
}

int refuse_unsupported(const struct json_at *at, enum config_part part)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].part == part && refuse(at, &table[i]) < 0)
			return -1;
	return 0;
}

bool is_supported(enum config_part part, const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].part == part && !strcmp(table[i].key, key))
			return false;
	return true;
}
