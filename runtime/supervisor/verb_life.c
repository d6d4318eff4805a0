/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_life.c: create, run, start, stop, restart, kill, rm, wait, rename.
 *
 * Each says what is wanted and is answered when the container tells that it has come to it.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "runtime/native/image.h"
#include "runtime/native/native.h"
#include "runtime/supervisor/request.h"

/* ---- create and run -------------------------------------------------------------------------- */

static void put_id(struct json_object *o, const struct container *c)
{
	json_put_text(o, "id", c->id);
	json_put_text(o, "name", c->name);
	json_put(o, "warnings", must_have(json_object_new_array()));
}

/* store - its directory with all that is to be kept of the request. */
static int store(struct container *c, struct json_object *request, struct json_object *config,
		 struct error *err)
{
	_cleanup_fd_ int dir = FD_EMPTY;
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/containers/%s", c->s->dir, c->id);
	if (mkdirat(c->s->containers_dir, c->id, 0700) < 0)
		return error_set(err, errno, "cannot make the directory of the container");
	dir = container_dir(c, err);
	if (dir < 0 || write_json(dir, "request.json", request, err) < 0 ||
	    image_place(config, path, err) < 0 || write_json(dir, "config.json", config, err) < 0)
		return -1;
	/* An image of the store stays as long as the container has its directory. */
	if (image_use(config, path, c->id, err) < 0)
		return -1;
	state_save(c);
	flush_changed(c->s, c, FLUSH_ALL);
	return 0;
}

static void unmake(struct container *c)
{
	char path[ID_DIGITS + 32];

	for (const char *const *file =
		     (const char *const[]){"request.json", "config.json", "state", NULL};
	     *file; file++) {
		snprintf(path, sizeof(path), "%s/%s", c->id, *file);
		(void)unlinkat(c->s->containers_dir, path, 0);
	}
	(void)unlinkat(c->s->containers_dir, c->id, AT_REMOVEDIR);
	image_unuse(c->id);
	container_forget(c);
}

static int set_name(struct container *c, const char *name, struct error *err)
{
	if (!name || !*name) {
		name_invent(c->s, c->name);
		return 0;
	}
	if (name_check(name, err) < 0)
		return -1;
	if (name_taken(c->s, name))
		return error_set(err, 0, "the name `%s` is taken by another container", name);
	snprintf(c->name, sizeof(c->name), "%s", name);
	return 0;
}

/* pin - in place of the names of other containers in a request's namespaces their ids, which stay. */
static struct json_object *pin(struct supervisor *s, struct json_object *namespaces)
{
	struct json_object *pinned = must_have(json_object_new_object());
	struct error ignored = ERROR_INIT;
	char text[sizeof(JOIN) + ID_DIGITS];

	json_object_object_foreach(namespaces, key, value)
	{
		const char *name = container_joined(value);
		const struct container *other = name ? container_find(s, name, &ignored) : NULL;

		if (other)
			snprintf(text, sizeof(text), JOIN "%s", other->id);
		if (other)
			json_put_text(pinned, key, text);
		else
			json_put(pinned, key, json_object_get(value));
	}
	return pinned;
}

/* config_for - the OCI configuration; a request may bring one of its own instead of all else. */
static struct json_object *config_for(struct supervisor *s, struct json_object *request,
				      struct error *err)
{
	struct json_object *config = json_get(request, "config"), *pinned = NULL;

	if (json_object_is_type(config, json_type_object))
		return json_object_get(config);
	if (native_request_check(request, err) < 0)
		return NULL;
	if (json_get(request, "namespaces"))
		pinned = pin(s, json_get(request, "namespaces"));
	if (native_config_join(request, NULL, container_first_process, s, err) == 0 &&
	    native_prepare(request, err) == 0)
		config = native_config(request, s->images, err);
	/* Paths were put into it: the next start finds others. */
	if (pinned)
		json_put(request, "namespaces", pinned);
	return config;
}

/* take_stop_signal - the image's, where the request has none; kept with the request. */
static void take_stop_signal(struct container *c, struct json_object *request,
			     const struct json_object *config)
{
	const char *name = json_get_text(json_get(config, "annotations"),
					 "org.opencontainers.image.stopSignal");
	int number = name && !json_get(request, "stop_signal") ? signal_number(name) : 0;

	if (number <= 0)
		return;
	json_put_text(request, "stop_signal", name);
	c->stop_signal = number;
}

/* make - a container from a request; NULL with @err. */
static struct container *make(struct supervisor *s, const struct request *r, struct error *err)
{
	_cleanup_json_ struct json_object *config = NULL;
	struct container *c;

	if (s->n_containers >= MAX_CONTAINERS) {
		error_set(err, 0, "there are %d containers already", MAX_CONTAINERS);
		return NULL;
	}
	c = container_new(s);
	json_put_text(r->tree, "id", c->id);
	if (set_name(c, r->name, err) == 0 && container_configure(c, r->tree, err) == 0)
		config = config_for(s, r->tree, err);
	if (config)
		take_stop_signal(c, r->tree, config);
	if (config && store(c, r->tree, config, err) == 0) {
		event(c, "create", NULL, NULL);
		return c;
	}
	unmake(c);
	return NULL;
}

void verb_create(struct client *client, const struct request *r, struct container *none)
{
	struct error err = ERROR_INIT;
	struct container *c = make(client->s, r, &err);
	struct json_object *o;

	(void)none;
	if (!c) {
		client_fail(client, &err);
		return;
	}
	o = client_ok();
	put_id(o, c);
	client_finish(client, o);
}

static void start_told(struct client *client, enum told what, const struct error *err)
{
	struct json_object *o;

	const struct container *c = client->on;
	struct error stopped = ERROR_INIT;

	if (what == TOLD_FAILED)
		client_fail(client, err);
	/* The end before a start anew, unless that was given up meanwhile. */
	if (what == TOLD_EXITED && !c->want_start && !c->restarting) {
		life_never_ran(c, &stopped);
		client_fail(client, &stopped);
	}
	if (what != TOLD_STARTED)
		return;
	o = client_ok();
	put_id(o, c);
	client_finish(client, o);
}

static const struct op start_op = {.told = start_told};

void verb_run_(struct client *client, const struct request *r, struct container *none)
{
	struct error err = ERROR_INIT;
	struct container *c = make(client->s, r, &err);

	(void)none;
	if (!c) {
		client_fail(client, &err);
		return;
	}
	client_begin(client, &start_op, c, NULL);
	life_start(c);
}

/* ---- start, stop, restart, kill -------------------------------------------------------------- */

void verb_start(struct client *client, const struct request *r, struct container *c)
{
	(void)r;
	if (c->want_remove) {
		verb_error(client, "container `%s` is being removed", c->name);
		return;
	}
	if (c->phase == PHASE_RUNNING) {
		struct json_object *o = client_ok();

		put_id(o, c);
		client_finish(client, o);
		return;
	}
	client_begin(client, &start_op, c, NULL);
	if (!c->want_start)
		life_start(c);
}

static void stop_told(struct client *client, enum told what, const struct error *err)
{
	(void)err;
	if (what == TOLD_EXITED || what == TOLD_FAILED || what == TOLD_REMOVED)
		client_finish(client, client_ok());
}

static const struct op stop_op = {.told = stop_told};

/* stop_values - the signal and the time-out of a request, or the container's own. */
static int stop_values(struct client *client, const struct request *r, const struct container *c,
		       int *sig, int *timeout_s)
{
	*sig = c->stop_signal;
	*timeout_s = r->has_timeout ? (int)r->timeout_s : c->stop_timeout_s;
	if (!r->signal)
		return 0;
	*sig = signal_number(r->signal);
	if (*sig >= 0)
		return 0;
	verb_error(client, "signal `%.32s`", r->signal);
	return -1;
}

void verb_stop(struct client *client, const struct request *r, struct container *c)
{
	int sig, timeout_s;
	bool active;

	if (stop_values(client, r, c, &sig, &timeout_s) < 0)
		return;
	active = life_is_active(c);
	if (active)
		client_begin(client, &stop_op, c, NULL);
	event(c, "stop", NULL, NULL);
	life_stop(c, sig, timeout_s);
	/* Afterwards: it waits until what it is told is on the disk. */
	if (!active)
		client_finish(client, client_ok());
}

void verb_restart(struct client *client, const struct request *r, struct container *c)
{
	int sig, timeout_s;

	if (stop_values(client, r, c, &sig, &timeout_s) < 0)
		return;
	if (c->want_remove) {
		verb_error(client, "container `%s` is being removed", c->name);
		return;
	}
	event(c, "restart", NULL, NULL);
	life_stop(c, sig, timeout_s);
	/* Only now: what the stop tells is not for who wants the start. */
	client_begin(client, &start_op, c, NULL);
	life_start(c);
}

void verb_kill(struct client *client, const struct request *r, struct container *c)
{
	int sig = r->signal ? signal_number(r->signal) : SIGKILL;
	struct error err = ERROR_INIT;

	if (sig < 0) {
		verb_error(client, "signal `%.32s`", r->signal);
		return;
	}
	/* Who was killed by hand is not to come back at once. */
	if (sig == SIGKILL || sig == c->stop_signal) {
		life_by_hand(c);
		state_save(c);
	}
	if (process_signal(c, sig, &err) < 0) {
		client_fail(client, &err);
		return;
	}
	event(c, "kill", "signal", signal_name(sig));
	client_finish(client, client_ok());
}

/* ---- rm, wait, rename ------------------------------------------------------------------------ */

static void rm_told(struct client *client, enum told what, const struct error *err)
{
	(void)err;
	if (what == TOLD_REMOVED)
		client_finish(client, client_ok());
}

static const struct op rm_op = {.told = rm_told};

void verb_rm(struct client *client, const struct request *r, struct container *c)
{
	struct error err = ERROR_INIT;

	if (life_is_active(c) && !r->force) {
		error_set(&err, 0, "container `%s` is %s", c->name, container_state_name(c));
		error_hint(&err, "stop it first, or use --force");
		client_fail(client, &err);
		return;
	}
	client_begin(client, &rm_op, c, NULL);
	c->remove_volumes = r->volumes;
	life_remove(c, true);
}

static void wait_told(struct client *client, enum told what, const struct error *err)
{
	(void)err;
	/* One that comes back has not ended, as with Docker; nor has one that never began. */
	if ((what == TOLD_EXITED || what == TOLD_FAILED) && !client->on->restarting &&
	    client->on->phase == PHASE_EXITED)
		client_end(client, client->on->exit_code);
}

static const struct op wait_op = {.told = wait_told};

void verb_wait(struct client *client, const struct request *r, struct container *c)
{
	(void)r;
	client_json(client, client_ok());
	if (c->phase == PHASE_EXITED && !c->restarting && !c->want_start)
		client_end(client, c->exit_code);
	else
		client_begin(client, &wait_op, c, NULL);
}

void verb_rename(struct client *client, const struct request *r, struct container *c)
{
	struct error err = ERROR_INIT;
	char old[sizeof(c->name)];

	if (!r->name) {
		verb_error(client, "request: name is missing");
		return;
	}
	memcpy(old, c->name, sizeof(old));
	if (!strcmp(old, r->name) ? error_set(&err, 0, "it has that name already") < 0
				  : set_name(c, r->name, &err) < 0) {
		client_fail(client, &err);
		return;
	}
	state_save(c);
	event(c, "rename", "oldName", old);
	client_finish(client, client_ok());
}
