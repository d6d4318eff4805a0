/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * servicegroup.c: one cgroup v2 directory per service.
 *
 * It is made and limited before the service's first process, which clone3(2) puts into it, so nothing of a
 * service ever runs without its limits, and no fork escapes from it. It outlives the process: what a
 * service that "went into the background" has left is found and killed there (cgroup.kill), and the next
 * run uses it again.
 *
 * The kernel tells when a limit has been reached by marking pids.events and memory.events as changed
 * (Documentation/admin-guide/cgroup-v2.rst), for which poll(2) returns POLLPRI. The change is said once for
 * each run; the counters are what decides, for a file may change for other reasons. A service at its limit
 * makes the kernel tell a hundred times a second, so after each time PID 1 does not listen for a second.
 *
 * Without a cgroup file system services run beside PID 1, unless they ask for a limit.
 */
#include "init/servicegroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/file.h"
#include "init/loop.h"
#include "init/say.h"
#include "lib/fd.h"

#define QUIET_MS 1000
#define SERVICES_DIR "/sys/fs/cgroup/services"

void servicegroup_init(struct servicegroup *g)
{
	*g = (struct servicegroup){.dir = FD_EMPTY,
				   .pids_events = FD_EMPTY,
				   .memory_events = FD_EMPTY};
}

static unsigned long long number(const char *digits)
{
	unsigned long long n = 0;

	for (; *digits >= '0' && *digits <= '9'; digits++)
		n = n * 10 + (unsigned long long)(*digits - '0');
	return n;
}

/* counter - the number after @key in a file of lines "key number"; 0 when it cannot be read. */
static unsigned long long counter(int dir, const char *file, const char *key)
{
	char text[512];
	size_t len = strlen(key);
	const char *line = text;

	if (file_read(dir, file, text, sizeof(text)) <= 0)
		return 0;
	while (line) {
		if (strncmp(line, key, len) == 0 && line[len] == ' ')
			return number(line + len + 1);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return 0;
}

/* limit - write one limit; 0, or -1, said. */
static int limit(const struct servicegroup *g, const struct service_def *d, const char *file,
		 const char *text)
{
	if (file_write(g->dir, file, text) == 0)
		return 0;
	say_error(errno, "service %s: cannot write `%s` to `%s`", d->name, text, file);
	return -1;
}

static int set_limits(const struct servicegroup *g, const struct service_def *d)
{
	char text[48];
	int failed = 0;

	if (d->pids > 0) {
		snprintf(text, sizeof(text), "%u", d->pids);
		failed |= limit(g, d, "pids.max", text);
	}
	if (d->memory_bytes > 0) {
		snprintf(text, sizeof(text), "%llu", (unsigned long long)d->memory_bytes);
		failed |= limit(g, d, "memory.max", text);
	}
	if (d->cpu_percent > 0) {
		snprintf(text, sizeof(text), "%u 100000", d->cpu_percent * 1000);
		failed |= limit(g, d, "cpu.max", text);
	}
	return failed;
}

/* open_watched - FD_EMPTY when the loop cannot watch it: then the end of the service still tells. */
static int open_watched(const struct servicegroup *g, const char *file, loop_ready changed)
{
	int fd = openat(g->dir, file, O_RDONLY | O_CLOEXEC);

	if (fd >= 0 && !loop_watch(fd, POLLPRI, changed)) {
		close(fd);
		fd = FD_EMPTY;
	}
	return fd;
}

int servicegroup_make(struct servicegroup *g, const struct service_def *d, loop_ready changed)
{
	bool limited = d->memory_bytes > 0 || d->cpu_percent > 0 || d->pids > 0;
	char path[sizeof(SERVICES_DIR) + SERVICE_NAME_MAX + 1];

	g->told_refused = false;
	if (g->dir >= 0)
		return 0;
	snprintf(path, sizeof(path), SERVICES_DIR "/%s", d->name);
	if (mkdir(path, 0755) == 0 || errno == EEXIST)
		g->dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (g->dir < 0) {
		if (limited)
			say_error(errno, "service %s: cannot make cgroup `%s`", d->name, path);
		return limited ? -1 : 0;
	}
	if (set_limits(g, d) < 0) {
		servicegroup_remove(g, d->name);
		return -1;
	}
	g->refused = counter(g->dir, "pids.events", "max");
	g->killed = counter(g->dir, "memory.events", "oom_kill");
	if (d->pids > 0)
		g->pids_events = open_watched(g, "pids.events", changed);
	if (d->memory_bytes > 0)
		g->memory_events = open_watched(g, "memory.events", changed);
	return 0;
}

void servicegroup_remove(struct servicegroup *g, const char *name)
{
	char path[sizeof(SERVICES_DIR) + SERVICE_NAME_MAX + 1];

	if (g->dir < 0)
		return;
	loop_unwatch(g->pids_events);
	loop_unwatch(g->memory_events);
	close_fd(g->pids_events);
	close_fd(g->memory_events);
	close(g->dir);
	servicegroup_init(g);
	snprintf(path, sizeof(path), SERVICES_DIR "/%s", name);
	if (rmdir(path) < 0 && errno != EBUSY)
		say_error(errno, "service %s: cannot remove cgroup `%s`", name, path);
}

bool servicegroup_populated(const struct servicegroup *g)
{
	return g->dir >= 0 && counter(g->dir, "cgroup.events", "populated") > 0;
}

unsigned int servicegroup_count(const struct servicegroup *g)
{
	char text[4096];
	unsigned int count = 0;

	if (g->dir < 0 || file_read(g->dir, "cgroup.procs", text, sizeof(text)) <= 0)
		return 0;
	for (const char *p = text; (p = strchr(p, '\n')); p++)
		count++;
	return count;
}

void servicegroup_kill(const struct servicegroup *g, const char *name)
{
	if (g->dir >= 0 && file_write(g->dir, "cgroup.kill", "1") < 0)
		say_error(errno, "service %s: cannot kill its cgroup", name);
	/* Who had frozen it did not mean the next run, which would never begin. */
	if (g->dir >= 0 && file_write(g->dir, "cgroup.freeze", "0") < 0)
		say_error(errno, "service %s: cannot thaw its cgroup", name);
}

void servicegroup_event(struct servicegroup *g, const struct service_def *d, int fd)
{
	char text[256];

	if (fd < 0 || (fd != g->pids_events && fd != g->memory_events))
		return;
	/* reading through this descriptor is what makes poll(2) wait for the next change */
	if (pread(fd, text, sizeof(text), 0) >= 0)
		servicegroup_check(g, d);
	loop_unwatch(g->pids_events);
	loop_unwatch(g->memory_events);
	g->rewatch_ms = loop_now_ms() + QUIET_MS;
}

/* rewatch - FD_EMPTY, and closed, when the loop has no room. */
static void rewatch(int *fd, loop_ready changed)
{
	if (*fd >= 0 && !loop_watch(*fd, POLLPRI, changed))
		replace_fd(fd, FD_EMPTY);
}

void servicegroup_step(struct servicegroup *g, loop_ready changed, uint64_t now_ms)
{
	if (g->rewatch_ms == 0)
		return;
	if (now_ms < g->rewatch_ms) {
		loop_wake_at(g->rewatch_ms);
		return;
	}
	g->rewatch_ms = 0;
	rewatch(&g->pids_events, changed);
	rewatch(&g->memory_events, changed);
}

void servicegroup_check(struct servicegroup *g, const struct service_def *d)
{
	unsigned long long refused, killed;

	if (g->dir < 0)
		return;
	refused = counter(g->dir, "pids.events", "max");
	killed = counter(g->dir, "memory.events", "oom_kill");
	if (refused > g->refused && !g->told_refused) {
		g->told_refused = true;
		say("service %s: has reached its limit of %u processes", d->name, d->pids);
	}
	if (killed > g->killed)
		say("service %s: %llu of its processes killed for want of memory%s", d->name,
		    killed - g->killed, d->memory_bytes > 0 ? ", it is at its limit" : "");
	g->refused = refused;
	g->killed = killed;
}
