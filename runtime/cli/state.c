/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.c: `state` and `list`.
 */
#include <dirent.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "lib/warn.h"
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
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_LOOK, err);

	if (dir < 0 || state_read(dir, id, arena, state, err) < 0)
		return -1;
	return container_status(dir, state, status, err);
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

static const char *json_text(struct json_object *o)
{
	return json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
							 JSON_C_TO_STRING_NOSLASHESCAPE);
}

static int print_json(struct json_object *o, struct error *err)
{
	const char *text = o ? json_text(o) : NULL;

	if (!text)
		return error_set(err, ENOMEM, "cannot print the state");
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

/* A list in the making; each container is printed before the next is read. */
struct listing {
	enum { IDS, TABLE, JSON } format;
	bool begun; /* JSON: an element has been printed */
};

static int print_element(struct listing *l, const struct state *s, enum status status,
			 struct error *err)
{
	_cleanup_json_ struct json_object *o = to_json(s, status);
	const char *text = o ? json_text(o) : NULL;

	if (!text)
		return error_set(err, ENOMEM, "cannot print the list");
	if (printf("%s%s", l->begun ? ",\n" : "[\n", text) < 0)
		return error_set(err, errno, "cannot print");
	l->begun = true;
	return 0;
}

/* print_row - one container as the chosen format has it. */
static int print_row(struct listing *l, const struct state *s, enum status status,
		     struct error *err)
{
	if (l->format == IDS)
		return printf("%s\n", s->id) < 0 ? error_set(err, errno, "cannot print") : 0;
	if (l->format == JSON)
		return print_element(l, s, status, err);
	return printf("%-24s %-10d %-10s %-28s %s\n", s->id, status == STATUS_STOPPED ? 0 : s->pid,
		      status_name(status), s->created, s->bundle) < 0
		       ? error_set(err, errno, "cannot print")
		       : 0;
}

static int list_all(const struct runtime *rt, struct listing *l, struct error *err)
{
	_cleanup_dir_ DIR *d = opendir(rt->root);
	struct dirent *e;

	if (!d && errno == ENOENT)
		return 0;
	if (!d)
		return error_set(err, errno, "cannot open the state directory `%s`", rt->root);
	while ((e = readdir(d))) {
		_cleanup_arena_ struct arena arena = {0};
		struct error bad = ERROR_INIT;
		struct state s;
		enum status status;

		if (state_check_id(e->d_name, &bad) < 0)
			continue;
		if (read_container(rt, e->d_name, &arena, &s, &status, &bad) < 0) {
			/* ENOENT: deleted meanwhile. One that is damaged does not hide the others. */
			if (bad.errnum != ENOENT)
				warn(&bad);
			continue;
		}
		if (print_row(l, &s, status, err) < 0)
			return -1;
	}
	return 0;
}

static int list(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct list_values *v = values;
	struct listing l = {.format = v->json ? JSON : TABLE};

	(void)argv;
	if (v->format && !strcmp(v->format, "json"))
		l.format = JSON;
	else if (v->format && strcmp(v->format, "table"))
		return error_set(err, EINVAL, "format `%s`: use table or json", v->format);
	if (v->quiet)
		l.format = IDS;
	if (l.format == TABLE)
		printf("%-24s %-10s %-10s %-28s %s\n", "ID", "PID", "STATUS", "CREATED", "BUNDLE");
	if (list_all(rt, &l, err) < 0)
		return -1;
	if (l.format == JSON)
		puts(l.begun ? "\n]" : "[]");
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
