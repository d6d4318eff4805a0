/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * landlock.c: the rules of the annotation org.cloison.landlock around the program.
 *
 * The set of rules is made inside the container, when its tree is complete: each path is resolved once,
 * inside the root, and the rule is about what was found. The process then restricts itself right before
 * it gives up its rights (CAP_SYS_ADMIN in its user namespace, or no_new_privs, would be needed later),
 * with nothing left to do but to become the program. A rule about a file takes those rights that a file
 * has; a kernel that has not all of what is asked for is an error before anything is made.
 *
 * Source: landlock(7), landlock_create_ruleset(2), landlock_add_rule(2), landlock_restrict_self(2).
 */
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

/* What a rule about anything but a directory may have. */
#define FILE_RIGHTS                                                   \
	(LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE | \
	 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE | \
	 LANDLOCK_ACCESS_FS_IOCTL_DEV)

long landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

int landlock_prepare(const struct plan *plan, struct error *err)
{
	long abi;

	if (!plan->landlock)
		return 0;
	abi = landlock_abi();
	if (abi >= (long)plan->landlock->abi)
		return 0;
	error_set(err, abi < 0 ? errno : 0, "cannot apply the annotation org.cloison.landlock");
	if (abi < 0)
		return error_cause(err, "the kernel has no Landlock, or it is not among its lsm=");
	return error_cause(err, "it needs version %u of Landlock, the kernel has %ld",
			   plan->landlock->abi, abi);
}

static int add_path(int ruleset, const struct landlock_path *p, struct inroot root,
		    struct error *err)
{
	_cleanup_fd_ int fd = inroot_open(root, p->path, O_PATH);
	struct landlock_path_beneath_attr attr = {.allowed_access = p->rights};
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "org.cloison.landlock: cannot open `%s`", p->path);
	if (!S_ISDIR(st.st_mode))
		attr.allowed_access &= FILE_RIGHTS;
	/* Nothing of it is about files: there is nothing to allow. */
	if (!attr.allowed_access)
		return 0;
	attr.parent_fd = fd;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &attr, 0) < 0)
		return error_set(err, errno, "org.cloison.landlock: cannot add the rule for `%s`",
				 p->path);
	return 0;
}

static int add_port(int ruleset, const struct landlock_port *p, struct error *err)
{
	const struct landlock_net_port_attr attr = {.allowed_access = p->rights, .port = p->port};

	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_NET_PORT, &attr, 0) < 0)
		return error_set(err, errno,
				 "org.cloison.landlock: cannot add the rule for port %u",
				 (unsigned int)p->port);
	return 0;
}

int landlock_make(struct sandbox *sb, struct inroot root, struct error *err)
{
	const struct landlock_plan *plan = sb->plan->landlock;
	struct landlock_ruleset_attr attr;
	_cleanup_fd_ int ruleset = FD_EMPTY;

	if (!plan)
		return 0;
	attr = (struct landlock_ruleset_attr){
		.handled_access_fs = plan->handled_fs,
		.handled_access_net = plan->handled_net,
		.scoped = plan->scoped,
	};
	/* A kernel takes a longer structure than it knows if the rest is zero, which ABI and plan say. */
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0);
	if (ruleset < 0)
		return error_set(err, errno, "org.cloison.landlock: cannot make the set of rules");
	for (size_t i = 0; i < plan->n_paths; i++)
		if (add_path(ruleset, &plan->paths[i], root, err) < 0)
			return -1;
	for (size_t i = 0; i < plan->n_ports; i++)
		if (add_port(ruleset, &plan->ports[i], err) < 0)
			return -1;
	sb->landlock = take_fd(&ruleset);
	return 0;
}

int landlock_apply(const struct sandbox *sb, struct error *err)
{
	if (sb->landlock < 0)
		return 0;
	if (syscall(SYS_landlock_restrict_self, sb->landlock, 0) < 0)
		return error_set(err, errno, "cannot apply the annotation org.cloison.landlock");
	return 0;
}
