/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c: the plan's mounts, made detached.
 *
 * A mount's life has two halves. Made: bind sources are cloned by the parent (open_tree), whose
 * view is the host's; file systems are created by the child (fsopen), because proc, sysfs, mqueue,
 * devpts and cgroup2 take the namespaces of whoever creates them. That happens before the host's
 * tree is left: inside a user namespace the kernel lets a new proc or sysfs be mounted only where
 * a fully visible one can be seen. Placed: after the pivot, by place.c.
 *
 * Source: OCI config.md, "Mounts"; fsopen(2), move_mount(2), mount_setattr(2).
 */
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "runtime/sandbox/mounts.h"
#include "runtime/sandbox/sandbox.h"

#ifndef MOUNT_ATTR__ATIME
#define MOUNT_ATTR__ATIME 0x00000070
#endif

int mounts_set_attrs(int fd, const struct mount_plan *m, struct error *err)
{
	unsigned int rec = m->kind == MOUNT_BIND && m->recursive ? AT_RECURSIVE : 0;
	struct mount_attr own = {.attr_set = m->attr_set, .attr_clr = m->attr_clr};
	struct mount_attr whole = {.attr_set = m->rec_attr_set, .attr_clr = m->rec_attr_clr};
	struct mount_attr prop = {.propagation = m->propagation ? m->propagation : MS_PRIVATE};

	if (!m->propagation || m->propagation_recursive)
		rec |= AT_RECURSIVE;
	if ((own.attr_set || own.attr_clr) &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH, &own, sizeof(own)) < 0)
		return error_set(err, errno, "%s: cannot set the options of `%s`", m->where,
				 m->destination);
	if ((whole.attr_set || whole.attr_clr) &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &whole, sizeof(whole)) < 0)
		return error_set(err, errno, "%s: cannot set the recursive options of `%s`",
				 m->where, m->destination);
	if (m->kind == MOUNT_REMOUNT && !m->propagation)
		return 0;
	if (sys_mount_setattr(fd, "", AT_EMPTY_PATH | rec, &prop, sizeof(prop)) < 0)
		return error_set(err, errno, "%s: cannot set the propagation of `%s`", m->where,
				 m->destination);
	return 0;
}

/* clone_source - a bind mount's source as a detached tree. */
static int clone_source(struct sandbox *sb, const struct mount_plan *m, struct error *err)
{
	struct mount_attr nodev = {.attr_set = MOUNT_ATTR_NODEV};
	unsigned int flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC |
			     (m->recursive ? AT_RECURSIVE : 0) |
			     (m->source_nofollow || m->copy_symlink ? AT_SYMLINK_NOFOLLOW : 0);
	_cleanup_fd_ int fd = sys_open_tree(AT_FDCWD, m->source, flags);

	if (fd < 0)
		return error_set(err, errno, "%s: cannot bind `%s` on `%s`", m->where, m->source,
				 m->destination);
	if (idmap_mount(sb, fd, m, err) < 0 || mounts_set_attrs(fd, m, err) < 0)
		return -1;
	if (!sandbox_filters_devices(sb) &&
	    sys_mount_setattr(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, &nodev, sizeof(nodev)) < 0)
		return error_set(err, errno, "%s: cannot keep devices out of `%s`", m->where,
				 m->destination);
	return take_fd(&fd);
}

/*
 * keep_link - copy-symlink: if the source that mount @i was cloned from is a symbolic link, remember
 * what it says instead; the link is made again inside.
 */
static int keep_link(struct sandbox *sb, size_t i, struct arena *arena, struct error *err)
{
	const struct mount_plan *m = &sb->plan->mounts[i];
	char target[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (!m->copy_symlink)
		return 0;
	if (fstat(sb->mounts[i], &st) < 0)
		return error_set(err, errno, "%s: cannot look at `%s`", m->where, m->source);
	if (!S_ISLNK(st.st_mode))
		return 0;
	n = readlinkat(sb->mounts[i], "", target, sizeof(target));
	if (n < 0 || (size_t)n == sizeof(target))
		return error_set(err, n < 0 ? errno : ENAMETOOLONG, "%s: cannot read the link `%s`",
				 m->where, m->source);
	target[n] = '\0';
	if (!sb->links)
		sb->links = arena_new(arena, const char *, sb->plan->n_mounts, err);
	if (!sb->links)
		return -1;
	sb->links[i] = arena_strdup(arena, target, err);
	if (!sb->links[i])
		return -1;
	close_fd(take_fd(&sb->mounts[i]));
	return 0;
}

/* clone_cgroup - without a cgroup namespace the container sees its own directory, no more. */
static int clone_cgroup(const struct sandbox *sb, const struct mount_plan *m, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	if (sb->cgroup < 0)
		return error_set(err, 0,
				 "%s: cannot mount cgroup2 on `%s` without a cgroup or a cgroup "
				 "namespace: it would be the host's",
				 m->where, m->destination);
	fd = sys_open_tree(sb->cgroup, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (fd < 0)
		return error_set(err, errno, "%s: cannot bind the container's cgroup on `%s`",
				 m->where, m->destination);
	if (mounts_set_attrs(fd, m, err) < 0)
		return -1;
	return take_fd(&fd);
}

/* explain_eperm - file systems that show a namespace: what the kernel wants of whoever mounts them. */
static void explain_eperm(const char *type, struct error *err)
{
	static const struct {
		const char *type, *namespace;
	} shown[] = {{"proc", "pid"},
		     {"sysfs", "network"},
		     {"mqueue", "ipc"},
		     {"cgroup2", "cgroup"}};

	for (size_t i = 0; i < ARRAY_SIZE(shown); i++)
		if (!strcmp(type, shown[i].type))
			error_hint(
				err,
				"in a user namespace %s can be mounted for a %s namespace that it "
				"owns, and where a whole one can be seen; otherwise bind the host's",
				type, shown[i].namespace);
}

/* fs_error - the error of a step of @fs, with the kernel's own words for it as the cause. */
static int fs_error(int fs, int errnum, const struct mount_plan *m, const char *type,
		    struct error *err)
{
	char said[200];
	ssize_t n = fs >= 0 ? read(fs, said, sizeof(said) - 1) : -1;

	error_set(err, errnum, "%s: cannot mount %s on `%s`", m->where, type, m->destination);
	if (n > 2) {
		said[n] = '\0';
		if (said[n - 1] == '\n')
			said[n - 1] = '\0';
		error_cause(err, "%s", said + 2); /* "e tmpfs: Bad value for 'size'" */
	} else if (errnum == EPERM) {
		explain_eperm(type, err);
	}
	return -1;
}

bool mounts_has_more_attrs(const struct mount_plan *m)
{
	return (m->propagation && m->propagation != MS_PRIVATE) || m->rec_attr_set ||
	       m->rec_attr_clr;
}

/* make_fs - a new file system instance as a detached mount, with @attrs beside those of the plan. */
static int make_fs(const struct mount_plan *m, uint64_t attrs, struct error *err)
{
	const char *type = m->kind == MOUNT_CGROUP ? "cgroup2" : m->type;
	_cleanup_fd_ int fs = sys_fsopen(type, FSOPEN_CLOEXEC);
	_cleanup_fd_ int fd = FD_EMPTY;
	int rc = 0;

	if (fs < 0)
		return fs_error(FD_EMPTY, errno, m, type, err);
	if (m->source)
		rc = sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", m->source, 0);
	for (size_t i = 0; !rc && i < m->n_params; i++) {
		const struct mount_param *p = &m->params[i];

		rc = sys_fsconfig(fs, p->value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG, p->key,
				  p->value, 0);
	}
	if (!rc)
		rc = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	if (rc < 0)
		return fs_error(fs, errno, m, type, err);
	/* What is copied into it has to be written first. */
	fd = sys_fsmount(fs, FSMOUNT_CLOEXEC,
			 (unsigned int)(attrs |
					(m->attr_set & ~(m->copy_up ? MOUNT_ATTR_RDONLY : 0ULL))));
	if (fd < 0)
		return fs_error(fs, errno, m, type, err);
	if (!m->copy_up && mounts_has_more_attrs(m) && mounts_set_attrs(fd, m, err) < 0)
		return -1;
	return take_fd(&fd);
}

/* For sysctls: what they are is looked up in the namespaces of whoever opens them. */
static const struct mount_plan private_proc = {
	.destination = "(private)",
	.type = "proc",
	.where = "sysctl",
	.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
};

/* prepare_proc - in its user namespace the child can mount a procfs of a new pid namespace only. */
static int prepare_proc(struct sandbox *sb, struct error *err)
{
	const struct plan *plan = sb->plan;

	if (!plan->n_sysctls || plan->ns[NS_USER].mode == NS_HOST ||
	    plan->ns[NS_PID].mode == NS_NEW)
		return 0;
	sb->sysctl_proc = make_fs(&private_proc, 0, err);
	return sb->sysctl_proc < 0 ? -1 : 0;
}

int mounts_prepare(struct sandbox *sb, struct arena *arena, struct error *err)
{
	const struct plan *plan = sb->plan;

	if (plan->ns[NS_MNT].mode != NS_NEW)
		return 0;
	sb->mounts = arena_new(arena, int, plan->n_mounts, err);
	sb->child_mounts = arena_new(arena, int, plan->n_mounts, err);
	if (!sb->mounts || !sb->child_mounts)
		return -1;
	for (size_t i = 0; i < plan->n_mounts; i++)
		sb->mounts[i] = FD_EMPTY;
	for (size_t i = 0; i < plan->n_mounts; i++) {
		const struct mount_plan *m = &plan->mounts[i];

		if (m->kind == MOUNT_BIND)
			sb->mounts[i] = clone_source(sb, m, err);
		else if (m->kind == MOUNT_CGROUP && plan->ns[NS_CGROUP].mode == NS_HOST)
			sb->mounts[i] = clone_cgroup(sb, m, err);
		else
			continue;
		if (sb->mounts[i] < 0 || keep_link(sb, i, arena, err) < 0)
			return -1;
	}
	return prepare_proc(sb, err);
}

/*
 * shown_cgroup - a new cgroup namespace begins where its maker is. In a container without a cgroup of its own
 * that is the runtime's, with all who are in it: to be looked at, and not to be written to
 * (CVE-2023-25809).
 */
static uint64_t shown_cgroup(const struct sandbox *sb, const struct mount_plan *m)
{
	return m->kind == MOUNT_CGROUP && sb->cgroup < 0 && sb->plan->ns[NS_CGROUP].mode == NS_NEW
		       ? MOUNT_ATTR_RDONLY
		       : 0;
}

/*
 * mounts_make - the child's half of making. @proc receives a descriptor of a procfs of the
 * container's pid namespace that no path leads to: the only procfs the runtime writes to.
 */
int mounts_make(struct sandbox *sb, int *proc, struct error *err)
{
	const struct plan *plan = sb->plan;

	for (size_t i = 0; i < plan->n_mounts; i++) {
		if (sb->mounts[i] >= 0 || plan->mounts[i].kind == MOUNT_REMOUNT ||
		    (sb->links && sb->links[i]))
			continue;
		sb->mounts[i] = make_fs(&plan->mounts[i], shown_cgroup(sb, &plan->mounts[i]), err);
		if (sb->mounts[i] < 0)
			return -1;
	}
	if (plan->n_sysctls && *proc < 0) {
		*proc = make_fs(&private_proc, 0, err);
		if (*proc < 0)
			return -1;
	}
	return 0;
}
