/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * processes.c: which processes a container has.
 */
#include <stdlib.h>

#include "runtime/container/container.h"

static int by_number(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

int container_pids(const struct runtime *rt, const char *id, struct arena *arena,
		   struct cgroup_pids *pids, struct error *err)
{
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_UNLOCKED, err);
	struct cgroup cg = CGROUP_INIT;
	struct state state;
	int rc;

	*pids = (struct cgroup_pids){0};
	if (dir < 0 || state_read(dir, id, arena, &state, err) < 0)
		return -1;
	if (!*state.cgroup_path)
		return error_set(err, 0, "container `%s` has no cgroup to list", id);
	if (cgroup_open(&cg, state.cgroup_path, err) < 0)
		return err->errnum == ENOENT ? error_set(err, 0, "container `%s` is stopped", id)
					     : -1;
	rc = cgroup_list(&cg, arena, pids, err);
	close_fd(cg.dir);
	if (rc == 0 && pids->n)
		qsort(pids->at, pids->n, sizeof(*pids->at), by_number);
	return rc;
}
