/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.c: figures of containers, from their cgroups' files; and their processes.
 *
 * The cgroup's path is in the runtime's state. Nothing is measured that nobody asks for: a client that
 * follows has a timer of its own.
 */
#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>

#include "lib/json.h"
#include "runtime/supervisor/request.h"

#define INTERVAL_MS 1000
#define TEXT_BYTES 16384
#define PIDS_MOST 4096
#define CGROUP2_MAGIC 0x63677270

/* cgroup_root - where cgroup v2 is: alone, or beside v1. */
static int cgroup_root(void)
{
	static const char *const places[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		int fd = open(places[i], O_DIRECTORY | O_RDONLY | O_CLOEXEC);
		struct statfs fs;

		if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == CGROUP2_MAGIC)
			return fd;
		close_fd(fd);
	}
	return FD_EMPTY;
}

/* cgroup_path - of the last "cgroupPath" in the runtime's state.json: systemd tells its own late. */
static bool cgroup_path(const struct container *c, char *path, size_t size)
{
	static const char key[] = "\"cgroupPath\":\"";
	char file[512], text[TEXT_BYTES], *at, *found = NULL;

	snprintf(file, sizeof(file), "%s/%s/state.json", c->s->runtime_root, c->id);
	if (read_file(AT_FDCWD, file, text, sizeof(text)) < 0)
		return false;
	for (at = text; (at = strstr(at, key)); at += sizeof(key) - 1)
		found = at;
	if (!found)
		return false;
	found += sizeof(key) - 1;
	snprintf(path, size, "%.*s", (int)strcspn(found, "\""), found);
	return *path && !strstr(path, "..") && !strchr(path, '\\');
}

/* open_cgroup - FD_EMPTY: there is none */
static int open_cgroup(const struct container *c)
{
	_cleanup_fd_ int root = cgroup_root();
	char path[640];
	int fd;

	if (root < 0 || !cgroup_path(c, path, sizeof(path)))
		return FD_EMPTY;
	fd = openat(root, path + strspn(path, "/"), O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return fd < 0 ? FD_EMPTY : fd;
}

static int64_t number_in(int dir, const char *file)
{
	char text[64];

	if (dir < 0 || read_file(dir, file, text, sizeof(text)) < 0)
		return 0;
	return strncmp(text, "max", 3) ? strtoll(text, NULL, 10) : -1;
}

/* value_of - of the line "KEY N" of a file */
static int64_t value_of(int dir, const char *file, const char *key)
{
	char text[TEXT_BYTES];
	size_t length = strlen(key);

	if (dir < 0 || read_file(dir, file, text, sizeof(text)) < 0)
		return 0;
	for (char *line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (!strncmp(line, key, length) && line[length] == ' ')
			return strtoll(line + length, NULL, 10);
	}
	return 0;
}

bool stats_oom_killed(const struct container *c)
{
	_cleanup_fd_ int dir = open_cgroup(c);

	return value_of(dir, "memory.events", "oom_kill") > 0;
}

/* ---- stats ----------------------------------------------------------------------------------- */

/* io_bytes - the sum of all "rbytes=N" (or wbytes) of io.stat */
static int64_t io_bytes(int dir, const char *key)
{
	char text[TEXT_BYTES];
	int64_t sum = 0;

	if (dir < 0 || read_file(dir, "io.stat", text, sizeof(text)) < 0)
		return 0;
	for (char *at = text; (at = strstr(at, key));) {
		at += strlen(key);
		sum += strtoll(at, &at, 10);
	}
	return sum;
}

/* net_bytes - received (field 1) and sent (field 9) by all but lo, as the container sees it */
static void net_bytes(const struct container *c, int64_t *received, int64_t *sent)
{
	char path[32], text[TEXT_BYTES];

	*received = *sent = 0;
	snprintf(path, sizeof(path), "/proc/%d/net/dev", c->pid);
	if (!c->pid || read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return;
	for (char *line = text; line; line = strchr(line, '\n')) {
		int64_t r = 0, s = 0;
		char name[32];

		line += *line == '\n';
		if (sscanf(line, " %31[^:]: %" SCNd64 " %*d %*d %*d %*d %*d %*d %*d %" SCNd64, name,
			   &r, &s) != 3 ||
		    !strcmp(name, "lo"))
			continue;
		*received += r;
		*sent += s;
	}
}

static struct json_object *stats_of(const struct container *c)
{
	struct json_object *o = must_have(json_object_new_object());
	_cleanup_fd_ int dir = open_cgroup(c);
	int64_t received, sent, used = number_in(dir, "memory.current");

	net_bytes(c, &received, &sent);
	/* As `docker stats`: what the kernel would give back at once is not used. */
	used -= value_of(dir, "memory.stat", "inactive_file");
	json_put_text(o, "id", c->id);
	json_put_text(o, "name", c->name);
	json_put_int(o, "time_ns", now_ns());
	json_put_int(o, "cpu_usec", value_of(dir, "cpu.stat", "usage_usec"));
	json_put_int(o, "memory", used < 0 ? 0 : used);
	json_put_int(o, "memory_limit", number_in(dir, "memory.max")); /* -1: none */
	json_put_int(o, "pids", number_in(dir, "pids.current"));
	json_put_int(o, "net_rx", received);
	json_put_int(o, "net_tx", sent);
	json_put_int(o, "block_read", io_bytes(dir, "rbytes="));
	json_put_int(o, "block_write", io_bytes(dir, "wbytes="));
	return o;
}

struct watch {
	struct client *client;
	struct loop_timer timer;
	char **names; /* NULL: all that run */
	bool stream;
};

static bool is_asked(const struct watch *w, const struct container *c)
{
	struct error ignored = ERROR_INIT;

	if (!w->names)
		return c->phase == PHASE_RUNNING;
	for (char **name = w->names; *name; name++)
		if (container_find(c->s, *name, &ignored) == c)
			return true;
	return false;
}

static void report(struct loop_timer *timer)
{
	struct watch *w = owner_of(timer, struct watch, timer);
	struct client *client = w->client;
	/* Who does not keep up gets fewer figures, not old ones. */
	const struct container *c = client_has_room(client) ? client->s->containers : NULL;
	struct parts p;

	parts_begin(&p, client, must_have(json_object_new_object()), "containers");
	for (const struct container *at = c; at; at = at->next)
		if (is_asked(w, at))
			parts_add(&p, stats_of(at));
	if (c)
		client_json(client, p.answer);
	else
		json_object_put(p.answer);
	if (client->dead || client->data != w)
		return;
	if (w->stream)
		loop_after(&client->s->loop, timer, INTERVAL_MS, report);
	else
		client_end(client, -1);
}

static void gone(struct client *client)
{
	struct watch *w = client->data;

	loop_cancel(&client->s->loop, &w->timer);
	for (char **name = w->names; name && *name; name++)
		free(*name);
	free(w->names);
	free(w);
}

static const struct op stats_op = {.gone = gone};

void verb_stats(struct client *client, const struct request *r, struct container *none)
{
	struct watch *w = zalloc(sizeof(*w));
	struct error err = ERROR_INIT;
	size_t n = 0;

	(void)none;
	for (; r->containers && r->containers[n]; n++)
		if (!container_find(client->s, r->containers[n], &err)) {
			free(w);
			client_fail(client, &err);
			return;
		}
	*w = (struct watch){.client = client, .stream = r->stream};
	if (n)
		w->names = zalloc((n + 1) * sizeof(*w->names));
	for (size_t i = 0; i < n; i++)
		w->names[i] = copy_text(r->containers[i]);
	client_json(client, client_ok());
	client_begin(client, &stats_op, NULL, w);
	report(&w->timer);
}

/* ---- top ------------------------------------------------------------------------------------- */

static void add_text(struct json_object *row, const char *text)
{
	if (json_object_array_add(row, must_have(json_object_new_string(text))) < 0)
		(void)must_have(NULL);
}

static void add_number(struct json_object *row, long long number)
{
	char text[32];

	snprintf(text, sizeof(text), "%lld", number);
	add_text(row, text);
}

/* command_of - its words, or its name in brackets. */
static void command_of(pid_t pid, const char *name, char *text, size_t size)
{
	char path[32];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", pid);
	n = read_file(AT_FDCWD, path, text, size);
	for (ssize_t i = 0; i < n - 1; i++)
		if (!text[i])
			text[i] = ' ';
	if (n <= 0)
		snprintf(text, size, "[%s]", name);
	json_make_utf8(text);
}

/* start_of - when it began: the time of the day */
static void start_of(unsigned long long ticks, char *text, size_t size)
{
	struct timespec now, since_boot;
	time_t when;
	struct tm tm = {0};

	clock_gettime(CLOCK_REALTIME, &now);
	clock_gettime(CLOCK_BOOTTIME, &since_boot);
	when = now.tv_sec - since_boot.tv_sec +
	       (time_t)(ticks / (unsigned long)sysconf(_SC_CLK_TCK));
	strftime(text, size, "%H:%M", localtime_r(&when, &tm));
}

/* row_of - "UID PID PPID C STIME TTY TIME CMD", as `ps -ef`; NULL: it is gone */
static struct json_object *row_of(pid_t pid)
{
	char path[32], text[1024], name[64], command[512], when[16], *end;
	unsigned long long user = 0, system = 0, ticks = 0, seconds;
	int parent = 0, tty = 0;
	struct json_object *row;
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (stat(path, &st) < 0 || read_file(AT_FDCWD, path, text, sizeof(text)) < 0)
		return NULL;
	end = strrchr(text, ')');
	if (!end || sscanf(end + 2,
			   "%*c %d %*d %*d %d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d "
			   "%*d %*d %*d %llu",
			   &parent, &tty, &user, &system, &ticks) != 5)
		return NULL;
	*end = '\0';
	snprintf(name, sizeof(name), "%s", strchr(text, '(') ? strchr(text, '(') + 1 : "");
	command_of(pid, name, command, sizeof(command));
	start_of(ticks, when, sizeof(when));
	seconds = (user + system) / (unsigned long long)sysconf(_SC_CLK_TCK);
	row = must_have(json_object_new_array());
	if (st.st_uid)
		add_number(row, st.st_uid);
	else
		add_text(row, "root");
	add_number(row, pid);
	add_number(row, parent);
	add_number(row, 0);
	add_text(row, when);
	add_text(row, tty ? "pts" : "?");
	snprintf(text, sizeof(text), "%02llu:%02llu:%02llu", seconds / 3600, seconds / 60 % 60,
		 seconds % 60);
	add_text(row, text);
	add_text(row, command);
	return row;
}

void verb_top(struct client *client, const struct request *r, struct container *c)
{
	static const char *const titles[] = {"UID",   "PID", "PPID", "C",
					     "STIME", "TTY", "TIME", "CMD"};
	_cleanup_fd_ int dir = open_cgroup(c);
	_cleanup_free_ char *text = must_have(malloc(PIDS_MOST * 8));
	struct json_object *o, *heads;
	struct parts p;

	(void)r;
	if (c->phase != PHASE_RUNNING) {
		verb_error(client, "container `%s` is not running", c->name);
		return;
	}
	o = client_ok();
	heads = must_have(json_object_new_array());
	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		add_text(heads, titles[i]);
	json_put(o, "titles", heads);
	parts_begin(&p, client, o, "processes");
	if (dir < 0 || read_file(dir, "cgroup.procs", text, PIDS_MOST * 8) < 0)
		snprintf(text, PIDS_MOST * 8, "%d\n", c->pid);
	for (char *at = text, *end; *at; at = end + (*end == '\n')) {
		struct json_object *row = row_of((pid_t)strtol(at, &end, 10));

		if (end == at)
			break;
		if (row)
			parts_add(&p, row);
	}
	client_finish(client, p.answer);
}
