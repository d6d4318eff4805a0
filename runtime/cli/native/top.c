/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * top.c: `top`: the processes of a container.
 */
#include "runtime/cli/native/common.h"

#define TITLES_MAX 32

struct values {
	bool json;
	const char *format;
};

static const struct option table[] = {
	{"format", 0, OPTION_STRING, offsetof(struct values, format), "table|json|TEMPLATE",
	 "how to print"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
};

/* print - Docker's answer: titles, and for each process as many texts. */
static int print(const struct json_object *answer, const struct values *v, struct error *err)
{
	struct json_object *titles = tree_get(answer, "titles", json_type_array);
	struct json_object *list = tree_get(answer, "processes", json_type_array);
	_cleanup_json_ struct json_object *rows = json_object_new_array();
	struct output_column columns[TITLES_MAX];
	struct tree tree = {.lost = !rows};
	size_t n = titles ? json_object_array_length(titles) : 0;

	if (!list || n == 0 || n > TITLES_MAX)
		return error_set(err, EPROTO, "the supervisor tells no processes");
	for (size_t i = 0; i < n; i++)
		columns[i].header = columns[i].field =
			json_object_get_string(json_object_array_get_idx(titles, i));
	for (size_t r = 0; r < json_object_array_length(list); r++) {
		struct json_object *from = json_object_array_get_idx(list, r);
		struct json_object *row = json_object_new_object();

		for (size_t i = 0; json_object_is_type(from, json_type_array) && i < n &&
				   i < json_object_array_length(from);
		     i++) {
			const char *text =
				json_object_get_string(json_object_array_get_idx(from, i));

			tree_put_text(&tree, row, columns[i].field, text ? text : "");
		}
		tree_add(&tree, rows, row);
	}
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot print");
	return output_rows(stdout, rows, columns, n, v->format, v->json, err);
}

static int top(const void *values, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(argv[0], err), *answer = NULL;
	struct tree tree = {0};

	if (!request)
		return -1;
	tree_put(&tree, request, "ps_args", text_array(argv + 1));
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	answer = ask("top", take_ptr(request), err);
	return answer ? print(answer, values, err) : -1;
}

const struct native_verb native_top = {
	.name = "top",
	.arguments = "CONTAINER [PS-OPTION...]",
	.summary = "list the processes of a container",
	NATIVE_OPTIONS(table, struct values),
	.command = true,
	.min_args = 1,
	.max_args = -1,
	.run = top,
};
