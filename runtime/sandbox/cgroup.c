/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c: one cgroup v2 directory per container.
 *
 * The directory is made and limited before the container exists; clone3 puts the first process in
 * it (CLONE_INTO_CGROUP), so no process ever runs unlimited and nothing is migrated under the
 * global threadgroup lock. Every path is opened below the descriptor of the cgroup v2 mount.
 *
 * Directories on the way that had to be made are marked with an extended attribute, so that who
 * removes the last container below them removes them too, and nobody removes an engine's own.
 */
#include "runtime/sandbox/cgroup.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lib/text.h"
#include "runtime/sandbox/cgroupfs.h"
#include "runtime/sandbox/controllers.h"
#include "runtime/sandbox/devfilter.h"
#include "runtime/sandbox/limits.h"

#define DESCEND_TRIES 100

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

/* What a container's cgroup needs of those above it. */
struct handing {
	unsigned int
		needed; /* controllers that limits ask for: without them there is no container */
	unsigned int accounted; /* those whose counts somebody may ask for: where there are any */
};

/*
 * step - make and open the directory @part of @dir, or of @mount when that is empty, and which becomes
 * that one. Returns 1 if it was made, 0 if it was there, or -1 with errno.
 */
static int step(int mount, int *dir, const char *part)
{
	int at = *dir < 0 ? mount : *dir, next;
	bool made = mkdirat(at, part, 0755) == 0;

	if (!made && errno != EEXIST)
		return -1;
	next = cgroupfs_open(at, part, O_RDONLY | O_DIRECTORY);
	if (next < 0) {
		int errnum = errno;

		/* Nobody else would know that it was made here. */
		if (made)
			(void)unlinkat(at, part, AT_REMOVEDIR);
		errno = errnum;
		return -1;
	}
	replace_fd(dir, next);
	return made;
}

/*
 * descend - make and open each directory of @path below @mount, handing controllers down on the way.
 * Returns the last one; @existed tells whether it was there already. ENOENT in err->errnum: one was
 * removed again by others meanwhile.
 */
static int descend(int mount, const char *path, const struct handing *hand, bool *existed,
		   struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY; /* the last one, once there is one */
	char part[256], where[512];

	for (const char *p = path; *p;) {
		size_t len = strcspn(p, "/");
		const char *rest = p + len + strspn(p + len, "/");
		int made;

		if (len >= sizeof(part))
			return error_set(err, ENAMETOOLONG, "cgroup path `%s`", path);
		snprintf(part, sizeof(part), "%.*s", (int)len, p);
		snprintf(where, sizeof(where), "/%.*s", p == path ? 0 : (int)(p - path) - 1, path);
		if (controllers_hand_down(dir < 0 ? mount : dir, hand->needed, hand->accounted,
					  where, err) < 0)
			return -1;
		made = step(mount, &dir, part);
		if (made < 0)
			return error_set(err, errno, "cannot make cgroup `/%s`", path);
		if (made && *rest && (p != path || strcmp(part, CGROUP_DEFAULT_PARENT) != 0) &&
		    fsetxattr(dir, CGROUP_MADE_XATTR, "1", 1, 0) < 0)
			return error_set(err, errno, "cannot mark cgroup `/%s`", path);
		*existed = !made;
		p = rest;
	}
	return take_fd(&dir);
}

/* write_limit - a limits_emit that writes to the cgroup @context. */
static int write_limit(void *context, const char *file, const char *value, struct error *err)
{
	const struct cgroup *cg = context;

	if (cgroupfs_write(cg->dir, file, value) == 0 || limit_holds_anyway(errno, file, value))
		return 0;
	return error_set(err, errno, "cannot write `%s` to %s of cgroup `%s`", value, file,
			 cg->path);
}

/* refuse_limits - without a cgroup, a limit that was asked for is an error, not forgotten. */
static int refuse_limits(const struct cgroup_plan *p, enum cgroup_manager manager,
			 struct error *err)
{
	unsigned int set = limits_controllers(p);
	const char *what = "resources";

	if (!set && !p->n_unified)
		return 0;
	for (enum controller c = CONTROLLER_COUNT; c-- > 0;)
		if (set & 1U << c)
			what = controller_name(c);
	if (manager == CGROUP_MANAGER_DISABLED)
		return error_set(err, 0, "cannot limit %s: --cgroup-manager=disabled", what);
	error_set(err, 0, "cannot limit %s: there is no cgroup v2 tree", what);
	return error_hint(err, "mount cgroup2 on /sys/fs/cgroup, or remove the limit");
}

int cgroup_name(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		const char *id, struct error *err)
{
	const char *path = plan->path ? plan->path : id;
	size_t length = 0;

	if (manager == CGROUP_MANAGER_DISABLED)
		return 0;
	if (!plan->path || path[0] != '/')
		length = text_append(cg->path, sizeof(cg->path), 0, "/" CGROUP_DEFAULT_PARENT "/");
	length = text_append(cg->path, sizeof(cg->path), length, path);
	if (length >= sizeof(cg->path))
		return error_set(err, ENAMETOOLONG, "cgroup path of `%s`", id);
	if (!cg->path[strspn(cg->path, "/")])
		return error_set(err, EINVAL, "cgroup path `%s`: the root is not a container's",
				 cg->path);
	return check_path(cg->path, err);
}

static int make_dir(struct cgroup *cg, int mount, const struct cgroup_plan *plan, struct error *err)
{
	const struct handing hand = {
		.needed = limits_controllers(plan),
		/* An engine that says where also asks how much: `stats`. */
		.accounted = plan->path ? CONTROLLERS_ACCOUNT : 0,
	};
	const char *path = cg->path + strspn(cg->path, "/");
	_cleanup_fd_ int dir = FD_EMPTY;
	bool existed = false;

	/* Where those above it are there, and nothing is to be handed down, it is made in one step. */
	if (!hand.needed && !hand.accounted && step(mount, &dir, path) == 0)
		existed = true;
	for (int tries = 0; dir < 0 && tries < DESCEND_TRIES; tries++) {
		dir = descend(mount, path, &hand, &existed, err);
		if (dir < 0 && err->errnum != ENOENT)
			return -1;
	}
	if (dir < 0)
		return -1;
	/* What we did not make we may not remove, and what is in it is not ours to kill. */
	if (existed) {
		error_set(err, EEXIST, "cannot make cgroup `%s`", cg->path);
		return error_hint(err, "another container has it, or was left behind: see its "
				       "cgroup.procs; an empty one can be removed with rmdir");
	}
	cg->dir = take_fd(&dir); /* from here on it is the container's, and removed with it */
	return 0;
}

/* apply - write what the plan says to a cgroup in which nothing has been set. */
static int apply(const struct cgroup *cg, const struct cgroup_plan *plan, struct error *err)
{
	struct limits_now now = {.cpu_quota_us = LIMIT_UNSET, .cpu_period_us = LIMIT_UNSET};

	if (plan->io_weight != LIMIT_UNSET || plan->io[IO_WEIGHT].n)
		now.has_bfq = faccessat(cg->dir, "io.bfq.weight", F_OK, 0) == 0;
	if (limits_each(plan, &now, write_limit, (void *)cg, err) < 0 ||
	    devfilter_attach(cg->dir, plan, err) < 0)
		return -1;
	return 0;
}

int cgroup_create(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		  struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;

	if (manager == CGROUP_MANAGER_FS && cgroupfs_mount(&mount, err) < 0)
		return -1;
	if (mount < 0) {
		cg->path[0] = '\0';
		return refuse_limits(plan, manager, err);
	}
	if (make_dir(cg, mount, plan, err) < 0)
		return -1;
	cg->mount = take_fd(&mount);
	return apply(cg, plan, err);
}

void cgroup_explain_place(const struct cgroup *cg, struct error *err)
{
	char type[32];

	if ((err->errnum != EOPNOTSUPP && err->errnum != EBUSY) || cg->dir < 0 ||
	    cgroupfs_read(cg->dir, "cgroup.type", type, sizeof(type)) < 0)
		return;
	type[strcspn(type, "\n")] = '\0';
	if (strcmp(type, "domain") != 0)
		error_cause(err, "cgroup `%s` is of type `%s`: it or one above it is threaded",
			    cg->path, type);
	else if (cgroupfs_read(cg->dir, "cgroup.subtree_control", type, sizeof(type)) >= 0 &&
		 type[0] != '\0' && type[0] != '\n')
		error_cause(err, "cgroup `%s` hands controllers down: it can have no processes",
			    cg->path);
}

void cgroup_explain(const struct cgroup *cg, struct error *err)
{
	struct error ignored = ERROR_INIT;
	struct cgroup_oom oom;

	/* A process that shares its memory is not killed, but fails: then there is just the event. */
	if (!err->cause[0] && cgroup_oom_read(cg, &oom, &ignored) == 0 && oom.oom) {
		error_cause(err, "OOM: memory.max, %llu bytes, is not enough to start in",
			    (unsigned long long)oom.memory_max_bytes);
		return;
	}
	cgroup_explain_place(cg, err);
}

int cgroup_open(struct cgroup *cg, const char *path, struct error *err)
{
	_cleanup_fd_ int mount = FD_EMPTY;

	if (!*path)
		return 0;
	if (cgroupfs_mount(&mount, err) < 0)
		return -1;
	(void)text_append(cg->path, sizeof(cg->path), 0, path);
	cg->dir = cgroupfs_open(mount, path + strspn(path, "/"), O_RDONLY | O_DIRECTORY);
	if (cg->dir < 0)
		return error_set(err, errno, "cannot open cgroup `%s`", path);
	return 0;
}

/* path_of - the cgroup of process @pid below the cgroup v2 mount; "" when it cannot be told. */
static void path_of(pid_t pid, char *path, size_t size)
{
	char file[32], line[640];
	_cleanup_file_ FILE *f = NULL;

	path[0] = '\0';
	snprintf(file, sizeof(file), "/proc/%d/cgroup", pid);
	f = fopen(file, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (strncmp(line, "0::", 3) != 0)
			continue;
		line[strcspn(line, "\n")] = '\0';
		if (snprintf(path, size, "%s", line + 3) >= (int)size)
			path[0] = '\0';
	}
}

int cgroup_enter_leaf(struct cgroup *cg, pid_t pid, struct error *err)
{
	struct cgroup leaf = CGROUP_INIT;
	size_t len = strlen(cg->path);
	char text[640];
	struct stat st;

	if (cg->dir < 0)
		return 0;
	/* Without cgroups below there is none to hand anything to, and none to enter. */
	if (fstat(cg->dir, &st) < 0)
		return error_set(err, errno, "cannot look at cgroup `%s`", cg->path);
	if (st.st_nlink <= 2)
		return 0;
	if (cgroupfs_read(cg->dir, "cgroup.subtree_control", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read the controllers of cgroup `%s`",
				 cg->path);
	if (text[0] == '\0' || text[0] == '\n')
		return 0;
	path_of(pid, text, sizeof(text));
	if (strncmp(text, cg->path, len) != 0 || text[len] != '/') {
		error_set(err, EBUSY, "cgroup `%s`", cg->path);
		return error_cause(err,
				   "it hands controllers down, and the container's first process "
				   "is not below it");
	}
	if (cgroup_open(&leaf, text, err) < 0)
		return -1;
	close_fd(cg->dir);
	*cg = leaf;
	return 0;
}

int cgroup_adopt(struct cgroup *cg, pid_t pid, const char *name, const struct cgroup_plan *plan,
		 struct error *err)
{
	struct cgroup at = CGROUP_INIT;
	char path[640];
	const char *last;

	path_of(pid, path, sizeof(path));
	last = strrchr(path, '/');
	if (!last || strcmp(last + 1, name) != 0 || strlen(path) >= sizeof(cg->path))
		return error_set(err, 0, "process %d is in cgroup `%s`, not in `%s`", pid, path,
				 name);
	if (cgroup_open(&at, path, err) < 0)
		return -1;
	*cg = at;
	if (cgroup_hand_down(cg, limits_controllers(plan), err) < 0)
		return -1;
	return apply(cg, plan, err);
}
