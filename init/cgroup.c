/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.c: the top of the cgroup v2 tree.
 *
 *	/          the controllers are enabled for the children; no process of ours stays here
 *	/init      a leaf with PID 1
 *	/services  the controllers that limit a service are enabled for the children, one per service
 *	/cloison   the controllers are enabled for the children; a directory per container below
 *
 * A cgroup that hands controllers to its children may hold no process itself ("no internal
 * processes", Documentation/admin-guide/cgroup-v2.rst; only kernel threads stay in the root). PID 1
 * therefore moves into /init before anything is forked, and its children are born there or in a cgroup of
 * their own.
 *
 * Controllers are enabled one by one: one that cannot be enabled is said and keeps none of the
 * others back.
 */
#include "init/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"

#define ROOT "/sys/fs/cgroup"

static const char init_dir[] = ROOT "/init";
static const char services_dir[] = ROOT "/services";
static const char containers_dir[] = ROOT "/cloison";

static int write_file(const char *path, const char *text)
{
	size_t len = strlen(text);
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd >= 0 && write(fd, text, len) == (ssize_t)len ? 0 : -1;
}

/*
 * hurry_grace_periods - moving the first process between cgroups waits for an RCU grace period,
 * 10 ms of a boot of 70. "1": be quick about them, "0": as usual. A kernel that has no such choice
 * just waits.
 */
static void hurry_grace_periods(const char *value)
{
	write_file("/sys/kernel/rcu_expedited", value);
}

/* make_dir - 0, or 1, said. */
static int make_dir(const char *path)
{
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		return 0;
	say_error(errno, "cgroup: cannot make `%s`", path);
	return 1;
}

/* enable_all - hand every controller named in @controllers to the children of a cgroup. */
static int enable_all(const char *subtree_control, const char *controllers)
{
	int failed = 0;

	while (*controllers) {
		char word[32];
		size_t len = strcspn(controllers, " ");

		if (len > 0) {
			snprintf(word, sizeof(word), "+%.*s", (int)len, controllers);
			if (write_file(subtree_control, word) < 0) {
				say_error(errno, "cgroup: cannot write `%s` to `%s`", word,
					  subtree_control);
				failed++;
			}
		}
		controllers += len;
		controllers += *controllers == ' ';
	}
	return failed;
}

int cgroup_setup(void)
{
	static const char list[] = ROOT "/cgroup.controllers";
	char controllers[256];
	_cleanup_fd_ int fd = open(list, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, controllers, sizeof(controllers) - 1);
	int failed = 0;

	if (n < 0) {
		say_error(errno, "cgroup: cannot read `%s`", list);
		return 1;
	}
	controllers[n] = '\0';
	controllers[strcspn(controllers, "\n")] = '\0';

	hurry_grace_periods("1");
	failed += make_dir(init_dir);
	if (write_file(ROOT "/init/cgroup.procs", "1") < 0) {
		say_error(errno, "cgroup: cannot move PID 1 to `%s`", init_dir);
		failed++;
	}
	failed += enable_all(ROOT "/cgroup.subtree_control", controllers);
	failed += make_dir(services_dir);
	failed += enable_all(ROOT "/services/cgroup.subtree_control", "cpu memory pids");
	failed += make_dir(containers_dir);
	failed += enable_all(ROOT "/cloison/cgroup.subtree_control", controllers);
	hurry_grace_periods("0");
	return failed;
}
