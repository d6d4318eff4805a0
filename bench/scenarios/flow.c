/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flow.c: see flow.h. One thread and one loop, as with a single start: a child that has ended is
 * recorded and its memory is used for the next.
 */
#include "bench/scenarios/flow.h"

#include <math.h>
#include <string.h>

/* A start that is in flight or can be used for the next. */
struct slot {
	struct child *child;
	int64_t due_ns;
	unsigned int serial, number;
	bool busy;
};

struct state {
	struct slot slots[FLOW_MOST];
	size_t count;
	unsigned int begun, busy;
	int64_t next_due_ns;
};

static int open_slots(struct state *st, size_t n, struct error *err)
{
	for (; st->count < n; st->count++) {
		st->slots[st->count].child = child_new();
		if (!st->slots[st->count].child)
			return error_set(err, ENOMEM, "cannot keep %zu starts in flight", n);
	}
	return 0;
}

static void close_slots(struct bench *b, const struct flow *f, struct state *st)
{
	for (size_t i = 0; i < st->count; i++) {
		if (st->slots[i].busy) {
			harness_kill(&b->h, st->slots[i].child);
			visit_stop(b, f->system, st->slots[i].serial);
		}
		child_free(st->slots[i].child);
	}
}

/* next_due - when the start after the one that is due at @now_ns is. */
static int64_t next_due(struct bench *b, const struct flow *f, int64_t now_ns)
{
	/* (0, 1], so that the logarithm is finite */
	double u = ((double)(rng_next(&b->order) >> 11) + 1) * 0x1p-53;

	return now_ns + (int64_t)(-log(u) / f->per_second * 1e9);
}

static int begin(struct bench *b, const struct flow *f, struct state *st, struct slot *slot,
		 int64_t due_ns, struct error *err)
{
	struct request r = {.serial = ++b->serial};
	struct command cmd;

	slot->due_ns = due_ns;
	slot->serial = r.serial;
	slot->number = st->begun++;
	command_init(&cmd);
	f->system->driver->start(b, f->system, &r, &cmd);
	if (harness_start(&b->h, slot->child, &cmd, err))
		return -1;
	slot->busy = true;
	st->busy++;
	return 0;
}

/* finish - record what has ended or is overdue. */
static int finish(struct bench *b, struct flow *f, struct state *st, struct slot *slot,
		  struct error *err)
{
	struct place at = {f->scenario, f->block, (int)slot->number, (int)slot->number, false};
	int64_t deadline_ns = (int64_t)b->opt.container_deadline_ms * 1000000;
	struct child *c = slot->child;
	enum wait_result result = WAIT_OK;
	struct sample *s;

	if (!c->exited) {
		if (harness_now_ns() - c->started_ns < deadline_ns)
			return 0;
		harness_kill(&b->h, c);
		result = WAIT_TIMEOUT;
	}
	if (visit_add(b, f->system, &at, c, result, err))
		return -1;
	slot->busy = false;
	st->busy--;
	s = &b->results.samples[b->results.count - 1];
	if (s->ready_ns != NOT_MEASURED)
		s->ready_ns += c->started_ns - slot->due_ns;
	s->t0_ns = slot->due_ns;
	if (s->outcome == OUTCOME_OK)
		f->done++;
	else
		visit_stop(b, f->system, slot->serial);
	return 0;
}

/* fill - begin all that is due. */
static int fill(struct bench *b, const struct flow *f, struct state *st, int64_t end_ns,
		struct error *err)
{
	for (size_t i = 0; i < st->count; i++) {
		int64_t now = harness_now_ns(), due = f->per_second > 0 ? st->next_due_ns : now;

		if (f->per_second > 0 ? due > now || due > end_ns : st->begun >= f->starts)
			return 0;
		if (st->slots[i].busy)
			continue;
		if (begin(b, f, st, &st->slots[i], due, err))
			return -1;
		if (f->per_second > 0)
			st->next_due_ns = next_due(b, f, due);
	}
	return 0;
}

static int loop(struct bench *b, struct flow *f, struct state *st, struct error *err)
{
	int64_t start = harness_now_ns(), end = start + f->ns;

	st->next_due_ns = f->per_second > 0 ? next_due(b, f, start) : 0;
	while (!b->h.interrupted) {
		int64_t until;

		if (fill(b, f, st, end, err))
			return -1;
		if (st->busy == 0 &&
		    (f->per_second > 0 ? st->next_due_ns > end : st->begun >= f->starts))
			break;
		until = harness_now_ns() + 100000000;
		if (f->per_second > 0 && st->next_due_ns < until && st->next_due_ns < end &&
		    st->busy < st->count)
			until = st->next_due_ns;
		harness_turn(&b->h, until);
		for (size_t i = 0; i < st->count; i++)
			if (st->slots[i].busy && finish(b, f, st, &st->slots[i], err))
				return -1;
	}
	f->took_s = (double)(harness_now_ns() - start) / 1e9;
	return 0;
}

int flow_run(struct bench *b, struct flow *f, struct error *err)
{
	struct state *st = calloc(1, sizeof(*st));
	int ret;

	f->done = 0;
	if (!st)
		return error_set(err, ENOMEM, "cannot start `%s`", f->system->driver->id);
	ret = open_slots(st, f->per_second > 0 ? FLOW_MOST : f->in_flight, err);
	if (ret == 0)
		ret = loop(b, f, st, err);
	close_slots(b, f, st);
	free(st);
	return ret;
}

int flow_summarise(struct bench *b, const struct flow *f, const char *label, struct error *err)
{
	struct datum *d = calloc(b->results.count + 1, sizeof(*d));
	size_t n = 0, failed = 0;
	char metric[48];
	int ret = 0;

	if (!d)
		return error_set(err, ENOMEM, "cannot summarise `%s`", f->scenario);
	for (size_t i = 0; i < b->results.count; i++) {
		const struct sample *s = &b->results.samples[i];

		if (strcmp(s->scenario, f->scenario) != 0 || s->block != f->block ||
		    strcmp(s->system, f->system->driver->id) != 0)
			continue;
		/* Starts that were in flight together are not independent; tens of them are a block. */
		if (s->outcome == OUTCOME_OK && s->ready_ns != NOT_MEASURED)
			d[n++] = (struct datum){(double)s->ready_ns, s->invocation / 10};
		else
			failed++;
	}
	snprintf(metric, sizeof(metric), "ready, %s", label);
	if (n > 0)
		ret = results_summarise_data(&b->results, f->scenario, f->system->driver->id,
					     metric, "ns", d, n, failed, &b->draws, err);
	free(d);
	return ret;
}
