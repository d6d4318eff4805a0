/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * info.c: `info` and `version`: what the supervisor says of itself and of the host.
 */
#include "runtime/cli/native/common.h"
#include "runtime/cli/verb.h"

struct values {
	const char *format;
	bool json;
};

static const struct option table[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct values, format), "json|TEMPLATE",
	 "how to print: JSON, or {{.Field}} and {{json .}}"},
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
};

/* print_lines - "Key: value", the key as it is called in the answer, with spaces and a capital. */
static void print_lines(const struct json_object *answer, int indent)
{
	json_object_object_foreach(answer, key, value)
	{
		const char *text = value ? json_object_get_string(value) : "";

		printf("%*s%c", indent, "", key[0] >= 'a' && key[0] <= 'z' ? key[0] - 32 : key[0]);
		for (const char *p = key + 1; *p; p++)
			putchar(*p == '_' ? ' ' : *p);
		printf(": %s\n", text);
	}
}

static int print(struct json_object *answer, const struct values *v, struct error *err)
{
	if (v->json || (v->format && !strcmp(v->format, "json")))
		puts(json_object_to_json_string_ext(answer,
						    JSON_C_TO_STRING_PLAIN |
							    JSON_C_TO_STRING_NOSLASHESCAPE));
	else if (!v->format)
		print_lines(answer, 0);
	else if (template_print(stdout, v->format, answer, err) < 0)
		return -1;
	else
		putchar('\n');
	return fflush(stdout) ? error_set(err, errno, "cannot print") : 0;
}

static int info(const void *values, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *answer = ask("info", NULL, err);

	(void)argv;
	if (!answer)
		return -1;
	json_object_object_del(answer, "ok");
	return print(answer, values, err);
}

/* version - of the command line also without a supervisor. */
static int version(const void *values, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *both = json_object_new_object(), *server = NULL;
	_cleanup_client_ struct native_client connection = NATIVE_CLIENT_INIT;
	const struct values *v = values;
	struct json_object *client = json_object_new_object();
	struct error absent = ERROR_INIT;
	struct tree tree = {0};
	bool lines = !v->json && !v->format;

	(void)argv;
	tree_put_text(&tree, client, "Version", runtime_version());
	tree_put(&tree, both, "Client", client);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot print");
	if (native_connect(&connection, &absent) == 0)
		server = native_request(&connection, "version", NULL, &absent);
	if (server) {
		json_object_object_del(server, "ok");
		tree_put(&tree, both, "Server", json_object_get(server));
	}
	if (!lines)
		return print(both, v, err);
	puts("Client:");
	print_lines(client, 1);
	if (server) {
		puts("Server:");
		print_lines(server, 1);
		return 0;
	}
	puts("Server: none");
	return native_is_remote() ? (*err = absent, -1) : 0;
}

const struct native_verb native_info = {
	.name = "info",
	.arguments = "",
	.summary = "print what the supervisor says of itself and of the host",
	NATIVE_OPTIONS(table, struct values),
	.max_args = 0,
	.run = info,
};

const struct native_verb native_version = {
	.name = "version",
	.arguments = "",
	.summary = "print the versions of the command line and of the supervisor",
	NATIVE_OPTIONS(table, struct values),
	.max_args = 0,
	.run = version,
};
