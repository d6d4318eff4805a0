/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.c: see lines.h. Samples keep pointers to names, so names live as long as the process.
 */
#include "bench/scenarios/lines.h"

#include <stdlib.h>
#include <string.h>

#define NAME_SIZE 64
#define POOL 512

static char pool[POOL][NAME_SIZE];
static size_t pooled;

/* lasting - a copy of @name that stays; NULL when there are too many. */
static const char *lasting(const char *name)
{
	for (size_t i = 0; i < pooled; i++)
		if (strcmp(pool[i], name) == 0)
			return pool[i];
	if (pooled == POOL)
		return NULL;
	snprintf(pool[pooled], NAME_SIZE, "%s", name);
	return pool[pooled++];
}

int lines_open(struct bench *b, const struct scenario *sc, json_object *params, struct lines *l,
	       struct error *err)
{
	*l = (struct lines){.scenario = sc->id, .skipped = json_object_new_object()};
	if (!params)
		params = json_object_new_object();
	json_object_object_add(params, "skipped", l->skipped);
	return scenario_record(b, sc, params, err);
}

void lines_skip(struct lines *l, const char *where, const char *why)
{
	json_object_object_add(l->skipped, where, json_object_new_string(why));
	bench_say("%s: %s: skipped: %s", l->scenario, where, why);
}

/* know - the lasting name "WHERE: NAME", listed. */
static const char *know(struct lines *l, const char *where, const char *name, size_t len)
{
	char full[NAME_SIZE];
	const char *kept;

	snprintf(full, sizeof(full), "%.20s: %.*s", where, (int)len, name);
	kept = lasting(full);
	for (size_t i = 0; kept && i < l->count; i++)
		if (l->names[i] == kept)
			return kept;
	if (kept && l->count < LINES_NAMES)
		l->names[l->count++] = kept;
	return kept;
}

static int add_sample(struct bench *b, struct lines *l, const char *name, int block, int round,
		      long long ns, struct error *err)
{
	struct sample s = {
		.scenario = l->scenario,
		.system = name,
		.block = block,
		.order = NOT_MEASURED,
		.boot = NOT_MEASURED,
		.invocation = round,
		.ready_ns = NOT_MEASURED,
		.exit_ns = ns,
		.cpu_ns = NOT_MEASURED,
		.instructions = NOT_MEASURED,
		.majflt = NOT_MEASURED,
		.steal_ticks = NOT_MEASURED,
		.psi_us = NOT_MEASURED,
	};

	return results_add(&b->results, &s, err);
}

/* take_line - what is no line of ours is another's: a guest's console has many. */
static int take_line(struct bench *b, struct lines *l, const char *where, const char *line,
		     size_t len, int block, struct error *err)
{
	int round, reason, at = 0;
	long long ns;
	const char *name;

	if (sscanf(line, "skip\t%d\t%n", &reason, &at) == 1 && at > 0 && (size_t)at < len) {
		name = know(l, where, line + at, len - (size_t)at);
		if (name)
			json_object_object_add(l->skipped, name,
					       json_object_new_string(errno_name(reason)));
		return 0;
	}
	if (sscanf(line, "%d\t%lld\t%n", &round, &ns, &at) != 2 || at == 0 || (size_t)at >= len)
		return 0;
	name = know(l, where, line + at, len - (size_t)at);
	return name ? add_sample(b, l, name, block, round, ns, err) : 0;
}

int lines_run(struct bench *b, struct lines *l, const char *where, const struct command *cmd,
	      int block, int deadline_ms, struct error *err)
{
	_cleanup_child_ struct child *c = child_new();
	enum wait_result result;
	char why[200];
	size_t before = b->results.count, known = l->count;

	if (!c)
		return error_set(err, ENOMEM, "cannot start `%s`", cmd->argv[0]);
	if (harness_run(&b->h, c, cmd, deadline_ms, &result, err))
		return -1;
	for (const char *line = c->output; *line;) {
		size_t whole = strcspn(line, "\n"), len = whole;

		if (len > 0 && line[len - 1] == '\r')
			len--;
		if (take_line(b, l, where, line, len, block, err))
			return -1;
		line += whole + (line[whole] == '\n');
	}
	if (result == WAIT_INTERRUPTED)
		return 0;
	if (result != WAIT_OK || child_exit_code(c) != 0 ||
	    (b->results.count == before && l->count == known && block == 0)) {
		child_complaint(c, why, sizeof(why));
		lines_skip(l, where, why);
	}
	return 0;
}

int lines_boot(struct bench *b, struct lines *l, const char *where, const char *exec, bool icount,
	       int block, struct error *err)
{
	const struct system *s = bench_system(b, "appliance");
	struct request r = {.exec = exec, .icount = icount, .serial = ++b->serial};
	struct command cmd;

	if (!s->available) {
		lines_skip(l, where, s->skip);
		return 0;
	}
	command_init(&cmd);
	s->driver->start(b, s, &r, &cmd);
	return lines_run(b, l, where, &cmd, block, visit_deadline_ms(b, s, &r), err);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int lines_close(struct bench *b, struct lines *l, struct error *err)
{
	qsort(l->names, l->count, sizeof(l->names[0]), by_name);
	for (size_t i = 0; i < l->count; i++)
		if (results_summarise(&b->results, l->scenario, l->names[i], "time", "ns",
				      sample_exit, &b->draws, err))
			return -1;
	return 0;
}

int lines_compare(struct bench *b, const struct lines *l, const char *of, const char *to,
		  const char *rung, struct error *err)
{
	size_t len = strlen(to);

	for (size_t i = 0; i < l->count; i++) {
		char other[NAME_SIZE];

		if (strncmp(l->names[i], to, len) != 0 || l->names[i][len] != ':')
			continue;
		snprintf(other, sizeof(other), "%.20s%s", of, l->names[i] + len);
		if (results_ratio(&b->results, l->scenario, "time", sample_exit, other, l->names[i],
				  rung, &b->draws, NULL, err))
			return -1;
	}
	return 0;
}
