/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update.c: `update`.
 *
 * The options are made into the JSON object that --resources would have brought, so both go through
 * the same checks.
 */
#include <ctype.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <limits.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/cli/verb.h"

struct values {
	const char *resources;
	const char *memory, *memory_swap, *memory_reservation;
	const char *cpu_quota, *cpu_period, *cpu_share, *cpu_burst, *cpu_idle;
	const char *cpuset_cpus, *cpuset_mems, *pids_limit, *blkio_weight;
	/* what runc and crun know, and cgroup v2 does not have */
	const char *cpu_rt_period, *cpu_rt_runtime, *kernel_memory, *kernel_memory_tcp;
	const char *l3_cache_schema, *mem_bw_schema;
};

_Static_assert(sizeof(struct values) <= VERB_VALUES_MAX, "VERB_VALUES_MAX");

#define VALUE(member) OPTION_STRING, offsetof(struct values, member)

static const struct option table[] = {
	{"resources", 'r', VALUE(resources), "FILE",
	 "read the limits from FILE, a JSON resources object; - is standard input"},
	{"memory", 0, VALUE(memory), "BYTES", "memory limit, as 512m; -1 is none"},
	{"memory-swap", 0, VALUE(memory_swap), "BYTES", "memory and swap together; -1 is no limit"},
	{"memory-reservation", 0, VALUE(memory_reservation), "BYTES", "memory that is protected"},
	{"cpu-quota", 0, VALUE(cpu_quota), "USEC", "time per period; -1 is no limit"},
	{"cpu-period", 0, VALUE(cpu_period), "USEC", "length of a period"},
	{"cpu-burst", 0, VALUE(cpu_burst), "USEC", "time that may be saved up"},
	{"cpu-share", 0, VALUE(cpu_share), "N", "weight, from 2 to 262144"},
	{"cpu-idle", 0, VALUE(cpu_idle), "0|1", "run only when nobody else wants to"},
	{"cpuset-cpus", 0, VALUE(cpuset_cpus), "LIST", "processors, as 0-3,8"},
	{"cpuset-mems", 0, VALUE(cpuset_mems), "LIST", "memory nodes"},
	{"pids-limit", 0, VALUE(pids_limit), "N", "processes and threads; -1 is no limit"},
	{"blkio-weight", 0, VALUE(blkio_weight), "N", "weight of input and output, 10 to 1000"},
	{"cpu-rt-period", 0, VALUE(cpu_rt_period), "USEC", "refused unless 0: not in cgroup v2"},
	{"cpu-rt-runtime", 0, VALUE(cpu_rt_runtime), "USEC", "refused unless 0: not in cgroup v2"},
	{"kernel-memory", 0, VALUE(kernel_memory), "BYTES", "refused unless 0: not in cgroup v2"},
	{"kernel-memory-tcp", 0, VALUE(kernel_memory_tcp), "BYTES",
	 "refused unless 0: not in cgroup v2"},
	{"l3-cache-schema", 0, VALUE(l3_cache_schema), "TEXT", "refused: Intel RDT"},
	{"mem-bw-schema", 0, VALUE(mem_bw_schema), "TEXT", "refused: Intel RDT"},
};

enum unit { PLAIN, BYTES, TEXT };

/* Which member of the resources object each option is. */
static const struct {
	size_t offset;
	const char *option, *part, *key;
	enum unit unit;
} members[] = {
	{offsetof(struct values, memory), "memory", "memory", "limit", BYTES},
	{offsetof(struct values, memory_swap), "memory-swap", "memory", "swap", BYTES},
	{offsetof(struct values, memory_reservation), "memory-reservation", "memory", "reservation",
	 BYTES},
	{offsetof(struct values, cpu_quota), "cpu-quota", "cpu", "quota", PLAIN},
	{offsetof(struct values, cpu_period), "cpu-period", "cpu", "period", PLAIN},
	{offsetof(struct values, cpu_burst), "cpu-burst", "cpu", "burst", PLAIN},
	{offsetof(struct values, cpu_share), "cpu-share", "cpu", "shares", PLAIN},
	{offsetof(struct values, cpu_idle), "cpu-idle", "cpu", "idle", PLAIN},
	{offsetof(struct values, cpuset_cpus), "cpuset-cpus", "cpu", "cpus", TEXT},
	{offsetof(struct values, cpuset_mems), "cpuset-mems", "cpu", "mems", TEXT},
	{offsetof(struct values, pids_limit), "pids-limit", "pids", "limit", PLAIN},
	{offsetof(struct values, blkio_weight), "blkio-weight", "blockIO", "weight", PLAIN},
	{offsetof(struct values, cpu_rt_period), "cpu-rt-period", "cpu", "realtimePeriod", PLAIN},
	{offsetof(struct values, cpu_rt_runtime), "cpu-rt-runtime", "cpu", "realtimeRuntime",
	 PLAIN},
	{offsetof(struct values, kernel_memory), "kernel-memory", "memory", "kernel", BYTES},
	{offsetof(struct values, kernel_memory_tcp), "kernel-memory-tcp", "memory", "kernelTCP",
	 BYTES},
};

/* parse_number - a whole number; with BYTES a unit b, k, m, g or t, of 1024, may follow. */
static int parse_number(const char *text, enum unit unit, int64_t *to)
{
	static const char letters[] = "bkmgt";
	const char *letter;
	char *end;
	long long v;

	errno = 0;
	v = strtoll(text, &end, 10);
	if (errno || end == text || isspace((unsigned char)text[0]))
		return -1;
	if (unit == BYTES && *end) {
		letter = strchr(letters, tolower((unsigned char)*end));
		if (!letter)
			return -1;
		end++;
		if (tolower((unsigned char)*end) == 'b' && letter != letters)
			end++;
		for (int shift = 10 * (int)(letter - letters); shift > 0; shift -= 10) {
			if (v > INT64_MAX / 1024 || v < 0)
				return -1;
			v *= 1024;
		}
	}
	*to = v;
	return *end ? -1 : 0;
}

static int add(struct json_object *to, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(to, key, value) == 0)
		return 0;
	json_object_put(value);
	return -1;
}

/* add_member - put option @i of @values into the object of its part, which is made when missing. */
static int add_member(struct json_object *o, size_t i, const char *text, struct error *err)
{
	struct json_object *part, *value;
	int64_t v = 0;

	if (members[i].unit != TEXT && parse_number(text, members[i].unit, &v) < 0)
		return error_set(err, EINVAL, "option --%s: `%s` is not a number",
				 members[i].option, text);
	if (!json_object_object_get_ex(o, members[i].part, &part)) {
		part = json_object_new_object();
		if (add(o, members[i].part, part) < 0)
			return error_set(err, ENOMEM, "cannot read the options");
	}
	value = members[i].unit == TEXT ? json_object_new_string(text) : json_object_new_int64(v);
	if (add(part, members[i].key, value) < 0)
		return error_set(err, ENOMEM, "cannot read the options");
	return 0;
}

static int from_options(const struct values *v, struct json_object *o, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(members); i++) {
		const char *text = *(const char *const *)((const char *)v + members[i].offset);

		if (text && add_member(o, i, text, err) < 0)
			return -1;
	}
	if (json_object_object_length(o) == 0) {
		error_set(err, 0, "nothing to update");
		return error_hint(err, "give --resources or an option for a limit");
	}
	return 0;
}

/* read_all - the text of @file, "-" for standard input, with a NUL after it. */
static char *read_all(const char *file, size_t *length, struct error *err)
{
	_cleanup_free_ char *text = malloc(JSON_MAX_BYTES + 1);
	_cleanup_fd_ int fd = FD_EMPTY;
	ssize_t n;

	fd = strcmp(file, "-") ? open(file, O_RDONLY | O_NOCTTY | O_CLOEXEC)
			       : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (fd < 0 || !text) {
		error_set(err, errno, "cannot open `%s`", file);
		return NULL;
	}
	*length = 0;
	while ((n = read(fd, text + *length, JSON_MAX_BYTES + 1 - *length)) > 0) {
		*length += (size_t)n;
		if (*length > JSON_MAX_BYTES) {
			error_set(err, EFBIG, "`%s`", file);
			return NULL;
		}
	}
	if (n < 0) {
		error_set(err, errno, "cannot read `%s`", file);
		return NULL;
	}
	text[*length] = '\0';
	return take_ptr(text);
}

static int update(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	_cleanup_json_ struct json_object *o = NULL;
	_cleanup_free_ char *text = NULL;
	struct update_options opt = {.name = "options"};

	if (v->l3_cache_schema || v->mem_bw_schema)
		return error_set(err, 0, "option --%s: Intel RDT is not supported",
				 v->l3_cache_schema ? "l3-cache-schema" : "mem-bw-schema");
	if (v->resources) {
		text = read_all(v->resources, &opt.length, err);
		if (!text)
			return -1;
		opt.text = text;
		opt.name = strcmp(v->resources, "-") ? v->resources : "standard input";
	} else {
		o = json_object_new_object();
		if (!o)
			return error_set(err, ENOMEM, "cannot read the options");
		if (from_options(v, o, err) < 0)
			return -1;
		opt.text =
			json_object_to_json_string_length(o, JSON_C_TO_STRING_PLAIN, &opt.length);
		if (!opt.text)
			return error_set(err, ENOMEM, "cannot read the options");
	}
	return container_update(rt, argv[0], &opt, err);
}

const struct verb verb_update = {
	.name = "update",
	.arguments = "ID",
	.summary = "give a container new limits",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = update,
};
