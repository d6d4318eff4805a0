/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stage.c: the process between the runtime and a child that joins namespaces.
 *
 * It joins them and makes the child as the runtime's own (CLONE_PARENT): pid namespaces are entered by
 * children only, and a user namespace would cost the runtime its rights on the host. The stage was born in
 * the container's cgroup, and so is the child.
 *
 * From its first moment the child may be looked into by whoever else is in its pid namespace and has
 * CAP_SYS_PTRACE: its root and working directory, its descriptors, its memory. That it is not dumpable
 * does not keep them out. So before it is made the stage is where the container is, has no descriptor
 * of the host's left but the ones that the child needs, and the child has a copy of the memory, which ends
 * with execve. (CVE-2016-9962 is the same with less of a head start.)
 *
 * What stays: until it has given them up the child has the runtime's capabilities, as with every runtime
 * that is known; and with hooks, which have to see the host's tree beside the container's, the child of a
 * container that joins a pid namespace has that tree until they have run.
 */
#include "runtime/sandbox/stage.h"

#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/sys.h"
#include "runtime/sandbox/child.h"
#include "runtime/sandbox/sync.h"

#define STAGE_KEEPS 6 /* without mounts and devices */

/*
 * stage_drop_fds - what the child does not need it does not get: whoever may look into it would find the
 * host's directories there (/proc/PID/fd).
 */
static int stage_drop_fds(const struct sandbox *sb, struct error *err)
{
	int few[STAGE_KEEPS] = {sb->sync_child, sb->host_proc,	 sb->created_lock,
				sb->root_tree,	sb->notify_tree, sb->start_listener};
	int *keep = sb->stage_keeps ? sb->stage_keeps : few;
	size_t n = STAGE_KEEPS;

	if (sb->stage_keeps) {
		memcpy(keep, few, sizeof(few));
		keep[n++] = sb->sysctl_proc;
		for (size_t i = 0; sb->mounts && i < sb->plan->n_mounts; i++)
			keep[n++] = sb->mounts[i];
		for (size_t i = 0; i < N_DEFAULT_DEVICES; i++)
			keep[n++] = sb->devices[i];
		for (size_t i = 0; sb->extra_devices && i < sb->plan->n_devices; i++)
			keep[n++] = sb->extra_devices[i];
	}
	return process_drop_fds(sb, keep, n, err);
}

int stage_prepare(struct sandbox *sb, struct arena *arena, struct error *err)
{
	if (sb->plan->ns[NS_PID].mode != NS_JOIN)
		return 0;
	sb->stage_keeps = arena_new(arena, int,
				    STAGE_KEEPS + 1 + N_DEFAULT_DEVICES + sb->plan->n_mounts +
					    sb->plan->n_devices,
				    err);
	return sb->stage_keeps ? 0 : -1;
}

/* shares_pids - will somebody else see the child by its number? */
static bool shares_pids(const struct sandbox *sb)
{
	return sb->is_exec || sb->plan->ns[NS_PID].mode == NS_JOIN;
}

/*
 * leave_host - before anybody in a joined pid namespace can look at the child's root: into a mount
 * namespace of its own, and out of the host's tree. Hooks have to see that, so with hooks it waits; and in a
 * user namespace the others have no rights over a child that is not dumpable.
 */
static int leave_host(struct sandbox *sb, uint64_t *flags, struct error *err)
{
	struct inroot root = {.fd = FD_EMPTY};

	if (sb->is_exec || !(*flags & CLONE_NEWNS) || sb->plan->hooks.any ||
	    sb->plan->ns[NS_USER].mode != NS_HOST)
		return 0;
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot make a mount namespace");
	if (rootfs_attach(sb, &root, err) < 0 || rootfs_pivot(root, err) < 0)
		return -1;
	sb->root_tree = root.fd;
	sb->entered = true;
	*flags &= ~(uint64_t)CLONE_NEWNS;
	return 0;
}

/* be_stage - @pid_of_child: where the kernel puts it before the child runs; NULL: it is reported. */
static _Noreturn void be_stage(struct sandbox *sb, uint64_t flags, pid_t *pid_of_child)
{
	struct clone_args args = {0};
	struct sync_msg msg = {.kind = SYNC_PID};
	struct error err = ERROR_INIT;
	pid_t pid;

	child_leave_parent(sb);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0) {
		error_set(&err, errno, "cannot tie the child to the runtime");
		goto failed;
	}
	/* Limits while the host's rights are there; the child inherits them. */
	if (child_prepare_limits(sb, &err) < 0 ||
	    (sb->plan->ns[NS_USER].mode != NS_HOST &&
	     tuning_privileged(sb->process, 0, &err) < 0) ||
	    namespaces_join(sb, &err) < 0)
		goto failed;
	if (shares_pids(sb) && (leave_host(sb, &flags, &err) < 0 || stage_drop_fds(sb, &err) < 0))
		goto failed;
	args.flags = flags | CLONE_PARENT;
	if (pid_of_child) {
		args.flags |= CLONE_PARENT_SETTID;
		args.parent_tid = (__u64)(uintptr_t)pid_of_child;
	}
	pid = sys_clone3(&args, sizeof(args));
	if (pid == 0)
		child_main(sb);
	if (pid < 0) {
		error_set(&err, errno, "cannot make the container's process");
		goto failed;
	}
	if (pid_of_child)
		_exit(0);
	msg.pid = pid;
	if (sync_send(sb->sync_child, &msg, FD_EMPTY) < 0) {
		error_set(&err, errno, "cannot report the container's process");
		kill(pid, SIGKILL);
		goto failed;
	}
	_exit(0);
failed:
	sync_send_text(sb->sync_child, SYNC_ERROR, &err);
	_exit(CHILD_FAILED);
}

_Noreturn void stage_main(struct sandbox *sb, uint64_t flags)
{
	be_stage(sb, flags, NULL);
}

/* What it closes is still the runtime's: it gets a struct of its own. */
void stage_main_borrowed(void *arg)
{
	struct sandbox *runtimes = arg;
	struct sandbox sb = *runtimes;

	be_stage(&sb, 0, &runtimes->pid);
}

bool stage_borrows(const struct sandbox *sb)
{
	return sb->is_exec && !sb->rootless && !(sb->target_ns & (CLONE_NEWUSER | CLONE_NEWTIME));
}
