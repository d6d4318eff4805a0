/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * doctor.c: `doctor`: what this kernel and this host lack of what Cloison uses, what that costs, how to get it.
 */
#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/cli/verb.h"
#include "runtime/sandbox/probes.h"

struct values {
	bool json;
};

static const struct option table[] = {
	{"json", 0, OPTION_FLAG, offsetof(struct values, json), NULL, "print one JSON document"},
};

static const char *const words[PROBE_STATES] = {
	[PROBE_OK] = "ok",
	[PROBE_LIMITED] = "limited",
	[PROBE_MISSING] = "missing",
};

static const char *how(const struct probe *p, const struct probe_result *r)
{
	return r->get[0] ? r->get : p->get;
}

static void print(const struct probe *p, const struct probe_result *r)
{
	printf("%-7s  %-20s  %s\n", words[r->state], p->name, r->detail);
	if (r->state != PROBE_OK)
		printf("           cost:  %s\n           get:   %s\n", p->cost, how(p, r));
}

/* put - @o[@key] = @value, which is given up. Returns 0, or -1 without memory. */
static int put(struct json_object *o, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(o, key, value) == 0)
		return 0;
	json_object_put(value);
	return -1;
}

static struct json_object *as_json(const struct probe *p, const struct probe_result *r)
{
	struct json_object *o = json_object_new_object();
	bool ok = r->state == PROBE_OK;

	if (o && put(o, "name", json_object_new_string(p->name)) == 0 &&
	    put(o, "state", json_object_new_string(words[r->state])) == 0 &&
	    put(o, "needed", json_object_new_boolean(p->needed)) == 0 &&
	    put(o, "detail", json_object_new_string(r->detail)) == 0 &&
	    (ok || put(o, "cost", json_object_new_string(p->cost)) == 0) &&
	    (ok || put(o, "get", json_object_new_string(how(p, r))) == 0))
		return o;
	json_object_put(o);
	return NULL;
}

static int print_json(struct json_object *list, bool runs, struct error *err)
{
	_cleanup_json_ struct json_object *o = json_object_new_object();

	if (!o || put(o, "run", json_object_new_boolean(runs)) < 0 ||
	    put(o, "checks", json_object_get(list)) < 0)
		return error_set(err, ENOMEM, "cannot print");
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY |
						       JSON_C_TO_STRING_NOSLASHESCAPE));
	return 0;
}

static int doctor(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *list = json_object_new_array();
	const struct values *v = values;
	bool runs = true;

	(void)rt;
	(void)argv;
	for (size_t i = 0; i < probe_count; i++) {
		struct probe_result r = {.state = PROBE_OK};

		fflush(stdout); /* a child must not print it again */
		probes[i].look(&probes[i], &r);
		runs = runs && !(probes[i].needed && r.state == PROBE_MISSING);
		if (!v->json)
			print(&probes[i], &r);
		else if (!list || json_object_array_add(list, as_json(&probes[i], &r)) < 0)
			return error_set(err, ENOMEM, "cannot print");
	}
	if (v->json && print_json(list, runs, err) < 0)
		return -1;
	if (!v->json)
		puts(runs ? "\nContainers can be run here."
			  : "\nContainers cannot be run here: see what is missing.");
	if (fflush(stdout))
		return error_set(err, errno, "cannot print");
	return runs ? 0 : 1;
}

const struct verb verb_doctor = {
	.name = "doctor",
	.arguments = "",
	.summary = "say what this host lacks for containers, and how to get it",
	VERB_OPTIONS(table, struct values),
	.max_args = 0,
	.stateless = true,
	.run = doctor,
};
