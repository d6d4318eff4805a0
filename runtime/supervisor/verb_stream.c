/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_stream.c: logs and attach.
 *
 * To attach is to follow the log from its end and to give input: several clients may do so, none of them
 * slows the container down, and who comes late has lost nothing that the log still has. Both end when the
 * container has and all was read.
 */
#include <string.h>

#include "runtime/supervisor/request.h"

struct stream {
	struct log_reader *reader;
	bool attached, input, ended;
	bool input_over; /* what is left of it, then the end */
	char *rest;	 /* of its last frame, that the container has not taken yet */
	size_t rest_length;
};

static void finish(struct client *client)
{
	const struct stream *st = client->data;

	client_end(client, st->attached ? client->on->exit_code : -1);
}

static void more(struct client *client)
{
	struct stream *st = client->data;

	if (log_reader_more(st->reader, client) || client->dead)
		return;
	client_want(client, false);
	if (st->ended)
		finish(client);
}

/* is_early - is there nothing yet that takes input? */
static bool is_early(const struct container *c)
{
	return c->console.fd < 0 && (c->phase == PHASE_CREATED || c->phase == PHASE_CREATING);
}

static void give(struct client *client)
{
	struct stream *st = client->data;
	bool early = is_early(client->on);
	size_t taken = early ? 0 : console_write(client->on, st->rest, st->rest_length);

	st->rest_length -= taken;
	if (st->rest && st->rest_length)
		memmove(st->rest, st->rest + taken, st->rest_length);
	else
		free(take_ptr(st->rest));
	if (st->input_over && !st->rest_length && !early)
		console_eof(client->on);
	client_hold(client, st->rest_length > 0);
}

static void told(struct client *client, enum told what, const struct error *err)
{
	struct stream *st = client->data;

	switch (what) {
	case TOLD_LOG:
		client_want(client, true);
		break;
	case TOLD_INPUT:
	case TOLD_STARTED:
		if (st->rest || st->input_over)
			give(client);
		break;
	case TOLD_FAILED:
		if (st->attached && err)
			client_fail(client, err);
		break;
	case TOLD_EXITED:
		/* Who follows the logs of a container that comes back goes on. */
		if (client->on->restarting && !st->attached)
			break;
		st->ended = true;
		client_want(client, true);
		break;
	case TOLD_REMOVED:
		break;
	}
}

static void control(struct client *client, const char *data, size_t length)
{
	const struct control said = control_parse(data, length);
	struct container *c = client->on;
	struct error err = ERROR_INIT;

	if (said.rows && c->terminal)
		console_resize(c->console.fd, said.rows, said.columns);
	/* One that has just ended needs no signal any more. */
	if (said.signal && process_signal(c, said.signal, &err) < 0)
		return;
	if (said.detach)
		client_end(client, -1);
}

static void frame(struct client *client, enum frame_type type, const char *data, size_t length)
{
	struct stream *st = client->data;

	if (type == FRAME_JSON) {
		control(client, data, length);
		return;
	}
	if (type != FRAME_STDIN || !st->input)
		return;
	st->input_over = !length;
	if (length) {
		st->rest = must_have(malloc(length));
		memcpy(st->rest, data, length);
		st->rest_length = length;
	}
	give(client);
}

static void gone(struct client *client)
{
	struct stream *st = client->data;

	log_reader_free(st->reader);
	free(st->rest);
	free(st);
}

static const struct op logs_op = {.more = more, .told = told, .gone = gone};
static const struct op attach_op = {.frame = frame, .more = more, .told = told, .gone = gone};

static void begin(struct client *client, const struct op *op, struct container *c,
		  const struct log_query *query, struct stream *values)
{
	struct stream *st = zalloc(sizeof(*st));

	*st = *values;
	st->reader = log_reader_new(c, query);
	client_json(client, client_ok());
	client_begin(client, op, c, st);
	client_want(client, true);
}

static bool is_over(const struct container *c)
{
	return c->phase == PHASE_EXITED && !c->restarting && !c->want_start;
}

void verb_logs(struct client *client, const struct request *r, struct container *c)
{
	const struct log_query query = {.since_ns = r->since_ns,
					.until_ns = r->until_ns,
					.tail = r->tail,
					.timestamps = r->timestamps,
					.streams = {r->out, r->err},
					.follow = r->follow};
	struct stream st = {.ended = !r->follow || is_over(c)};

	begin(client, &logs_op, c, &query, &st);
}

void verb_attach(struct client *client, const struct request *r, struct container *c)
{
	const struct log_query query = {.tail = r->logs ? -1 : 0,
					.streams = {r->out, r->err},
					.follow = true};
	struct stream st = {.attached = true, .input = r->in, .ended = is_over(c)};

	if (c->phase == PHASE_EXITED && is_over(c) && !r->logs) {
		verb_error(client, "container `%s` is not running", c->name);
		return;
	}
	begin(client, &attach_op, c, &query, &st);
}
