/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spawn.c: the clone, and the parent's side of the conversation with its child (child.c).
 *
 * The common start needs one clone3, word that the child is recorded, word that only execve is left,
 * and the end of file that execve causes. More is said only when there is more to do: a user namespace
 * (SYNC_MAPPED), a terminal (SYNC_CONSOLE), hooks (SYNC_BUILT), a seccomp listener (SYNC_LISTENER), a
 * `create` that waits for `start` (SYNC_READY). Any step that fails says which one it was (SYNC_ERROR).
 *
 * Until execve or SYNC_READY the child dies with its parent (PR_SET_PDEATHSIG), and it goes on to
 * either only once it is recorded (SYNC_RECORDED), so a runtime that is killed half-way leaves no
 * half-made container and no process that delete could not find. The child is not dumpable, so nothing
 * in a namespace it joins can trace it (CVE-2016-9962), but with CAP_SYS_PTRACE (sandbox.h): the runtime
 * clears that flag for itself before it clones.
 */
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/sys.h"
#include "lib/warn.h"
#include "runtime/sandbox/child.h"
#include "runtime/sandbox/hooks.h"
#include "runtime/sandbox/listener.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/stage.h"
#include "runtime/sandbox/sync.h"

void sandbox_init(struct sandbox *sb, const struct plan *plan)
{
	*sb = (struct sandbox){
		.plan = plan,
		.process = &plan->process,
		.root_tree = FD_EMPTY,
		.target_pidfd = FD_EMPTY,
		.cgroup = FD_EMPTY,
		.start_listener = FD_EMPTY,
		.host_proc = FD_EMPTY,
		.notify_tree = FD_EMPTY,
		.landlock = FD_EMPTY,
		.created_lock = FD_EMPTY,
		.state_dir = FD_EMPTY,
		.sync_parent = FD_EMPTY,
		.sync_child = FD_EMPTY,
		.pidfd = FD_EMPTY,
		.console = FD_EMPTY,
		.sysctl_proc = FD_EMPTY,
	};
	for (size_t i = 0; i < N_DEFAULT_DEVICES; i++)
		sb->devices[i] = FD_EMPTY;
	for (size_t i = 0; i < NS_COUNT; i++)
		sb->ns[i] = FD_EMPTY;
}

/* close_prepared - what only the child needs; it has its own copies. */
static void close_prepared(struct sandbox *sb)
{
	close_fd(take_fd(&sb->root_tree));
	for (size_t i = 0; sb->mounts && i < sb->plan->n_mounts; i++)
		close_fd(take_fd(&sb->mounts[i]));
	for (size_t i = 0; i < N_DEFAULT_DEVICES; i++)
		close_fd(take_fd(&sb->devices[i]));
	for (size_t i = 0; sb->extra_devices && i < sb->plan->n_devices; i++)
		close_fd(take_fd(&sb->extra_devices[i]));
	for (size_t i = 0; i < NS_COUNT; i++)
		close_fd(take_fd(&sb->ns[i]));
	close_fd(take_fd(&sb->sysctl_proc));
	close_fd(take_fd(&sb->target_pidfd));
	close_fd(take_fd(&sb->start_listener));
	close_fd(take_fd(&sb->host_proc));
	close_fd(take_fd(&sb->notify_tree));
	close_fd(take_fd(&sb->created_lock));
	close_fd(take_fd(&sb->sync_child));
}

void sandbox_close(struct sandbox *sb)
{
	close_prepared(sb);
	close_fd(take_fd(&sb->sync_parent));
	close_fd(take_fd(&sb->pidfd));
	close_fd(take_fd(&sb->console));
}

/* HOME, three of LISTEN_*, NOTIFY_SOCKET */
#define N_ADDED_ENV 5

/* prepare_env - the environment with room for HOME, which only the child can know. */
static int prepare_env(struct sandbox *sb, struct arena *arena, struct error *err)
{
	char *const *env = sb->process->envp;
	size_t n = 0;

	while (env[n])
		n++;
	sb->envp = arena_new(arena, char *, n + N_ADDED_ENV + 1, err);
	sb->home = arena_new(arena, char, HOME_SIZE, err);
	if (!sb->envp || !sb->home)
		return -1;
	memcpy(sb->envp, env, n * sizeof(*env));
	return activation_prepare(sb, arena, err);
}

bool sandbox_maps_ids(const struct sandbox *sb)
{
	return !sb->is_exec && sb->plan->ns[NS_USER].mode == NS_NEW;
}

bool sandbox_filters_devices(const struct sandbox *sb)
{
	/* No device can be made in a user namespace, and those that are bound the user has already. */
	return sb->cgroup >= 0 || sb->rootless || !sb->plan->cgroup.n_device_rules;
}

/*
 * check_devices - keep the plan's device rules without a cgroup to put a filter on: the root and what
 * is bound into it are mounted nodev, so there are the default devices only, and a process that could
 * make one elsewhere is refused.
 */
static int check_devices(const struct sandbox *sb, struct error *err)
{
	if (sandbox_filters_devices(sb))
		return 0;
	if (sb->plan->n_devices) {
		error_set(err, 0,
			  "cannot enforce linux.resources.devices on linux.devices without "
			  "a cgroup");
		return error_hint(err, "drop one of them");
	}
	if (sb->plan->ns[NS_USER].mode != NS_HOST || !(sb->process->caps.bounding >> CAP_MKNOD & 1))
		return 0;
	error_set(err, 0, "cannot enforce linux.resources.devices without a cgroup");
	return error_hint(err, "drop CAP_MKNOD, or the device rules");
}

int sandbox_prepare(struct sandbox *sb, struct arena *arena, struct error *err)
{
	if (check_devices(sb, err) < 0)
		return -1;
	if (prepare_env(sb, arena, err) < 0 || lsm_prepare(sb, err) < 0 ||
	    landlock_prepare(sb->plan, err) < 0)
		return -1;
	if (sb->is_exec)
		return 0;
	if (stage_prepare(sb, arena, err) < 0 || namespaces_open(sb, err) < 0 ||
	    rootfs_prepare(sb, err) < 0 || mounts_prepare(sb, arena, err) < 0 ||
	    devices_prepare(sb, arena, err) < 0)
		return -1;
	return 0;
}

/* ---- the stage ------------------------------------------------------------------------------- */

/* has_joins - must somebody enter namespaces before the child is made? */
static bool has_joins(const struct sandbox *sb)
{
	for (size_t i = 0; i < NS_COUNT; i++)
		if (sb->ns[i] >= 0)
			return true;
	return sb->is_exec;
}

/* reap - wait for @pid, whatever signal comes in between. */
static void reap(pid_t pid)
{
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

static const char stage_died[] = "the process that joins namespaces died";
static const char stage_failed[] = "cannot make the process that joins namespaces";

/* has_message - wait until there is a message on @sock, or the end of the process @pidfd without one. */
static bool has_message(int sock, int pidfd)
{
	struct pollfd p[2] = {{.fd = sock, .events = POLLIN}, {.fd = pidfd, .events = POLLIN}};

	while (poll(p, ARRAY_SIZE(p), -1) < 0 && errno == EINTR)
		;
	/* What it said before it ended is there by now. */
	return p[0].revents || (poll(p, 1, 0) > 0 && p[0].revents);
}

/*
 * hear_from_stage - learn the child's pid. The child is at work before the stage can say so, and
 * what it has to say may come first: its terminal, or that it failed.
 */
static int hear_from_stage(struct sandbox *sb, int stage, struct error *err)
{
	struct sync_msg msg;
	bool failed = false;

	for (;;) {
		int fd = FD_EMPTY;

		/*
		 * A stage that is killed between the two leaves a child of which we do not know: it waits
		 * for us, and dies with us.
		 */
		if (!has_message(sb->sync_parent, stage))
			return failed ? -1 : error_set(err, 0, stage_died);

		if (sync_recv(sb->sync_parent, &msg, &fd) < 0)
			return error_set(err, errno, "cannot hear from the container's process");
		switch (msg.kind) {
		case SYNC_PID:
			sb->pid = msg.pid;
			return failed ? -1 : 0;
		case SYNC_CONSOLE:
			replace_fd(&sb->console, fd);
			break;
		case SYNC_ERROR:
			/* The stage's own, after which comes the end, or the child's. */
			*err = msg.err;
			failed = true;
			break;
		default:
			close_fd(fd);
			return failed ? -1 : error_set(err, 0, stage_died);
		}
	}
}

static int run_stage(struct sandbox *sb, struct clone_args args, uint64_t flags, struct error *err)
{
	_cleanup_fd_ int pidfd = FD_EMPTY;
	pid_t stage;
	int rc;

	args.flags |= CLONE_PIDFD;
	args.pidfd = (__u64)(uintptr_t)&pidfd;
	stage = sys_clone3(&args, sizeof(args));
	if (stage == 0)
		stage_main(sb, flags);
	if (stage < 0)
		return error_set(err, errno, stage_failed);
	/* Our copy of the child's end would keep the end of file from coming. */
	close_fd(take_fd(&sb->sync_child));
	rc = hear_from_stage(sb, pidfd, err);
	reap(stage);
	return rc;
}

/*
 * run_borrowing_stage - when it has ended, sb->pid is the child's, whatever may have ended the stage; or it is
 * 0, and there is none.
 */
static int run_borrowing_stage(struct sandbox *sb, struct clone_args args, struct error *err)
{
	struct sync_msg msg;
	int fd = FD_EMPTY;
	pid_t stage;

	args.flags |= CLONE_VM | CLONE_VFORK;
	stage = sys_clone3_call(&args, sizeof(args), stage_main_borrowed, sb);
	if (stage < 0)
		return error_set(err, errno, stage_failed);
	close_fd(take_fd(&sb->sync_child));
	reap(stage);
	if (sb->pid)
		return 0;
	if (sync_recv(sb->sync_parent, &msg, &fd) < 0)
		return error_set(err, errno, "cannot hear from the process that joins namespaces");
	if (msg.kind != SYNC_ERROR)
		return error_set(err, 0, stage_died);
	*err = msg.err;
	return -1;
}

static int clone_through_stage(struct sandbox *sb, uint64_t flags, struct error *err)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	int rc;

	if (sb->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (__u64)sb->cgroup;
	}
	rc = stage_borrows(sb) ? run_borrowing_stage(sb, args, err)
			       : run_stage(sb, args, flags, err);
	if (rc < 0)
		return -1;
	if (!sandbox_maps_ids(sb))
		close_prepared(sb);
	sb->pidfd = sys_pidfd_open(sb->pid, 0);
	if (sb->pidfd < 0)
		return error_set(err, errno, "cannot open process %d", sb->pid);
	return 0;
}

/* ---- the parent ------------------------------------------------------------------------------ */

/*
 * can_borrow - has the parent nothing to do between clone and execve? A time namespace is entered at
 * execve by a child that shares memory, and so would not be seen by the mounts made before.
 */
static bool can_borrow(const struct sandbox *sb)
{
	const struct plan *plan = sb->plan;

	return sb->start_listener < 0 && !sandbox_maps_ids(sb) && !plan->hooks.any &&
	       !plan->seccomp.listener_path && !plan->n_net_devices &&
	       plan->ns[NS_TIME].mode == NS_HOST;
}

/* clone_borrowing - returns when the child has executed its program, or is dead. */
static pid_t clone_borrowing(struct sandbox *sb, struct clone_args *args, struct error *err)
{
	pid_t pid;

	if (sb->mounts)
		memcpy(sb->child_mounts, sb->mounts, sb->plan->n_mounts * sizeof(*sb->mounts));
	args->flags |= CLONE_VM | CLONE_VFORK | CLONE_PARENT_SETTID;
	args->parent_tid = (__u64)(uintptr_t)&sb->pid;
	pid = sys_clone3_call(args, sizeof(*args), child_main_borrowed, sb);
	if (pid < 0)
		error_set(err, errno, "cannot make the container's process");
	return pid;
}

static int clone_directly(struct sandbox *sb, uint64_t flags, struct error *err)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (__u64)(uintptr_t)&sb->pidfd,
		.exit_signal = SIGCHLD,
	};

	if (sb->cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (__u64)sb->cgroup;
	}
	if (sb->borrows) {
		sb->pid = clone_borrowing(sb, &args, err);
	} else {
		sb->pid = sys_clone3(&args, sizeof(args));
		if (sb->pid == 0)
			child_main(sb);
		if (sb->pid < 0)
			error_set(err, errno, "cannot make the container's process");
	}
	if (sb->pid < 0) {
		sb->pid = 0;
		return -1;
	}
	if (!sandbox_maps_ids(sb))
		close_prepared(sb);
	return 0;
}

/*
 * tell - send @msg to the child. When it has ended already that is no error of ours: what it had to
 * say is still to be read, by sandbox_wait_ready().
 */
static int tell(const struct sandbox *sb, const struct sync_msg *msg, int fd, struct error *err)
{
	if (sync_send(sb->sync_parent, msg, fd) == 0 || errno == EPIPE || errno == ECONNRESET)
		return 0;
	return error_set(err, errno, "cannot talk to the container's process");
}

/* give_maps - map the ids, idmap the root, tell the child. */
static int give_maps(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_MAPPED};

	if (!sandbox_maps_ids(sb))
		return 0;
	if (namespaces_map_ids(sb, err) < 0 || idmap_container(sb, err) < 0)
		return -1;
	if (!sb->staged && (process_prepare_limits(sb->process, sb->pid, err) < 0 ||
			    tuning_privileged(sb->process, sb->pid, err) < 0))
		return -1;
	if (tell(sb, &msg, sb->root_idmap ? sb->root_tree : FD_EMPTY, err) < 0)
		return -1;
	close_prepared(sb);
	return 0;
}

/* What a child leaves that borrows memory: one at a time, for a runtime makes one. */
static struct sync_box box;

/* make_child - after this it exists. On failure it is dead and reaped. */
static int make_child(struct sandbox *sb, struct error *err)
{
	uint64_t flags = sb->is_exec ? 0 : namespaces_clone_flags(sb->plan);
	_cleanup_fd_ int time = FD_EMPTY;
	int rc;

	if (!sb->is_exec) {
		time = namespaces_keep_time(sb->plan, err);
		if (time == -1 || namespaces_unshare_time(sb->plan, err) < 0)
			return -1;
	}
	if (tuning_before_clone(sb, err) < 0)
		return -1;
	/* Namespaces the child may come to share must not show it as a process to be traced. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the runtime undumpable");
	sb->staged = has_joins(sb);
	sb->borrows = !sb->staged && can_borrow(sb);
	/* A child in our memory writes it down itself; of exec's there is nothing to write, and we know it. */
	sb->recorded = sb->borrows || (sb->staged && stage_borrows(sb));
	/* The terminal's other end can be handed over through a socket only. */
	if (sb->borrows && !sb->process->terminal)
		sb->box = &box;
	else if (sync_pair(&sb->sync_parent, &sb->sync_child, err) < 0)
		return -1;
	rc = sb->staged ? clone_through_stage(sb, flags, err) : clone_directly(sb, flags, err);
	if (rc < 0 || namespaces_return_to_time(time, err) < 0 || give_maps(sb, err) < 0 ||
	    (!sb->is_exec && sb->plan->n_net_devices && netdev_move(sb, err) < 0)) {
		sandbox_kill(sb);
		return -1;
	}
	return 0;
}

void sandbox_kill(struct sandbox *sb)
{
	if (sb->pid <= 0)
		return;
	kill(sb->pid, SIGKILL); /* our own child, not reaped yet: the pid is its */
	reap(sb->pid);
	sb->pid = 0;
}

/* run_runtime_hooks - those of the runtime's namespace, then tell the child to go on. */
static int run_runtime_hooks(struct sandbox *sb, struct error *err)
{
	const struct hook_call call = {
		.state = sb->hook_state,
		.status = "creating",
		.pid = sb->pid,
		.cwd = sb->plan->bundle,
	};
	struct sync_msg msg = {.kind = SYNC_HOOKED};

	sb->built = true;
	if (hooks_run(&sb->plan->hooks, HOOK_PRESTART, HOOK_STOPS, &call, err) < 0 ||
	    hooks_run(&sb->plan->hooks, HOOK_CREATE_RUNTIME, HOOK_STOPS, &call, err) < 0)
		return -1;
	return tell(sb, &msg, FD_EMPTY, err);
}

/* record_child - write down that the child exists, and tell it so, unless that is done. */
static int record_child(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_RECORDED, .pid = sb->pid};

	if (sb->recorded)
		return 0;
	if (sb->record && sb->record(sb->record_arg, sb->pid, err) < 0)
		return -1;
	return tell(sb, &msg, FD_EMPTY, err);
}

/* wait_ready - until the child waits for `start`, or has executed its program. */
static int wait_ready(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg;
	bool executes = false;

	for (;;) {
		int fd = FD_EMPTY;

		if (sb->box)
			sync_hear(sb->box, &msg);
		else if (sync_recv(sb->sync_parent, &msg, &fd) < 0)
			return error_set(err, errno, "cannot hear from the container's process");
		if (msg.kind == SYNC_EXEC) {
			executes = true;
			continue;
		}
		if (msg.kind == SYNC_CONSOLE) {
			replace_fd(&sb->console, fd);
			continue;
		}
		if (msg.kind == SYNC_WARNING) {
			warn(&msg.err);
			continue;
		}
		if (msg.kind == SYNC_LISTENER) {
			if (listener_serve(sb->sync_parent, fd, &sb->listener, err) < 0)
				return -1;
			continue;
		}
		if (msg.kind == SYNC_BUILT) {
			if (run_runtime_hooks(sb, err) < 0)
				return -1;
			continue;
		}
		if (msg.kind == SYNC_READY || (msg.kind == SYNC_EOF && executes)) {
			close_fd(take_fd(&sb->sync_parent));
			return 0;
		}
		if (msg.kind == SYNC_EOF)
			return error_set(err, 0,
					 "the container's process died before its program started");
		close_fd(fd);
		if (msg.kind != SYNC_ERROR && msg.kind != SYNC_HOOK_ERROR)
			return error_set(err, EPROTO,
					 "the container's process said something unexpected");
		*err = msg.err;
		return -1;
	}
}

int sandbox_spawn(struct sandbox *sb, struct error *err)
{
	if (make_child(sb, err) < 0)
		return -1;
	if (record_child(sb, err) == 0 && wait_ready(sb, err) == 0)
		return 0;
	sandbox_kill(sb);
	return -1;
}
