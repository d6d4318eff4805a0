/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * update.c: new limits for a container.
 *
 * What is not mentioned stays as it is: the cgroup's files are what holds, and nothing of it is kept
 * beside them. The device filter stays too, as in other runtimes: engines send the whole list of
 * device rules again with each new limit.
 */
#include "runtime/container/container.h"
#include "runtime/systemd/scope.h"

int container_update(const struct runtime *rt, const char *id, const struct update_options *opt,
		     struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_LOCKED, err);
	struct cgroup cg = CGROUP_INIT;
	const struct cgroup_plan *plan;
	struct state state;
	enum status status;
	int rc = -1;

	if (dir < 0 || state_read(dir, id, &arena, &state, err) < 0 ||
	    state_status(dir, &state, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED)
		return error_set(err, 0, "container `%s` is stopped", id);
	if (!*state.cgroup_path)
		return error_set(err, 0, "container `%s` has no cgroup to limit", id);
	if (cgroup_open(&cg, state.cgroup_path, err) < 0)
		return -1;
	plan = plan_load_resources(opt->text, opt->length, opt->name, cgroup_memory_max(&cg),
				   &arena, err);
	if (plan)
		rc = cgroup_update(&cg, plan, err);
	if (rc == 0 && *state.systemd_unit) {
		struct scope scope = {.bus = rt->rootless ? BUS_USER : BUS_SYSTEM};

		snprintf(scope.unit, sizeof(scope.unit), "%s", state.systemd_unit);
		rc = scope_update(&scope, plan, err);
	}
	close_fd(cg.dir);
	return rc;
}
