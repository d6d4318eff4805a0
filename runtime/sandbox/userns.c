/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * userns.c: becoming root, or whoever is first, in a container's user namespace.
 *
 * What is made from there on (mount points, device files) belongs to that user: to 0 where 0 is
 * mapped, otherwise to the lowest id that is. A namespace that was mapped by an ordinary user denies
 * setgroups(2); then the supplementary groups stay as they are, and asking for others is an error.
 *
 * A new namespace's ids are in the plan. Those of one that is joined are asked from procfs, and always
 * from the host's: through a directory opened before anything of the container's is entered.
 *
 * Source: user_namespaces(7), "Interaction with system calls that change process UIDs or GIDs".
 */
#include <string.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

#define MAP_BYTES 16384 /* 340 lines of 33 bytes */

static int read_file(int dir, const char *name, char *buf, size_t size, struct error *err)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	size_t used = 0;

	if (fd < 0)
		return error_set(err, errno, "cannot open `/proc/self/%s`", name);
	while (used < size - 1) {
		ssize_t n = read(fd, buf + used, size - 1 - used);

		if (n < 0)
			return error_set(err, errno, "cannot read `/proc/self/%s`", name);
		if (n == 0)
			break;
		used += (size_t)n;
	}
	buf[used] = '\0';
	return 0;
}

/* lowest_mapped - the lowest id inside that a map file has. */
static int lowest_mapped(int dir, const char *name, uint32_t *lowest, struct error *err)
{
	char text[MAP_BYTES] = "";
	bool any = false;

	if (read_file(dir, name, text, sizeof(text), err) < 0)
		return -1;
	for (char *line = text; *line;) {
		unsigned long id = strtoul(line, NULL, 10);

		if (!any || id < *lowest)
			*lowest = (uint32_t)id;
		any = true;
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	return any ? 0 : error_set(err, 0, "the user namespace has an empty %s", name);
}

static uint32_t lowest_planned(const struct id_map *map, size_t n)
{
	uint32_t lowest = UINT32_MAX;

	for (size_t i = 0; i < n; i++)
		if (map[i].container_id < lowest)
			lowest = map[i].container_id;
	return lowest;
}

static int look_at_setgroups(struct sandbox *sb, int proc_self, struct error *err)
{
	char text[16];

	if (read_file(proc_self, "setgroups", text, sizeof(text), err) < 0)
		return -1;
	sb->setgroups_denied = !strncmp(text, "deny", 4);
	return 0;
}

/*
 * userns_look - learn about the user namespace this process has joined.
 * @proc_self: /proc/self of the host's procfs
 */
int userns_look(struct sandbox *sb, int proc_self, struct error *err)
{
	if (look_at_setgroups(sb, proc_self, err) < 0 ||
	    lowest_mapped(proc_self, "uid_map", &sb->first_uid, err) < 0)
		return -1;
	return lowest_mapped(proc_self, "gid_map", &sb->first_gid, err);
}

/* userns_look_own - about the one this process is in, while the host's procfs is still to be seen. */
int userns_look_own(struct sandbox *sb, struct error *err)
{
	_cleanup_fd_ int proc_self = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (proc_self < 0)
		return error_set(err, errno, "cannot open `/proc/self`");
	return userns_look(sb, proc_self, err);
}

/*
 * userns_look_new - about the plan's new one, whose maps are known. In a mount namespace that was joined
 * the procfs to be seen is the container's, and not asked.
 */
int userns_look_new(struct sandbox *sb, struct error *err)
{
	const struct plan *plan = sb->plan;

	if (plan->ns[NS_MNT].mode == NS_NEW && userns_look_own(sb, err) < 0)
		return -1;
	sb->first_uid = lowest_planned(plan->uid_map, plan->n_uid_map);
	sb->first_gid = lowest_planned(plan->gid_map, plan->n_gid_map);
	return 0;
}

int userns_become_first(const struct sandbox *sb, struct error *err)
{
	uid_t uid = sb->first_uid;
	gid_t gid = sb->first_gid;

	if ((!sb->setgroups_denied && sys_setgroups(0, NULL) < 0) ||
	    sys_setresgid(gid, gid, gid) < 0 || sys_setresuid(uid, uid, uid) < 0)
		return error_set(err, errno, "cannot become %u:%u in the user namespace", uid, gid);
	return 0;
}
