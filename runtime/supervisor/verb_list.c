/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_list.c: ps, inspect, info, version.
 *
 * What is not in struct container is read from the container's files while it is asked for. An answer that
 * does not fit one frame is several, all but the last with "more": true.
 */
#include <string.h>
#include <sys/utsname.h>

#include "lib/json.h"
#include "runtime/supervisor/request.h"

/* ---- words ----------------------------------------------------------------------------------- */

/* put_age - "2 minutes", as Docker counts. */
static void put_age(char *to, size_t size, int64_t ns)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} steps[] = {{120, 1, "seconds"},	    {7200, 60, "minutes"},
		     {172800, 3600, "hours"},	    {1209600, 86400, "days"},
		     {5184000, 604800, "weeks"},    {63072000, 2592000, "months"},
		     {INT64_MAX, 31536000, "years"}};
	int64_t seconds = ns < 0 ? 0 : ns / 1000000000;
	size_t i = 0;

	if (seconds < 1)
		snprintf(to, size, "Less than a second");
	else if (seconds == 1)
		snprintf(to, size, "1 second");
	else if (seconds >= 60 && seconds < 120)
		snprintf(to, size, "About a minute");
	else if (seconds >= 3600 && seconds < 7200)
		snprintf(to, size, "About an hour");
	else {
		while (seconds >= steps[i].below)
			i++;
		snprintf(to, size, "%jd %s", (intmax_t)(seconds / steps[i].unit), steps[i].name);
	}
}

/* put_status - "Up 2 minutes (healthy)", "Exited (1) 3 hours ago" */
static void put_status(const struct container *c, char *to, size_t size)
{
	const char *health = health_status(c);
	char age[64];

	switch (c->phase) {
	case PHASE_RUNNING:
		put_age(age, sizeof(age), now_ns() - c->started_ns);
		if (c->paused)
			snprintf(to, size, "Up %s (Paused)", age);
		else if (health)
			snprintf(to, size, "Up %s (%s%s)", age,
				 strcmp(health, "starting") ? "" : "health: ", health);
		else
			snprintf(to, size, "Up %s", age);
		return;
	case PHASE_EXITED:
		put_age(age, sizeof(age), now_ns() - c->finished_ns);
		snprintf(to, size, "%s (%d) %s ago", c->restarting ? "Restarting" : "Exited",
			 c->exit_code, age);
		return;
	case PHASE_CREATED:
	case PHASE_CREATING:
	case PHASE_STARTING:
		break;
	}
	snprintf(to, size, "Created");
}

/* ---- ps -------------------------------------------------------------------------------------- */

/* config_of - its config.json, to be put; NULL: it cannot be read */
static struct json_object *config_of(const struct container *c)
{
	char path[ID_DIGITS + sizeof("/config.json")];
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "config.json", .err = &err};
	struct json_object *o;

	snprintf(path, sizeof(path), "%s/config.json", c->id);
	o = json_read(c->s->containers_dir, path, &source);
	if (!o)
		say_error(&err);
	return o;
}

/* args_of - the words of its process: a borrowed reference of @config */
static struct json_object *args_of(const struct json_object *config)
{
	struct json_object *args = json_get(json_get(config, "process"), "args");

	return json_object_is_type(args, json_type_array) ? args : NULL;
}

static void put_command(struct json_object *o, struct json_object *args)
{
	char text[512];
	size_t n = 0, count = args ? json_object_array_length(args) : 0;

	text[0] = '\0';
	for (size_t i = 0; i < count && n < sizeof(text) - 1; i++)
		n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%s", i ? " " : "",
				      json_object_get_string(json_object_array_get_idx(args, i)));
	json_make_utf8(text);
	json_put_text(o, "command", text);
}

static struct json_object *labels_of(const struct json_object *request)
{
	struct json_object *labels = json_get(request, "labels");

	return json_object_is_type(labels, json_type_object) ? json_object_get(labels)
							     : must_have(json_object_new_object());
}

static struct json_object *ps_row(const struct container *c, const struct json_object *request)
{
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *names = must_have(json_object_new_array());
	struct json_object *config = config_of(c);
	char text[128], when[TIME_BYTES];

	json_put_text(o, "id", c->id);
	if (json_object_array_add(names, must_have(json_object_new_string(c->name))) < 0)
		(void)must_have(NULL);
	json_put(o, "names", names);
	json_put_text(o, "image", json_get_text(request, "image"));
	put_command(o, args_of(config));
	json_put_text(o, "created", format_time(c->created_ns, when));
	json_put_text(o, "state", container_state_name(c));
	put_status(c, text, sizeof(text));
	json_put_text(o, "status", text);
	json_put_text(o, "ports", "");
	json_put_int(o, "exit_code", c->exit_code);
	json_put_int(o, "pid", c->pid);
	json_put(o, "labels", labels_of(request));
	json_object_put(config);
	return o;
}

static bool has_label(const struct json_object *request, const char *wanted)
{
	const char *equals = strchr(wanted, '=');
	_cleanup_free_ char *key =
		must_have(strndup(wanted, equals ? (size_t)(equals - wanted) : strlen(wanted)));
	const char *value = json_get_text(json_get(request, "labels"), key);

	return value && (!equals || !strcmp(value, equals + 1));
}

static bool matches(const struct container *c, const struct json_object *request, const char *key,
		    const char *wanted)
{
	const char *health = health_status(c);
	const char *image = json_get_text(request, "image");

	if (!strcmp(key, "status"))
		return !strcmp(container_state_name(c), wanted);
	if (!strcmp(key, "name"))
		return strstr(c->name, wanted) != NULL;
	if (!strcmp(key, "id"))
		return !strncmp(c->id, wanted, strlen(wanted));
	if (!strcmp(key, "label"))
		return has_label(request, wanted);
	if (!strcmp(key, "health"))
		return !strcmp(health ? health : "none", wanted);
	if (!strcmp(key, "exited"))
		return c->phase == PHASE_EXITED && atoi(wanted) == c->exit_code;
	if (!strcmp(key, "ancestor"))
		return image && !strcmp(image, wanted);
	return false;
}

/* passes - by every filter, of whose values one has to match: {"status": ["running", "paused"]} */
static bool passes(const struct container *c, const struct json_object *request,
		   struct json_object *filters)
{
	if (!filters)
		return true;
	json_object_object_foreach(filters, key, values)
	{
		size_t n = json_object_is_type(values, json_type_array)
				   ? json_object_array_length(values)
				   : 0;
		bool any = json_object_is_type(values, json_type_string) &&
			   matches(c, request, key, json_object_get_string(values));

		for (size_t i = 0; i < n && !any; i++)
			any = matches(c, request, key,
				      json_object_get_string(json_object_array_get_idx(values, i)));
		if (!any)
			return false;
	}
	return true;
}

/* filters_check - a filter that does not exist would hide everything. */
static int filters_check(struct json_object *filters, struct error *err)
{
	static const char *const known[] = {"status", "name",	"id",	   "label",
					    "health", "exited", "ancestor"};

	if (!filters)
		return 0;
	if (!json_object_is_type(filters, json_type_object))
		return error_set(err, EINVAL, "request: filters: must be an object");
	json_object_object_foreach(filters, key, values)
	{
		size_t i = 0;

		(void)values;
		while (i < ARRAY_SIZE(known) && strcmp(known[i], key) != 0)
			i++;
		if (i == ARRAY_SIZE(known))
			return error_set(err, EINVAL, "request: filters: no filter `%.32s`", key);
	}
	return 0;
}

void verb_ps(struct client *client, const struct request *r, struct container *none)
{
	struct json_object *filters = json_get(r->tree, "filters");
	bool by_status = json_get(filters, "status") || json_get(filters, "exited");
	struct parts p;
	struct error err = ERROR_INIT;

	(void)none;
	if (filters_check(filters, &err) < 0) {
		client_fail(client, &err);
		return;
	}
	parts_begin(&p, client, client_ok(), "containers");
	for (const struct container *c = client->s->containers; c; c = c->next) {
		struct json_object *request;

		if (!r->all && !by_status && c->phase != PHASE_RUNNING && !c->restarting)
			continue;
		request = container_request(c, &err);
		if (!request)
			say_error(&err);
		if (passes(c, request, filters))
			parts_add(&p, ps_row(c, request));
		json_object_put(request);
	}
	client_finish(client, p.answer);
}

/* ---- inspect --------------------------------------------------------------------------------- */

static struct json_object *inspect_state(const struct container *c)
{
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *health = health_inspect(c);
	char when[TIME_BYTES];

	json_put_text(o, "Status", container_state_name(c));
	json_put_bool(o, "Running", c->phase == PHASE_RUNNING);
	json_put_bool(o, "Paused", c->paused);
	json_put_bool(o, "Restarting", c->restarting);
	json_put_bool(o, "OOMKilled", c->oom_killed);
	json_put_bool(o, "Dead", false);
	json_put_int(o, "Pid", c->pid);
	json_put_int(o, "ExitCode", c->exit_code);
	json_put_text(o, "Error", c->error);
	json_put_text(o, "StartedAt", format_time(c->started_ns, when));
	json_put_text(o, "FinishedAt", format_time(c->finished_ns, when));
	if (c->sdnotify)
		json_put_bool(o, "Ready", c->ready);
	if (health)
		json_put(o, "Health", health);
	return o;
}

/* copy_member - @to[@as] = what is there: a reference. */
static void copy_member(struct json_object *to, const char *as, const struct json_object *from,
			const char *key)
{
	struct json_object *value = json_get(from, key);

	if (value)
		json_put(to, as, json_object_get(value));
}

static struct json_object *inspect_config(const struct container *c,
					  const struct json_object *request,
					  const struct json_object *config)
{
	struct json_object *o = must_have(json_object_new_object());
	const struct json_object *process = json_get(config, "process");

	copy_member(o, "Hostname", config, "hostname");
	json_put_text(o, "User", json_get_text(request, "user"));
	json_put_bool(o, "Tty", c->terminal);
	json_put_bool(o, "OpenStdin", c->stdin_open);
	copy_member(o, "Env", process, "env");
	copy_member(o, "Cmd", request, "argv");
	copy_member(o, "Entrypoint", request, "entrypoint");
	copy_member(o, "Healthcheck", request, "health");
	json_put_text(o, "Image", json_get_text(request, "image"));
	copy_member(o, "WorkingDir", process, "cwd");
	json_put(o, "Labels", labels_of(request));
	json_put_text(o, "StopSignal", signal_name(c->stop_signal));
	json_put_int(o, "StopTimeout", c->stop_timeout_s);
	return o;
}

static struct json_object *inspect_host(const struct container *c,
					const struct json_object *request)
{
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *policy = must_have(json_object_new_object());
	struct json_object *pids = json_get(request, "pids_limit");

	json_put_text(policy, "Name", restart_name(c->restart.kind));
	json_put_int(policy, "MaximumRetryCount", c->restart.max);
	json_put(o, "RestartPolicy", policy);
	json_put_bool(o, "AutoRemove", c->auto_remove);
	json_put_bool(o, "Privileged", json_object_get_boolean(json_get(request, "privileged")));
	json_put_bool(o, "ReadonlyRootfs", json_object_get_boolean(json_get(request, "read_only")));
	json_put_int(o, "Memory", json_object_get_int64(json_get(request, "memory")));
	json_put_int(o, "MemorySwap", json_object_get_int64(json_get(request, "memory_swap")));
	json_put_int(o, "NanoCpus",
		     (int64_t)(json_object_get_double(json_get(request, "cpus")) * 1e9));
	json_put_int(o, "CpuShares", json_object_get_int64(json_get(request, "cpu_shares")));
	json_put_text(o, "CpusetCpus", json_get_text(request, "cpuset_cpus"));
	json_put_int(o, "PidsLimit", json_object_get_int64(pids));
	copy_member(o, "CapAdd", request, "cap_add");
	copy_member(o, "CapDrop", request, "cap_drop");
	copy_member(o, "SecurityOpt", request, "security_opt");
	copy_member(o, "Ulimits", request, "ulimits");
	copy_member(o, "Devices", request, "devices");
	copy_member(o, "Sysctls", request, "sysctls");
	copy_member(o, "Tmpfs", request, "tmpfs");
	return o;
}

/* put_path - Path and Args: the first word and the others */
static void put_path(struct json_object *o, struct json_object *args)
{
	struct json_object *rest = must_have(json_object_new_array());
	size_t n = args ? json_object_array_length(args) : 0;

	json_put_text(o, "Path",
		      n ? json_object_get_string(json_object_array_get_idx(args, 0)) : "");
	for (size_t i = 1; i < n; i++)
		if (json_object_array_add(rest,
					  json_object_get(json_object_array_get_idx(args, i))) < 0)
			(void)must_have(NULL);
	json_put(o, "Args", rest);
}

static struct json_object *inspect_one(const struct container *c)
{
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *config = config_of(c), *request;
	struct error err = ERROR_INIT;
	char when[TIME_BYTES];

	request = container_request(c, &err);
	if (!request)
		say_error(&err);
	json_put_text(o, "Id", c->id);
	json_put_text(o, "Name", c->name);
	json_put_text(o, "Created", format_time(c->created_ns, when));
	put_path(o, args_of(config));
	json_put(o, "State", inspect_state(c));
	json_put_text(o, "Image", json_get_text(request, "image"));
	json_put_int(o, "RestartCount", c->restarts);
	json_put(o, "Config", inspect_config(c, request, config));
	json_put(o, "HostConfig", inspect_host(c, request));
	copy_member(o, "Mounts", request, "mounts");
	json_object_put(config);
	json_object_put(request);
	return o;
}

void verb_inspect(struct client *client, const struct request *r, struct container *none)
{
	const char *const one[] = {r->container, NULL};
	const char *const *names = r->containers ? (const char *const *)r->containers : one;
	struct parts p;
	struct error err = ERROR_INIT;

	(void)none;
	for (const char *const *name = names; *name; name++)
		if (!container_find(client->s, *name, &err)) {
			client_fail(client, &err);
			return;
		}
	parts_begin(&p, client, client_ok(), "containers");
	for (const char *const *name = names; *name; name++)
		parts_add(&p, inspect_one(container_find(client->s, *name, &err)));
	client_finish(client, p.answer);
}

/* ---- info, version --------------------------------------------------------------------------- */

void verb_version(struct client *client, const struct request *r, struct container *none)
{
	struct json_object *o = client_ok();
	struct utsname host;

	(void)r;
	(void)none;
	json_put_text(o, "version", CLOISON_VERSION);
	json_put_int(o, "api", 1);
	if (uname(&host) == 0) {
		json_put_text(o, "os", host.sysname);
		json_put_text(o, "arch", host.machine);
		json_put_text(o, "kernel", host.release);
	}
	client_finish(client, o);
}

void verb_info(struct client *client, const struct request *r, struct container *none)
{
	const struct supervisor *s = client->s;
	struct json_object *o = client_ok();
	int running = 0, paused = 0;
	char when[TIME_BYTES];

	(void)r;
	(void)none;
	for (const struct container *c = s->containers; c; c = c->next) {
		running += c->phase == PHASE_RUNNING && !c->paused;
		paused += c->paused;
	}
	json_put_text(o, "version", CLOISON_VERSION);
	json_put_int(o, "containers", s->n_containers);
	json_put_int(o, "running", running);
	json_put_int(o, "paused", paused);
	json_put_int(o, "stopped", (int64_t)s->n_containers - running - paused);
	json_put_text(o, "runtime", s->runtime);
	json_put_text(o, "runtime_root", s->runtime_root);
	json_put_text(o, "state", s->dir);
	json_put_text(o, "images", s->images);
	json_put_text(o, "started", format_time(s->started_ns, when));
	json_put_int(o, "pid", getpid());
	json_put_bool(o, "init_channel", s->channel.fd >= 0);
	client_finish(client, o);
}
