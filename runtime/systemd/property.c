/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * property.c: properties of a unit, from limits and from annotations.
 *
 * An annotation's value is spelled as GVariant text, of which these forms are understood: true and
 * false, 'text', a number (int32) or one after its type (uint64 5), ['a', 'b']. NAMESec takes
 * seconds and becomes NAMEUSec, as in other runtimes.
 * Source: systemd.resource-control(5); org.freedesktop.systemd1(5).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/systemd/scope.h"

#define USEC_PER_SEC 1000000
#define QUOTA_STEP_USEC 10000
#define DEFAULT_PERIOD_US 100000
#define CPUSET_BYTES 1024

/* head - a property's name and the type of its value, which follows. */
static void head(struct wire *w, const char *name, const char *type)
{
	wire_align(w, 8);
	wire_string(w, name);
	wire_signature(w, type);
}

/* ---- limits ---------------------------------------------------------------------------------- */

/* number - UINT64_MAX is systemd's infinity. */
static void number(struct wire *w, const char *name, int64_t value)
{
	if (value == LIMIT_UNSET)
		return;
	head(w, name, "t");
	wire_u64(w, value == LIMIT_MAX ? UINT64_MAX : (uint64_t)value);
}

/* quota - CPU time per second, which systemd wants in steps of 10 ms. */
static void quota(struct wire *w, const struct cgroup_plan *p)
{
	uint64_t period =
		p->cpu_period_us == LIMIT_UNSET ? DEFAULT_PERIOD_US : (uint64_t)p->cpu_period_us;
	uint64_t per_sec;

	if (p->cpu_quota_us == LIMIT_UNSET)
		return;
	if (p->cpu_quota_us == LIMIT_MAX) {
		number(w, "CPUQuotaPerSecUSec", LIMIT_MAX);
		return;
	}
	if ((uint64_t)p->cpu_quota_us > INT64_MAX / USEC_PER_SEC)
		return;
	per_sec = (uint64_t)p->cpu_quota_us * USEC_PER_SEC / period;
	per_sec = (per_sec + QUOTA_STEP_USEC - 1) / QUOTA_STEP_USEC * QUOTA_STEP_USEC;
	head(w, "CPUQuotaPerSecUSec", "t");
	wire_u64(w, per_sec);
}

/* set - a list such as "0-3,8" as bits, the lowest in the first byte; one systemd cannot have is not told. */
static void set(struct wire *w, const char *name, const char *list)
{
	uint8_t bits[CPUSET_BYTES] = {0};
	size_t used = 0, array;

	for (char *p = (char *)list; p && *p;) {
		unsigned long first = strtoul(p, &p, 10), last = first;

		if (*p == '-')
			last = strtoul(p + 1, &p, 10);
		if ((*p && *p != ',') || last >= CPUSET_BYTES * 8 || first > last)
			return;
		for (; first <= last; first++)
			bits[first / 8] |= (uint8_t)(1U << first % 8);
		used = last / 8 + 1 > used ? last / 8 + 1 : used;
		p += *p == ',';
	}
	if (!used)
		return;
	head(w, name, "ay");
	array = wire_array(w, 1);
	for (size_t i = 0; i < used; i++)
		wire_byte(w, bits[i]);
	wire_array_end(w, array, 1);
}

void properties_of_limits(struct wire *w, const struct cgroup_plan *p)
{
	number(w, "MemoryMax", p->memory_max_bytes);
	number(w, "MemoryLow", p->memory_low_bytes);
	number(w, "MemorySwapMax", p->memory_swap_max_bytes);
	number(w, "CPUWeight", p->cpu_weight);
	if (p->cpu_period_us != LIMIT_UNSET)
		number(w, "CPUQuotaPeriodUSec", p->cpu_period_us);
	quota(w, p);
	number(w, "TasksMax", p->pids_max);
	if (p->io_weight != LIMIT_UNSET)
		number(w, "IOWeight", io_weight_of(p->io_weight));
	set(w, "AllowedCPUs", p->cpus);
	set(w, "AllowedMemoryNodes", p->mems);
}

/* ---- annotations ----------------------------------------------------------------------------- */

/* quoted - the length of the text between the quotes that @p begins with, -1 if they do not close. */
static int quoted(const char *p)
{
	const char *end = *p == '\'' || *p == '"' ? strchr(p + 1, *p) : NULL;

	return !end || end - p > 1024 || memchr(p, '\\', (size_t)(end - p)) ? -1
									    : (int)(end - p - 1);
}

static bool append_text(struct wire *w, const char *name, const char *text)
{
	int len = quoted(text);
	char value[1025];

	if (len < 0 || text[len + 2])
		return false;
	snprintf(value, sizeof(value), "%.*s", len, text + 1);
	head(w, name, "s");
	wire_string(w, value);
	return true;
}

static bool append_list(struct wire *w, const char *name, const char *p)
{
	char value[1025];
	size_t array;

	head(w, name, "as");
	array = wire_array(w, 4);
	for (p += 1 + strspn(p + 1, " "); *p && *p != ']';) {
		int len = quoted(p);

		if (len < 0)
			return false;
		snprintf(value, sizeof(value), "%.*s", len, p + 1);
		wire_string(w, value);
		p += len + 2;
		p += strspn(p, " ");
		if (*p == ',')
			p += 1 + strspn(p + 1, " ");
		else if (*p != ']')
			return false;
	}
	wire_array_end(w, array, 4);
	return p[0] == ']' && !p[1];
}

static const struct {
	const char *word, *type;
	size_t bytes;
	long long min;
	unsigned long long max;
} numbers[] = {
	{"byte ", "y", 1, 0, UINT8_MAX},    {"int16 ", "n", 2, INT16_MIN, INT16_MAX},
	{"uint16 ", "q", 2, 0, UINT16_MAX}, {"int32 ", "i", 4, INT32_MIN, INT32_MAX},
	{"uint32 ", "u", 4, 0, UINT32_MAX}, {"int64 ", "x", 8, INT64_MIN, INT64_MAX},
	{"uint64 ", "t", 8, 0, UINT64_MAX}, {"", "i", 4, INT32_MIN, INT32_MAX},
};

/* append_number - "uint64 5", or "5"; with @seconds the number is multiplied and becomes a uint64. */
static bool append_number(struct wire *w, const char *name, const char *text, bool seconds)
{
	unsigned long long v;
	size_t kind = 0;
	bool negative;
	char *end;

	while (strncmp(text, numbers[kind].word, strlen(numbers[kind].word)) != 0)
		kind++;
	text += strlen(numbers[kind].word);
	negative = *text == '-';
	errno = 0;
	v = strtoull(text + negative, &end, 10);
	if (errno || text[negative] < '0' || text[negative] > '9' || *end)
		return false;
	if (seconds) {
		if (negative || v > UINT64_MAX / USEC_PER_SEC)
			return false;
		head(w, name, "t");
		wire_u64(w, v * USEC_PER_SEC);
		return true;
	}
	if (negative ? v > -(unsigned long long)numbers[kind].min : v > numbers[kind].max)
		return false;
	v = negative ? -v : v;
	head(w, name, numbers[kind].type);
	if (numbers[kind].bytes == 1)
		wire_byte(w, (uint8_t)v);
	else if (numbers[kind].bytes == 2)
		wire_u16(w, (uint16_t)v);
	else if (numbers[kind].bytes == 4)
		wire_u32(w, (uint32_t)v);
	else
		wire_u64(w, v);
	return true;
}

int property_append(struct wire *w, const char *name, const char *text, struct error *err)
{
	size_t len = strlen(name);
	bool seconds = len > 3 && !strcmp(name + len - 3, "Sec") &&
		       (len < 4 || strcmp(name + len - 4, "USec") != 0);
	char usec[128];
	bool known;

	if (seconds) {
		snprintf(usec, sizeof(usec), "%.*sUSec", (int)len - 3, name);
		name = usec;
	}
	if (!strcmp(text, "true") || !strcmp(text, "false")) {
		head(w, name, "b");
		wire_u32(w, text[0] == 't');
		known = true;
	} else if (text[0] == '\'' || text[0] == '"') {
		known = append_text(w, name, text);
	} else if (text[0] == '[') {
		known = append_list(w, name, text);
	} else {
		known = append_number(w, name, text, seconds);
	}
	if (known)
		return 0;
	error_set(err, EINVAL, "annotation org.systemd.property.%s: `%s`", name, text);
	return error_hint(err, "use true, false, 'text', a number, uint64 and a number, or "
			       "['a', 'b']");
}
