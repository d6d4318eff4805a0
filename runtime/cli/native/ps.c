/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ps.c: `ps`: the list of containers, in Docker's columns.
 */
#include <time.h>

#include "runtime/cli/native/common.h"

#define COMMAND_LENGTH 20

struct values {
	bool all, quiet, no_trunc, json, namespaces;
	unsigned int last;
	const char *format;
	struct option_list filter;
};

static const struct option table[] = {
	{"all", 'a', OPTION_FLAG, offsetof(struct values, all), NULL,
	 "all, not only those that run"},
	{"quiet", 'q', OPTION_FLAG, offsetof(struct values, quiet), NULL, "print the ids only"},
	{"filter", 'f', OPTION_LIST, offsetof(struct values, filter), "KEY=VALUE",
	 "those with this id, name, status, label or exited code"},
	{"last", 'n', OPTION_NUMBER, offsetof(struct values, last), "N",
	 "the N made last, whatever their state"},
	{"format", 0, OPTION_STRING, offsetof(struct values, format), "table|json|TEMPLATE",
	 "how to print: columns, JSON lines, or {{.Field}} and {{json .}}"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
	{"no-trunc", 0, OPTION_FLAG, offsetof(struct values, no_trunc), NULL,
	 "print ids and commands whole"},
	{"ns", 0, OPTION_FLAG, offsetof(struct values, namespaces), NULL,
	 "print the namespaces instead"},
};

static const struct output_column columns[] = {
	{"CONTAINER ID", "ID"},	   {"IMAGE", "Image"},	 {"COMMAND", "Command"},
	{"CREATED", "RunningFor"}, {"STATUS", "Status"}, {"PORTS", "Ports"},
	{"NAMES", "Names"},
};

static const struct output_column ns_columns[] = {
	{"CONTAINER ID", "ID"}, {"NAMES", "Names"}, {"PID", "Pid"}, {"CGROUPNS", "cgroup"},
	{"IPC", "ipc"},		{"MNT", "mnt"},	    {"NET", "net"}, {"PIDNS", "pid"},
	{"TIMENS", "time"},	{"USERNS", "user"}, {"UTS", "uts"},
};

/* joined - texts of an array with commas between them; a text as it is. */
static char *joined(struct json_object *value)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	if (json_object_is_type(value, json_type_array))
		for (size_t i = 0; i < json_object_array_length(value); i++)
			fprintf(out, "%s%s", i ? "," : "",
				json_object_get_string(json_object_array_get_idx(value, i)));
	else if (json_object_is_type(value, json_type_object)) {
		bool first = true;

		json_object_object_foreach(value, key, member)
		{
			fprintf(out, "%s%s=%s", first ? "" : ",", key,
				member ? json_object_get_string(member) : "");
			first = false;
		}
	} else if (value)
		fputs(json_object_get_string(value), out);
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

static void put_joined(struct tree *t, struct json_object *row, const char *field,
		       const struct json_object *from, const char *key)
{
	struct json_object *value = NULL;
	_cleanup_free_ char *text = NULL;

	(void)json_object_object_get_ex(from, key, &value);
	text = joined(value);
	tree_put_text(t, row, field, text ? text : "");
}

/* put_command - in quotation marks, and shortened unless @whole. */
static void put_command(struct tree *t, struct json_object *row, const struct json_object *from,
			bool whole)
{
	_cleanup_free_ char *quoted = NULL, *text = NULL;
	struct json_object *value = NULL;
	size_t cut = COMMAND_LENGTH - 1;

	if (json_object_object_get_ex(from, "command", &value) &&
	    json_object_is_type(value, json_type_array)) {
		text = joined(value);
		for (char *p = text; p && *p; p++)
			*p = *p == ',' ? ' ' : *p;
	} else {
		text = joined(value);
	}
	if (text && !whole && strlen(text) > COMMAND_LENGTH) {
		/* not within a character */
		while (cut && ((unsigned char)text[cut] & 0xc0) == 0x80)
			cut--;
		text[cut] = '\0';
	} else {
		cut = 0;
	}
	if (!text || asprintf(&quoted, "\"%s%s\"", text, cut ? "…" : "") < 0) {
		t->lost = true;
		return;
	}
	tree_put_text(t, row, "Command", quoted);
}

static void put_times(struct tree *t, struct json_object *row, const char *created)
{
	time_t when = created ? output_time(created) : -1;
	char age[64], text[96];
	struct tm tm;

	if (when < 0 || !gmtime_r(&when, &tm)) {
		tree_put_text(t, row, "CreatedAt", created ? created : "");
		tree_put_text(t, row, "RunningFor", "");
		return;
	}
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S +0000 UTC", &tm);
	tree_put_text(t, row, "CreatedAt", text);
	snprintf(text, sizeof(text), "%s ago", output_age(time(NULL) - when, age, sizeof(age)));
	tree_put_text(t, row, "RunningFor", text);
}

/* put_namespaces - by the links of /proc: on this host, and for who may look. */
static void put_namespaces(struct tree *t, struct json_object *row, int64_t pid)
{
	for (size_t i = 3; i < ARRAY_SIZE(ns_columns); i++) {
		char path[64], link[64], *number = link;
		ssize_t n = -1;

		snprintf(path, sizeof(path), "/proc/%jd/ns/%s", (intmax_t)pid, ns_columns[i].field);
		if (pid > 0)
			n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		if (n > 0 && strchr(link, '['))
			number = strchr(link, '[') + 1;
		number[strcspn(number, "]")] = '\0';
		tree_put_text(t, row, ns_columns[i].field, number);
	}
}

static struct json_object *make_row(struct tree *t, const struct json_object *from,
				    const struct values *v)
{
	struct json_object *row = json_object_new_object();
	const char *id = tree_text(from, "id");
	char short_id[SHORT_ID + 1], pid[32];

	if (!row)
		return NULL;
	snprintf(short_id, sizeof(short_id), "%s", id ? id : "");
	snprintf(pid, sizeof(pid), "%jd", (intmax_t)tree_number(from, "pid"));
	put_command(t, row, from, v->no_trunc);
	put_times(t, row, tree_text(from, "created"));
	tree_put_text(t, row, "ID", v->no_trunc && id ? id : short_id);
	put_joined(t, row, "Image", from, "image");
	put_joined(t, row, "Labels", from, "labels");
	put_joined(t, row, "Names", from, "names");
	put_joined(t, row, "Ports", from, "ports");
	put_joined(t, row, "State", from, "state");
	put_joined(t, row, "Status", from, "status");
	tree_put_text(t, row, "Pid", pid);
	if (v->namespaces)
		put_namespaces(t, row, tree_number(from, "pid"));
	return row;
}

static struct json_object *make_request(const struct values *v, struct error *err)
{
	_cleanup_json_ struct json_object *request = json_object_new_object();
	struct tree tree = {.lost = !request};

	tree_put_bool(&tree, request, "all", v->all || v->last);
	if (v->filter.n) {
		struct json_object *filters = parse_filters(&v->filter, err);

		if (!filters)
			return NULL;
		tree_put(&tree, request, "filters", filters);
	}
	if (!tree.lost)
		return take_ptr(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

static int newest_first(const void *a, const void *b)
{
	const char *x = tree_text(*(struct json_object *const *)a, "created");
	const char *y = tree_text(*(struct json_object *const *)b, "created");

	return strcmp(y ? y : "", x ? x : "");
}

static int print_ids(struct json_object *rows, struct error *err)
{
	for (size_t i = 0; i < json_object_array_length(rows); i++)
		puts(tree_text(json_object_array_get_idx(rows, i), "ID"));
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

static int ps(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	_cleanup_json_ struct json_object *request = make_request(v, err), *answer = NULL;
	_cleanup_json_ struct json_object *rows = json_object_new_array();
	struct tree tree = {.lost = !rows};
	struct json_object *list;

	(void)argv;
	if (!request)
		return -1;
	answer = ask("ps", take_ptr(request), err);
	if (!answer)
		return -1;
	list = tree_get(answer, "containers", json_type_array);
	if (list)
		json_object_array_sort(list, newest_first);
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		if (!v->last || i < v->last)
			tree_add(&tree, rows,
				 make_row(&tree, json_object_array_get_idx(list, i), v));
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot print");
	if (v->quiet)
		return print_ids(rows, err);
	return output_rows(stdout, rows, v->namespaces ? ns_columns : columns,
			   v->namespaces ? ARRAY_SIZE(ns_columns) : ARRAY_SIZE(columns), v->format,
			   v->json, err);
}

const struct native_verb native_ps = {
	.name = "ps",
	.alias = "ls",
	.arguments = "",
	.summary = "list containers",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 0,
	.max_args = 0,
	.run = ps,
};
