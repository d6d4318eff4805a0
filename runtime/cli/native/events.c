/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c: `events`: what happens to containers, as it happens.
 */
#include <time.h>

#include "runtime/cli/native/common.h"

struct values {
	bool json;
	const char *since, *until, *format;
	struct option_list filter;
};

static const struct option table[] = {
	{"filter", 'f', OPTION_LIST, offsetof(struct values, filter), "KEY=VALUE",
	 "those with this container, event, label or type"},
	{"since", 0, OPTION_STRING, offsetof(struct values, since), "TIME",
	 "from this time on: RFC 3339, seconds since 1970, or how long ago: 10m"},
	{"until", 0, OPTION_STRING, offsetof(struct values, until), "TIME",
	 "what there was up to this time, and end"},
	{"format", 0, OPTION_STRING, offsetof(struct values, format), "json|TEMPLATE",
	 "how to print: JSON lines, or {{.Field}} and {{json .}}"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print JSON lines"},
};

/* print_line - "TIME TYPE ACTION ID (key=value, ...)" */
static void print_line(const struct json_object *event)
{
	struct json_object *actor = tree_get(event, "Actor", json_type_object);
	struct json_object *attributes = tree_get(actor, "Attributes", json_type_object);
	const char *type = tree_text(event, "Type"), *action = tree_text(event, "Action");
	const char *id = tree_text(actor, "ID");
	int64_t ns = tree_number(event, "timeNano");
	time_t when = (time_t)(ns ? ns / 1000000000 : tree_number(event, "time"));
	bool first = true;
	char text[64] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	printf("%s.%09jdZ %s %s %s (", text, (intmax_t)(ns % 1000000000), type ? type : "",
	       action ? action : "", id ? id : "");
	if (attributes) {
		json_object_object_foreach(attributes, key, value)
		{
			printf("%s%s=%s", first ? "" : ", ", key,
			       value ? json_object_get_string(value) : "");
			first = false;
		}
	}
	puts(")");
}

static int print(struct json_object *event, const struct values *v, struct error *err)
{
	if (v->json || (v->format && !strcmp(v->format, "json"))) {
		puts(json_object_to_json_string_ext(event, JSON_C_TO_STRING_PLAIN |
								   JSON_C_TO_STRING_NOSLASHESCAPE));
	} else if (v->format) {
		if (template_print(stdout, v->format, event, err) < 0)
			return -1;
		putchar('\n');
	} else {
		print_line(event);
	}
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

static struct json_object *make_request(const struct values *v, const char *container,
					struct error *err)
{
	_cleanup_json_ struct json_object *request = json_object_new_object(), *filters = NULL;
	struct tree tree = {.lost = !request};
	char since[64], until[64];

	if (v->since && parse_moment("since", v->since, since, sizeof(since), err) < 0)
		return NULL;
	if (v->until && parse_moment("until", v->until, until, sizeof(until), err) < 0)
		return NULL;
	filters = parse_filters(&v->filter, err);
	if (!filters)
		return NULL;
	if (container)
		tree_add_text(&tree, tree_need(&tree, filters, "container", json_type_array),
			      container);
	tree_put(&tree, request, "filters", take_ptr(filters));
	tree_put_bool(&tree, request, "follow", !v->until);
	if (v->since)
		tree_put_text(&tree, request, "since", since);
	if (v->until)
		tree_put_text(&tree, request, "until", until);
	if (!tree.lost)
		return take_ptr(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

static int events(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	const struct values *v = values;
	_cleanup_json_ struct json_object *request = make_request(v, argv[0], err), *answer = NULL;
	struct native_frame frame;

	if (!request || native_need(&client, err) < 0)
		return -1;
	answer = native_request(&client, "events", take_ptr(request), err);
	while (answer && !tree_true(answer, "end")) {
		if (tree_text(answer, "Action") && print(answer, v, err) < 0)
			return -1;
		json_free(&answer);
		if (native_receive(&client, &frame, err) < 0)
			return -1;
		answer = native_answer(&frame, err);
	}
	return answer ? 0 : -1;
}

const struct native_verb native_events = {
	.name = "events",
	.arguments = "[CONTAINER]",
	.summary = "print what happens to containers, as it happens",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 0,
	.max_args = 1,
	.run = events,
};
