/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * visit.c: one start of one system, from command line to samples.
 *
 * A start that fails or meets its deadline becomes a sample too, with what is known of it: to
 * leave it out would make a system look better the more often it fails.
 */
#include "bench/scenarios/scenario.h"

#include <signal.h>
#include <string.h>

#define ICOUNT_DEADLINE_FACTOR 4
#define UNTIMED "not timed: the harness read both marks at once"

const struct scenario *const scenarios[] = {
	&scenario_floor, &scenario_start, &scenario_exec, &scenario_mem, &scenario_icount,
};
const size_t scenario_count = ARRAY_SIZE(scenarios);

const struct scenario *scenario_find(const char *id)
{
	for (size_t i = 0; i < scenario_count; i++)
		if (strcmp(scenarios[i]->id, id) == 0)
			return scenarios[i];
	return NULL;
}

const char *scenario_verdict(struct interval v, double limit)
{
	if (v.high <= limit)
		return "holds";
	return v.low > limit ? "fails" : "unclear";
}

int scenario_record(struct bench *b, const struct scenario *sc, json_object *params,
		    struct error *err)
{
	json_object *o = json_object_new_object();

	if (!o)
		return error_set(err, ENOMEM, "cannot keep the results");
	json_object_object_add(o, "id", json_object_new_string(sc->id));
	json_object_object_add(o, "title", json_object_new_string(sc->title));
	json_object_object_add(o, "params", params);
	if (json_object_array_add(results_list(&b->results, "scenarios"), o) == 0)
		return 0;
	json_object_put(o);
	return error_set(err, ENOMEM, "cannot keep the results");
}

/* last_line - the last line of @text that is not empty. */
static void last_line(const char *text, char *buf, size_t size)
{
	const char *end = text + strlen(text), *line;

	while (end > text && (end[-1] == '\n' || end[-1] == '\r'))
		end--;
	line = end;
	while (line > text && line[-1] != '\n')
		line--;
	snprintf(buf, size, "%.*s", (int)(end - line), line);
}

void child_complaint(const struct child *c, char *buf, size_t size)
{
	last_line(c->errors_size ? c->errors : c->output, buf, size);
	if (!buf[0])
		snprintf(buf, size,
			 c->exited && child_exit_code(c) != 128 + SIGKILL
				 ? "it said nothing"
				 : "killed at its deadline, it had said nothing");
}

int visit_deadline_ms(const struct bench *b, const struct system *s, const struct request *r)
{
	int ms = s->driver->kind == KIND_VM || s->driver->kind == KIND_APPLIANCE
			 ? b->opt.vm_deadline_ms
			 : b->opt.container_deadline_ms;

	return r->icount ? ms * ICOUNT_DEADLINE_FACTOR : ms;
}

void visit_stop(struct bench *b, const struct system *s, unsigned int serial)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;
	enum wait_result result;

	if (!s->driver->stop || !c)
		return;
	command_init(&cmd);
	s->driver->stop(b, s, serial, &cmd);
	/* Whether anything was left to remove is not known, so its complaint says nothing. */
	if (harness_run(&b->h, c, &cmd, b->opt.container_deadline_ms, &result, &err))
		bench_say("%s", err.what);
}

/* sample_from - what is the same for every sample of this start. */
static struct sample sample_from(const struct system *s, const struct place *at,
				 const struct child *c, enum wait_result result)
{
	struct sample sample = {
		.scenario = at->scenario,
		.system = s->driver->id,
		.block = at->block,
		.order = at->order,
		.boot = NOT_MEASURED,
		.invocation = at->invocation,
		.t0_ns = c->started_ns,
		.ready_ns = NOT_MEASURED,
		.exit_ns = NOT_MEASURED,
		.cpu_ns = NOT_MEASURED,
		.instructions = NOT_MEASURED,
		.majflt = NOT_MEASURED,
		.rc = child_exit_code(c),
		.steal_ticks = NOT_MEASURED,
		.psi_us = NOT_MEASURED,
	};

	if (result == WAIT_TIMEOUT)
		sample.outcome = OUTCOME_TIMEOUT;
	else if (sample.rc != 0)
		sample.outcome = OUTCOME_FAILED;
	return sample;
}

static int64_t timeval_ns(const struct timeval *tv)
{
	return (int64_t)tv->tv_sec * 1000000000 + (int64_t)tv->tv_usec * 1000;
}

/* add_single - a start that is the whole life of the command. */
static int add_single(struct bench *b, struct sample *sample, const struct child *c,
		      const struct request *r, struct error *err)
{
	const struct mark *ready = child_mark(c, MARK_PROBE, 0);

	if (c->exited) { /* else it could not be killed */
		sample->exit_ns = c->exited_ns - c->started_ns;
		sample->cpu_ns = timeval_ns(&c->usage.ru_utime) + timeval_ns(&c->usage.ru_stime);
		sample->majflt = c->usage.ru_majflt;
	}
	if (ready) {
		sample->ready_ns = ready->stamp_ns - c->started_ns;
		sample->instructions = r->icount ? (int64_t)ready->value : NOT_MEASURED;
	} else if (sample->outcome == OUTCOME_OK) {
		sample->outcome = OUTCOME_FAILED;
		snprintf(sample->error, sizeof(sample->error), "the probe did not report");
	}
	if (sample->outcome != OUTCOME_OK && !sample->error[0])
		child_complaint(c, sample->error, sizeof(sample->error));
	return results_add(&b->results, sample, err);
}

/* one_of_boot - the sample that the marks from START number @nth on make up. */
static struct sample one_of_boot(const struct sample *common, const struct child *c, size_t nth,
				 const struct request *r)
{
	struct sample s = *common;
	const struct mark *start = child_mark(c, MARK_START, nth), *next = start + 1;
	const struct mark *end = c->marks + c->mark_count;
	uint64_t counter = 0;

	s.invocation = (int)nth;
	s.t0_ns = start->stamp_ns;
	s.outcome = OUTCOME_FAILED;
	for (; next < end && next->kind != MARK_START; next++) {
		if (next->kind == MARK_PROBE) {
			/* Read at once with START, it has no time of its own. */
			if (next->stamp_ns > start->stamp_ns)
				s.ready_ns = next->stamp_ns - start->stamp_ns;
			else
				snprintf(s.error, sizeof(s.error), UNTIMED);
			counter = next->value;
			s.outcome = OUTCOME_OK;
		} else if (next->kind == MARK_END) {
			s.exit_ns = next->stamp_ns - start->stamp_ns;
		} else if (next->kind == MARK_BEGIN && r->icount && s.outcome == OUTCOME_OK) {
			s.instructions = (int64_t)(counter - next->value);
		}
	}
	if (s.outcome != OUTCOME_OK)
		child_complaint(c, s.error, sizeof(s.error));
	return s;
}

/* add_boot - the starts inside one boot; one sample that says so when there was none. */
static int add_boot(struct bench *b, struct sample *common, const struct child *c,
		    const struct request *r, struct error *err)
{
	size_t n = 0;

	common->boot = common->block;
	while (child_mark(c, MARK_START, n)) {
		if (n >= r->warmups) {
			struct sample s = one_of_boot(common, c, n, r);

			if (results_add(&b->results, &s, err))
				return -1;
		}
		n++;
	}
	if (n == r->starts + r->warmups)
		return 0;
	/* Fewer than asked for: the boot itself failed, at some point. */
	common->outcome = common->outcome == OUTCOME_OK ? OUTCOME_FAILED : common->outcome;
	child_complaint(c, common->error, sizeof(common->error));
	return results_add(&b->results, common, err);
}

/* good - whether all samples from @first on are. */
static bool good(const struct results *r, size_t first)
{
	for (size_t i = first; i < r->count; i++)
		if (r->samples[i].outcome != OUTCOME_OK)
			return false;
	return true;
}

int visit(struct bench *b, const struct system *s, const struct request *r, const struct place *at,
	  struct child *c, bool *failed, struct error *err)
{
	size_t first = b->results.count;
	struct request request = *r;
	struct sample sample;
	struct command cmd;
	enum wait_result result;
	int ret;

	request.serial = ++b->serial;
	command_init(&cmd);
	s->driver->start(b, s, &request, &cmd);
	if (harness_run(&b->h, c, &cmd, visit_deadline_ms(b, s, r), &result, err))
		return -1;
	if (result == WAIT_INTERRUPTED)
		return 0;
	sample = sample_from(s, at, c, result);
	ret = s->driver->kind == KIND_APPLIANCE ? add_boot(b, &sample, c, r, err)
						: add_single(b, &sample, c, r, err);
	*failed = !good(&b->results, first);
	if (*failed)
		visit_stop(b, s, request.serial);
	if (at->warmup)
		b->results.count = first;
	return ret;
}
