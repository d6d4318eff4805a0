/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c: what a request says of the first process: command, environment, directory, limits, name of
 * the host.
 *
 * The command as with Docker: "argv" replaces the image's, and with an entry point of one's own the image's
 * is gone altogether.
 */
#include <ctype.h>
#include <stdio.h>

#include "runtime/native/config.h"
#include "runtime/oci/layers.h"

#define SHORT_ID 12

/* keep_entrypoint - of an image that has one, the first of the arguments that it has. */
static void keep_entrypoint(struct native_build *b, const struct json_object *process,
			    struct json_object *args)
{
	const char *count =
		tree_text(tree_get(b->config, "annotations", json_type_object), LAYERS_ENTRYPOINT);
	struct json_object *old = tree_get(process, "args", json_type_array);
	size_t n = count ? strtoul(count, NULL, 10) : 0;

	for (size_t i = 0; old && i < n && i < json_object_array_length(old); i++)
		tree_add(&b->tree, args, json_object_get(json_object_array_get_idx(old, i)));
}

static void set_command(struct native_build *b, struct json_object *process)
{
	const struct native_request *r = b->request;
	struct json_object *args;

	if (!r->entrypoint && (!r->argv || !r->argv[0]))
		return;
	args = json_object_new_array();
	if (!args) {
		b->tree.lost = true;
		return;
	}
	if (!r->entrypoint)
		keep_entrypoint(b, process, args);
	for (const char **p = r->entrypoint; p && *p; p++)
		if (**p) /* --entrypoint "": none */
			tree_add_text(&b->tree, args, *p);
	for (const char **p = r->argv; p && *p; p++)
		tree_add_text(&b->tree, args, *p);
	if (json_object_array_length(args) > 0) {
		tree_put(&b->tree, process, "args", args);
		return;
	}
	json_object_put(args);
}

/* put_reaper - before the command. */
static void put_reaper(struct native_build *b, struct json_object *process)
{
	struct json_object *old = tree_get(process, "args", json_type_array);
	struct json_object *args = json_object_new_array();

	tree_add_text(&b->tree, args, NATIVE_REAPER);
	for (size_t i = 0; old && i < json_object_array_length(old); i++)
		tree_add(&b->tree, args, json_object_get(json_object_array_get_idx(old, i)));
	tree_put(&b->tree, process, "args", args);
}

/* same_variable - whether "NAME=VALUE" texts are of one name. */
static bool same_variable(const char *a, const char *b)
{
	size_t n = strcspn(a, "=");

	return strcspn(b, "=") == n && !strncmp(a, b, n);
}

/* set_variable - in place of the one of this name, or at the end. */
static void set_variable(struct native_build *b, struct json_object *env, const char *text)
{
	struct json_object *new = json_object_new_string(text);

	for (size_t i = 0; new &&i < json_object_array_length(env); i++) {
		const char *old = json_object_get_string(json_object_array_get_idx(env, i));

		if (!old || !same_variable(old, text))
			continue;
		if (json_object_array_put_idx(env, i, new) < 0) {
			json_object_put(new);
			b->tree.lost = true;
		}
		return;
	}
	tree_add(&b->tree, env, new);
}

static void set_environment(struct native_build *b, struct json_object *process,
			    const char *hostname)
{
	struct json_object *env = tree_need(&b->tree, process, "env", json_type_array);
	char text[96];

	if (!env)
		return;
	if (hostname) {
		snprintf(text, sizeof(text), "HOSTNAME=%s", hostname);
		set_variable(b, env, text);
	}
	if (b->request->tty)
		set_variable(b, env, "TERM=xterm");
	for (const char **p = b->request->env; p && *p; p++)
		set_variable(b, env, *p);
}

/* host_name - as asked for, or the id's first digits, which every container has; in @buf. */
static const char *host_name(const struct native_request *r, char *buf, size_t size)
{
	if (r->hostname)
		return r->hostname;
	if (!r->id)
		return NULL;
	snprintf(buf, size, "%.*s", SHORT_ID, r->id);
	return buf;
}

static int set_limit(struct native_build *b, struct json_object *rlimits,
		     const struct native_ulimit *u)
{
	struct json_object *one = json_object_new_object();
	char type[160];
	size_t n = (size_t)snprintf(type, sizeof(type), "RLIMIT_%s", u->name);

	for (size_t i = 0; i < n && i < sizeof(type); i++)
		type[i] = (char)toupper((unsigned char)type[i]);
	tree_put_text(&b->tree, one, "type", type);
	tree_put(&b->tree, one, "soft",
		 json_object_new_uint64(u->soft < 0 ? UINT64_MAX : (uint64_t)u->soft));
	tree_put(&b->tree, one, "hard",
		 json_object_new_uint64(u->hard < 0 ? UINT64_MAX : (uint64_t)u->hard));
	for (size_t i = 0; i < json_object_array_length(rlimits); i++) {
		const char *old = tree_text(json_object_array_get_idx(rlimits, i), "type");

		if (!old || strcmp(old, type) != 0)
			continue;
		if (json_object_array_put_idx(rlimits, i, one) < 0) {
			json_object_put(one);
			b->tree.lost = true;
		}
		return 0;
	}
	tree_add(&b->tree, rlimits, one);
	return 0;
}

/* set_size - a program asks its terminal at once, before a client could tell a change. */
static void set_size(struct native_build *b, struct json_object *process)
{
	struct json_object *size;

	json_object_object_del(process, "consoleSize");
	if (!b->request->tty || !b->request->console_rows || !b->request->console_columns)
		return;
	size = json_object_new_object();
	tree_put_number(&b->tree, size, "height", b->request->console_rows);
	tree_put_number(&b->tree, size, "width", b->request->console_columns);
	tree_put(&b->tree, process, "consoleSize", size);
}

int native_apply_process(struct native_build *b)
{
	const struct native_request *r = b->request;
	struct json_object *process = tree_get(b->config, "process", json_type_object);
	char buf[SHORT_ID + 1];
	const char *hostname = host_name(r, buf, sizeof(buf));

	set_command(b, process);
	if (r->init)
		put_reaper(b, process);
	set_environment(b, process, hostname);
	tree_put_bool(&b->tree, process, "terminal", r->tty);
	set_size(b, process);
	if (r->workdir)
		tree_put_text(&b->tree, process, "cwd", r->workdir);
	if (hostname)
		tree_put_text(&b->tree, b->config, "hostname", hostname);
	if (r->domainname)
		tree_put_text(&b->tree, b->config, "domainname", r->domainname);
	if (r->has_oom_score_adj)
		tree_put_number(&b->tree, process, "oomScoreAdj", r->oom_score_adj);
	for (size_t i = 0; i < r->n_ulimits; i++) {
		struct json_object *rlimits =
			tree_need(&b->tree, process, "rlimits", json_type_array);

		if (!rlimits || set_limit(b, rlimits, &r->ulimits[i]) < 0)
			return -1;
	}
	return 0;
}
