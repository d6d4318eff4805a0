/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * visit.c: one start of one system, from command line to samples.
 *
 * A start that fails or meets its deadline becomes a sample too, with what is known of it: to
 * leave it out would make a system look better the more often it fails.
 */
#include "bench/journal.h"
#include "bench/scenarios/scenario.h"

#include <signal.h>
#include <string.h>

#define ICOUNT_DEADLINE_FACTOR 4
#define HEAVY_DEADLINE_FACTOR 3
#define UNTIMED "not timed: the harness read both marks at once"

const struct scenario *const scenarios[] = {
	&scenario_floor,    &scenario_start,   &scenario_cold,	    &scenario_exec,
	&scenario_first,    &scenario_phases,  &scenario_phases_ct, &scenario_tcp,
	&scenario_par,	    &scenario_open,    &scenario_creation,  &scenario_density,
	&scenario_mem,	    &scenario_minram,  &scenario_netns,	    &scenario_rootfs,
	&scenario_cgroup,   &scenario_syscall, &scenario_cpu,	    &scenario_net,
	&scenario_teardown, &scenario_restore, &scenario_icount,    &scenario_selftest,
	&scenario_image,
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

	if (s->driver->heavy)
		ms *= HEAVY_DEADLINE_FACTOR;
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

/* add_single - a start that is the whole life of the command; @ended by itself. */
static int add_single(struct bench *b, struct sample *sample, const struct child *c,
		      const struct request *r, bool ended, struct error *err)
{
	const struct mark *ready = child_mark(c, MARK_PROBE, 0);

	if (c->exited) { /* else it could not be killed */
		sample->exit_ns = ended ? c->exited_ns - c->started_ns : NOT_MEASURED;
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

int visit_add(struct bench *b, const struct system *s, const struct place *at,
	      const struct child *c, enum wait_result result, struct error *err)
{
	static const struct request r = {0};
	struct sample sample = sample_from(s, at, c, result);

	return add_single(b, &sample, c, &r, true, err);
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

struct sample visit_nth_start(const struct system *s, const struct place *at, const struct child *c,
			      enum wait_result result, size_t nth, const struct request *r)
{
	struct sample common = sample_from(s, at, c, result);

	return one_of_boot(&common, c, nth, r);
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

/*
 * replay - take visit @serial out of the journal of the run that is gone on with.
 * Returns how many samples it had; 0: it has to be done.
 */
static int replay(struct bench *b, const struct system *s, const struct place *at,
		  unsigned int serial, struct child *c, struct error *err)
{
	size_t first = b->results.count;
	int n = journal_replay(&b->results, serial, err);
	const struct sample *one = &b->results.samples[first];

	if (n <= 0)
		return n;
	if (strcmp(one->scenario, at->scenario) != 0 || strcmp(one->system, s->driver->id) != 0 ||
	    one->block != at->block || one->order != at->order)
		return error_set(err, 0,
				 "cannot go on: start %u was of %s in %s, block %d, and would be "
				 "of %s in %s, block %d",
				 serial, one->system, one->scenario, one->block, s->driver->id,
				 at->scenario, at->block);
	/* What it complained of is what a caller may want to quote. */
	c->errors_size = (size_t)snprintf(c->errors, sizeof(c->errors), "%s",
					  b->results.samples[b->results.count - 1].error);
	return n;
}

/* run_endless - until the probe has reported; what goes on then is killed. */
static int run_endless(struct bench *b, struct child *c, const struct command *cmd, int deadline_ms,
		       enum wait_result *result, struct error *err)
{
	if (harness_start(&b->h, c, cmd, err))
		return -1;
	*result = harness_wait_marks(&b->h, c, MARK_PROBE, 1, deadline_ms);
	harness_kill(&b->h, c);
	return 0;
}

int visit(struct bench *b, const struct system *s, const struct request *r, const struct place *at,
	  struct child *c, bool *failed, struct error *err)
{
	size_t first = b->results.count;
	bool muted = b->results.muted;
	struct request request = *r;
	struct sample sample;
	struct command cmd;
	enum wait_result result;
	int ret;

	request.serial = ++b->serial;
	ret = at->warmup ? 0 : replay(b, s, at, request.serial, c, err);
	if (ret) {
		*failed = !good(&b->results, first);
		return ret < 0 ? -1 : 0;
	}
	command_init(&cmd);
	s->driver->start(b, s, &request, &cmd);
	if (s->driver->endless
		    ? run_endless(b, c, &cmd, visit_deadline_ms(b, s, r), &result, err)
		    : harness_run(&b->h, c, &cmd, visit_deadline_ms(b, s, r), &result, err))
		return -1;
	if (result == WAIT_INTERRUPTED)
		return 0;
	sample = sample_from(s, at, c, result);
	if (s->driver->endless && result == WAIT_OK)
		sample.rc = 0, sample.outcome = OUTCOME_OK;
	b->results.visit = request.serial;
	results_mute(&b->results, muted || at->warmup);
	ret = s->driver->kind == KIND_APPLIANCE
		      ? add_boot(b, &sample, c, r, err)
		      : add_single(b, &sample, c, r, !s->driver->endless, err);
	if (ret == 0)
		ret = journal_end(&b->results, err);
	results_mute(&b->results, muted);
	b->results.visit = 0;
	*failed = !good(&b->results, first);
	if (*failed)
		visit_stop(b, s, request.serial);
	if (at->warmup)
		b->results.count = first;
	return ret;
}
