/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c: `state` and `list`.
 */
#include <dirent.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/cli/verb.h"

struct list_values {
	const char *format;
	bool quiet, json;
};

static const struct option list_table[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct list_values, format), "table|json",
	 "how to print (default: table)"},
	{"json", 0, OPTION_FLAG, offsetof(struct list_values, json), NULL,
	 "print one JSON document"},
	{"quiet", 'q', OPTION_FLAG, offsetof(struct list_values, quiet), NULL,
	 "print the ids only"},
};

static int read_container(const struct runtime *rt, const char *id, struct arena *arena,
			  struct state *state, enum status *status, struct error *err)
{
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_UNLOCKED, err);

	if (dir < 0 || state_read(dir, id, arena, state, err) < 0)
		return -1;
	return state_status(dir, state, status, err);
}

static int add(struct json_object *o, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(o, key, value) == 0)
		return 0;
	json_object_put(value);
	return -1;
}

static int add_annotations(struct json_object *o, const struct state *s)
{
	struct json_object *map = json_object_new_object();

	for (size_t i = 0; map && i < s->n_annotations; i++)
		if (add(map, s->annotations[i].key,
			json_object_new_string(s->annotations[i].value)) < 0)
			break;
	return add(o, "annotations", map);
}

/*
 * to_json - the state as OCI runtime.md, "State", has it; rootfs and created are runc's additions,
 * which engines read.
 */
static struct json_object *to_json(const struct state *s, enum status status)
{
	struct json_object *o = json_object_new_object();

	if (o && add(o, "ociVersion", json_object_new_string(s->oci_version)) == 0 &&
	    add(o, "id", json_object_new_string(s->id)) == 0 &&
	    add(o, "pid", json_object_new_int(status == STATUS_STOPPED ? 0 : s->pid)) == 0 &&
	    add(o, "status", json_object_new_string(status_name(status))) == 0 &&
	    add(o, "bundle", json_object_new_string(s->bundle)) == 0 &&
	    add(o, "rootfs", json_object_new_string(s->rootfs)) == 0 &&
	    add(o, "created", json_object_new_string(s->created)) == 0 &&
	    (!s->n_annotations || add_annotations(o, s) == 0))
		return o;
	json_object_put(o);
	return NULL;
}

static int print_json(struct json_object *o, struct error *err)
{
	const char *text;

	if (!o)
		return error_set(err, ENOMEM, "cannot print the state");
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE);
	if (puts(text) < 0 || fflush(stdout))
		return error_set(err, errno, "cannot print the state");
	return 0;
}

static int state(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_json_ struct json_object *o = NULL;
	struct state s;
	enum status status;

	(void)values;
	if (read_container(rt, argv[0], &arena, &s, &status, err) < 0)
		return -1;
	o = to_json(&s, status);
	return print_json(o, err);
}

/* print_row - one container as the chosen format has it. */
static int print_row(const struct list_values *v, struct json_object *all, const struct state *s,
		     enum status status, struct error *err)
{
	if (v->quiet)
		return printf("%s\n", s->id) < 0 ? error_set(err, errno, "cannot print") : 0;
	if (all) {
		struct json_object *o = to_json(s, status);

		if (o && json_object_array_add(all, o) == 0)
			return 0;
		json_object_put(o);
		return error_set(err, ENOMEM, "cannot print the list");
	}
	return printf("%-24s %-10d %-10s %-28s %s\n", s->id, status == STATUS_STOPPED ? 0 : s->pid,
		      status_name(status), s->created, s->bundle) < 0
		       ? error_set(err, errno, "cannot print")
		       : 0;
}

static int list_all(const struct runtime *rt, const struct list_values *v, struct json_object *all,
		    struct error *err)
{
	_cleanup_dir_ DIR *d = opendir(rt->root);
	struct dirent *e;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return error_set(err, errno, "cannot open the state directory `%s`", rt->root);
	while ((e = readdir(d))) {
		_cleanup_arena_ struct arena arena = {0};
		struct error ignored = ERROR_INIT;
		struct state s;
		enum status status;

		if (e->d_name[0] == '.' || state_check_id(e->d_name, &ignored) < 0)
			continue;
		if (read_container(rt, e->d_name, &arena, &s, &status, err) < 0) {
			if (err->errnum == ENOENT) /* deleted meanwhile */
				continue;
			return -1;
		}
		if (print_row(v, all, &s, status, err) < 0)
			return -1;
	}
	return 0;
}

static int list(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct list_values *v = values;
	_cleanup_json_ struct json_object *all = NULL;
	bool json = v->json;

	(void)argv;
	if (v->format && !strcmp(v->format, "json"))
		json = true;
	else if (v->format && strcmp(v->format, "table"))
		return error_set(err, EINVAL, "format `%s`: use table or json", v->format);
	if (json && !v->quiet) {
		all = json_object_new_array();
		if (!all)
			return error_set(err, ENOMEM, "cannot print the list");
	} else if (!v->quiet) {
		printf("%-24s %-10s %-10s %-28s %s\n", "ID", "PID", "STATUS", "CREATED", "BUNDLE");
	}
	if (list_all(rt, v, all, err) < 0)
		return -1;
	if (all)
		return print_json(all, err);
	return fflush(stdout) ? error_set(err, errno, "cannot print the list") : 0;
}

const struct verb verb_state = {
	.name = "state",
	.arguments = "ID",
	.summary = "print a container's state as JSON",
	.min_args = 1,
	.max_args = 1,
	.run = state,
};

const struct verb verb_list = {
	.name = "list",
	.arguments = "",
	.summary = "list the containers",
	VERB_OPTIONS(list_table, struct list_values),
	.max_args = 0,
	.run = list,
};
