/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sample.c: samples in memory, and each as a JSON object: a row of the results, a line of the journal.
 */
#include "bench/result.h"

#include "bench/journal.h"

#include <string.h>

int64_t sample_ready(const struct sample *s)
{
	return s->ready_ns;
}

int64_t sample_exit(const struct sample *s)
{
	return s->exit_ns;
}

int64_t sample_cpu(const struct sample *s)
{
	return s->cpu_ns;
}

int64_t sample_instructions(const struct sample *s)
{
	return s->instructions;
}

static const char *const flags[] = {
	[OUTCOME_OK] = NULL,
	[OUTCOME_FAILED] = "failed",
	[OUTCOME_TIMEOUT] = "timeout",
};

/* The whole numbers of a sample by name; what was not measured is left out. */
#define NUMBERS(X)    \
	X(block)      \
	X(order)      \
	X(boot)       \
	X(invocation) \
	X(t0_ns) X(ready_ns) X(exit_ns) X(cpu_ns) X(majflt) X(instructions) X(steal_ticks) X(psi_us)

json_object *sample_json(const struct sample *s)
{
	json_object *o = json_object_new_object();

	if (!o)
		return NULL;
	json_object_object_add(o, "scenario", json_object_new_string(s->scenario));
	json_object_object_add(o, "system", json_object_new_string(s->system));
#define PUT(name)                    \
	if (s->name != NOT_MEASURED) \
		json_object_object_add(o, #name, json_object_new_int64(s->name));
	NUMBERS(PUT)
#undef PUT
	json_object_object_add(o, "rc", json_object_new_int(s->rc));
	if (flags[s->outcome])
		json_object_object_add(o, "flag", json_object_new_string(flags[s->outcome]));
	if (s->error[0])
		json_object_object_add(o, "error", json_object_new_string(s->error));
	return o;
}

static int64_t number(json_object *o, const char *key, int64_t otherwise)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) ? json_object_get_int64(v) : otherwise;
}

static const char *text(json_object *o, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(o, key, &v) && v ? json_object_get_string(v) : "";
}

/* name_of - @name in memory that lives as long as the results; NULL without memory. */
static const char *name_of(struct results *r, const char *name)
{
	char **more;

	for (size_t i = 0; i < r->name_count; i++)
		if (strcmp(r->names[i], name) == 0)
			return r->names[i];
	more = realloc(r->names, (r->name_count + 1) * sizeof(*more));
	if (!more)
		return NULL;
	r->names = more;
	more[r->name_count] = strdup(name);
	return more[r->name_count] ? more[r->name_count++] : NULL;
}

int sample_parse(struct results *r, json_object *o, struct sample *s, struct error *err)
{
	const char *flag = text(o, "flag");

	*s = (struct sample){
		.scenario = name_of(r, text(o, "scenario")),
		.system = name_of(r, text(o, "system")),
		.rc = (int)number(o, "rc", 0),
		.outcome = flag[0] == 't' ? OUTCOME_TIMEOUT
			   : flag[0]	  ? OUTCOME_FAILED
					  : OUTCOME_OK,
	};
	if (!s->scenario || !s->system)
		return error_set(err, ENOMEM, "cannot keep the results");
#define GET(name) s->name = (__typeof__(s->name))number(o, #name, NOT_MEASURED);
	NUMBERS(GET)
#undef GET
	snprintf(s->error, sizeof(s->error), "%s", text(o, "error"));
	return 0;
}

int results_add(struct results *r, const struct sample *s, struct error *err)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 1024;
		struct sample *more = realloc(r->samples, room * sizeof(*more));

		if (!more)
			return error_set(err, ENOMEM, "cannot keep the results");
		r->samples = more;
		r->room = room;
	}
	r->samples[r->count++] = *s;
	return journal_sample(r, s, err);
}

struct datum *results_data(const struct results *r, const char *scenario, const char *system,
			   sample_field field, size_t *n, size_t *failed)
{
	struct datum *d = calloc(r->count + 1, sizeof(*d));

	*n = *failed = 0;
	for (size_t i = 0; d && i < r->count; i++) {
		const struct sample *s = &r->samples[i];

		if (strcmp(s->scenario, scenario) != 0 || strcmp(s->system, system) != 0)
			continue;
		if (s->outcome != OUTCOME_OK)
			++*failed;
		else if (field(s) != NOT_MEASURED)
			d[(*n)++] = (struct datum){(double)field(s), s->block};
	}
	return d;
}
