/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c: what happens to a running container, as it happens.
 *
 * The kernel wakes who polls memory.events and cgroup.events (POLLPRI) when a number in them has
 * changed: one for each process killed for memory, one when the last process is gone, which ends
 * the watch. In between the statistics are read, once in an interval.
 */
#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/container/container.h"
#include "runtime/container/stats.h"
#include "runtime/sandbox/cgroupfs.h"

struct watch {
	const char *id;
	struct cgroup cg;
	int memory_events; /* empty without the memory controller */
	int cgroup_events;
	uint64_t oom_kills; /* told so far */
};

/* print_event - one line {"type":...,"id":...,"data":...}; takes @data, which may be NULL. */
static int print_event(const char *type, const char *id, struct json_object *data,
		       struct error *err)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();
	struct json_object *t = json_object_new_string(type), *i = json_object_new_string(id);

	if (!o || json_object_object_add(o, "type", t) != 0 ||
	    json_object_object_add(o, "id", i) != 0 ||
	    (data && json_object_object_add(o, "data", data) != 0))
		return error_set(err, ENOMEM, "cannot print an event");
	if (puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN |
							   JSON_C_TO_STRING_NOSLASHESCAPE)) < 0 ||
	    fflush(stdout))
		return error_set(err, errno, "cannot print an event");
	return 0;
}

static int print_stats(const struct watch *w, struct error *err)
{
	struct json_object *data = stats_read(&w->cg, err);

	return data ? print_event("stats", w->id, data, err) : -1;
}

/* count_in - the number of line "KEY N" of the file @fd, from its beginning; false: it is gone. */
static bool count_in(int fd, const char *key, uint64_t *count)
{
	char text[512], *at;
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return false;
	text[n] = '\0';
	at = strstr(text, key);
	*count = at ? strtoull(at + strlen(key), NULL, 10) : 0;
	return true;
}

/* tell_ooms - an event for each process killed since the last time. */
static int tell_ooms(struct watch *w, struct error *err)
{
	uint64_t kills;

	if (w->memory_events < 0 || !count_in(w->memory_events, "oom_kill ", &kills))
		return 0;
	for (; w->oom_kills < kills; w->oom_kills++)
		if (print_event("oom", w->id, NULL, err) < 0)
			return -1;
	return 0;
}

/* is_over - has the last process ended, or is even the cgroup gone? */
static bool is_over(const struct watch *w)
{
	uint64_t populated;

	return !count_in(w->cgroup_events, "populated ", &populated) || !populated;
}

static int watch(struct watch *w, int interval_ms, struct error *err)
{
	int64_t next = cgroupfs_now_ms() + interval_ms;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = w->cgroup_events, .events = POLLPRI},
			{.fd = w->memory_events, .events = POLLPRI},
		};
		int64_t left;
		bool over = is_over(w);

		/* The kill that ended the container is told before its end is believed. */
		if (tell_ooms(w, err) < 0)
			return -1;
		if (over)
			return 0;
		left = next - cgroupfs_now_ms();
		if (left <= 0) {
			if (print_stats(w, err) < 0)
				return -1;
			next += interval_ms;
			continue;
		}
		if (poll(fds, ARRAY_SIZE(fds), (int)left) < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for events");
	}
}

static int open_watch(const struct runtime *rt, const char *id, struct arena *arena,
		      struct watch *w, struct error *err)
{
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_UNLOCKED, err);
	struct state state;
	enum status status;

	if (dir < 0 || state_read(dir, id, arena, &state, err) < 0 ||
	    state_status(dir, &state, &status, err) < 0)
		return -1;
	if (status == STATUS_STOPPED || status == STATUS_CREATING)
		return error_set(err, 0, "container `%s` is %s", id, status_name(status));
	if (!*state.cgroup_path)
		return error_set(err, 0, "container `%s` has no cgroup to watch", id);
	if (cgroup_open(&w->cg, state.cgroup_path, err) < 0)
		return -1;
	w->id = id;
	w->memory_events = cgroupfs_open(w->cg.dir, "memory.events", O_RDONLY);
	w->cgroup_events = cgroupfs_open(w->cg.dir, "cgroup.events", O_RDONLY);
	if (w->cgroup_events < 0 || (w->memory_events < 0 && errno != ENOENT))
		return error_set(err, errno, "cannot watch cgroup `%s`", w->cg.path);
	return 0;
}

int container_events(const struct runtime *rt, const char *id, enum events_mode mode,
		     int interval_ms, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct watch w = {.cg = CGROUP_INIT, .memory_events = FD_EMPTY, .cgroup_events = FD_EMPTY};
	int rc = open_watch(rt, id, &arena, &w, err);

	if (rc == 0)
		rc = mode == EVENTS_STATS ? print_stats(&w, err) : watch(&w, interval_ms, err);
	close_fd(w.memory_events);
	close_fd(w.cgroup_events);
	close_fd(w.cg.dir);
	return rc;
}
