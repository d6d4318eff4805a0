/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * template.c: the part of Go's templates that people use to pick a field.
 *
 * {{.A.B}} and {{json .A}}, nothing else: a template that needs a loop or a condition is refused by name, and JSON with
 * jq does that better. Values print as Go prints them: lists as [a b], objects as map[k:v].
 */
#include <json-c/json.h>
#include <string.h>

#include "runtime/native/output.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
static int refuse(const char *action, size_t length, struct error *err)
{
	error_set(err, 0, "template: `{{%.*s}}` is not implemented",
		  (int)(length < 100 ? length : 100), action);
	return error_hint(err, "only {{.Field}} and {{json .Field}}; --json with jq does the rest");
}

/* find - the value at ".A.B" of @length bytes, "." being the whole. false: there is no such field. */
static bool find(struct json_object *object, const char *path, size_t length,
		 struct json_object **value)
{
	const char *end = path + length;

	*value = object;
	for (const char *p = path + 1; p < end;) {
		size_t n = 0;
		char key[128];

		while (p + n < end && p[n] != '.')
			n++;
		if (n == 0 || n >= sizeof(key))
			return false;
		memcpy(key, p, n);
		key[n] = '\0';
		if (!json_object_is_type(*value, json_type_object) ||
		    !json_object_object_get_ex(*value, key, value))
			return false;
		p += n + 1;
	}
	return true;
}

static void print_plain(FILE *to, struct json_object *value)
{
	if (!value)
		fputs("<nil>", to);
	else
		fputs(json_object_get_string(value), to);
}

/* print_list - of simple values; what is deeper is printed as JSON. */
static void print_value(FILE *to, struct json_object *value)
{
	bool first = true;

	switch (json_object_get_type(value)) {
	case json_type_array:
		fputc('[', to);
		for (size_t i = 0; i < json_object_array_length(value); i++) {
			if (i)
				fputc(' ', to);
			print_plain(to, json_object_array_get_idx(value, i));
		}
		fputc(']', to);
		return;
	case json_type_object:
		fputs("map[", to);
		json_object_object_foreach(value, key, member)
		{
			fprintf(to, "%s%s:", first ? "" : " ", key);
			print_plain(to, member);
			first = false;
		}
		fputc(']', to);
		return;
	default:
		print_plain(to, value);
	}
}

/* print_action - what is between {{ and }}. */
static int print_action(FILE *to, const char *text, size_t length, struct json_object *object,
			struct error *err)
{
	struct json_object *value;
	bool json = false;

	while (length && *text == ' ') {
		text++;
		length--;
	}
	while (length && text[length - 1] == ' ')
		length--;
	if (length > 5 && !strncmp(text, "json ", 5)) {
		json = true;
		text += 5;
		length -= 5;
		while (length && *text == ' ') {
			text++;
			length--;
		}
	}
	if (!length || *text != '.' || memchr(text, ' ', length) || memchr(text, '|', length))
		return refuse(text, length, err);
	if (!find(object, text, length, &value)) {
		error_set(err, 0, "template: there is no field `%.*s`",
			  (int)(length < 100 ? length : 100), text);
		return error_hint(err, "`{{json .}}` shows all of them");
	}
	if (json)
		fputs(json_object_to_json_string_ext(value, JSON_FLAGS), to);
	else
		print_value(to, value);
	return 0;
}

int template_print(FILE *to, const char *template, struct json_object *object, struct error *err)
{
	for (const char *p = template; *p;) {
		const char *end;

		if (!strncmp(p, "{{", 2)) {
			end = strstr(p, "}}");
			if (!end)
				return error_set(err, 0, "template: `%.100s` has no }}", p);
			if (print_action(to, p + 2, (size_t)(end - p - 2), object, err) < 0)
				return -1;
			p = end + 2;
			continue;
		}
		if (!strncmp(p, "\\n", 2) || !strncmp(p, "\\t", 2)) {
			fputc(p[1] == 'n' ? '\n' : '\t', to);
			p += 2;
			continue;
		}
		fputc(*p++, to);
	}
	return 0;
}
