/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * inspect.c: `inspect`: all that is known of containers, as JSON or by a template.
 *
 * One that is not there does not keep the others from being printed, as with Docker; the exit code says it.
 */
#include "runtime/cli/native/common.h"

#define PRETTY (JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE)

struct values {
	const char *format, *type;
	bool json;
};

static const struct option table[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct values, format), "json|TEMPLATE",
	 "how to print: JSON lines, or {{.Field}} and {{json .Field}}"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL,
	 "print one JSON document (the default)"},
	{"type", 0, OPTION_STRING, offsetof(struct values, type), "container",
	 "there is nothing else to inspect yet"},
};

/* collect - what the supervisor says of @name, behind what is in @all. */
static int collect(struct native_client *client, const char *name, struct json_object *all,
		   struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(name, err), *answer = NULL;
	struct json_object *list;
	struct tree tree = {0};

	if (!request)
		return -1;
	answer = native_request(client, "inspect", take_ptr(request), err);
	list = tree_get(answer, "containers", json_type_array);
	for (size_t i = 0; list && i < json_object_array_length(list); i++)
		tree_add(&tree, all, json_object_get(json_object_array_get_idx(list, i)));
	return !answer ? -1 : tree.lost ? error_set(err, ENOMEM, "cannot print") : 0;
}

static int print(struct json_object *all, const struct values *v, struct error *err)
{
	if (v->format && !v->json)
		return output_rows(stdout, all, NULL, 0, v->format, false, err);
	puts(json_object_to_json_string_ext(all, PRETTY));
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

static int inspect(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_json_ struct json_object *all = json_object_new_array();
	const struct values *v = values;
	struct error printing = ERROR_INIT;
	bool failed = false;

	if (v->type && strcmp(v->type, "container") != 0)
		return error_set(err, 0, "option --type: `%s` is not implemented", v->type);
	if (!all || native_need(&client, err) < 0)
		return all ? -1 : error_set(err, ENOMEM, "cannot print");
	for (; *argv; argv++)
		if (collect(&client, *argv, all, err) < 0)
			failed = true;
	if (print(all, v, &printing) < 0) {
		*err = printing;
		failed = true;
	}
	return failed ? -1 : 0;
}

const struct native_verb native_inspect = {
	.name = "inspect",
	.arguments = "CONTAINER...",
	.summary = "print what is known of containers",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = inspect,
};
