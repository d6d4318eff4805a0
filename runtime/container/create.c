/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * create.c: create, start and run.
 *
 * `create` stops short of execve. The first process then waits on a socket in the state directory;
 * `start` connects to it, and the same connection brings back the error when execve fails, or its
 * end of file when it succeeds. There is no fifo to block on and nothing to poll.
 *
 * `run` is not create followed by start: with nobody to wait for, the child goes straight through
 * to execve, and the parent writes the state file while it does.
 *
 * Whatever fails, what was made before is taken away again, in reverse.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "lib/sys.h"
#include "lib/warn.h"
#include "runtime/container/announce.h"
#include "runtime/container/container.h"
#include "runtime/container/foreground.h"
#include "runtime/container/handover.h"
#include "runtime/container/hooks.h"
#include "runtime/container/notify.h"
#include "runtime/container/why.h"
#include "runtime/sandbox/limits.h"
#include "runtime/sandbox/listener.h"
#include "runtime/sandbox/sync.h"
#include "runtime/systemd/scope.h"

#define MAX_LISTEN_FDS 4096
#define REMOVE_TIMEOUT_MS 10000
#define END_TIMEOUT_MS 1000

/* A container in the making. */
struct making {
	const struct runtime *rt;
	const char *id;
	struct arena arena;
	const struct plan *plan;
	int root; /* directory of all containers */
	int dir;  /* state directory in it, locked */
	struct cgroup cgroup;
	struct scope scope; /* of systemd, that the cgroup is; nameless otherwise */
	struct notify notify;
	unsigned int listen_fds;
	struct sandbox sb;
	struct state state;
	struct announcement listener;
	bool keep; /* when it has ended */
	char created[STATE_TIME_SIZE];
};

int check_preserved(unsigned int n, struct error *err)
{
	for (unsigned int fd = 3; fd < 3 + n; fd++)
		if (fcntl((int)fd, F_GETFD) < 0)
			return error_set(err, errno, "--preserve-fds: descriptor %u", fd);
	return 0;
}

/*
 * Everything that was started ends with it; what exists on disk is unmake()'s business. The arena ends
 * with the process, which makes one container: to give back a plan piece by piece would be for nothing.
 */
static void making_close(struct making *m)
{
	sandbox_close(&m->sb);
	scope_release(&m->scope);
	cgroup_close(&m->cgroup);
	close_fd(m->notify.sock);
	close_fd(m->dir);
	close_fd(m->root);
}

#define _cleanup_making_ __attribute__((cleanup(making_close)))

/* unmake - take away what the kernel and the disk hold of a container that did not come to be. */
static void unmake(struct making *m)
{
	struct error ignored = ERROR_INIT;

	/* The first error is the one to show; what cannot be removed now, delete --force will. */
	sandbox_kill(&m->sb);
	scope_release(&m->scope);
	if (cgroup_remove_made(&m->cgroup, REMOVE_TIMEOUT_MS, &ignored) < 0)
		return;
	if (m->scope.ours && scope_stop(&m->scope, REMOVE_TIMEOUT_MS, &ignored) < 0)
		return;
	if (m->dir >= 0 && state_remove_dir(m->root, m->id, m->dir, &ignored) < 0)
		return;
	if (m->sb.built)
		hooks_poststop(&m->plan->hooks, &m->state, &m->arena);
}

/* listen_for_start - the socket of a container that will wait for `start`, not under its name yet. */
static int listen_for_start(struct making *m, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	struct sandbox *sb = &m->sb;

	/* Through the directory's descriptor: sun_path has 108 bytes, --root may be longer. */
	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/" START_SOCKET_NEW,
		 m->dir);
	sb->start_listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (sb->start_listener < 0 ||
	    bind(sb->start_listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(sb->start_listener, 1) < 0)
		return error_set(err, errno, "cannot make the socket for start");
	return 0;
}

/*
 * name_start_socket - the process waits: what is found under this name from now on is a container that
 * is built. One that is not has the host's tree in its mount namespace; `exec` must not join that.
 */
static int name_start_socket(const struct making *m, struct error *err)
{
	if (renameat(m->dir, START_SOCKET_NEW, m->dir, START_SOCKET) < 0)
		return error_set(err, errno, "cannot name the socket for start");
	return 0;
}

/* What becomes of the container once it is made. */
enum making_mode {
	MAKE_FOR_START,	 /* waits for `start` */
	MAKE_DETACHED,	 /* runs, nobody stays with it */
	MAKE_FOREGROUND, /* runs, and we wait */
};

/* check_terminal - who would hold the terminal's other end? */
static int check_terminal(const struct plan *plan, const struct create_options *opt,
			  enum making_mode mode, struct error *err)
{
	if (plan->process.terminal && mode != MAKE_FOREGROUND && !opt->console_socket)
		return error_set(err, 0,
				 "process.terminal needs --console-socket when nobody "
				 "stays to relay it");
	if (!plan->process.terminal && opt->console_socket)
		return error_set(err, 0, "--console-socket needs process.terminal in config.json");
	if (mode == MAKE_FOREGROUND && opt->console_socket)
		return error_set(err, 0,
				 "--console-socket needs --detach: without it the terminal is "
				 "relayed here");
	return 0;
}

static void describe(struct making *m)
{
	const struct plan *plan = m->plan;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	state_format_time(&now, m->created);
	m->state = (struct state){
		.id = m->id,
		.oci_version = plan->oci_version,
		.bundle = plan->bundle,
		.rootfs = plan->root_path,
		.cgroup_path = m->cgroup.path,
		.systemd_unit = m->scope.unit,
		.created = m->created,
		.poststart = plan->hooks.of[HOOK_POSTSTART].n > 0,
		.poststop = plan->hooks.of[HOOK_POSTSTOP].n > 0,
		.n_annotations = plan->n_annotations,
		.annotations = plan->annotations,
	};
}

/* record - write down the process; struct sandbox has it called, where the lock may be the child's alone. */
static int record(void *arg, pid_t pid, struct error *err)
{
	struct making *m = arg;

	m->state.pid = pid;
	m->state.start_ticks_end = state_now_ticks();
	return state_write_process(m->dir, m->sb.created_lock, &m->state, err);
}

/*
 * listen_fds - the sockets that a service manager passes to this very process, before those of
 * --preserve-fds. Source: sd_listen_fds(3).
 */
static unsigned int listen_fds(void)
{
	const char *n = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	unsigned long count;
	char *end;

	if (!n || !pid || strtol(pid, &end, 10) != getpid() || *end)
		return 0;
	count = strtoul(n, &end, 10);
	return *end || count > MAX_LISTEN_FDS ? 0 : (unsigned int)count;
}

/* name_cgroup - what the cgroup is going to be called, to be written down first. */
static int name_cgroup(struct making *m, struct error *err)
{
	m->scope.bus = m->rt->rootless ? BUS_USER : BUS_SYSTEM;
	if (m->rt->cgroup_manager == CGROUP_MANAGER_SYSTEMD)
		return scope_name(&m->scope, m->plan->cgroup.path, m->id, err);
	return cgroup_name(&m->cgroup, m->rt->cgroup_manager, &m->plan->cgroup, m->id, err);
}

static int make_cgroup(struct making *m, struct error *err)
{
	if (m->rt->cgroup_manager == CGROUP_MANAGER_SYSTEMD)
		return scope_create(&m->scope, &m->cgroup, m->plan, m->id, err);
	return cgroup_create(&m->cgroup, m->rt->cgroup_manager, &m->plan->cgroup, err);
}

/* prepare - everything before the clone. */
static int prepare(struct making *m, const struct create_options *opt, enum making_mode mode,
		   struct error *err)
{
	m->plan = plan_load_cached(opt->bundle, m->rt->root, &m->arena, err);
	if (!m->plan || check_terminal(m->plan, opt, mode, err) < 0)
		return -1;
	if (m->rt->rootless && rootless_enter(&m->plan, &m->arena, err) < 0)
		return -1;
	sandbox_init(&m->sb, m->plan);
	m->sb.rootless = m->rt->rootless;
	m->sb.keep_keyring = opt->keep_keyring;
	m->sb.listen_fds = m->listen_fds;
	m->sb.listen_names = getenv("LISTEN_FDNAMES");
	m->sb.preserve_fds = m->listen_fds + opt->preserve_fds;
	m->dir = state_make_dir(m->rt->root, m->id, &m->root, &m->sb.created_lock, err);
	if (m->dir < 0)
		return -1;
	warn_capabilities(&m->plan->process);
	m->sb.state_dir = m->dir;
	m->sb.record = record;
	m->sb.record_arg = m;
	if (name_cgroup(m, err) < 0)
		return -1;
	/* Before there is anything else: a runtime killed from here on leaves a trace to delete by. */
	describe(m);
	m->state.keep_keyring = opt->keep_keyring;
	if (state_write(m->sb.created_lock, &m->state, err) < 0 ||
	    state_keep_config(m->dir, &m->plan->text, err) < 0 || make_cgroup(m, err) < 0)
		return -1;
	m->sb.cgroup = m->cgroup.dir;
	if (m->plan->hooks.any) {
		m->sb.hook_state = hook_state(&m->state, &m->arena, err);
		if (!m->sb.hook_state)
			return -1;
	}
	if (notify_wanted() && m->plan->ns[NS_MNT].mode == NS_NEW) {
		m->sb.notify = true;
		if (notify_make_dir(m->dir, err) < 0)
			return -1;
	}
	m->listener = (struct announcement){.plan = m->plan, .state = &m->state};
	m->sb.listener = (struct listener_delivery){announce_listener, &m->listener};
	return sandbox_prepare(&m->sb, &m->arena, err);
}

/* says_running - will anybody be told that the container runs? */
static bool says_running(const struct making *m, const struct create_options *opt,
			 enum making_mode mode)
{
	return mode == MAKE_DETACHED ||
	       (mode == MAKE_FOREGROUND &&
		(opt->pid_file || opt->pidfd_socket || m->plan->hooks.any));
}

static int make(struct making *m, const struct create_options *opt, enum making_mode mode,
		struct error *err)
{
	m->listen_fds = listen_fds();
	if (check_preserved(m->listen_fds + opt->preserve_fds, err) < 0 ||
	    prepare(m, opt, mode, err) < 0)
		return -1;
	if (mode == MAKE_FOR_START ? listen_for_start(m, err) < 0
				   : notify_open(&m->notify, m->dir, err) < 0)
		return -1;
	m->state.start_ticks = state_now_ticks();
	if (sandbox_spawn(&m->sb, err) < 0) {
		cgroup_explain(&m->cgroup, err);
		return -1;
	}
	scope_release(&m->scope); /* the container keeps it from here on */
	if (mode == MAKE_FOR_START && name_start_socket(m, err) < 0)
		return -1;
	/*
	 * The lock is gone when execve has closed all it closes, in an order of its own: the end of file that
	 * we saw may come first. Nobody who asks for the status after we say that the container runs shall
	 * hear otherwise.
	 */
	if (says_running(m, opt, mode) && state_await_execve(m->dir, err) < 0)
		return -1;
	if (opt->console_socket && handover_console(opt->console_socket, m->sb.console, err) < 0)
		return -1;
	if (opt->pidfd_socket && handover_pidfd(opt->pidfd_socket, m->sb.pidfd, err) < 0)
		return -1;
	if (opt->pid_file && handover_pid(opt->pid_file, m->sb.pid, err) < 0)
		return -1;
	if (mode == MAKE_FOR_START)
		return 0;
	if (!m->plan->hooks.of[HOOK_POSTSTART].n)
		return 0; /* as mostly: their code lies apart, and is not gone to for nothing */
	return hooks_poststart(&m->plan->hooks, &m->state, &m->arena, err);
}

#define MAKING_INIT(rt_, id_)                                                \
	{                                                                    \
		.rt = (rt_), .id = (id_), .root = FD_EMPTY, .dir = FD_EMPTY, \
		.cgroup = CGROUP_INIT, .notify = {.sock = FD_EMPTY},         \
		.sb = {.pidfd = FD_EMPTY,                                    \
		       .console = FD_EMPTY,                                  \
		       .sync_parent = FD_EMPTY }                             \
	}

/* sandbox_init() with a plan comes after parsing; until then nothing is held. */
static void making_init(struct making *m)
{
	static const struct plan none;

	sandbox_init(&m->sb, &none);
}

int container_create(const struct runtime *rt, const char *id, const struct create_options *opt,
		     struct error *err)
{
	_cleanup_making_ struct making m = MAKING_INIT(rt, id);
	sigset_t all;

	making_init(&m);
	/* Not to be interrupted half-way: ^C comes after the few milliseconds this takes. */
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	if (make(&m, opt, MAKE_FOR_START, err) == 0)
		return 0;
	unmake(&m);
	return -1;
}

/* connect_start - the waiting process's socket. */
static int connect_start(int dir, const char *id, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int sock = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "/proc/self/fd/%d/" START_SOCKET, dir);
	/* Not to wait, under the container's lock, behind another `start` whose process does not answer. */
	if (sock < 0 || connect(sock, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return error_set(err, errno, "cannot reach the waiting process of container `%s`",
				 id);
	if (fcntl(sock, F_SETFL, 0) < 0)
		return error_set(err, errno, "cannot wait for the process of container `%s`", id);
	return take_fd(&sock);
}

/*
 * await_end - wait, but not for ever, for the end of a process that said why it cannot go on. Who
 * hears that start failed deletes what is then a stopped container: containerd does not ask twice.
 */
static void await_end(const struct state *state)
{
	struct error gone = ERROR_INIT;
	_cleanup_fd_ int pidfd = state_pidfd(state, &gone);
	struct pollfd end = {.fd = pidfd, .events = POLLIN};

	if (pidfd >= 0)
		(void)poll(&end, 1, END_TIMEOUT_MS);
}

/*
 * hear_of_execve - what becomes of the program that was told to start. @hook_failed says whether it
 * was a hook that kept it from that.
 */
static int hear_of_execve(int sock, const struct state *state,
			  const struct listener_delivery *listener, bool *hook_failed,
			  struct error *err)
{
	bool executes = false;
	struct sync_msg msg;

	for (;;) {
		int fd = FD_EMPTY;

		if (sync_recv(sock, &msg, &fd) < 0)
			return error_set(err, errno,
					 "cannot hear from the waiting process of container `%s`",
					 state->id);
		if (msg.kind == SYNC_LISTENER) {
			if (listener_serve(sock, fd, listener, err) < 0)
				return -1;
			continue;
		}
		close_fd(fd);
		if (msg.kind == SYNC_EXEC) {
			executes = true;
			continue;
		}
		if (msg.kind == SYNC_WARNING) {
			warn(&msg.err);
			continue;
		}
		if (msg.kind == SYNC_ERROR || msg.kind == SYNC_HOOK_ERROR) {
			*hook_failed = msg.kind == SYNC_HOOK_ERROR;
			*err = msg.err;
			await_end(state);
			return -1;
		}
		if (msg.kind == SYNC_EOF && executes)
			return 0;
		return error_set(err, 0,
				 "container `%s` was not started: its process is gone, or "
				 "another `start` was first",
				 state->id);
	}
}

/* poststart - run the poststart hooks of a container that `create` made. */
static int poststart(const struct runtime *rt, const struct state *state, struct arena *arena,
		     struct error *err)
{
	const struct hooks_plan *hooks = NULL;
	const char *config = arena_path(arena, rt->root, state->id, err);

	if (config)
		hooks = plan_load_hooks(config, arena, err);
	return hooks ? hooks_poststart(hooks, state, arena, err) : -1;
}

/* undo - a hook of `start` failed: the container is stopped and destroyed. */
static void undo(const struct runtime *rt, const char *id)
{
	struct error err = ERROR_INIT;

	if (container_delete(rt, id, DELETE_FORCE, &err) < 0)
		warn(&err);
}

/* note_start - leave for `why` what kept the program from starting. */
static void note_start(int dir, const struct error *err)
{
	char text[sizeof(err->what) + sizeof(err->cause) + 32];
	size_t n = error_line(err, text, sizeof(text));

	if (*err->cause && n < sizeof(text))
		snprintf(text + n, sizeof(text) - n, " (%s)", err->cause);
	why_note(dir, WHY_START, text);
}

int container_start(const struct runtime *rt, const char *id, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_LOCKED, err);
	_cleanup_fd_ int sock = FD_EMPTY;
	_cleanup_fd_ int pidfd = FD_EMPTY;
	_cleanup_notify_ struct notify notify = {.sock = FD_EMPTY};
	struct sync_msg msg = {.kind = SYNC_START};
	struct announcement listener;
	struct state state;
	enum status status;
	bool hook_failed = false;

	if (dir < 0 || state_read(dir, id, &arena, &state, err) < 0 ||
	    state_status(dir, &state, &status, err) < 0)
		return -1;
	if (status != STATUS_CREATED)
		return error_set(err, 0, "container `%s` is %s, not created", id,
				 status_name(status));
	if (notify_open(&notify, dir, err) < 0)
		return -1;
	if (notify.sock >= 0) {
		pidfd = state_pidfd(&state, err);
		if (pidfd < 0)
			return -1;
	}
	sock = connect_start(dir, id, err);
	if (sock < 0)
		return -1;
	if (sync_send(sock, &msg, FD_EMPTY) < 0)
		return error_set(err, errno, "cannot talk to the waiting process of container `%s`",
				 id);
	/* execve may take as long as a file system likes: others must be able to kill meanwhile. */
	if (flock(dir, LOCK_UN) < 0)
		return error_set(err, errno, "cannot unlock container `%s`", id);
	listener = (struct announcement){.rt = rt, .state = &state, .pid = state.pid};
	if (hear_of_execve(sock, &state, &(struct listener_delivery){announce_listener, &listener},
			   &hook_failed, err) < 0) {
		if (hook_failed)
			undo(rt, id);
		else
			note_start(dir, err);
		return -1;
	}
	if (state_await_execve(dir, err) < 0)
		return -1;
	if (unlinkat(dir, START_SOCKET, 0) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the socket for start");
	if (state.poststart && poststart(rt, &state, &arena, err) < 0) {
		undo(rt, id);
		return -1;
	}
	return notify_wait(&notify, pidfd, state.pid, err);
}

/* limits_memory - may be killed for a limit of its own? */
static bool limits_memory(const struct cgroup_plan *plan)
{
	return plan->n_unified || limits_controllers(plan) & 1U << CONTROLLER_MEMORY;
}

/*
 * explain_oom - say that the kernel killed for memory; the exit code alone would not. A container that
 * has no limit of its own and ended well has nothing to explain.
 */
static int explain_oom(const struct making *m, int exit_code, struct error *err)
{
	struct error oom_err = ERROR_INIT;
	struct cgroup_oom oom;

	if (!exit_code && !limits_memory(&m->plan->cgroup))
		return 0;
	if (cgroup_oom_read(&m->cgroup, &oom, err) < 0)
		return -1;
	if (!oom.oom_kill)
		return 0;
	error_set(&oom_err, 0, "run %s: OOM: the kernel killed %llu process%s for memory", m->id,
		  (unsigned long long)oom.oom_kill, oom.oom_kill == 1 ? "" : "es");
	if (oom.memory_max_bytes != UINT64_MAX)
		error_cause(&oom_err, "the container's limit memory.max is %llu bytes",
			    (unsigned long long)oom.memory_max_bytes);
	error_print(&oom_err, "cloison", STDERR_FILENO);
	return 0;
}

/* explain_seccomp - name the system call that the filter killed for, when the kernel's log has it. */
static void explain_seccomp(const struct making *m)
{
	struct seccomp_kill kill = seccomp_kill_find(m->state.pid, m->state.start_ticks);
	struct error seccomp_err = ERROR_INIT;

	/* It may have been the program's own doing: an exit code tells no signal from a number. */
	if (!kill.found)
		return;
	error_set(&seccomp_err, 0, "run %s: the seccomp filter killed `%s` for the system call %s",
		  m->id, kill.program, kill.call);
	error_print(&seccomp_err, "cloison", STDERR_FILENO);
}

/* finish - the end of a foreground run: nothing of the container stays. */
static int finish(struct making *m, int exit_code, struct error *err)
{
	int ours = state_relock(m->root, m->id, m->dir, err), explained;

	/* Deleted meanwhile, and the id perhaps taken by another: nothing here is ours to remove. */
	if (ours <= 0)
		return ours;
	explained = explain_oom(m, exit_code, err);
	if (m->keep)
		return explained;
	if (cgroup_remove_made(&m->cgroup, REMOVE_TIMEOUT_MS, err) < 0)
		return -1;
	if (*m->scope.unit && scope_stop(&m->scope, REMOVE_TIMEOUT_MS, err) < 0)
		return -1;
	if (state_remove_dir(m->root, m->id, m->dir, err) < 0)
		return -1;
	if (m->plan->hooks.of[HOOK_POSTSTOP].n)
		hooks_poststop(&m->plan->hooks, &m->state, &m->arena);
	return explained;
}

int container_run(const struct runtime *rt, const char *id, const struct create_options *opt,
		  enum run_mode mode, int *exit_code, struct error *err)
{
	_cleanup_making_ struct making m = MAKING_INIT(rt, id);

	making_init(&m);
	if (foreground_begin(err) < 0)
		return -1;
	if (make(&m, opt, mode == RUN_DETACHED ? MAKE_DETACHED : MAKE_FOREGROUND, err) < 0) {
		unmake(&m);
		return -1;
	}
	/* Others may look at and signal the container while it runs: let go of its lock. */
	if (flock(m.dir, LOCK_UN) < 0) {
		error_set(err, errno, "cannot unlock container `%s`", id);
		unmake(&m);
		return -1;
	}
	if (mode == RUN_DETACHED) {
		*exit_code = 0;
		return notify_wait(&m.notify, m.sb.pidfd, m.sb.pid, err);
	}
	*exit_code = foreground_wait(m.sb.pidfd, m.sb.console,
				     &(struct foreground_notify){&m.notify, m.sb.pid}, err);
	if (*exit_code < 0) {
		struct error ignored = ERROR_INIT;

		sandbox_kill(&m.sb);
		/* The first error is the one to show. */
		if (finish(&m, *exit_code, &ignored) < 0)
			return -1;
		return -1;
	}
	m.sb.pid = 0;
	m.keep = opt->keep;
	if (*exit_code == EXIT_BY_SIGNAL + SIGSYS)
		explain_seccomp(&m);
	return finish(&m, *exit_code, err);
}
