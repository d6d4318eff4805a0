/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tuning.c: how the kernel is to schedule a process: scheduler, ioPriority, execCPUAffinity of
 * "process", personality and memoryPolicy of "linux".
 *
 * Combinations that the kernel refuses with a bare EINVAL are refused here with their reason.
 * Source: OCI config.md, "Linux Process"; config-linux.md, "Personality", "Memory policy"; sched(7),
 * sched_setattr(2), ioprio_set(2), set_mempolicy(2), personality(2).
 */
#include <linux/sched.h>
#include <string.h>
#include <sys/personality.h>

#include "runtime/oci/decode.h"

/* From linux/mempolicy.h and linux/ioprio.h, which not every C library's kernel headers have whole. */
enum {
	MPOL_DEFAULT,
	MPOL_PREFERRED,
	MPOL_BIND,
	MPOL_INTERLEAVE,
	MPOL_LOCAL,
	MPOL_PREFERRED_MANY,
	MPOL_WEIGHTED_INTERLEAVE
};
#define MPOL_F_NUMA_BALANCING (1 << 13)
#define MPOL_F_RELATIVE_NODES (1 << 14)
#define MPOL_F_STATIC_NODES (1 << 15)
#define IOPRIO_CLASS_SHIFT 13

#define UTIL_MAX 1024 /* SCHED_CAPACITY_SCALE: no clamp at all */

static const struct name_value policies[] = {
	{"SCHED_OTHER", SCHED_NORMAL}, {"SCHED_FIFO", SCHED_FIFO},
	{"SCHED_RR", SCHED_RR},	       {"SCHED_BATCH", SCHED_BATCH},
	{"SCHED_IDLE", SCHED_IDLE},    {"SCHED_DEADLINE", SCHED_DEADLINE},
};

static const struct name_value sched_flags[] = {
	{"SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK},
	{"SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM},
	{"SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN},
	{"SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY},
	{"SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS},
	{"SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN},
	{"SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX},
};

static const struct name_value io_classes[] = {
	{"IOPRIO_CLASS_RT", 1},
	{"IOPRIO_CLASS_BE", 2},
	{"IOPRIO_CLASS_IDLE", 3},
};

static const struct name_value personalities[] = {
	{"LINUX", PER_LINUX},
	{"LINUX32", PER_LINUX32},
};

static const struct name_value memory_modes[] = {
	{"MPOL_DEFAULT", MPOL_DEFAULT},
	{"MPOL_PREFERRED", MPOL_PREFERRED},
	{"MPOL_BIND", MPOL_BIND},
	{"MPOL_INTERLEAVE", MPOL_INTERLEAVE},
	{"MPOL_LOCAL", MPOL_LOCAL},
	{"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY},
	{"MPOL_WEIGHTED_INTERLEAVE", MPOL_WEIGHTED_INTERLEAVE},
};

static const struct name_value memory_flags[] = {
	{"MPOL_F_NUMA_BALANCING", MPOL_F_NUMA_BALANCING},
	{"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
	{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
};

/* A name and the table it has to be in. */
#define FIND(at, key, what, table, name) find(at, key, what, table, ARRAY_SIZE(table), name)

static const struct name_value *find(const struct json_at *at, const char *key, const char *what,
				     const struct name_value *table, size_t count, const char *name)
{
	const struct name_value *known = find_name(table, count, name);

	if (!known)
		json_fail_key(at, key, "no such %s: `%s`", what, name);
	return known;
}

/* find_flags - the bits of all names in the NULL-terminated list @names. */
static int find_flags(const struct json_at *at, const struct name_value *table, size_t count,
		      char *const *names, uint64_t *flags)
{
	for (; names && *names; names++) {
		const struct name_value *known = find(at, "flags", "flag", table, count, *names);

		if (!known)
			return -1;
		*flags |= known->value;
	}
	return 0;
}

/* ---- scheduler ------------------------------------------------------------------------------- */

struct scheduler {
	const char *policy;
	char *const *flags;
	struct scheduler_plan plan;
};

/* check_scheduler - what of the parameters belongs to which policy: sched(7). */
static int check_scheduler(const struct json_at *at, const struct scheduler *s)
{
	const struct scheduler_plan *p = &s->plan;
	bool realtime = p->policy == SCHED_FIFO || p->policy == SCHED_RR;
	bool deadline = p->policy == SCHED_DEADLINE;

	if (realtime && (p->priority < 1 || p->priority > 99))
		return json_fail_key(at, "priority", "must be from 1 to 99 with %s", s->policy);
	if (!realtime && p->priority)
		return json_fail_key(at, "priority", "has no meaning with %s", s->policy);
	if (deadline && (!p->runtime_ns || !p->deadline_ns))
		return json_fail(at, "SCHED_DEADLINE needs runtime and deadline");
	if (!deadline && (p->runtime_ns || p->deadline_ns || p->period_ns))
		return json_fail(at, "runtime, deadline and period have no meaning with %s",
				 s->policy);
	return 0;
}

int decode_scheduler(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"policy", JSON_STRING, .required = true, JSON_INTO(struct scheduler, policy)},
		{"nice", JSON_NUMBER, JSON_INTO(struct scheduler, plan.nice), .min = -20,
		 .max = 19},
		{"priority", JSON_NUMBER, JSON_INTO(struct scheduler, plan.priority), .max = 99},
		{"flags", JSON_STRINGS, JSON_TERMINATED(struct scheduler, flags)},
		{"runtime", JSON_NUMBER, JSON_INTO(struct scheduler, plan.runtime_ns),
		 .max = INT64_MAX},
		{"deadline", JSON_NUMBER, JSON_INTO(struct scheduler, plan.deadline_ns),
		 .max = INT64_MAX},
		{"period", JSON_NUMBER, JSON_INTO(struct scheduler, plan.period_ns),
		 .max = INT64_MAX},
	};
	struct process_plan *process = into;
	struct scheduler s = {.plan = {.size = sizeof(s.plan), .util_max = UTIL_MAX}};
	struct scheduler_plan *plan;
	const struct name_value *policy;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &s) < 0)
		return -1;
	/* A name of the specification's, of a policy that no kernel ever had. */
	if (!strcmp(s.policy, "SCHED_ISO"))
		return json_fail_key(at, "policy", "SCHED_ISO is not implemented by Linux");
	policy = FIND(at, "policy", "policy", policies, s.policy);
	if (!policy)
		return -1;
	s.plan.policy = (uint32_t)policy->value;
	if (find_flags(at, sched_flags, ARRAY_SIZE(sched_flags), s.flags, &s.plan.flags) < 0 ||
	    check_scheduler(at, &s) < 0)
		return -1;
	plan = arena_new(at->source->arena, struct scheduler_plan, 1, at->source->err);
	if (!plan)
		return -1;
	*plan = s.plan;
	process->scheduler = plan;
	return 0;
}

/* ---- ioPriority ------------------------------------------------------------------------------ */

struct io_priority {
	const char *class;
	uint32_t priority;
};

int decode_io_priority(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"class", JSON_STRING, .required = true, JSON_INTO(struct io_priority, class)},
		{"priority", JSON_NUMBER, .required = true, JSON_INTO(struct io_priority, priority),
		 .max = 7},
	};
	struct process_plan *process = into;
	struct io_priority io = {0};
	const struct name_value *class;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &io) < 0)
		return -1;
	class = FIND(at, "class", "class", io_classes, io.class);
	if (!class)
		return -1;
	process->io_priority = (int)(class->value << IOPRIO_CLASS_SHIFT | io.priority);
	return 0;
}

/* ---- lists of CPUs and memory nodes ---------------------------------------------------------- */

/* list_number - a number at *@text, which is moved behind it; -1: there is none that fits. */
static int list_number(const char **text)
{
	int n = 0;

	if (**text < '0' || **text > '9')
		return -1;
	for (; **text >= '0' && **text <= '9'; (*text)++) {
		n = n * 10 + (**text - '0');
		if (n >= BIT_LIST_MAX)
			return -1;
	}
	return n;
}

int parse_bit_list(const char *text, struct bit_list *list)
{
	while (*text) {
		int first = list_number(&text), last = first;

		if (*text == '-') {
			text++;
			last = list_number(&text);
		}
		if (first < 0 || last < first || (*text && *text != ',') || (*text && !text[1]))
			return -1;
		for (int i = first; i <= last; i++)
			list->bits[i / 64] |= 1ULL << (i % 64);
		text += *text == ',';
	}
	return 0;
}

/* decode_bits - a list like "0-3,7"; "" is none. */
static int decode_bits(const struct json_at *at, void *into)
{
	const char *text = json_string(at);
	struct bit_list *list;

	if (!text)
		return -1;
	if (!*text)
		return 0;
	list = arena_new(at->source->arena, struct bit_list, 1, at->source->err);
	if (!list)
		return -1;
	if (parse_bit_list(text, list) < 0)
		return json_fail(at, "must be a list like `0-3,7` of numbers below %d, is `%s`",
				 BIT_LIST_MAX, text);
	*(const struct bit_list **)into = list;
	return 0;
}

int decode_exec_affinity(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"initial", JSON_ANY, .offset = offsetof(struct process_plan, exec_initial_cpus),
		 .decode = decode_bits},
		{"final", JSON_ANY, .offset = offsetof(struct process_plan, exec_final_cpus),
		 .decode = decode_bits},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

/* ---- linux ----------------------------------------------------------------------------------- */

struct memory_policy {
	const char *mode;
	char *const *flags;
	const struct bit_list *nodes;
};

int decode_memory_policy(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"mode", JSON_STRING, .required = true, JSON_INTO(struct memory_policy, mode)},
		{"nodes", JSON_ANY, .offset = offsetof(struct memory_policy, nodes),
		 .decode = decode_bits},
		{"flags", JSON_STRINGS, JSON_TERMINATED(struct memory_policy, flags)},
	};
	struct plan *plan = into;
	struct memory_policy m = {0};
	const struct name_value *mode;
	struct memory_policy_plan *policy;
	uint64_t flags = 0;
	bool nodeless;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &m) < 0)
		return -1;
	mode = FIND(at, "mode", "mode", memory_modes, m.mode);
	if (!mode || find_flags(at, memory_flags, ARRAY_SIZE(memory_flags), m.flags, &flags) < 0)
		return -1;
	nodeless = mode->value == MPOL_DEFAULT || mode->value == MPOL_LOCAL;
	if (nodeless && (m.nodes || flags))
		return json_fail_key(at, m.nodes ? "nodes" : "flags", "has no meaning with %s",
				     m.mode);
	/* MPOL_PREFERRED without a node is local allocation: set_mempolicy(2). */
	if (!nodeless && mode->value != MPOL_PREFERRED && !m.nodes)
		return json_fail_key(at, "nodes", "is missing, which %s needs", m.mode);
	policy = arena_new(at->source->arena, struct memory_policy_plan, 1, at->source->err);
	if (!policy)
		return -1;
	policy->mode = (int)(mode->value | flags);
	policy->nodes = m.nodes;
	plan->memory_policy = policy;
	return 0;
}

struct personality {
	const char *domain;
	char *const *flags;
};

int decode_personality(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"domain", JSON_STRING, .required = true, JSON_INTO(struct personality, domain)},
		{"flags", JSON_STRINGS, JSON_TERMINATED(struct personality, flags)},
	};
	struct plan *plan = into;
	struct personality p = {0};
	const struct name_value *domain;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &p) < 0)
		return -1;
	domain = FIND(at, "domain", "domain", personalities, p.domain);
	if (!domain)
		return -1;
	if (p.flags && p.flags[0])
		return json_fail_key(at, "flags", "no such flag: `%s`; the specification has none",
				     p.flags[0]);
	plan->has_personality = true;
	plan->personality = (unsigned long)domain->value;
	return 0;
}

const char *memory_mode_at(size_t index)
{
	return index < ARRAY_SIZE(memory_modes) ? memory_modes[index].name : NULL;
}

const char *memory_flag_at(size_t index)
{
	return index < ARRAY_SIZE(memory_flags) ? memory_flags[index].name : NULL;
}
