/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c: one cgroup v2 directory per container.
 *
 * The directory is made and limited before the container exists; clone3 puts the first process in
 * it (CLONE_INTO_CGROUP), so no process ever runs unlimited and nothing is migrated under the
 * global threadgroup lock. Every path is opened below the descriptor of the cgroup v2 mount.
 */
#include "runtime/sandbox/cgroup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "runtime/sandbox/cgroupfs.h"
#include "runtime/sandbox/devfilter.h"

/* has_word - is @word one of the blank-separated words of @text? */
static bool has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = text; (p = strstr(p, word)); p += len)
		if ((p == text || p[-1] == ' ') && strchr(" \n", p[len]))
			return true;
	return false;
}

static bool unset(int64_t v)
{
	return v == LIMIT_UNSET;
}

/* needs - which controllers the plan's limits ask for. */
static size_t needs(const struct cgroup_plan *p, const char *names[3])
{
	size_t n = 0;

	if (!unset(p->memory_max_bytes) || !unset(p->memory_low_bytes) ||
	    !unset(p->memory_swap_max_bytes))
		names[n++] = "memory";
	if (!unset(p->cpu_weight) || !unset(p->cpu_quota_us) || !unset(p->cpu_period_us) ||
	    !unset(p->cpu_burst_us) || !unset(p->cpu_idle))
		names[n++] = "cpu";
	if (!unset(p->pids_max))
		names[n++] = "pids";
	return n;
}

/* enable - pass controller @name on from @dir to its children. */
static int enable(int dir, const char *name, const char *where, struct error *err)
{
	char controllers[256], enabled[256], word[32];

	if (cgroupfs_read(dir, "cgroup.subtree_control", enabled, sizeof(enabled)) < 0 ||
	    cgroupfs_read(dir, "cgroup.controllers", controllers, sizeof(controllers)) < 0)
		return error_set(err, errno, "cannot read the controllers of cgroup `/%s`", where);
	if (has_word(enabled, name))
		return 0;
	if (!has_word(controllers, name)) {
		error_set(err, 0, "cannot limit %s: the controller is missing in cgroup `/%s`",
			  name, where);
		return error_hint(err, "it may be in use by cgroup v1: boot the host with "
				       "systemd.unified_cgroup_hierarchy=1, or remove the limit");
	}
	snprintf(word, sizeof(word), "+%s", name);
	if (cgroupfs_write(dir, "cgroup.subtree_control", word) < 0) {
		int errnum = errno;

		error_set(err, errnum, "cannot enable the %s controller below cgroup `/%s`", name,
			  where);
		if (errnum == EBUSY)
			error_cause(err, "cgroup `/%s` has processes of its own", where);
		return -1;
	}
	return 0;
}

static int enable_all(int dir, const char *const *names, size_t n, const char *where,
		      struct error *err)
{
	for (size_t i = 0; i < n; i++)
		if (enable(dir, names[i], where, err) < 0)
			return -1;
	return 0;
}

/* check_path - refuse what openat2 would refuse later with a less helpful errno. */
static int check_path(const char *path, struct error *err)
{
	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");

		if ((len == 2 && !memcmp(p, "..", 2)) || (len == 1 && *p == '.'))
			return error_set(err, EINVAL, "cgroup path `%s`", path);
		p += len;
		p += strspn(p, "/");
	}
	return 0;
}

/*
 * descend - make and open each directory of @path below @mount, enabling @names on the way.
 * Returns the last one; @existed tells whether it was there already.
 */
static int descend(int mount, const char *path, const char *const *names, size_t n_names,
		   bool *existed, struct error *err)
{
	_cleanup_fd_ int dir = cgroupfs_open(mount, ".", O_RDONLY | O_DIRECTORY);
	char part[256];
	size_t at = 0;

	if (dir < 0)
		return error_set(err, errno, "cannot open the cgroup v2 mount");
	for (at = strspn(path, "/"); path[at];) {
		size_t len = strcspn(path + at, "/");
		char where[512];
		int next;

		if (len >= sizeof(part))
			return error_set(err, ENAMETOOLONG, "cgroup path `%s`", path);
		memcpy(part, path + at, len);
		part[len] = '\0';
		snprintf(where, sizeof(where), "%.*s", (int)at, path);
		if (enable_all(dir, names, n_names, where + strspn(where, "/"), err) < 0)
			return -1;
		*existed = mkdirat(dir, part, 0755) < 0;
		if (*existed && errno != EEXIST)
			return error_set(err, errno, "cannot make cgroup `%s`", path);
		next = cgroupfs_open(dir, part, O_RDONLY | O_DIRECTORY);
		if (next < 0) {
			error_set(err, errno, "cannot open cgroup `%s`", path);
			/* Nobody else would know that it was made here. */
			if (!*existed)
				(void)unlinkat(dir, part, AT_REMOVEDIR);
			return -1;
		}
		replace_fd(&dir, next);
		at += len;
		at += strspn(path + at, "/");
	}
	return take_fd(&dir);
}

/* set - write one limit; @unit names the config's unit where the number alone would not tell. */
static int set(const struct cgroup *cg, const char *file, const char *value, struct error *err)
{
	if (cgroupfs_write(cg->dir, file, value) < 0)
		return error_set(err, errno, "cannot write `%s` to %s of cgroup `%s`", value, file,
				 cg->path);
	return 0;
}

static int set_number(const struct cgroup *cg, const char *file, int64_t value, struct error *err)
{
	char text[32];

	if (unset(value))
		return 0;
	if (value == LIMIT_MAX)
		return set(cg, file, "max", err);
	snprintf(text, sizeof(text), "%lld", (long long)value);
	return set(cg, file, text, err);
}

/* set_cpu_max - quota and period share a file: "QUOTA PERIOD", both in microseconds. */
static int set_cpu_max(const struct cgroup *cg, const struct cgroup_plan *p, struct error *err)
{
	char text[64];
	int n;

	if (unset(p->cpu_quota_us) && unset(p->cpu_period_us))
		return 0;
	if (unset(p->cpu_quota_us) || p->cpu_quota_us == LIMIT_MAX)
		n = snprintf(text, sizeof(text), "max");
	else
		n = snprintf(text, sizeof(text), "%lld", (long long)p->cpu_quota_us);
	if (!unset(p->cpu_period_us))
		snprintf(text + n, sizeof(text) - (size_t)n, " %lld", (long long)p->cpu_period_us);
	return set(cg, "cpu.max", text, err);
}

/* check_unified_file - a key of `unified` is a file name of the cgroup's own directory. */
static int check_unified_file(const char *key, struct error *err)
{
	bool limit = strncmp(key, "cgroup.", 7) != 0 || !strncmp(key, "cgroup.max.", 11);

	if (strchr(key, '/') || key[0] == '.' || !limit)
		return error_set(err, EINVAL, "linux.resources.unified: `%s` is not a limit", key);
	return 0;
}

static int set_limits(const struct cgroup *cg, const struct cgroup_plan *p, struct error *err)
{
	if (set_number(cg, "memory.max", p->memory_max_bytes, err) < 0 ||
	    set_number(cg, "memory.low", p->memory_low_bytes, err) < 0 ||
	    set_number(cg, "memory.swap.max", p->memory_swap_max_bytes, err) < 0 ||
	    set_number(cg, "cpu.weight", p->cpu_weight, err) < 0 ||
	    set_number(cg, "cpu.idle", p->cpu_idle, err) < 0 || set_cpu_max(cg, p, err) < 0 ||
	    set_number(cg, "cpu.max.burst", p->cpu_burst_us, err) < 0 ||
	    set_number(cg, "pids.max", p->pids_max, err) < 0)
		return -1;
	if ((p->cpus && set(cg, "cpuset.cpus", p->cpus, err) < 0) ||
	    (p->mems && set(cg, "cpuset.mems", p->mems, err) < 0))
		return -1;
	for (size_t i = 0; i < p->n_unified; i++)
		if (check_unified_file(p->unified[i].key, err) < 0 ||
		    set(cg, p->unified[i].key, p->unified[i].value, err) < 0)
			return -1;
	return 0;
}

/* refuse_limits - without a cgroup, a limit that was asked for is an error, not forgotten. */
static int refuse_limits(const struct cgroup_plan *p, enum cgroup_manager manager,
			 struct error *err)
{
	const char *names[3];
	size_t n = needs(p, names);

	if (!n && !p->cpus && !p->mems && !p->n_unified)
		return 0;
	if (manager == CGROUP_MANAGER_DISABLED)
		return error_set(err, 0, "cannot limit %s: --cgroup-manager=disabled",
				 n ? names[0] : "resources");
	error_set(err, 0, "cannot limit %s: no cgroup v2 tree is mounted",
		  n ? names[0] : "resources");
	return error_hint(err, "mount cgroup2 on /sys/fs/cgroup, or remove the limit");
}

/*
 * controllers_of - every controller the plan needs, the ones named by `unified` keys and cpuset
 * included. @names has room for 8; unified names are cut from their key into @buf.
 */
static size_t controllers_of(const struct cgroup_plan *p, const char *names[8], char buf[4][32])
{
	size_t n = needs(p, names), used = 0;

	if (p->cpus || p->mems)
		names[n++] = "cpuset";
	for (size_t i = 0; i < p->n_unified && used < 4; i++) {
		size_t len = strcspn(p->unified[i].key, ".");
		bool known = false;

		if (len >= 32 || !len || !strncmp(p->unified[i].key, "cgroup.", 7))
			continue;
		memcpy(buf[used], p->unified[i].key, len);
		buf[used][len] = '\0';
		for (size_t k = 0; k < n; k++)
			known = known || !strcmp(names[k], buf[used]);
		if (!known)
			names[n++] = buf[used++];
	}
	return n;
}

int cgroup_name(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		const char *id, struct error *err)
{
	int len;

	if (manager == CGROUP_MANAGER_DISABLED)
		return 0;
	if (plan->path)
		len = snprintf(cg->path, sizeof(cg->path), "%s%s",
			       plan->path[0] == '/' ? "" : "/cloison/", plan->path);
	else
		len = snprintf(cg->path, sizeof(cg->path), "/cloison/%s", id);
	if (len < 0 || (size_t)len >= sizeof(cg->path))
		return error_set(err, ENAMETOOLONG, "cgroup path of `%s`", id);
	if (!cg->path[strspn(cg->path, "/")])
		return error_set(err, EINVAL, "cgroup path `%s`: the root is not a container's",
				 cg->path);
	return check_path(cg->path, err);
}

int cgroup_create(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		  struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;
	_cleanup_fd_ int dir = FD_EMPTY;
	const char *names[8];
	char unified[4][32];
	bool existed = false;
	size_t n;

	if (manager == CGROUP_MANAGER_FS && cgroupfs_mount(&mount, err) < 0)
		return -1;
	if (mount < 0) {
		cg->path[0] = '\0';
		return refuse_limits(plan, manager, err);
	}
	n = controllers_of(plan, names, unified);
	dir = descend(mount, cg->path, names, n, &existed, err);
	if (dir < 0)
		return -1;
	/* What we did not make we may not remove, and what is in it is not ours to kill. */
	if (existed) {
		error_set(err, EEXIST, "cannot make cgroup `%s`", cg->path);
		return error_hint(err, "another container has it, or was left behind: see its "
				       "cgroup.procs; an empty one can be removed with rmdir");
	}
	cg->dir = take_fd(&dir); /* from here on it is the container's, and removed with it */
	if (set_limits(cg, plan, err) < 0 || devfilter_attach(cg->dir, plan, err) < 0)
		return -1;
	return 0;
}

int cgroup_open(struct cgroup *cg, const char *path, struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;

	if (!*path)
		return 0;
	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	snprintf(cg->path, sizeof(cg->path), "%s", path);
	cg->dir = cgroupfs_open(mount, path + strspn(path, "/"), O_RDONLY | O_DIRECTORY);
	if (cg->dir < 0)
		return error_set(err, errno, "cannot open cgroup `%s`", path);
	return 0;
}
