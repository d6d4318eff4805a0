/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_change.c: pause, unpause, update: what the runtime does to a container that runs.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/supervisor/request.h"

#define LIMIT_S 30

static const struct op job_op;

struct change {
	struct json_object *request;   /* update: what becomes request.json */
	struct json_object *resources; /* update: what becomes part of config.json */
	struct restart_policy restart; /* update: the policy from then on */
	bool pauses, unpauses;
};

static void change_free(struct change *change)
{
	json_object_put(change->request);
	json_object_put(change->resources);
	free(change);
}

static void change_gone(struct client *client)
{
	(void)client; /* the job has the data: it is done whether or not anybody waits */
}

static const struct op job_op = {.gone = change_gone};

static struct json_object *part_of(struct json_object *o, const char *key)
{
	struct json_object *part = json_get(o, key);

	if (!part) {
		part = must_have(json_object_new_object());
		json_put(o, key, part);
	}
	return part;
}

static void put_all(struct json_object *to, struct json_object *from)
{
	json_object_object_foreach(from, key, value)
	{
		json_put(to, key, json_object_get(value));
	}
}

/* patch_config - the limits of the next start. */
static int patch_config(struct container *c, struct json_object *resources, struct error *err)
{
	const struct json_source source = {.name = "config.json", .err = err};
	_cleanup_fd_ int dir = container_dir(c, err);
	_cleanup_json_ struct json_object *config =
		dir < 0 ? NULL : json_read(dir, "config.json", &source);
	struct json_object *to;

	if (!config)
		return -1;
	to = part_of(part_of(config, "linux"), "resources");
	json_object_object_foreach(resources, part, values)
	{
		put_all(part_of(to, part), values);
	}
	return write_json(dir, "config.json", config, err);
}

static int write_request(struct container *c, struct json_object *request, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);

	return dir < 0 ? -1 : write_json(dir, "request.json", request, err);
}

/* keep - what was changed is what the next start and `inspect` see. Limits that the kernel refuses come not this far. */
static int keep(struct container *c, const struct change *change, struct error *err)
{
	if (patch_config(c, change->resources, err) < 0 ||
	    write_request(c, change->request, err) < 0)
		return -1;
	c->restart = change->restart;
	flush_changed(c->s, c, FLUSH_REQUEST);
	state_save(c);
	event(c, "update", NULL, NULL);
	return 0;
}

static void done(struct job *job, int code, struct error *err)
{
	struct change *change = job->data;
	struct container *c = job->c;
	struct client *client = job->client;
	int rc = code ? -1 : 0;

	if (c && rc == 0 && c->phase == PHASE_RUNNING && (change->pauses || change->unpauses)) {
		c->paused = change->pauses;
		state_save(c);
		event(c, c->paused ? "pause" : "unpause", NULL, NULL);
	}
	if (c && rc == 0 && change->request)
		rc = keep(c, change, err);
	if (client && rc == 0)
		client_finish(client, client_ok());
	else if (client)
		client_fail(client, err);
	change_free(change);
	/* What was wanted meanwhile could not be done. */
	if (c)
		life_step(c);
}

/* begin - run the runtime's @verb on @c; @change becomes the job's. */
static void begin(struct client *client, struct container *c, struct job_spec *spec,
		  struct change *change)
{
	struct error err = ERROR_INIT;

	spec->in = spec->out = spec->err = FD_EMPTY;
	spec->limit_s = LIMIT_S;
	spec->c = c;
	spec->client = client;
	spec->data = change;
	spec->done = done;
	client_begin(client, &job_op, c, NULL);
	c->job = job_start(c->s, spec, &err);
	if (c->job)
		return;
	client_fail(client, &err);
	change_free(change);
}

/* is_ready - may a runtime work on it now? */
static bool is_ready(struct client *client, const struct container *c)
{
	if (c->phase != PHASE_RUNNING)
		verb_error(client, "container `%s` is not running", c->name);
	else if (c->job)
		verb_error(client, "container `%s` is busy", c->name);
	else
		return true;
	return false;
}

static void pause_or_resume(struct client *client, struct container *c, bool pauses)
{
	struct job_spec spec = {.args = {pauses ? "pause" : "resume", c->id}, .n = 2};
	struct change *change;

	if (!is_ready(client, c))
		return;
	if (c->paused == pauses) {
		verb_error(client, "container `%s` is %s", c->name,
			   pauses ? "paused already" : "not paused");
		return;
	}
	change = zalloc(sizeof(*change));
	change->pauses = pauses;
	change->unpauses = !pauses;
	begin(client, c, &spec, change);
}

void verb_pause(struct client *client, const struct request *r, struct container *c)
{
	(void)r;
	pause_or_resume(client, c, true);
}

void verb_unpause(struct client *client, const struct request *r, struct container *c)
{
	(void)r;
	pause_or_resume(client, c, false);
}

/* ---- update ---------------------------------------------------------------------------------- */

/* Members of a request that can be changed, and where they are among the runtime's limits. */
static const struct {
	const char *member, *part, *key;
} limits[] = {
	{"memory", "memory", "limit"},
	{"memory_swap", "memory", "swap"},
	{"memory_reservation", "memory", "reservation"},
	{"cpu_shares", "cpu", "shares"},
	{"cpuset_cpus", "cpu", "cpus"},
	{"cpuset_mems", "cpu", "mems"},
	{"pids_limit", "pids", "limit"},
};

#define CPU_PERIOD_USEC 100000

/* take_limits - from the request into the container's own, and into the runtime's form. */
static struct json_object *take_limits(const struct json_object *from, struct json_object *request)
{
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *cpus = json_get(from, "cpus");

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		struct json_object *value = json_get(from, limits[i].member);

		if (!value)
			continue;
		json_put(request, limits[i].member, json_object_get(value));
		json_put(part_of(o, limits[i].part), limits[i].key, json_object_get(value));
	}
	if (cpus) {
		double n = json_object_get_double(cpus);

		json_put(request, "cpus", json_object_get(cpus));
		json_put_int(part_of(o, "cpu"), "quota",
			     n > 0 ? (int64_t)(n * CPU_PERIOD_USEC) : -1);
		json_put_int(part_of(o, "cpu"), "period", CPU_PERIOD_USEC);
	}
	return o;
}

/* set_restart - its policy from now on. */
static int set_restart(const struct container *c, const struct json_object *from,
		       struct change *change, struct error *err)
{
	const char *restart = json_get_text(from, "restart");

	change->restart = c->restart;
	if (!restart)
		return 0;
	if (restart_parse(restart, &change->restart, err) < 0)
		return -1;
	if (c->auto_remove && change->restart.kind != RESTART_NO)
		return error_set(err, EINVAL, "rm and restart exclude each other");
	json_put_text(change->request, "restart", restart);
	return 0;
}

static int write_limits(struct container *c, struct json_object *resources, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);

	return dir < 0 ? -1 : write_json(dir, "limits.json", resources, err);
}

void verb_update(struct client *client, const struct request *r, struct container *c)
{
	struct error err = ERROR_INIT;
	struct change *change = zalloc(sizeof(*change));
	bool of_kernel = false;
	char file[300];
	struct job_spec spec = {.args = {"update", "--resources", file, c->id}, .n = 4};
	int rc = -1;

	change->request = container_request(c, &err);
	if (change->request) {
		change->resources = take_limits(r->tree, change->request);
		of_kernel =
			c->phase == PHASE_RUNNING && json_object_object_length(change->resources);
		rc = set_restart(c, r->tree, change, &err);
	}
	if (rc == 0 && of_kernel && !is_ready(client, c)) {
		change_free(change);
		return;
	}
	if (rc == 0)
		rc = of_kernel ? write_limits(c, change->resources, &err) : keep(c, change, &err);
	if (rc == 0 && of_kernel) {
		snprintf(file, sizeof(file), "%s/containers/%s/limits.json", c->s->dir, c->id);
		begin(client, c, &spec, change);
		return;
	}
	change_free(change);
	if (rc < 0)
		client_fail(client, &err);
	else
		client_finish(client, client_ok());
}
