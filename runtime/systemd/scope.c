/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * scope.c: starting, changing and ending a transient scope.
 *
 * A scope is started with processes that exist, and moves them. The container's first process shall
 * be born in its cgroup instead, limited from its first instruction (CLONE_INTO_CGROUP). So the scope
 * is started with a keeper: a process of ours that does nothing, dies with us, and is killed as soon
 * as the container is there. Who kills us in between leaves an empty scope, which systemd removes.
 *
 * The scope is delegated (Delegate=yes): systemd leaves alone what is below it. Limits are given to
 * systemd as properties and written to the files as well, since not all of them have a property.
 */
#include "runtime/systemd/scope.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/sys.h"

#define START_TIMEOUT_MS 25000
#define PROPERTY_PREFIX "org.systemd.property."

int scope_name(struct scope *s, const char *path, const char *id, struct error *err)
{
	const char *slice = "", *prefix = "", *name = id, *a, *b;
	int n;

	if (path) {
		a = strchr(path, ':');
		b = a ? strchr(a + 1, ':') : NULL;
		if (!b || strchr(b + 1, ':') || strchr(path, '/')) {
			error_set(err, EINVAL, "linux.cgroupsPath `%s`", path);
			return error_hint(err, "with --systemd-cgroup it is SLICE:PREFIX:NAME");
		}
		n = snprintf(s->slice, sizeof(s->slice), "%.*s", (int)(a - path), path);
		if ((size_t)n >= sizeof(s->slice))
			return error_set(err, ENAMETOOLONG, "linux.cgroupsPath `%s`", path);
		slice = s->slice;
		prefix = a + 1;
		name = b + 1;
		n = snprintf(s->unit, sizeof(s->unit), "%.*s%s%s.scope", (int)(b - prefix), prefix,
			     b == prefix ? "" : "-", name);
	} else {
		n = snprintf(s->unit, sizeof(s->unit), "cloison-%s.scope", name);
	}
	if ((size_t)n >= sizeof(s->unit))
		return error_set(err, ENAMETOOLONG, "the scope of `%s`", id);
	if (!*slice)
		snprintf(s->slice, sizeof(s->slice), "%s",
			 s->bus == BUS_USER ? "user.slice" : "system.slice");
	else if (strlen(slice) < 6 || strcmp(slice + strlen(slice) - 6, ".slice") != 0)
		return error_set(err, EINVAL, "linux.cgroupsPath: `%s` is no slice", slice);
	return 0;
}

/*
 * keep - wait to be killed. When the runtime is killed instead, stay a second: systemd has been asked for a
 * scope, and of one whose only process is gone before it looks it would never hear that it is empty.
 */
static _Noreturn void keep(pid_t parent)
{
	const struct timespec linger = {.tv_sec = 1};
	sigset_t ended;

	sigemptyset(&ended);
	sigaddset(&ended, SIGUSR1);
	sigprocmask(SIG_BLOCK, &ended, NULL);
	prctl(PR_SET_NAME, "cloison-keeper", 0, 0, 0);
	prctl(PR_SET_PDEATHSIG, SIGUSR1, 0, 0, 0);
	sys_close_range(0, ~0U, 0);
	while (getppid() == parent && sigwaitinfo(&ended, NULL) < 0)
		;
	nanosleep(&linger, NULL);
	_exit(0);
}

/* start_keeper - a process for the scope to begin with. */
static int start_keeper(struct scope *s, struct error *err)
{
	struct clone_args args = {.exit_signal = SIGCHLD};
	pid_t parent = getpid();

	s->keeper = sys_clone3(&args, sizeof(args));
	if (s->keeper == 0)
		keep(parent);
	if (s->keeper < 0) {
		s->keeper = 0;
		return error_set(err, errno, "cannot make a process for the scope");
	}
	return 0;
}

void scope_end_keeper(struct scope *s)
{
	kill(s->keeper, SIGKILL); /* our own child, not reaped yet: the pid is its */
	while (waitpid(s->keeper, NULL, 0) < 0 && errno == EINTR)
		;
	s->keeper = 0;
}

static void text_property(struct wire *w, const char *name, const char *value)
{
	wire_align(w, 8);
	wire_string(w, name);
	wire_signature(w, "s");
	wire_string(w, value);
}

static void true_property(struct wire *w, const char *name, bool value)
{
	wire_align(w, 8);
	wire_string(w, name);
	wire_signature(w, "b");
	wire_u32(w, value);
}

static void pid_property(struct wire *w, pid_t pid)
{
	size_t array;

	wire_align(w, 8);
	wire_string(w, "PIDs");
	wire_signature(w, "au");
	array = wire_array(w, 4);
	wire_u32(w, (uint32_t)pid);
	wire_array_end(w, array, 4);
}

/* annotations - the properties that config.json asks for itself; they come last and so decide. */
static int annotations(struct wire *w, const struct plan *plan, struct error *err)
{
	for (size_t i = 0; i < plan->n_annotations; i++) {
		const char *key = plan->annotations[i].key;

		if (strncmp(key, PROPERTY_PREFIX, strlen(PROPERTY_PREFIX)) != 0)
			continue;
		if (property_append(w, key + strlen(PROPERTY_PREFIX), plan->annotations[i].value,
				    err) < 0)
			return -1;
	}
	return 0;
}

static int start_unit(struct scope *s, const struct plan *plan, const char *id, struct error *err)
{
	static const char *const on[] = {"Delegate", "MemoryAccounting", "CPUAccounting",
					 "IOAccounting", "TasksAccounting"};
	_cleanup_bus_ struct bus bus = {.fd = FD_EMPTY};
	struct wire *w = &bus.out;
	char description[192], refusal[128];
	size_t array;

	if (bus_open(&bus, s->bus, START_TIMEOUT_MS, err) < 0)
		return -1;
	snprintf(description, sizeof(description), "cloison container %s", id);
	bus_call(&bus, "StartTransientUnit", "ssa(sv)a(sa(sv))");
	wire_string(w, s->unit);
	wire_string(w, "replace");
	array = wire_array(w, 8);
	text_property(w, "Description", description);
	text_property(w, "Slice", s->slice);
	text_property(w, "CollectMode", "inactive-or-failed");
	true_property(w, "DefaultDependencies", false);
	for (size_t i = 0; i < ARRAY_SIZE(on); i++)
		true_property(w, on[i], true);
	pid_property(w, s->keeper);
	properties_of_limits(w, &plan->cgroup);
	if (annotations(w, plan, err) < 0)
		return -1;
	wire_array_end(w, array, 8);
	wire_array_end(w, wire_array(w, 8), 8); /* auxiliary units: none */
	if (bus_finish(&bus, BUS_JOB, refusal, err) == 0) {
		s->ours = true;
		return 0;
	}
	/* Refused, the unit may be another's; without an answer it may have come to be ours. */
	s->ours = !refusal[0];
	return error_wrap(err, "cannot start scope `%s`", s->unit);
}

int scope_create(struct scope *s, struct cgroup *cg, const struct plan *plan, const char *id,
		 struct error *err)
{
	if (start_keeper(s, err) < 0 || start_unit(s, plan, id, err) < 0)
		return -1;
	return cgroup_adopt(cg, s->keeper, s->unit, &plan->cgroup, err);
}

int scope_update(const struct scope *s, const struct cgroup_plan *plan, struct error *err)
{
	_cleanup_bus_ struct bus bus = {.fd = FD_EMPTY};
	size_t array;

	if (bus_open(&bus, s->bus, START_TIMEOUT_MS, err) < 0)
		return -1;
	bus_call(&bus, "SetUnitProperties", "sba(sv)");
	wire_string(&bus.out, s->unit);
	wire_u32(&bus.out, 1); /* until it ends */
	array = wire_array(&bus.out, 8);
	properties_of_limits(&bus.out, plan);
	wire_array_end(&bus.out, array, 8);
	if (bus_finish(&bus, BUS_ANSWER, NULL, err) < 0)
		return error_wrap(err, "cannot change scope `%s`", s->unit);
	return 0;
}

int scope_stop(const struct scope *s, int timeout_ms, struct error *err)
{
	_cleanup_bus_ struct bus bus = {.fd = FD_EMPTY};
	char name[128];

	if (!*s->unit)
		return 0;
	if (bus_open(&bus, s->bus, timeout_ms, err) < 0)
		return -1;
	bus_call(&bus, "StopUnit", "ss");
	wire_string(&bus.out, s->unit);
	wire_string(&bus.out, "replace");
	if (bus_finish(&bus, BUS_JOB, name, err) < 0 &&
	    strcmp(name, "org.freedesktop.systemd1.NoSuchUnit") != 0)
		return error_wrap(err, "cannot stop scope `%s`", s->unit);
	bus_call(&bus, "ResetFailedUnit", "s");
	wire_string(&bus.out, s->unit);
	/* One that did not fail is gone by now. */
	if (bus_finish(&bus, BUS_ANSWER, name, err) < 0 &&
	    strcmp(name, "org.freedesktop.systemd1.NoSuchUnit") != 0)
		return error_wrap(err, "cannot reset scope `%s`", s->unit);
	return 0;
}
