/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c: cgroup v2's files as runc's statistics.
 *
 * The form was made for cgroup v1, so some words are not those of the files: "cache" is memory.stat's
 * file, swap is memory and swap together, throttled time is in nanoseconds. Tables say which line of
 * which file becomes which number.
 */
#include "runtime/container/stats.h"

#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/sandbox/cgroupfs.h"

#define TEXT_SIZE 16384

/* An object in the making: after one failure the others do nothing, and the end tells. */
struct maker {
	const struct cgroup *cg;
	bool failed;
	char text[TEXT_SIZE]; /* the file looked at last */
};

static void put(struct maker *m, struct json_object *to, const char *key, struct json_object *value)
{
	if (value && to && json_object_object_add(to, key, value) == 0)
		return;
	json_object_put(value);
	m->failed = true;
}

static void put_number(struct maker *m, struct json_object *to, const char *key, uint64_t value)
{
	put(m, to, key, json_object_new_uint64(value));
}

/* put_object - a new object at @key of @to. */
static struct json_object *put_object(struct maker *m, struct json_object *to, const char *key)
{
	struct json_object *o = json_object_new_object();

	put(m, to, key, o);
	return m->failed ? NULL : o;
}

/* load - read @file; false when this cgroup does not have it. */
static bool load(struct maker *m, const char *file)
{
	if (cgroupfs_read(m->cg->dir, file, m->text, sizeof(m->text)) >= 0)
		return true;
	m->text[0] = '\0';
	return false;
}

/* number - what @file holds: one number, or "max". */
static uint64_t number(struct maker *m, const char *file)
{
	if (!load(m, file))
		return 0;
	return strncmp(m->text, "max", 3) ? strtoull(m->text, NULL, 10) : UINT64_MAX;
}

/* value_of - the number of line "KEY NUMBER" of the file looked at last, or of the word KEY=NUMBER. */
static uint64_t value_of(const char *text, const char *key, char separator)
{
	size_t len = strlen(key);

	for (const char *p = text; (p = strstr(p, key)); p += len)
		if ((p == text || p[-1] == '\n' || p[-1] == ' ') && p[len] == separator)
			return strtoull(p + len + 1, NULL, 10);
	return 0;
}

/* ---- pressure: "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" ------------------------------- */

static void put_pressure_line(struct maker *m, struct json_object *psi, const char *kind)
{
	static const char *const averages[] = {"avg10", "avg60", "avg300"};
	char *line = strstr(m->text, kind), *at, *end;
	struct json_object *o;

	if (!line)
		return;
	o = put_object(m, psi, kind);
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	for (size_t i = 0; i < ARRAY_SIZE(averages); i++) {
		at = strstr(line, averages[i]);
		put(m, o, averages[i],
		    json_object_new_double(at ? strtod(at + strlen(averages[i]) + 1, NULL) : 0));
	}
	put_number(m, o, "total", value_of(line, "total", '='));
	if (end)
		*end = '\n';
}

static void put_pressure(struct maker *m, struct json_object *to, const char *file)
{
	struct json_object *psi;

	if (!load(m, file) || !m->text[0])
		return;
	psi = put_object(m, to, "psi");
	put_pressure_line(m, psi, "some");
	put_pressure_line(m, psi, "full");
}

/* ---- the controllers ------------------------------------------------------------------------- */

static void put_cpu(struct maker *m, struct json_object *data)
{
	struct json_object *cpu = put_object(m, data, "cpu");
	struct json_object *usage = put_object(m, cpu, "usage");
	struct json_object *throttling = put_object(m, cpu, "throttling");

	load(m, "cpu.stat");
	put_number(m, usage, "total", value_of(m->text, "usage_usec", ' ') * 1000);
	put_number(m, usage, "kernel", value_of(m->text, "system_usec", ' ') * 1000);
	put_number(m, usage, "user", value_of(m->text, "user_usec", ' ') * 1000);
	put_number(m, throttling, "periods", value_of(m->text, "nr_periods", ' '));
	put_number(m, throttling, "throttledPeriods", value_of(m->text, "nr_throttled", ' '));
	put_number(m, throttling, "throttledTime", value_of(m->text, "throttled_usec", ' ') * 1000);
	put_pressure(m, cpu, "cpu.pressure");
}

/* put_set - "0-3,8" as an array of numbers. */
static void put_set(struct maker *m, struct json_object *to, const char *key, const char *file)
{
	struct json_object *list;
	char *p;

	if (!load(m, file))
		return;
	list = json_object_new_array();
	put(m, to, key, list);
	for (p = m->text; !m->failed && *p >= '0' && *p <= '9';) {
		unsigned long first = strtoul(p, &p, 10), last = first;

		if (*p == '-')
			last = strtoul(p + 1, &p, 10);
		for (; first <= last && first <= UINT16_MAX; first++)
			json_object_array_add(list, json_object_new_int((int)first));
		p += *p == ',';
	}
}

static void put_cpuset(struct maker *m, struct json_object *data)
{
	struct json_object *set = put_object(m, data, "cpuset");

	put_set(m, set, "cpus", "cpuset.cpus.effective");
	put_set(m, set, "mems", "cpuset.mems.effective");
}

/* put_entry - usage, most ever, limit and how often the limit was hit. */
static void put_entry(struct maker *m, struct json_object *memory, const char *key, uint64_t usage,
		      uint64_t most, uint64_t limit, uint64_t failures)
{
	struct json_object *o = put_object(m, memory, key);

	put_number(m, o, "limit", limit);
	put_number(m, o, "usage", usage);
	put_number(m, o, "max", most);
	put_number(m, o, "failcnt", failures);
}

/* put_raw - all of memory.stat. */
static void put_raw(struct maker *m, struct json_object *memory)
{
	struct json_object *raw = put_object(m, memory, "raw");
	char *save = NULL;

	for (char *line = strtok_r(m->text, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');

		if (!space)
			continue;
		*space = '\0';
		put_number(m, raw, line, strtoull(space + 1, NULL, 10));
	}
}

static uint64_t sum(uint64_t a, uint64_t b)
{
	return a == UINT64_MAX || b == UINT64_MAX ? UINT64_MAX : a + b;
}

static void put_memory(struct maker *m, struct json_object *data)
{
	struct json_object *memory = put_object(m, data, "memory");
	uint64_t usage = number(m, "memory.current"), limit = number(m, "memory.max");
	uint64_t most = number(m, "memory.peak"), swap = number(m, "memory.swap.current");
	uint64_t swap_limit = number(m, "memory.swap.max"),
		 swap_most = number(m, "memory.swap.peak");
	uint64_t failures, swap_failures;

	load(m, "memory.events");
	failures = value_of(m->text, "max", ' ');
	load(m, "memory.swap.events");
	swap_failures = value_of(m->text, "max", ' ');
	load(m, "memory.stat");
	put_number(m, memory, "cache", value_of(m->text, "file", ' '));
	put_entry(m, memory, "usage", usage, most, limit, failures);
	put_entry(m, memory, "swap", usage + swap, sum(most, swap_most), sum(limit, swap_limit),
		  swap_failures);
	put_entry(m, memory, "kernel", value_of(m->text, "kernel", ' '), 0, UINT64_MAX, 0);
	put_entry(m, memory, "kernelTCP", value_of(m->text, "sock", ' '), 0, UINT64_MAX, 0);
	put_raw(m, memory);
	put_pressure(m, memory, "memory.pressure");
}

static void put_pids(struct maker *m, struct json_object *data)
{
	struct json_object *pids = put_object(m, data, "pids");
	uint64_t limit = number(m, "pids.max");

	/* 0 is what runc says for no limit */
	put_number(m, pids, "current", number(m, "pids.current"));
	put_number(m, pids, "limit", limit == UINT64_MAX ? 0 : limit);
}

/* put_io_list - from each line "MAJOR:MINOR rbytes=1 wbytes=2 ..." what two of the words say. */
static void put_io_list(struct maker *m, struct json_object *io, const char *key,
			const char *read_word, const char *write_word)
{
	const char *const words[] = {read_word, write_word}, *const ops[] = {"Read", "Write"};
	struct json_object *list = json_object_new_array(), *o;
	unsigned int major, minor;

	put(m, io, key, list);
	for (char *line = m->text, *end; !m->failed && (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
			if (sscanf(line, "%u:%u", &major, &minor) != 2)
				continue;
			o = json_object_new_object();
			if (json_object_array_add(list, o) != 0)
				m->failed = true;
			put_number(m, o, "major", major);
			put_number(m, o, "minor", minor);
			put(m, o, "op", json_object_new_string(ops[i]));
			put_number(m, o, "value", value_of(line, words[i], '='));
		}
		*end = '\n';
	}
}

static void put_io(struct maker *m, struct json_object *data)
{
	struct json_object *io = put_object(m, data, "blkio");

	load(m, "io.stat");
	put_io_list(m, io, "ioServiceBytesRecursive", "rbytes", "wbytes");
	put_io_list(m, io, "ioServicedRecursive", "rios", "wios");
	put_pressure(m, io, "io.pressure");
}

/* put_hugetlb - an entry for each page size of the machine, "hugetlb.SIZE.current". */
static void put_hugetlb(struct maker *m, struct json_object *data)
{
	struct json_object *all = put_object(m, data, "hugetlb"), *o;
	int fd = cgroupfs_open(m->cg->dir, ".", O_RDONLY | O_DIRECTORY);
	_cleanup_dir_ DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char size[32], rest[32], file[64];

	if (!d)
		close_fd(fd);
	while (d && (e = readdir(d))) {
		if (sscanf(e->d_name, "hugetlb.%15[0-9KMGB].%31s", size, rest) != 2 ||
		    strcmp(rest, "current") != 0)
			continue;
		o = put_object(m, all, size);
		put_number(m, o, "usage", number(m, e->d_name));
		snprintf(file, sizeof(file), "hugetlb.%s.events", size);
		load(m, file);
		put_number(m, o, "failcnt", value_of(m->text, "max", ' '));
	}
}

struct json_object *stats_read(const struct cgroup *cg, struct error *err)
{
	_cleanup_free_ struct maker *m = calloc(1, sizeof(*m));
	_cleanup_json_ struct json_object *data = json_object_new_object();

	if (m && data) {
		m->cg = cg;
		put_cpu(m, data);
		put_cpuset(m, data);
		put_memory(m, data);
		put_pids(m, data);
		put_io(m, data);
		put_hugetlb(m, data);
	}
	if (!m || !data || m->failed) {
		error_set(err, ENOMEM, "cannot read the statistics");
		return NULL;
	}
	return take_ptr(data);
}
