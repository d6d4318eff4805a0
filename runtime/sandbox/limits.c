/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * limits.c: which files of a cgroup the plan's limits go to, in which order, spelled how.
 *
 * Nothing is written here. At a start the values go straight to the files; `update` collects them
 * first, to see whether all of them can be written.
 *
 * The order: swap before memory, so that what a lower memory limit pushes out has its place; idle
 * and weight as cpu.idle's new value demands, for an idle cgroup refuses a weight; burst and quota
 * so that the burst is never above the quota; `unified` last, because it is meant to have the last
 * word.
 */
#include "runtime/sandbox/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {
	[CONTROLLER_CPUSET] = "cpuset", [CONTROLLER_CPU] = "cpu",
	[CONTROLLER_IO] = "io",		[CONTROLLER_MEMORY] = "memory",
	[CONTROLLER_PIDS] = "pids",	[CONTROLLER_HUGETLB] = "hugetlb",
	[CONTROLLER_RDMA] = "rdma",	[CONTROLLER_MISC] = "misc",
	[CONTROLLER_DMEM] = "dmem",
};

const char *controller_name(enum controller controller)
{
	return names[controller];
}

static bool is_set(int64_t v)
{
	return v != LIMIT_UNSET;
}

/* controller_of - the bit of the controller that the file @key belongs to, 0 if it has none. */
static unsigned int controller_of(const char *key)
{
	size_t len = strcspn(key, ".");

	for (enum controller c = 0; c < CONTROLLER_COUNT; c++)
		if (strlen(names[c]) == len && !memcmp(names[c], key, len))
			return 1U << c;
	return 0;
}

unsigned int limits_controllers(const struct cgroup_plan *p)
{
	unsigned int set = 0;

	if (is_set(p->memory_max_bytes) || is_set(p->memory_low_bytes) ||
	    is_set(p->memory_swap_max_bytes))
		set |= 1U << CONTROLLER_MEMORY;
	if (is_set(p->cpu_weight) || is_set(p->cpu_quota_us) || is_set(p->cpu_period_us) ||
	    is_set(p->cpu_burst_us) || is_set(p->cpu_idle))
		set |= 1U << CONTROLLER_CPU;
	if (p->cpus || p->mems)
		set |= 1U << CONTROLLER_CPUSET;
	if (is_set(p->pids_max))
		set |= 1U << CONTROLLER_PIDS;
	if (is_set(p->io_weight))
		set |= 1U << CONTROLLER_IO;
	for (size_t i = 0; i < IO_KINDS; i++)
		if (p->io[i].n)
			set |= 1U << CONTROLLER_IO;
	if (p->n_hugepages)
		set |= 1U << CONTROLLER_HUGETLB;
	if (p->n_rdma)
		set |= 1U << CONTROLLER_RDMA;
	for (size_t i = 0; i < p->n_unified; i++)
		set |= controller_of(p->unified[i].key);
	return set;
}

/* A list on its way: who takes it, and whether it still does. */
struct sink {
	limits_emit *emit;
	void *context;
	struct error *err;
};

static int text(const struct sink *to, const char *file, const char *value)
{
	return to->emit(to->context, file, value, to->err);
}

static int number(const struct sink *to, const char *file, int64_t value)
{
	char buf[32];

	if (!is_set(value))
		return 0;
	if (value == LIMIT_MAX)
		return text(to, file, "max");
	snprintf(buf, sizeof(buf), "%lld", (long long)value);
	return text(to, file, buf);
}

static int memory(const struct sink *to, const struct cgroup_plan *p)
{
	return number(to, "memory.swap.max", p->memory_swap_max_bytes) < 0 ||
			       number(to, "memory.max", p->memory_max_bytes) < 0 ||
			       number(to, "memory.low", p->memory_low_bytes) < 0
		       ? -1
		       : 0;
}

/* cpu_max - quota and period share a file, "QUOTA PERIOD", so what is not set is said again. */
static int cpu_max(const struct sink *to, const struct cgroup_plan *p, const struct limits_now *now)
{
	int64_t quota = is_set(p->cpu_quota_us) ? p->cpu_quota_us : now->cpu_quota_us;
	int64_t period = is_set(p->cpu_period_us) ? p->cpu_period_us : now->cpu_period_us;
	char buf[64];
	int n;

	if (!is_set(p->cpu_quota_us) && !is_set(p->cpu_period_us))
		return 0;
	if (!is_set(quota) || quota == LIMIT_MAX)
		n = snprintf(buf, sizeof(buf), "max");
	else
		n = snprintf(buf, sizeof(buf), "%lld", (long long)quota);
	if (is_set(period))
		snprintf(buf + n, sizeof(buf) - (size_t)n, " %lld", (long long)period);
	return text(to, "cpu.max", buf);
}

static int cpu(const struct sink *to, const struct cgroup_plan *p, const struct limits_now *now)
{
	bool becomes_idle = p->cpu_idle == 1;
	bool quota_first = is_set(p->cpu_burst_us) && is_set(now->cpu_quota_us) &&
			   now->cpu_quota_us != LIMIT_MAX && p->cpu_burst_us > now->cpu_quota_us;

	if (!becomes_idle && number(to, "cpu.idle", p->cpu_idle) < 0)
		return -1;
	if (number(to, "cpu.weight", p->cpu_weight) < 0)
		return -1;
	if (becomes_idle && number(to, "cpu.idle", p->cpu_idle) < 0)
		return -1;
	if (quota_first && cpu_max(to, p, now) < 0)
		return -1;
	if (number(to, "cpu.max.burst", p->cpu_burst_us) < 0)
		return -1;
	return quota_first ? 0 : cpu_max(to, p, now);
}

int64_t io_weight_of(int64_t weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}

static int io_weights(const struct sink *to, const struct cgroup_plan *p,
		      const struct limits_now *now)
{
	const char *file = now->has_bfq ? "io.bfq.weight" : "io.weight";
	const struct io_limits *devices = &p->io[IO_WEIGHT];
	char buf[64];

	if (is_set(p->io_weight) &&
	    number(to, file, now->has_bfq ? p->io_weight : io_weight_of(p->io_weight)) < 0)
		return -1;
	for (size_t i = 0; i < devices->n; i++) {
		const struct io_limit *d = &devices->at[i];

		snprintf(buf, sizeof(buf), "%u:%u %lld", d->major, d->minor,
			 (long long)(now->has_bfq ? d->value : io_weight_of(d->value)));
		if (text(to, file, buf) < 0)
			return -1;
	}
	return 0;
}

static int io_max(const struct sink *to, const struct cgroup_plan *p)
{
	static const char *const words[] = {
		[IO_READ_BPS] = "rbps",
		[IO_WRITE_BPS] = "wbps",
		[IO_READ_IOPS] = "riops",
		[IO_WRITE_IOPS] = "wiops",
	};
	char buf[80];

	for (enum io_kind kind = 0; kind < IO_WEIGHT; kind++) {
		for (size_t i = 0; i < p->io[kind].n; i++) {
			const struct io_limit *d = &p->io[kind].at[i];

			if (d->value == LIMIT_MAX)
				snprintf(buf, sizeof(buf), "%u:%u %s=max", d->major, d->minor,
					 words[kind]);
			else
				snprintf(buf, sizeof(buf), "%u:%u %s=%lld", d->major, d->minor,
					 words[kind], (long long)d->value);
			if (text(to, "io.max", buf) < 0)
				return -1;
		}
	}
	return 0;
}

/* hugepages - what is used and what is reserved: the kernel kills for the one, refuses the other. */
static int hugepages(const struct sink *to, const struct cgroup_plan *p)
{
	char file[48];

	for (size_t i = 0; i < p->n_hugepages; i++) {
		const struct hugepage_limit *h = &p->hugepages[i];

		snprintf(file, sizeof(file), "hugetlb.%s.max", h->page_size);
		if (number(to, file, h->bytes) < 0)
			return -1;
		snprintf(file, sizeof(file), "hugetlb.%s.rsvd.max", h->page_size);
		if (number(to, file, h->bytes) < 0)
			return -1;
	}
	return 0;
}

static int rdma(const struct sink *to, const struct cgroup_plan *p)
{
	char buf[256];

	for (size_t i = 0; i < p->n_rdma; i++) {
		const struct rdma_limit *r = &p->rdma[i];
		int n = snprintf(buf, sizeof(buf), "%.128s", r->device);

		if (is_set(r->handles))
			n += snprintf(buf + n, sizeof(buf) - (size_t)n, " hca_handle=%lld",
				      (long long)r->handles);
		if (is_set(r->objects))
			snprintf(buf + n, sizeof(buf) - (size_t)n, " hca_object=%lld",
				 (long long)r->objects);
		if (text(to, "rdma.max", buf) < 0)
			return -1;
	}
	return 0;
}

int limits_each(const struct cgroup_plan *p, const struct limits_now *now, limits_emit *emit,
		void *context, struct error *err)
{
	const struct sink to = {.emit = emit, .context = context, .err = err};

	if (memory(&to, p) < 0 || cpu(&to, p, now) < 0 || number(&to, "pids.max", p->pids_max) < 0)
		return -1;
	if ((p->cpus && text(&to, "cpuset.cpus", p->cpus) < 0) ||
	    (p->mems && text(&to, "cpuset.mems", p->mems) < 0))
		return -1;
	if (io_weights(&to, p, now) < 0 || io_max(&to, p) < 0 || hugepages(&to, p) < 0 ||
	    rdma(&to, p) < 0)
		return -1;
	for (size_t i = 0; i < p->n_unified; i++)
		if (text(&to, p->unified[i].key, p->unified[i].value) < 0)
			return -1;
	return 0;
}

bool limit_holds_anyway(int errnum, const char *file, const char *value)
{
	return errnum == ENOENT && !strcmp(file, "memory.swap.max") &&
	       (!strcmp(value, "max") || !strcmp(value, "0"));
}
