/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * child.c: the child's path from its birth to execve; see sandbox.h for the order.
 *
 * It decides nothing: it follows the plan, and the first step that fails is reported to whoever is at
 * the other end, the runtime or `start`. Every function here runs in the child, apart from
 * child_leave_parent(), which the stage calls, too.
 */
#include <linux/keyctl.h>
#include <sched.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>

#include "lib/sys.h"
#include "runtime/sandbox/child.h"
#include "runtime/sandbox/exec.h"
#include "runtime/sandbox/hooks.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

#define KERNEL_SIGNALS 64

int child_say(const struct sandbox *sb, const struct sync_msg *msg)
{
	return sb->box ? sync_leave(sb->box, msg) : sync_send(sb->sync_child, msg, FD_EMPTY);
}

void child_say_text(const struct sandbox *sb, enum sync_kind kind, const struct error *err)
{
	struct sync_msg msg = {.kind = kind, .err = *err};

	if (child_say(sb, &msg) < 0)
		return;
}

/* await_maps - wait until the parent has mapped the ids; take over an idmapped root. */
static int await_maps(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg;
	int fd = FD_EMPTY;

	if (sandbox_maps_ids(sb)) {
		if (sync_recv(sb->sync_child, &msg, &fd) < 0 || msg.kind != SYNC_MAPPED)
			return error_set(err, errno, "cannot learn that the ids are mapped");
		if (fd >= 0)
			replace_fd(&sb->root_tree, fd);
	}
	/* Root inside: the mounts and devices to come belong to it. */
	if (sandbox_maps_ids(sb) ? userns_look_new(sb, err) < 0
				 : !sb->staged && userns_look_own(sb, err) < 0)
		return -1;
	if (userns_become_first(sb, err) < 0)
		return -1;
	/* The change of user made the process dumpable no more and cleared the death signal. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the child to the runtime");
	return 0;
}

/* new_keyring - a session keyring of its own, so that the host's is out of reach: keyrings(7). */
static int new_keyring(struct error *err)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 && errno != ENOSYS)
		return error_set(err, errno, "cannot make a session keyring");
	return 0;
}

/*
 * has_names - does a uts namespace that was joined have the plan's names already? A pod's does, and
 * changing it may take rights that this container's user namespace does not give.
 */
static bool has_names(const struct plan *plan)
{
	struct utsname now;

	if (plan->ns[NS_UTS].mode != NS_JOIN || uname(&now) < 0)
		return false;
	return (!plan->hostname || !strcmp(plan->hostname, now.nodename)) &&
	       (!plan->domainname || !strcmp(plan->domainname, now.domainname));
}

static int set_names(const struct plan *plan, struct error *err)
{
	if (has_names(plan))
		return 0;
	if (plan->hostname && sethostname(plan->hostname, strlen(plan->hostname)) < 0)
		return error_set(err, errno, "cannot set the hostname to `%s`", plan->hostname);
	if (plan->domainname && setdomainname(plan->domainname, strlen(plan->domainname)) < 0)
		return error_set(err, errno, "cannot set the domain name to `%s`",
				 plan->domainname);
	return 0;
}

/* make_cwd - the working directory of an image need not exist yet. */
static int make_cwd(const struct plan *plan, struct inroot root, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	if (!strcmp(plan->process.cwd, "/"))
		return 0;
	fd = inroot_make(root, plan->process.cwd, INROOT_DIR);
	if (fd < 0)
		return error_set(err, errno, "cannot make the working directory `%s`",
				 plan->process.cwd);
	return 0;
}

/* hear - the next message of the parent has to be of that kind. */
static int hear(const struct sandbox *sb, enum sync_kind kind, struct sync_msg *msg,
		struct error *err)
{
	int fd = FD_EMPTY;

	if (sync_recv(sb->sync_child, msg, &fd) < 0)
		return error_set(err, errno, "cannot hear from the runtime");
	close_fd(fd);
	return msg->kind == kind ? 0 : error_set(err, 0, "the runtime died");
}

/*
 * await_recorded - wait until the state file has this process in it. Only then may it outlive the
 * runtime: a runtime that is killed before leaves nothing that delete would not find. The message
 * was sent long ago, so there is nothing to wait for but in the worst case.
 */
static int await_recorded(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg;

	if (sb->recorded)
		return 0;
	if (hear(sb, SYNC_RECORDED, &msg, err) < 0)
		return -1;
	sb->recorded = true;
	return 0;
}

/*
 * run_create_hooks - with the container's tree complete but the pivot: have the parent run the hooks
 * of the runtime's namespace, then run createContainer here.
 */
static int run_create_hooks(struct sandbox *sb, struct error *err)
{
	const struct hook_call call = {
		.state = sb->hook_state,
		.status = "creating",
		.pid = getpid(),
		.cwd = sb->plan->bundle,
	};
	struct sync_msg msg = {.kind = SYNC_BUILT};

	if (!sb->plan->hooks.any)
		return 0;
	if (await_recorded(sb, err) < 0)
		return -1;
	if (sync_send(sb->sync_child, &msg, FD_EMPTY) < 0)
		return error_set(err, errno, "cannot report that the container is built");
	if (hear(sb, SYNC_HOOKED, &msg, err) < 0)
		return -1;
	return hooks_run(&sb->plan->hooks, HOOK_CREATE_CONTAINER, HOOK_STOPS, &call, err);
}

/* run_start_hooks - startContainer, with what the program will have. */
static int run_start_hooks(struct sandbox *sb, struct error *err)
{
	const struct hook_call call = {
		.state = sb->hook_state,
		.status = "created",
		.pid = getpid(),
		.confined = sb,
	};

	if (sb->is_exec ||
	    hooks_run(&sb->plan->hooks, HOOK_START_CONTAINER, HOOK_STOPS, &call, err) == 0)
		return 0;
	sb->hook_failed = true;
	return -1;
}

/* build - walls and furniture of a new mount namespace. */
static int build(struct sandbox *sb, struct inroot *root, int *slave, struct error *err)
{
	const struct plan *plan = sb->plan;
	_cleanup_fd_ int proc = take_fd(&sb->sysctl_proc);

	if (mounts_make(sb, &proc, err) < 0)
		return -1;
	if (sb->entered)
		root->fd = take_fd(&sb->root_tree);
	else if (rootfs_attach(sb, root, err) < 0)
		return -1;
	/* Hooks get to see the host's tree beside the container's, so the pivot waits for them. */
	if (!sb->entered && !plan->hooks.any && rootfs_pivot(*root, err) < 0)
		return -1;
	if (mounts_place(sb, *root, err) < 0 || devices_place(sb, *root, err) < 0 ||
	    activation_place(sb, *root, err) < 0 || console_open(sb, *root, slave, err) < 0 ||
	    make_cwd(plan, *root, err) < 0)
		return -1;
	if (plan->hooks.any && (run_create_hooks(sb, err) < 0 || rootfs_pivot(*root, err) < 0))
		return -1;
	if (sysctls_apply(plan, proc, err) < 0 || masks_apply(sb, *root, err) < 0 ||
	    rootfs_finish(sb, *root, err) < 0)
		return -1;
	return 0;
}

/* enter - the root of a mount namespace that was joined. */
static int enter(struct sandbox *sb, struct inroot *root, int *slave, struct error *err)
{
	root->fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root->fd < 0)
		return error_set(err, errno, "cannot open the container's root");
	if (console_open(sb, *root, slave, err) < 0)
		return -1;
	return sb->is_exec ? 0 : run_create_hooks(sb, err);
}

/*
 * record_self - the child's part when the parent sleeps: to write down that it exists. A parent that is
 * killed in the moment before the death signal is set leaves a container that runs and is written down,
 * as one does that is killed later.
 */
static int record_self(struct sandbox *sb, struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the child to the runtime");
	return sb->record ? sb->record(sb->record_arg, sb->pid, err) : 0;
}

/*
 * await_start - tell the parent that all is ready, then wait for `start` to connect. From there on
 * errors go to `start`, over its connection.
 */
static int await_start(struct sandbox *sb, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_READY};
	int conn, fd = FD_EMPTY;

	if (sb->start_listener < 0)
		return 0;
	if (prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot leave the runtime's fate");
	if (sync_send(sb->sync_child, &msg, FD_EMPTY) < 0)
		return error_set(err, errno, "cannot report that the container is created");
	close_fd(take_fd(&sb->sync_child));
	for (;;) {
		conn = accept4(sb->start_listener, NULL, NULL, SOCK_CLOEXEC);
		if (conn < 0 && errno == EINTR)
			continue;
		if (conn < 0)
			return error_set(err, errno, "cannot wait for start");
		if (sync_recv(conn, &msg, &fd) == 0 && msg.kind == SYNC_START)
			break;
		close_fd(conn);
	}
	close_fd(take_fd(&sb->start_listener));
	sb->sync_child = conn;
	return 0;
}

int child_prepare_limits(const struct sandbox *sb, struct error *err)
{
	bool lift = sb->rootless && sb->process->has_oom_score_adj;

	if (lift && prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the child dumpable");
	if (process_prepare_limits(sb->process, 0, err) < 0)
		return -1;
	if (lift && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot make the child undumpable");
	return 0;
}

/* drop_fds - everything the runtime and its caller had open, before anybody else has a say. */
static int drop_fds(const struct sandbox *sb, struct inroot root, int slave, struct error *err)
{
	const int keep[] = {sb->sync_child, sb->start_listener, sb->created_lock, root.fd,
			    slave,	    sb->host_proc};

	return process_drop_fds(sb, keep, ARRAY_SIZE(keep), err);
}

static int child_steps(struct sandbox *sb, struct error *err)
{
	const struct plan *plan = sb->plan;
	struct inroot root = {.fd = FD_EMPTY};
	int slave = FD_EMPTY;
	bool own_mounts = !sb->is_exec && plan->ns[NS_MNT].mode == NS_NEW;

	if (!sb->borrows && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot tie the child to the runtime");
	if (setsid() < 0)
		return error_set(err, errno, "cannot start a session");
	umask(0);
	if (!sb->staged && !sandbox_maps_ids(sb) && child_prepare_limits(sb, err) < 0)
		return -1;
	if (plan->ns[NS_USER].mode != NS_HOST && await_maps(sb, err) < 0)
		return -1;
	if (sb->rootless && plan->ns[NS_USER].mode == NS_HOST && !sb->staged &&
	    userns_look_own(sb, err) < 0)
		return -1;
	if (!sb->keep_keyring && new_keyring(err) < 0)
		return -1;
	if (!sb->is_exec) {
		if (plan->ns[NS_CGROUP].mode == NS_NEW && unshare(CLONE_NEWCGROUP) < 0)
			return error_set(err, errno, "cannot make a cgroup namespace");
		if (set_names(plan, err) < 0)
			return -1;
	}
	if ((own_mounts ? build(sb, &root, &slave, err) : enter(sb, &root, &slave, err)) < 0)
		return -1;
	/*
	 * The terminal is taken before start: who called create with pipes as its output reads them to
	 * their end, for which nobody may hold them any more.
	 */
	if (await_recorded(sb, err) < 0 || drop_fds(sb, root, slave, err) < 0 ||
	    console_take(sb, slave, err) < 0)
		return -1;
	close_fd(slave);
	if (sb->start_listener >= 0 && !plan->hooks.of[HOOK_START_CONTAINER].n &&
	    exec_missing(sb->process->argv[0], sb->envp, err))
		return -1;
	if (await_start(sb, err) < 0 || landlock_make(sb, root, err) < 0 ||
	    run_start_hooks(sb, err) < 0)
		return -1;
	return process_exec(sb, root, err);
}

/*
 * leave_parent - drop what is the parent's alone. flock(2) belongs to the open file, which a clone
 * shares: a lock on the state directory would last as long as the child waits.
 */
void child_leave_parent(struct sandbox *sb)
{
	close_fd(take_fd(&sb->sync_parent));
	close_fd(take_fd(&sb->state_dir));
}

/*
 * What the runtime's caller ignores, a nohup or a shell that starts it in the background, is no
 * business of the container.
 */
void signals_reset(void)
{
	static const unsigned long none[8]; /* the kernel's struct sigaction: SIG_DFL, all zero */

	/*
	 * By number: the C library keeps two signals to itself and would leave those as they are. KILL
	 * and STOP refuse, and cannot be ignored either.
	 */
	for (int sig = 1; sig <= KERNEL_SIGNALS; sig++)
		(void)syscall(SYS_rt_sigaction, sig, none, NULL, KERNEL_SIGNALS / 8);
	syscall(SYS_rt_sigprocmask, SIG_SETMASK, none, NULL, KERNEL_SIGNALS / 8);
}

_Noreturn void child_main(struct sandbox *sb)
{
	struct error err = ERROR_INIT;

	signals_reset();
	if (sb->borrows && record_self(sb, &err) < 0) {
		child_say_text(sb, SYNC_ERROR, &err);
		_exit(CHILD_FAILED);
	}
	child_leave_parent(sb);
	if (child_steps(sb, &err) < 0)
		child_say_text(sb, sb->hook_failed ? SYNC_HOOK_ERROR : SYNC_ERROR, &err);
	_exit(CHILD_FAILED);
}

/*
 * child_main_borrowed - the child in the runtime's memory. What it changes in
 * struct sandbox, descriptors it has closed above all, would be wrong for the parent: it gets a copy.
 */
void child_main_borrowed(void *arg)
{
	struct sandbox sb = *(struct sandbox *)arg;

	sb.mounts = sb.child_mounts;
	child_main(&sb);
}
