/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.h: a container's cgroup as a transient scope of systemd (--systemd-cgroup).
 */
#ifndef CLOISON_SYSTEMD_SCOPE_H
#define CLOISON_SYSTEMD_SCOPE_H

#include "runtime/sandbox/cgroup.h"
#include "runtime/sandbox/limits.h"
#include "runtime/systemd/bus.h"

#define SCOPE_NAME_MAX 256

struct scope {
	enum bus_kind bus;
	char unit[SCOPE_NAME_MAX];  /* "docker-ID.scope"; "": no scope */
	char slice[SCOPE_NAME_MAX]; /* "system.slice" */
	bool ours;		    /* systemd has started it for us */
	pid_t keeper;		    /* the process that the scope was started with; 0: none */
};

/*
 * scope_name - from linux.cgroupsPath, "SLICE:PREFIX:NAME", each of which may be empty, to the unit.
 * @path: NULL stands for "::ID"
 */
int scope_name(struct scope *s, const char *path, const char *id, struct error *err) must_check;

/*
 * scope_create - have systemd start the scope with the plan's limits and the properties of its
 * annotations, open its cgroup into @cg and write there what systemd has no property for. The scope
 * lives by a process of ours until scope_release(), before which the container has to be in it.
 */
int scope_create(struct scope *s, struct cgroup *cg, const struct plan *plan, const char *id,
		 struct error *err) must_check;
void scope_end_keeper(struct scope *s);

/* Without systemd there is none, and its code lies apart: it is not gone to for nothing. */
static inline void scope_release(struct scope *s)
{
	if (s->keeper > 0)
		scope_end_keeper(s);
}

/* scope_update - tell systemd of new limits, so that it does not bring the old ones back. */
int scope_update(const struct scope *s, const struct cgroup_plan *plan,
		 struct error *err) must_check;

/* scope_stop - end the unit, which may be gone already. */
int scope_stop(const struct scope *s, int timeout_ms, struct error *err) must_check;

/* property_append - add the property @name with the value that the annotation @text spells. */
int property_append(struct wire *w, const char *name, const char *text,
		    struct error *err) must_check;

/* properties_of_limits - add what systemd knows of the plan's limits. */
void properties_of_limits(struct wire *w, const struct cgroup_plan *plan);

#endif
