/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health.c: health checks as Docker defines them.
 *
 * A check is a command that is executed in the container each interval; 0 is healthy. So many failures
 * in a row (retries) make it unhealthy; in the start period failures do not count. A check that takes longer
 * than its time-out is killed, and has failed. The results of the last five are in the file health.json.
 *
 * Only containers that have a check have any of this in memory, and a timer.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/supervisor/exec.h"
#include "runtime/supervisor/supervisor.h"

#define OUTPUT_BYTES 4096 /* kept of a check's output, as Docker does */
#define RESULTS 5
#define INTERVAL_MS 30000
#define TIMEOUT_MS 30000
#define RETRIES 3
#define MOST_MS 86400000
#define PROCESS_FILE "health-process"
#define PID_FILE "health-pid"
#define RESULTS_FILE "health.json"

enum health_state { HEALTH_STARTING, HEALTH_HEALTHY, HEALTH_UNHEALTHY };

static const char *const names[] = {"starting", "healthy", "unhealthy"};

/* A check that is under way. */
struct check {
	struct loop_source output;
	char text[OUTPUT_BYTES];
	size_t length;
	int64_t begun_ns;
	bool timed_out;
};

struct health {
	struct container *c;
	enum health_state state;
	int streak;
	uint32_t interval_ms, timeout_ms, start_period_ms, retries;
	struct loop_timer timer; /* of the next check, or of this one's time-out */
	struct job *job;
	struct check *check;
};

const char *health_status(const struct container *c)
{
	return c->health && c->phase == PHASE_RUNNING ? names[c->health->state] : NULL;
}

/* test_of - the check's words, ["CMD", ...] or ["CMD-SHELL", text]; NULL: there is none */
static struct json_object *test_of(const struct json_object *request)
{
	struct json_object *test = json_get(json_get(request, "health"), "test");
	const char *kind;

	if (!json_object_is_type(test, json_type_array) || json_object_array_length(test) < 2)
		return NULL;
	kind = json_object_get_string(json_object_array_get_idx(test, 0));
	return kind && (!strcmp(kind, "CMD") || !strcmp(kind, "CMD-SHELL")) ? test : NULL;
}

static int get_ms(const struct json_object *o, const char *key, uint32_t otherwise, uint32_t *to,
		  struct error *err)
{
	struct json_object *value = json_get(o, key);
	int64_t number = value ? json_object_get_int64(value) : 0;

	if (number < 0 || number > MOST_MS)
		return error_set(err, EINVAL, "health: %s: must be from 0 to %d", key, MOST_MS);
	*to = number ? (uint32_t)number : otherwise;
	return 0;
}

int health_configure(struct container *c, const struct json_object *request, struct error *err)
{
	const struct json_object *o = json_get(request, "health");
	struct health *h;

	if (!test_of(request))
		return 0;
	h = c->health = zalloc(sizeof(*h));
	h->c = c;
	if (get_ms(o, "interval_ms", INTERVAL_MS, &h->interval_ms, err) < 0 ||
	    get_ms(o, "timeout_ms", TIMEOUT_MS, &h->timeout_ms, err) < 0 ||
	    get_ms(o, "start_period_ms", 0, &h->start_period_ms, err) < 0 ||
	    get_ms(o, "retries", RETRIES, &h->retries, err) < 0)
		return -1;
	return 0;
}

/* ---- results --------------------------------------------------------------------------------- */

static struct json_object *read_results(const struct container *c)
{
	char path[ID_DIGITS + 32];
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = RESULTS_FILE, .err = &err};
	struct json_object *list;

	snprintf(path, sizeof(path), "%s/" RESULTS_FILE, c->id);
	if (faccessat(c->s->containers_dir, path, F_OK, 0) < 0)
		return must_have(json_object_new_array());
	list = json_read(c->s->containers_dir, path, &source);
	if (json_object_is_type(list, json_type_array))
		return list;
	json_object_put(list);
	return must_have(json_object_new_array());
}

static void add_result(struct container *c, const struct check *check, int code)
{
	_cleanup_json_ struct json_object *list = read_results(c);
	struct json_object *o = must_have(json_object_new_object());
	struct error err = ERROR_INIT;
	_cleanup_fd_ int dir = container_dir(c, &err);
	char when[TIME_BYTES], text[OUTPUT_BYTES + 1];
	const char *whole;
	size_t n;

	snprintf(text, sizeof(text), "%.*s", (int)check->length, check->text);
	json_make_utf8(text);
	json_put_text(o, "Start", format_time(check->begun_ns, when));
	json_put_text(o, "End", format_time(now_ns(), when));
	json_put_int(o, "ExitCode", code);
	json_put_text(o, "Output",
		      check->timed_out ? "the check took longer than its time-out" : text);
	if (json_object_array_add(list, o) < 0)
		(void)must_have(NULL);
	n = json_object_array_length(list);
	if (n > RESULTS)
		json_object_array_del_idx(list, 0, n - RESULTS);
	whole = must_have((void *)(uintptr_t)json_object_to_json_string_ext(
		list, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	if (dir < 0 || write_file(dir, RESULTS_FILE, whole, strlen(whole), &err) < 0)
		say_error(&err);
}

struct json_object *health_inspect(const struct container *c)
{
	struct json_object *o;

	if (!c->health)
		return NULL;
	o = must_have(json_object_new_object());
	json_put_text(o, "Status", names[c->health->state]);
	json_put_int(o, "FailingStreak", c->health->streak);
	json_put(o, "Log", read_results(c));
	return o;
}

/* ---- checking -------------------------------------------------------------------------------- */

static void begin(struct loop_timer *timer);

static void set_state(struct health *h, enum health_state state)
{
	char text[32];

	if (h->state == state)
		return;
	h->state = state;
	snprintf(text, sizeof(text), "health_status: %s", names[state]);
	event(h->c, text, NULL, NULL);
}

static void judge(struct health *h, int code)
{
	bool starting = h->state == HEALTH_STARTING &&
			now_ns() - h->c->started_ns < (int64_t)h->start_period_ms * 1000000;

	if (code == 0) {
		h->streak = 0;
		set_state(h, HEALTH_HEALTHY);
		return;
	}
	if (starting)
		return;
	h->streak++;
	if (h->streak >= (int)h->retries)
		set_state(h, HEALTH_UNHEALTHY);
}

/* take_output - what fits is kept, the rest thrown away. */
static void take_output(struct loop_source *source, uint32_t events)
{
	struct check *check = owner_of(source, struct check, output);
	size_t room = sizeof(check->text) - check->length;
	char rest[4096];
	ssize_t n = read(source->fd, room ? check->text + check->length : rest,
			 room ? room : sizeof(rest));

	(void)events;
	if (n > 0 && room)
		check->length += (size_t)n;
}

static void end_check(struct health *h)
{
	if (!h->check)
		return;
	loop_close(&h->c->s->loop, &h->check->output);
	free(take_ptr(h->check));
}

static void done(struct job *job, int code, struct error *err)
{
	struct container *c = job->c;
	struct health *h = c ? c->health : NULL;
	int left = 16;

	(void)err;
	if (!h || h->job != job)
		return; /* the container has ended meanwhile */
	h->job = NULL;
	while (left-- && h->check->length < sizeof(h->check->text)) {
		size_t before = h->check->length;

		take_output(&h->check->output, EPOLLIN);
		if (h->check->length == before)
			break;
	}
	if (h->check->timed_out)
		code = -1;
	add_result(c, h->check, code);
	end_check(h);
	judge(h, code);
	loop_after(&c->s->loop, &h->timer, h->interval_ms, begin);
}

/* too_long - the process in the container is killed; the runtime then tells its end. */
static void too_long(struct loop_timer *timer)
{
	struct health *h = owner_of(timer, struct health, timer);
	struct error err = ERROR_INIT;
	_cleanup_fd_ int dir = container_dir(h->c, &err);
	char text[32];
	long pid = 0;

	h->check->timed_out = true;
	if (dir >= 0 && read_file(dir, PID_FILE, text, sizeof(text)) > 0)
		pid = strtol(text, NULL, 10);
	if (pid > 1 && h->job)
		(void)kill((pid_t)pid, SIGKILL); /* the runtime, its parent, has not reaped it */
	else if (h->job)
		(void)kill(h->job->pid, SIGKILL);
}

static int start_job(struct health *h, int write_end, struct error *err)
{
	struct container *c = h->c;
	char process[300], pid[300], path[ID_DIGITS + 32];
	const struct job_spec spec = {.args = {"exec", "--process", process, "--pid-file", pid,
					       c->id},
				      .n = 6,
				      .in = FD_EMPTY,
				      .out = write_end,
				      .err = write_end,
				      .c = c,
				      .done = done};

	snprintf(process, sizeof(process), "%s/containers/%s/" PROCESS_FILE, c->s->dir, c->id);
	snprintf(pid, sizeof(pid), "%s/containers/%s/" PID_FILE, c->s->dir, c->id);
	snprintf(path, sizeof(path), "%s/" PID_FILE, c->id);
	(void)unlinkat(c->s->containers_dir, path, 0);
	h->job = job_start(c->s, &spec, err);
	return h->job ? 0 : -1;
}

static void begin(struct loop_timer *timer)
{
	struct health *h = owner_of(timer, struct health, timer);
	struct supervisor *s = h->c->s;
	struct error err = ERROR_INIT;
	int pipe[2];

	/* A container that is frozen answers nothing, and is not ill. */
	if (h->c->paused || pipe2(pipe, O_CLOEXEC) < 0) {
		loop_after(&s->loop, timer, h->interval_ms, begin);
		return;
	}
	h->check = zalloc(sizeof(*h->check));
	h->check->output.fd = FD_EMPTY;
	h->check->begun_ns = now_ns();
	if (fcntl(pipe[0], F_SETFL, O_NONBLOCK) < 0 ||
	    loop_add(&s->loop, &h->check->output, pipe[0], EPOLLIN, take_output, &err) < 0)
		close_fd(pipe[0]);
	if (h->check->output.fd >= 0 && start_job(h, pipe[1], &err) == 0) {
		loop_after(&s->loop, timer, h->timeout_ms, too_long);
	} else {
		say_error(&err);
		end_check(h);
		loop_after(&s->loop, timer, h->interval_ms, begin);
	}
	close_fd(pipe[1]);
}

/* ---- with the container ---------------------------------------------------------------------- */

/* write_process - the check as a file for the runtime. */
static int write_process(struct container *c, struct error *err)
{
	_cleanup_json_ struct json_object *request = container_request(c, err);
	struct json_object *test = test_of(request);
	_cleanup_free_ char **argv = NULL;
	size_t n, at = 0;

	if (!test)
		return request ? error_set(err, 0, "request.json: health: there is no test") : -1;
	n = json_object_array_length(test);
	argv = zalloc((n + 3) * sizeof(*argv));
	if (!strcmp(json_object_get_string(json_object_array_get_idx(test, 0)), "CMD-SHELL")) {
		argv[at++] = (char *)(uintptr_t) "/bin/sh";
		argv[at++] = (char *)(uintptr_t) "-c";
	}
	for (size_t i = 1; i < n; i++)
		argv[at++] = (char *)(uintptr_t)json_object_get_string(
			json_object_array_get_idx(test, i));
	return exec_write_process(c, &(struct exec_process){.argv = argv}, PROCESS_FILE, err);
}

void health_started(struct container *c)
{
	struct health *h = c->health;
	struct error err = ERROR_INIT;

	if (!h)
		return;
	h->state = HEALTH_STARTING;
	h->streak = 0;
	if (write_process(c, &err) < 0) {
		error_wrap(&err, "health check of container `%s`", c->name);
		say_error(&err);
		return;
	}
	loop_after(&c->s->loop, &h->timer, h->interval_ms, begin);
}

void health_stopped(struct container *c)
{
	if (!c->health)
		return;
	loop_cancel(&c->s->loop, &c->health->timer);
	end_check(c->health);
	if (c->health->job)
		c->health->job->c = NULL;
	c->health->job = NULL;
}

void health_free(struct container *c)
{
	health_stopped(c);
	free(take_ptr(c->health));
}
