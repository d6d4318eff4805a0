/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * events.c: what happened, in Docker's form: a ring of the last ones, and clients that follow.
 *
 * Each event has a number that is never used again. A client has the number of the next one that it is
 * to get, so a slow one skips what the ring has lost, and is told how many these were.
 */
#include <string.h>

#include "runtime/supervisor/request.h"

#define KEPT 512

static struct kept {
	int64_t time_ns;
	char *text;
	char id[ID_DIGITS + 1], name[NAME_BYTES + 1];
	char action[16];
} ring[KEPT];
static uint64_t next_event;

struct follower {
	uint64_t at;
	int64_t since_ns, until_ns;
	bool follow;
	char *container, *action; /* filters; NULL: all */
};

static const struct op events_op;

void event(struct container *c, const char *action, const char *key, const char *value)
{
	struct kept *k = &ring[next_event++ % KEPT];
	struct json_object *o = must_have(json_object_new_object());
	struct json_object *actor = must_have(json_object_new_object());
	struct json_object *attributes = must_have(json_object_new_object());

	k->time_ns = now_ns();
	snprintf(k->id, sizeof(k->id), "%s", c->id);
	snprintf(k->name, sizeof(k->name), "%s", c->name);
	/* "health_status: healthy" is filtered by its first word */
	snprintf(k->action, sizeof(k->action), "%.*s", (int)strcspn(action, ":"), action);
	json_put_text(o, "Type", "container");
	json_put_text(o, "Action", action);
	json_put_text(attributes, "name", c->name);
	if (key)
		json_put_text(attributes, key, value);
	json_put_text(actor, "ID", c->id);
	json_put(actor, "Attributes", attributes);
	json_put(o, "Actor", actor);
	json_put_int(o, "time", k->time_ns / 1000000000);
	json_put_int(o, "timeNano", k->time_ns);
	free(k->text);
	k->text = copy_text(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	json_object_put(o);
	for (struct client *client = c->s->clients; client; client = client->next)
		if (!client->dead && client->op == &events_op)
			client_want(client, true);
}

static bool is_wanted(const struct follower *f, const struct kept *k)
{
	size_t length = f->container ? strlen(f->container) : 0;

	if (k->time_ns < f->since_ns)
		return false;
	if (f->action && strcmp(f->action, k->action) != 0)
		return false;
	return !length || !strcmp(f->container, k->name) || !strncmp(f->container, k->id, length);
}

static void more(struct client *client)
{
	struct follower *f = client->data;

	if (next_event - f->at > KEPT)
		f->at = next_event - KEPT;
	while (f->at < next_event && client_has_room(client)) {
		const struct kept *k = &ring[f->at++ % KEPT];

		if (f->until_ns && k->time_ns > f->until_ns) {
			client_end(client, -1);
			return;
		}
		if (is_wanted(f, k))
			client_send(client, FRAME_JSON, k->text, strlen(k->text));
		if (client->dead)
			return;
	}
	if (f->at < next_event)
		return;
	client_want(client, false);
	if (!f->follow)
		client_end(client, -1);
}

static void gone(struct client *client)
{
	struct follower *f = client->data;

	free(f->container);
	free(f->action);
	free(f);
}

static const struct op events_op = {.more = more, .gone = gone};

/* filter - the first value of {"KEY": ["VALUE"]} or {"KEY": "VALUE"} */
static char *filter(const struct json_object *filters, const char *key)
{
	struct json_object *value = json_get(filters, key);

	if (json_object_is_type(value, json_type_array))
		value = json_object_array_get_idx(value, 0);
	return json_object_is_type(value, json_type_string)
		       ? copy_text(json_object_get_string(value))
		       : NULL;
}

void verb_events(struct client *client, const struct request *r, struct container *none)
{
	const struct json_object *filters = json_get(r->tree, "filters");
	struct follower *f = zalloc(sizeof(*f));
	struct json_object *follow = json_get(r->tree, "follow");

	(void)none;
	/* As with Docker: from now on and for ever, unless times are given. */
	*f = (struct follower){.since_ns = r->since_ns,
			       .until_ns = r->until_ns,
			       .follow = follow ? r->follow : !r->until_ns,
			       .container = filter(filters, "container"),
			       .action = filter(filters, "event")};
	f->at = r->since_ns || !f->follow ? 0 : next_event;
	client_json(client, client_ok());
	client_begin(client, &events_op, NULL, f);
	client_want(client, true);
}
