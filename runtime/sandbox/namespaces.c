/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces.c: making, joining and mapping the eight namespaces.
 *
 * Five of the new ones come with clone3. Three need more:
 *
 *  - cgroup: copy_cgroup_ns() takes the *caller's* cgroup as root even with CLONE_INTO_CGROUP, so
 *    the child unshares it itself once it is where it belongs.
 *  - time: offsets can be written only while no process is in the namespace. The parent unshares
 *    it (which moves its children, not itself), writes them, and the child is born inside.
 *  - user: the child waits until its ids are mapped; only the parent has the right to map them.
 *
 * Source: namespaces(7), time_namespaces(7), user_namespaces(7); OCI config-linux.md, "Namespaces".
 */
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

/* Kinds that clone3 makes; see above for the others. */
static const enum ns_kind cloned[] = {NS_USER, NS_IPC, NS_UTS, NS_NET, NS_PID, NS_MNT};

uint64_t namespaces_clone_flags(const struct plan *plan)
{
	uint64_t flags = 0;

	for (size_t i = 0; i < ARRAY_SIZE(cloned); i++)
		if (plan->ns[cloned[i]].mode == NS_NEW)
			flags |= ns_clone_flag(cloned[i]);
	return flags;
}

/* changes - what the plan would change in a namespace of kind @k, or NULL. */
static const char *changes(const struct plan *plan, enum ns_kind k)
{
	if (k == NS_UTS && plan->hostname)
		return "hostname";
	if (k == NS_UTS && plan->domainname)
		return "domainname";
	if (k == NS_NET && plan->n_net_devices)
		return "netDevices";
	for (size_t i = 0; i < plan->n_sysctls; i++)
		if (sysctl_namespace(plan->sysctls[i].path) == k)
			return plan->sysctls[i].path;
	return NULL;
}

/*
 * check_not_ours - a path may name the runtime's own namespace, which is the host's. Nothing is changed
 * in that one, and its user namespace cannot be joined: whoever is in it already is.
 */
static int check_not_ours(const struct sandbox *sb, enum ns_kind k, struct error *err)
{
	const char *change = changes(sb->plan, k);
	struct stat own, other;
	char path[32];

	if (!change && k != NS_USER)
		return 0;
	snprintf(path, sizeof(path), "/proc/self/ns/%s", ns_proc_name(k));
	if (stat(path, &own) < 0 || fstat(sb->ns[k], &other) < 0)
		return error_set(err, errno, "cannot compare namespaces with `%s`", path);
	if (own.st_ino != other.st_ino || own.st_dev != other.st_dev)
		return 0;
	error_set(err, 0, "`%s` is the runtime's own %s namespace", sb->plan->ns[k].path,
		  ns_name(k));
	if (!change)
		return error_hint(err, "leave `%s` out of linux.namespaces", ns_name(k));
	return error_cause(err, "`%s` would change the host", change);
}

int namespaces_open(struct sandbox *sb, struct error *err)
{
	for (enum ns_kind k = 0; k < NS_COUNT; k++) {
		const struct ns_plan *ns = &sb->plan->ns[k];
		int type;

		if (ns->mode != NS_JOIN)
			continue;
		sb->ns[k] = open(ns->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
		if (sb->ns[k] < 0)
			return error_set(err, errno, "cannot open the %s namespace `%s`",
					 ns_name(k), ns->path);
		type = ioctl(sb->ns[k], NS_GET_NSTYPE);
		if (type < 0 || (uint64_t)type != ns_clone_flag(k))
			return error_set(err, 0, "`%s` is not a %s namespace", ns->path,
					 ns_name(k));
		if (check_not_ours(sb, k, err) < 0)
			return -1;
	}
	return 0;
}

int namespaces_unshare_time(const struct plan *plan, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	if (plan->ns[NS_TIME].mode != NS_NEW)
		return 0;
	if (unshare(CLONE_NEWTIME) < 0)
		return error_set(err, errno, "cannot make a time namespace");
	if (!plan->n_time_offsets)
		return 0;
	fd = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open `/proc/self/timens_offsets`");
	for (size_t i = 0; i < plan->n_time_offsets; i++) {
		const struct time_offset *o = &plan->time_offsets[i];
		char line[64];
		int n = snprintf(line, sizeof(line), "%s %lld %u\n", o->clock, (long long)o->secs,
				 o->nanosecs);

		if (write(fd, line, (size_t)n) != n)
			return error_set(err, errno, "cannot set the time offset of `%s`",
					 o->clock);
	}
	return 0;
}

static int join_one(const struct sandbox *sb, enum ns_kind k, struct error *err)
{
	if (sb->ns[k] >= 0 && setns(sb->ns[k], (int)ns_clone_flag(k)) < 0)
		return error_set(err, errno, "cannot join the %s namespace `%s`", ns_name(k),
				 sb->plan->ns[k].path);
	return 0;
}

/*
 * join_all - root's rights reach every namespace, whoever owns it, and end in the user namespace: that
 * one comes last. An ordinary user has no rights but those that the user namespace gives: first.
 */
static int join_all(const struct sandbox *sb, struct error *err)
{
	bool last = geteuid() == 0;

	if (!last && join_one(sb, NS_USER, err) < 0)
		return -1;
	for (enum ns_kind k = 0; k < NS_COUNT; k++)
		if (k != NS_USER && join_one(sb, k, err) < 0)
			return -1;
	return last ? join_one(sb, NS_USER, err) : 0;
}

int namespaces_join(struct sandbox *sb, struct error *err)
{
	bool in_user = sb->ns[NS_USER] >= 0 || sb->rootless ||
		       (sb->is_exec && sb->target_ns & CLONE_NEWUSER);
	_cleanup_fd_ int proc_self = FD_EMPTY;

	if (in_user) {
		proc_self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (proc_self < 0)
			return error_set(err, errno, "cannot open `/proc/self`");
	}
	if (!sb->is_exec) {
		if (join_all(sb, err) < 0)
			return -1;
	} else if (sb->target_ns && setns(sb->target_pidfd, (int)sb->target_ns) < 0) {
		return error_set(err, errno, "cannot join the container's namespaces");
	}
	return in_user ? userns_look(sb, proc_self, err) : 0;
}

int namespaces_keep_time(const struct plan *plan, struct error *err)
{
	int fd;

	if (plan->ns[NS_TIME].mode != NS_NEW || !plan->hooks.any)
		return FD_EMPTY;
	fd = open("/proc/self/ns/time", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? error_set(err, errno, "cannot open `/proc/self/ns/time`") : fd;
}

int namespaces_return_to_time(int fd, struct error *err)
{
	if (fd >= 0 && setns(fd, CLONE_NEWTIME) < 0)
		return error_set(err, errno, "cannot return to the runtime's time namespace");
	return 0;
}

/* The lines go in the single write the kernel wants. */
int namespaces_write_map(int proc_dir, const char *file, const struct id_map *map, size_t n,
			 struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char text[340 * 36]; /* 340 lines is the kernel's limit: user_namespaces(7) */
	size_t used = 0;

	for (size_t i = 0; i < n; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%u %u %u\n",
					 map[i].container_id, map[i].host_id, map[i].size);
	fd = openat(proc_dir, file, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, used) != (ssize_t)used)
		return error_set(err, errno, "cannot write %s", file);
	return 0;
}

int namespaces_write_maps(pid_t pid, const struct id_maps *maps, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d", pid);
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_set(err, errno, "cannot open `%s`", path);
	if (namespaces_write_map(dir, "uid_map", maps->uid, maps->n_uid, err) < 0)
		return -1;
	return namespaces_write_map(dir, "gid_map", maps->gid, maps->n_gid, err);
}

int namespaces_map_ids(const struct sandbox *sb, struct error *err)
{
	const struct id_maps maps = {
		.uid = sb->plan->uid_map,
		.gid = sb->plan->gid_map,
		.n_uid = sb->plan->n_uid_map,
		.n_gid = sb->plan->n_gid_map,
	};

	return namespaces_write_maps(sb->pid, &maps, err);
}
