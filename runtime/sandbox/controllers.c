/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * controllers.c: handing the controllers of cgroup v2 down the tree.
 *
 * A cgroup has the controllers that its parent's cgroup.subtree_control names. The kernel refuses
 * to hand one down from a cgroup that has processes of its own; for some (cpu, pids, cpuset) it
 * does so by turning that cgroup into a threaded domain instead, below which no container could
 * run. So a cgroup with processes is left as it is, and what needs it is refused.
 *
 * A controller that the tree does not have at all is looked for in /proc/cgroups: most often cgroup
 * v1 has it, and then there is something the user can do.
 */
#include "runtime/sandbox/controllers.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

#include "runtime/sandbox/cgroupfs.h"
#include "runtime/sandbox/limits.h"

/* read_set - the controllers that @file of @dir lists. Returns 0, or -1 with errno. */
static int read_set(int dir, const char *file, unsigned int *set)
{
	char text[256];

	*set = 0;
	if (cgroupfs_read(dir, file, text, sizeof(text)) < 0)
		return -1;
	for (char *p = text; *p; p += strspn(p, " \n")) {
		size_t len = strcspn(p, " \n");

		for (enum controller c = 0; c < CONTROLLER_COUNT; c++)
			if (strlen(controller_name(c)) == len &&
			    !memcmp(p, controller_name(c), len))
				*set |= 1U << c;
		p += len;
	}
	return 0;
}

int controllers_of(int dir, unsigned int *set)
{
	return read_set(dir, "cgroup.controllers", set);
}

/* first_of - the lowest controller of a set that is not empty. */
static enum controller first_of(unsigned int set)
{
	enum controller c = 0;

	while (!(set & 1U << c))
		c++;
	return c;
}

/* What /proc/cgroups knows of it. Source: cgroups(7). */
void controllers_explain(enum controller controller, struct error *err)
{
	/* v1's names, where they differ */
	const char *name = controller == CONTROLLER_IO ? "blkio" : controller_name(controller);
	_cleanup_file_ FILE *f = fopen("/proc/cgroups", "re");
	char line[128], subsystem[32];
	int hierarchy, enabled;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%31s %d %*d %d", subsystem, &hierarchy, &enabled) != 3 ||
		    strcmp(subsystem, name) != 0)
			continue;
		if (!enabled) {
			error_cause(err, "the kernel has it disabled");
			error_hint(err, "boot the host with cgroup_enable=%s, or remove the limit",
				   name);
		} else if (hierarchy) {
			error_cause(err, "cgroup v1 has it");
			error_hint(err,
				   "boot the host with systemd.unified_cgroup_hierarchy=1 or, "
				   "without systemd, cgroup_no_v1=%s; or remove the limit",
				   name);
		}
		return;
	}
}

static int refuse_missing(unsigned int missing, const char *where, struct error *err)
{
	enum controller c = first_of(missing);

	error_set(err, 0, "cannot limit %s: the controller is missing in cgroup `%s`",
		  controller_name(c), where);
	controllers_explain(c, err);
	return -1;
}

/* is_inner - has @dir processes, or is it threaded? The root may have, and is neither. */
static bool is_inner(int dir, const char **why)
{
	char text[32];
	ssize_t n;

	if (faccessat(dir, "cgroup.type", F_OK, 0) < 0)
		return false;
	n = cgroupfs_read(dir, "cgroup.procs", text, sizeof(text));
	*why = n < 0 ? "is threaded" : "has processes of its own";
	return n != 0;
}

static int hand(int dir, unsigned int set)
{
	char words[128];
	size_t len = 0;

	for (enum controller c = 0; c < CONTROLLER_COUNT; c++)
		if (set & 1U << c)
			len += (size_t)snprintf(words + len, sizeof(words) - len, "%s+%s",
						len ? " " : "", controller_name(c));
	return cgroupfs_write(dir, "cgroup.subtree_control", words);
}

int controllers_hand_down(int dir, unsigned int needed, unsigned int accounted, const char *where,
			  struct error *err)
{
	unsigned int enabled, available;
	const char *why = "";

	if (!needed && !accounted)
		return 0;
	if (read_set(dir, "cgroup.subtree_control", &enabled) < 0)
		return error_set(err, errno, "cannot read the controllers of cgroup `%s`", where);
	needed &= ~enabled;
	accounted &= ~enabled;
	if (!needed && !accounted)
		return 0;
	if (controllers_of(dir, &available) < 0)
		return error_set(err, errno, "cannot read the controllers of cgroup `%s`", where);
	if (needed & ~available)
		return refuse_missing(needed & ~available, where, err);
	accounted &= available;
	if (!needed && !accounted)
		return 0;
	if (is_inner(dir, &why)) {
		if (!needed)
			return 0;
		error_set(err, EBUSY, "cannot hand the controller %s down from cgroup `%s`",
			  controller_name(first_of(needed)), where);
		return error_cause(err, "cgroup `%s` %s", where, why);
	}
	/* Nothing depends on counts: where the host forbids them, there are none. */
	if (hand(dir, needed | accounted) == 0 || !needed)
		return 0;
	return error_set(err, errno, "cannot hand the controller %s down from cgroup `%s`",
			 controller_name(first_of(needed)), where);
}
