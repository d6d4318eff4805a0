/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resources.c: linux.resources, translated from the specification's cgroup v1 words to v2 files.
 *
 * memory.swap is memory plus swap in v1 and swap alone in v2; cpu.shares (2..262144) becomes
 * cpu.weight (1..10000). Zero means "not set" where the engines' Go structures cannot tell the two
 * apart; -1 is "max".
 * blockIO's weights stay as they are here: which file there is for them is the kernel's choice.
 * Source: OCI config-linux.md, "Control groups"; Documentation/admin-guide/cgroup-v2.rst.
 */
#include <string.h>

#include "runtime/oci/decode.h"

#define MIN_SHARES 2
#define MAX_SHARES 262144
#define MIN_IO_WEIGHT 10
#define MAX_IO_WEIGHT 1000
#define ANY (-1)

const struct cgroup_plan no_limits = {
	.memory_max_bytes = LIMIT_UNSET,
	.memory_low_bytes = LIMIT_UNSET,
	.memory_swap_max_bytes = LIMIT_UNSET,
	.cpu_weight = LIMIT_UNSET,
	.cpu_quota_us = LIMIT_UNSET,
	.cpu_period_us = LIMIT_UNSET,
	.cpu_burst_us = LIMIT_UNSET,
	.cpu_idle = LIMIT_UNSET,
	.pids_max = LIMIT_UNSET,
	.io_weight = LIMIT_UNSET,
};

static int64_t or_unset(int64_t value)
{
	return value == 0 ? LIMIT_UNSET : value;
}

struct memory {
	int64_t limit, reservation, swap;
	bool check_before_update;
};

static int decode_memory(const struct json_at *at, void *into)
{
#define BYTES(member) \
	JSON_NUMBER, JSON_INTO(struct memory, member), .min = LIMIT_MAX, .max = INT64_MAX
	static const struct json_field fields[] = {
		{"limit", BYTES(limit)},
		{"reservation", BYTES(reservation)},
		{"swap", BYTES(swap)},
		{"checkBeforeUpdate", JSON_BOOL, JSON_INTO(struct memory, check_before_update)},
	};
#undef BYTES
	struct cgroup_plan *cg = into;
	/* `update` begins with the limit that holds. */
	int64_t total = cg->memory_max_bytes;
	struct memory memory = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &memory) < 0)
		return -1;
	cg->memory_max_bytes = or_unset(memory.limit);
	cg->memory_low_bytes = or_unset(memory.reservation);
	cg->check_before_update = memory.check_before_update;
	if (memory.swap == 0) {
		/* No limit of memory and swap together is none of swap either. */
		if (memory.limit == LIMIT_MAX)
			cg->memory_swap_max_bytes = LIMIT_MAX;
		return 0;
	}
	if (memory.swap == LIMIT_MAX) {
		cg->memory_swap_max_bytes = LIMIT_MAX;
		return 0;
	}
	if (memory.limit != 0)
		total = memory.limit;
	if (total <= 0)
		return json_fail_key(at, "swap", "needs a memory limit: it is memory plus swap");
	if (memory.swap < total)
		return json_fail_key(at, "swap",
				     "must not be below the memory limit: it is memory plus swap");
	cg->memory_swap_max_bytes = memory.swap - total;
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

struct io_entry {
	uint32_t major, minor;
	int64_t rate, weight;
};

#define DEVICE_FIELDS                                                                      \
	{"major", JSON_NUMBER, .required = true, JSON_INTO(struct io_entry, major),        \
	 .max = UINT32_MAX},                                                               \
	{                                                                                  \
		"minor", JSON_NUMBER, .required = true, JSON_INTO(struct io_entry, minor), \
				      .max = UINT32_MAX                                    \
	}

static int decode_throttle(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		DEVICE_FIELDS,
		{"rate", JSON_NUMBER, .required = true, JSON_INTO(struct io_entry, rate),
		 .max = INT64_MAX},
	};
	struct io_entry entry = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &entry) < 0)
		return -1;
	*(struct io_limit *)into = (struct io_limit){
		.major = entry.major,
		.minor = entry.minor,
		.value = entry.rate ? entry.rate : LIMIT_MAX, /* as cgroup v1 took it */
	};
	return 0;
}

/* check_weight - the specification's range; 0 stands for none. */
static int check_weight(const struct json_at *at, void *member)
{
	int64_t weight_given = *(int64_t *)member;

	if (weight_given && (weight_given < MIN_IO_WEIGHT || weight_given > MAX_IO_WEIGHT))
		return json_fail(at, "must be from %d to %d, is %lld", MIN_IO_WEIGHT, MAX_IO_WEIGHT,
				 (long long)weight_given);
	return 0;
}

static int decode_weight_device(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		DEVICE_FIELDS,
		{"weight", JSON_NUMBER, JSON_INTO(struct io_entry, weight), .max = UINT16_MAX,
		 .decode = check_weight},
	};
	struct json_at leaf;
	struct io_entry entry = {0};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &entry) < 0)
		return -1;
	if (json_member(at, "leafWeight", &leaf) && !json_is_empty(&leaf))
		return json_fail(&leaf, "does not exist in cgroup v2");
	if (!entry.weight)
		return json_fail_key(at, "weight", "is missing");
	*(struct io_limit *)into = (struct io_limit){
		.major = entry.major,
		.minor = entry.minor,
		.value = entry.weight,
	};
	return 0;
}

static int decode_block_io(const struct json_at *at, void *into)
{
#define LIMITS(kind) JSON_ARRAY, JSON_LIST(struct cgroup_plan, io[kind].at, io[kind].n)
	static const struct json_field fields[] = {
		{"weight", JSON_NUMBER, JSON_INTO(struct cgroup_plan, io_weight), .max = UINT16_MAX,
		 .decode = check_weight},
		{"weightDevice", LIMITS(IO_WEIGHT), .decode = decode_weight_device},
		{"throttleReadBpsDevice", LIMITS(IO_READ_BPS), .decode = decode_throttle},
		{"throttleWriteBpsDevice", LIMITS(IO_WRITE_BPS), .decode = decode_throttle},
		{"throttleReadIOPSDevice", LIMITS(IO_READ_IOPS), .decode = decode_throttle},
		{"throttleWriteIOPSDevice", LIMITS(IO_WRITE_IOPS), .decode = decode_throttle},
	};
#undef LIMITS
	struct cgroup_plan *cg = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), cg) < 0)
		return -1;
	cg->io_weight = or_unset(cg->io_weight);
	return 0;
}

/* check_page_size - "2MB": it becomes part of a file's name. */
static int check_page_size(const struct json_at *at, void *member)
{
	const char *size = *(const char **)member;
	size_t digits = strspn(size, "0123456789");

	if (!digits || digits > 10 || size[0] == '0' || !size[digits] ||
	    !strchr("KMG", size[digits]) || strcmp(size + digits + 1, "B") != 0)
		return json_fail(at, "must be a size such as 2MB, is `%s`", size);
	return 0;
}

static int decode_hugepage(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"pageSize", JSON_STRING, .required = true,
		 JSON_INTO(struct hugepage_limit, page_size), .decode = check_page_size},
		{"limit", JSON_NUMBER, .required = true, JSON_INTO(struct hugepage_limit, bytes),
		 .max = INT64_MAX},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_rdma(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"hcaHandles", JSON_NUMBER, JSON_INTO(struct rdma_limit, handles),
		 .max = UINT32_MAX},
		{"hcaObjects", JSON_NUMBER, JSON_INTO(struct rdma_limit, objects),
		 .max = UINT32_MAX},
	};
	struct rdma_limit *rdma = into;

	if (!at->key[0] || strpbrk(at->key, " \n="))
		return json_fail(at, "must be the name of a device");
	rdma->device = arena_strdup(at->source->arena, at->key, at->source->err);
	if (!rdma->device)
		return -1;
	rdma->handles = LIMIT_UNSET;
	rdma->objects = LIMIT_UNSET;
	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), rdma) < 0)
		return -1;
	if (rdma->handles == LIMIT_UNSET && rdma->objects == LIMIT_UNSET)
		return json_fail(at, "must have hcaHandles or hcaObjects");
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
	if (strncmp(at->key, "cgroup.", 7) == 0 && strncmp(at->key, "cgroup.max.", 11) != 0 &&
	    strcmp(at->key, "cgroup.pressure") != 0)
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
		{"blockIO", JSON_OBJECT, .decode = decode_block_io},
		{"hugepageLimits", JSON_ARRAY,
		 JSON_LIST(struct cgroup_plan, hugepages, n_hugepages), .decode = decode_hugepage},
		{"rdma", JSON_MAP, JSON_LIST(struct cgroup_plan, rdma, n_rdma),
		 .decode = decode_rdma},
		{"unified", JSON_MAP, JSON_LIST(struct cgroup_plan, unified, n_unified),
		 .decode = decode_unified},
		{"devices", JSON_ARRAY, JSON_LIST(struct cgroup_plan, device_rules, n_device_rules),
		 .decode = decode_device_rule},
	};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), into) < 0)
		return -1;
	return refuse_unsupported(at, PART_RESOURCES);
}

const struct cgroup_plan *plan_load_resources(const char *text, size_t length, const char *name,
					      int64_t memory_max_bytes, struct arena *arena,
					      struct error *err)
{
	const struct json_source source = {.name = name, .arena = arena, .err = err};
	_cleanup_json_ struct json_object *tree = json_parse(text, length, &source);
	const struct json_at at = {.source = &source, .value = tree};
	const struct json_field whole = {.kind = JSON_OBJECT,
					 .size = sizeof(struct cgroup_plan),
					 .decode = decode_resources};
	struct cgroup_plan *plan;
	struct json_at memory;

	if (!tree)
		return NULL;
	plan = arena_new(arena, struct cgroup_plan, 1, err);
	if (!plan)
		return NULL;
	*plan = no_limits;
	plan->memory_max_bytes = memory_max_bytes;
	if (json_decode_value(&at, &whole, plan) < 0)
		return NULL;
	if (!json_member(&at, "memory", &memory))
		plan->memory_max_bytes = LIMIT_UNSET;
	return plan;
}
