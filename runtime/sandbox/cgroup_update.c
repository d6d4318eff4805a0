/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup_update.c: new limits for a container that is there already.
 *
 * All of them or none: first every file is looked at, so that one that is missing is known before
 * the first is written; then they are written, and when the kernel refuses a value those that were
 * written before it get their old ones back. What has a line per device (io.*, rdma.max) cannot be
 * put back so, and comes last.
 */
#include <fcntl.h>
#include <string.h>

#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/cgroupfs.h"
#include "runtime/sandbox/controllers.h"
#include "runtime/sandbox/limits.h"

#define MAX_WRITES 512

struct write {
	const char *file, *value;
	const char *old; /* NULL: cannot be put back */
};

struct writes {
	const struct cgroup *cg;
	struct arena *arena;
	struct write *at;
	size_t n;
};

/* is_keyed - has the file a line per device? */
static bool is_keyed(const char *file)
{
	return !strncmp(file, "io.", 3) || !strncmp(file, "rdma.", 5);
}

/* collect - a limits_emit that remembers the file, its new and its old value. */
static int collect(void *context, const char *file, const char *value, struct error *err)
{
	struct writes *w = context;
	char old[4096] = "";
	struct write *at;

	if (w->n == MAX_WRITES)
		return error_set(err, E2BIG, "more than %d limits", MAX_WRITES);
	if (cgroupfs_read(w->cg->dir, file, old, sizeof(old)) < 0) {
		if (limit_holds_anyway(errno, file, value))
			return 0;
		return error_set(err, errno, "cannot read %s of cgroup `%s`", file, w->cg->path);
	}
	at = &w->at[w->n++];
	at->file = arena_strdup(w->arena, file, err);
	at->value = arena_strdup(w->arena, value, err);
	if (!at->file || !at->value)
		return -1;
	if (!is_keyed(file)) {
		at->old = arena_strdup(w->arena, old, err);
		if (!at->old)
			return -1;
	}
	return 0;
}

/* number_in - the number at the beginning of @file, LIMIT_MAX for "max", LIMIT_UNSET without it. */
static int64_t number_in(const struct cgroup *cg, const char *file)
{
	char text[64];

	if (cgroupfs_read(cg->dir, file, text, sizeof(text)) <= 0)
		return LIMIT_UNSET;
	return strncmp(text, "max", 3) ? (int64_t)strtoll(text, NULL, 10) : LIMIT_MAX;
}

static struct limits_now look(const struct cgroup *cg)
{
	struct limits_now now = {
		.has_bfq = faccessat(cg->dir, "io.bfq.weight", F_OK, 0) == 0,
		.cpu_quota_us = number_in(cg, "cpu.max"),
		.cpu_period_us = LIMIT_UNSET,
	};
	char text[64];

	if (cgroupfs_read(cg->dir, "cpu.max", text, sizeof(text)) > 0 && strchr(text, ' '))
		now.cpu_period_us = strtoll(strchr(text, ' '), NULL, 10);
	return now;
}

int64_t cgroup_memory_max(const struct cgroup *cg)
{
	return cg->dir < 0 ? LIMIT_UNSET : number_in(cg, "memory.max");
}

/* check_usage - refuse a memory limit below what is used, which would kill: checkBeforeUpdate. */
static int check_usage(const struct cgroup *cg, const struct cgroup_plan *plan, struct error *err)
{
	int64_t used;

	if (!plan->check_before_update || plan->memory_max_bytes == LIMIT_UNSET ||
	    plan->memory_max_bytes == LIMIT_MAX)
		return 0;
	used = number_in(cg, "memory.current");
	if (used < plan->memory_max_bytes)
		return 0;
	return error_set(err, 0,
			 "the memory limit of %lld bytes is not above the %lld bytes in use",
			 (long long)plan->memory_max_bytes, (long long)used);
}

int cgroup_hand_down(const struct cgroup *cg, unsigned int needed, struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;
	const char *path = cg->path + strspn(cg->path, "/");
	char where[sizeof(cg->path) + 1];

	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	for (const char *p = path; *p; p += strcspn(p, "/"), p += strspn(p, "/")) {
		_cleanup_fd_ int dir = FD_EMPTY;

		snprintf(where, sizeof(where), "/%.*s", p == path ? 0 : (int)(p - path) - 1, path);
		dir = cgroupfs_open(mount, p == path ? "." : where + 1, O_RDONLY | O_DIRECTORY);
		if (dir < 0)
			return error_set(err, errno, "cannot open cgroup `%s`", where);
		if (controllers_hand_down(dir, needed, 0, where, err) < 0)
			return -1;
	}
	return 0;
}

/* write_all - write, and on failure put back what was written before. */
static int write_all(const struct writes *w, struct error *err)
{
	size_t i = 0;

	while (i < w->n && cgroupfs_write(w->cg->dir, w->at[i].file, w->at[i].value) == 0)
		i++;
	if (i == w->n)
		return 0;
	error_set(err, errno, "cannot write `%s` to %s of cgroup `%s`", w->at[i].value,
		  w->at[i].file, w->cg->path);
	while (i-- > 0)
		if (!w->at[i].old || cgroupfs_write(w->cg->dir, w->at[i].file, w->at[i].old) < 0)
			error_hint(err, "%s has its new value all the same", w->at[i].file);
	return -1;
}

int cgroup_update(const struct cgroup *cg, const struct cgroup_plan *plan, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct writes w = {.cg = cg, .arena = &arena};
	struct limits_now now;

	/* The old limits may not have needed all of them. */
	if (cgroup_hand_down(cg, limits_controllers(plan), err) < 0)
		return -1;
	now = look(cg);
	w.at = arena_new(&arena, struct write, MAX_WRITES, err);
	if (!w.at || check_usage(cg, plan, err) < 0 ||
	    limits_each(plan, &now, collect, &w, err) < 0)
		return -1;
	return write_all(&w, err);
}
