/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lifecycle.c: kill and delete.
 *
 * Deleting is idempotent: each part is removed if it is there, so a delete that was interrupted is
 * finished by the next one. It is bounded in time, and what it cannot remove it names.
 */
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "lib/sys.h"
#include "runtime/container/container.h"
#include "runtime/container/hooks.h"
#include "runtime/container/why.h"
#include "runtime/systemd/scope.h"

#define DELETE_TIMEOUT_MS 10000
#define EMPTY_TIMEOUT_MS 1000

static int kill_all(const struct state *state, int sig, struct error *err)
{
	struct cgroup cg = CGROUP_INIT;
	int rc;

	if (!*state->cgroup_path)
		return error_set(err, 0, "cannot signal all: container `%s` has no cgroup",
				 state->id);
	if (cgroup_open(&cg, state->cgroup_path, err) < 0)
		return -1;
	rc = sig == SIGKILL ? cgroup_kill(&cg, err) : cgroup_signal(&cg, sig, err);
	close_fd(cg.dir);
	return rc;
}

/* note_kill - leave the signal and the time for `why`. */
static void note_kill(int dir, int sig)
{
	char text[64];
	time_t now = time(NULL);
	struct tm tm;
	int n = snprintf(text, sizeof(text), "signal %d at ", sig);

	if (gmtime_r(&now, &tm))
		strftime(text + n, sizeof(text) - (size_t)n, "%Y-%m-%dT%H:%M:%SZ", &tm);
	why_note(dir, WHY_KILL, text);
}

/* By the first three words containerd knows that there is nothing left to kill. */
static const char not_running[] = "container not running: `%s` is stopped";

int container_kill(const struct runtime *rt, const char *id, int sig, enum kill_scope scope,
		   struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	bool freezes = scope == KILL_ALL && sig != SIGKILL;
	/*
	 * No lock: the state file is replaced whole, and the pidfd is the process or nothing. But who
	 * freezes and thaws must not do so while others pause and resume.
	 */
	_cleanup_fd_ int dir =
		state_open_dir(rt->root, id, freezes ? STATE_LOCKED : STATE_UNLOCKED, err);
	_cleanup_fd_ int pidfd = FD_EMPTY;
	struct state state;

	if (dir < 0 || state_read(dir, id, &arena, &state, err) < 0)
		return -1;
	if (scope == KILL_ALL) {
		if (kill_all(&state, sig, err) < 0)
			return -1;
		if (sig)
			note_kill(dir, sig);
		return 0;
	}
	pidfd = state_pidfd(&state, err);
	if (pidfd < 0 && err->errnum == ESRCH)
		return error_set(err, ESRCH, not_running, id);
	if (pidfd < 0)
		return -1;
	if (sys_pidfd_send_signal(pidfd, sig, NULL, 0) < 0)
		return errno == ESRCH
			       ? error_set(err, ESRCH, not_running, id)
			       : error_set(err, errno, "cannot send signal %d to container `%s`",
					   sig, id);
	if (sig)
		note_kill(dir, sig);
	return 0;
}

/* stop - kill the first process and wait until it is gone. */
static int stop(const struct state *state, struct error *err)
{
	_cleanup_fd_ int pidfd = state_pidfd(state, err);
	struct pollfd p = {.fd = pidfd, .events = POLLIN};
	int n;

	if (pidfd < 0)
		return err->errnum == ESRCH ? 0 : -1;
	if (sys_pidfd_send_signal(pidfd, SIGKILL, NULL, 0) < 0 && errno != ESRCH)
		return error_set(err, errno, "cannot kill container `%s`", state->id);
	do
		n = poll(&p, 1, DELETE_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return error_set(err, errno, "cannot wait for container `%s`", state->id);
	if (n == 0) {
		error_set(err, ETIMEDOUT, "process %d of container `%s` does not end", state->pid,
			  state->id);
		process_name_wait(state->pid, err);
		return -1;
	}
	return 0;
}

/* poststop_hooks - from the configuration kept beside the state. */
static const struct hooks_plan *poststop_hooks(const struct runtime *rt, const char *id,
					       struct arena *arena, struct error *err)
{
	const char *config = arena_path(arena, rt->root, id, err);

	return config ? plan_load_hooks(config, arena, err) : NULL;
}

static int stop_scope(const struct runtime *rt, const struct state *state, struct error *err)
{
	struct scope scope = {.bus = rt->rootless ? BUS_USER : BUS_SYSTEM};

	snprintf(scope.unit, sizeof(scope.unit), "%s", state->systemd_unit);
	return scope_stop(&scope, DELETE_TIMEOUT_MS, err);
}

int container_delete(const struct runtime *rt, const char *id, enum delete_mode mode,
		     struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_LOCKED, err);
	_cleanup_fd_ int root = FD_EMPTY;
	const struct hooks_plan *hooks = NULL;
	struct state state;
	enum status status;

	if (dir < 0)
		return mode == DELETE_FORCE && err->errnum == ENOENT ? 0 : -1;
	if (state_read(dir, id, &arena, &state, err) < 0)
		return -1;
	/* Our own lock makes a half-made container look busy: who holds it can tell. */
	if (state.pid == 0)
		status = STATUS_STOPPED;
	else if (state_status(dir, &state, &status, err) < 0)
		return -1;
	if ((status == STATUS_RUNNING || status == STATUS_CREATED) && mode != DELETE_FORCE) {
		if (container_status(dir, &state, &status, err) < 0)
			return -1;
		error_set(err, 0, "container `%s` is %s", id, status_name(status));
		return error_hint(err, "stop it with `cloison kill %s KILL`, or use --force", id);
	}
	if (status != STATUS_STOPPED && stop(&state, err) < 0)
		return -1;
	/* Without a pid nothing was ever started (spawn.c), so there is nothing of it to kill. */
	if (state.pid == 0 ? cgroup_remove_empty(state.cgroup_path, EMPTY_TIMEOUT_MS, err) < 0
			   : cgroup_remove(state.cgroup_path, DELETE_TIMEOUT_MS, err) < 0)
		return -1;
	/* One that never had a container goes by itself, and its name may be another's by now. */
	if (state.pid && stop_scope(rt, &state, err) < 0)
		return -1;
	/* Without a pid nothing was ever started, hooks included. */
	if (state.poststop && state.pid) {
		hooks = poststop_hooks(rt, id, &arena, err);
		if (!hooks)
			return -1;
	}
	root = state_open_root(rt->root, err);
	if (root < 0 || state_remove_dir(root, id, dir, err) < 0)
		return -1;
	if (hooks)
		hooks_poststop(hooks, &state, &arena);
	return 0;
}
