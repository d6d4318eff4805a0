/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pause.c: pause, resume, and the status they give.
 *
 * A container is paused when its cgroup is frozen; nothing else is written down. The kernel says in
 * cgroup.events when the last process has stopped. SIGKILL reaches a paused container; every other
 * signal waits until it is resumed.
 */
#include "runtime/container/container.h"

#define FREEZE_TIMEOUT_MS 5000

/* open_cgroup - the cgroup of a container; one that is gone, with its last process, stays empty. */
static int open_cgroup(const struct state *state, struct cgroup *cg, struct error *err)
{
	if (!*state->cgroup_path)
		return 0;
	if (cgroup_open(cg, state->cgroup_path, err) == 0 || err->errnum == ENOENT)
		return 0;
	return -1;
}

int container_status(int dir, const struct state *state, enum status *status, struct error *err)
{
	struct cgroup cg = CGROUP_INIT;
	bool frozen = false;
	int rc = 0;

	if (state_status(dir, state, status, err) < 0)
		return -1;
	if (*status != STATUS_RUNNING)
		return 0;
	if (open_cgroup(state, &cg, err) < 0)
		return -1;
	rc = cgroup_is_frozen(&cg, &frozen, err);
	close_fd(cg.dir);
	if (frozen)
		*status = STATUS_PAUSED;
	return rc;
}

/* open_in - open container @id's state, locked, and its cgroup, if it has the status @wanted. */
static int open_in(const struct runtime *rt, const char *id, enum status wanted, int *dir,
		   struct cgroup *cg, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct state state;
	enum status status;

	*dir = state_open_dir(rt->root, id, STATE_LOCKED, err);
	if (*dir < 0 || state_read(*dir, id, &arena, &state, err) < 0 ||
	    container_status(*dir, &state, &status, err) < 0)
		return -1;
	if (status != wanted)
		return error_set(err, 0, "container `%s` is %s, not %s", id, status_name(status),
				 status_name(wanted));
	if (!*state.cgroup_path) {
		error_set(err, 0, "container `%s` has no cgroup", id);
		return error_hint(err, "only a cgroup can be frozen; it was made without one");
	}
	return cgroup_open(cg, state.cgroup_path, err);
}

int container_pause(const struct runtime *rt, const char *id, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	struct cgroup cg = CGROUP_INIT;
	int rc = open_in(rt, id, STATUS_RUNNING, &dir, &cg, err);

	if (rc == 0)
		rc = cgroup_freeze(&cg, FREEZE_TIMEOUT_MS, err);
	close_fd(cg.dir);
	return rc;
}

int container_resume(const struct runtime *rt, const char *id, struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	struct cgroup cg = CGROUP_INIT;
	int rc = open_in(rt, id, STATUS_PAUSED, &dir, &cg, err);

	if (rc == 0)
		rc = cgroup_thaw(&cg, FREEZE_TIMEOUT_MS, err);
	close_fd(cg.dir);
	return rc;
}
