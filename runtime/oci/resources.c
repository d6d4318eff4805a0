/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resources.c: linux.resources, translated from the specification's cgroup v1 words to v2 files.
 *
 * memory.swap is memory plus swap in v1 and swap alone in v2; cpu.shares (2..262144) becomes
 * cpu.weight (1..10000). Zero means "not set" where the engines' Go structures cannot tell the two
 * apart; -1 is "max".
 * Source: OCI config-linux.md, "Control groups"; Documentation/admin-guide/cgroup-v2.rst.
 */
#include <string.h>

#include "runtime/oci/decode.h"

#define MIN_SHARES 2
#define MAX_SHARES 262144
#define ANY (-1)

static int64_t or_unset(int64_t value)
{
	return value == 0 ? LIMIT_UNSET : value;
}

struct memory {
	int64_t limit, reservation, swap;
};

static int decode_memory(const struct json_at *at, void *into)
{
#define BYTES(member) \
	JSON_NUMBER, JSON_INTO(struct memory, member), .min = LIMIT_MAX, .max = INT64_MAX
	static const struct json_field fields[] = {
		{"limit", BYTES(limit)},
		{"reservation", BYTES(reservation)},
		{"swap", BYTES(swap)},
	};
#undef BYTES
	struct cgroup_plan *cg = into;
	struct memory memory = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &memory) < 0)
		return -1;
	cg->memory_max_bytes = or_unset(memory.limit);
	cg->memory_low_bytes = or_unset(memory.reservation);
	if (memory.swap == 0)
		return 0;
	if (memory.swap == LIMIT_MAX) {
		cg->memory_swap_max_bytes = LIMIT_MAX;
		return 0;
	}
	if (memory.limit <= 0)
		return json_fail_key(at, "swap", "needs a memory limit: it is memory plus swap");
	if (memory.swap < memory.limit)
		return json_fail_key(at, "swap",
				     "must not be below the memory limit: it is memory plus swap");
	cg->memory_swap_max_bytes = memory.swap - memory.limit;
	return 0;
}

struct cpu {
	uint64_t shares, period, burst;
	int64_t quota, idle;
};

/* weight - cpu.weight for cpu.shares, as all runtimes compute it. */
static int64_t weight(uint64_t shares)
{
	if (shares < MIN_SHARES)
		shares = MIN_SHARES;
	if (shares > MAX_SHARES)
		shares = MAX_SHARES;
	return (int64_t)(1 + (shares - 2) * 9999 / 262142);
}

/* check_cpuset - a list such as "0-3,8"; the kernel judges the numbers. */
static int check_cpuset(const struct json_at *at, void *member)
{
	const char **list = member;

	if ((*list)[strspn(*list, "0123456789,-:/")] != '\0')
		return json_fail(at, "must be a list such as 0-3,8, is `%s`", *list);
	if ((*list)[0] == '\0')
		*list = NULL;
	return 0;
}

static int decode_cpu(const struct json_at *at, void *into)
{
	static const struct json_field number_fields[] = {
		{"shares", JSON_NUMBER, JSON_INTO(struct cpu, shares), .max = UINT64_MAX},
		{"quota", JSON_NUMBER, JSON_INTO(struct cpu, quota), .min = LIMIT_MAX,
		 .max = INT64_MAX},
		{"period", JSON_NUMBER, JSON_INTO(struct cpu, period), .max = INT64_MAX},
		{"burst", JSON_NUMBER, JSON_INTO(struct cpu, burst), .max = INT64_MAX},
		{"idle", JSON_NUMBER, JSON_INTO(struct cpu, idle), .max = 1},
	};
	static const struct json_field fields[] = {
		{"cpus", JSON_STRING, JSON_INTO(struct cgroup_plan, cpus), .decode = check_cpuset},
		{"mems", JSON_STRING, JSON_INTO(struct cgroup_plan, mems), .decode = check_cpuset},
	};
	struct cgroup_plan *cg = into;
	struct cpu cpu = {.idle = LIMIT_UNSET};

	if (json_decode_fields(at, number_fields, ARRAY_SIZE(number_fields), &cpu) < 0 ||
	    json_decode_fields(at, fields, ARRAY_SIZE(fields), cg) < 0)
		return -1;
	if (cpu.shares > 0)
		cg->cpu_weight = weight(cpu.shares);
	cg->cpu_quota_us = or_unset(cpu.quota);
	cg->cpu_period_us = or_unset((int64_t)cpu.period);
	cg->cpu_burst_us = or_unset((int64_t)cpu.burst);
	cg->cpu_idle = cpu.idle;
	return 0;
}

static int decode_pids(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"limit", JSON_NUMBER, .required = true, JSON_INTO(struct cgroup_plan, pids_max),
		 .min = LIMIT_MAX, .max = INT64_MAX},
	};
	struct cgroup_plan *cg = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), cg) < 0)
		return -1;
	cg->pids_max = or_unset(cg->pids_max);
	return 0;
}

/*
 * decode_unified - a file of the container's cgroup and what to write to it.
 * The files called "cgroup." are refused but for its limits: they move processes and kill them.
 */
static int decode_unified(const struct json_at *at, void *into)
{
	struct mount_param *file = into;
	const char *value = json_string(at);

	if (!value)
		return -1;
	if (at->key[0] == '\0' || at->key[0] == '.' || strchr(at->key, '/'))
		return json_fail(at, "must be the name of a file in the cgroup's directory");
	if (strncmp(at->key, "cgroup.", 7) == 0 && strncmp(at->key, "cgroup.max.", 11) != 0)
		return json_fail(at, "is the runtime's own to write");
	file->key = arena_strdup(at->source->arena, at->key, at->source->err);
	file->value = arena_strdup(at->source->arena, value, at->source->err);
	return file->key && file->value ? 0 : -1;
}

struct rule {
	bool allow;
	const char *type, *access;
	int64_t major, minor;
};

static int decode_device_rule(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"allow", JSON_BOOL, .required = true, JSON_INTO(struct rule, allow)},
		{"type", JSON_STRING, JSON_INTO(struct rule, type)},
		{"major", JSON_NUMBER, JSON_INTO(struct rule, major), .min = ANY,
		 .max = UINT32_MAX},
		{"minor", JSON_NUMBER, JSON_INTO(struct rule, minor), .min = ANY,
		 .max = UINT32_MAX},
		{"access", JSON_STRING, JSON_INTO(struct rule, access)},
	};
	struct rule rule = {.type = "a", .access = "rwm", .major = ANY, .minor = ANY};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &rule) < 0)
		return -1;
	if (strlen(rule.type) != 1 || !strchr("abc", rule.type[0]))
		return json_fail_key(at, "type", "must be a, b or c, is `%s`", rule.type);
	if (rule.access[0] == '\0' || rule.access[strspn(rule.access, "rwm")] != '\0')
		return json_fail_key(at, "access", "must be some of r, w and m, is `%s`",
				     rule.access);
	*(struct device_rule *)into = (struct device_rule){
		.allow = rule.allow,
		.type = rule.type[0],
		.major = rule.major,
		.minor = rule.minor,
		.read = strchr(rule.access, 'r'),
		.write = strchr(rule.access, 'w'),
		.mknod = strchr(rule.access, 'm'),
	};
	return 0;
}

int decode_resources(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"memory", JSON_OBJECT, .decode = decode_memory},
		{"cpu", JSON_OBJECT, .decode = decode_cpu},
		{"pids", JSON_OBJECT, .decode = decode_pids},
		{"unified", JSON_MAP, JSON_LIST(struct cgroup_plan, unified, n_unified),
		 .decode = decode_unified},
		{"devices", JSON_ARRAY, JSON_LIST(struct cgroup_plan, device_rules, n_device_rules),
		 .decode = decode_device_rule},
	};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), into) < 0)
		return -1;
	return refuse_unsupported(at, PART_RESOURCES);
}
