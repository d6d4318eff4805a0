/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.c: connections.
 *
 * Who connects is asked of the kernel (SO_PEERCRED): root, or a member of the group of the socket. A
 * connection serves one request after the other; while one is being answered the next frames wait in the
 * socket, unless the operation takes frames itself (attach, exec).
 *
 * A client costs what it uses, within bounds: one frame of input, while it is incomplete or waits, and
 * OUT_MAX bytes of output. What produces more output asks client_has_room() first, and is called again
 * when there is. A client that leaves a request unfinished for REQUEST_MS, or takes none of its output for
 * STALL_MS, is dropped. So nobody can make the loop wait, or the memory grow.
 *
 * The answer to a request that changes something waits here until the change is on the disk: flush.c.
 *
 * A client is freed at the end of a turn only: handlers may drop any without caring who holds it.
 */
#include <fcntl.h>
#include <grp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/audit.h"
#include "runtime/supervisor/supervisor.h"

#define IN_MAX (FRAME_HEADER + FRAME_MAX)
#define OUT_ROOM 65536	   /* less than that is waiting: there is room */
#define OUT_MAX 4194304	   /* an answer in several frames; beyond it the client is dropped */
#define OUT_KEEP 4096	   /* a buffer of more is given back when it is empty */
#define REFUSED_CLIENTS 64 /* that wait to hear it */
#define PART_BYTES 49152   /* of an answer in parts; one element more still fits */
#define REQUEST_MS 10000
#define STALL_MS 120000

/* takes_frames - may the next frame be looked at? */
static bool takes_frames(const struct client *client)
{
	return !client->dead && !client->closing && !client->held &&
	       (!client->op || client->op->frame);
}

/* has_frame - is there a whole one, or what cannot become one? */
static bool has_frame(const struct client *client, size_t at)
{
	size_t have = client->in_length - at, length;

	if (have < FRAME_HEADER)
		return false;
	length = frame_length(client->in + at);
	return length == SIZE_MAX || have >= FRAME_HEADER + length;
}

/* is_held_back - is there output, and what it tells of not on the disk? (flush.c) */
static bool is_held_back(const struct client *client)
{
	return client->out_end > client->out_start && client->after > client->s->flush.done;
}

static bool may_be_told(const struct client *client)
{
	return client->out_end > client->out_start && !is_held_back(client);
}

/* is_over - it says no more, and has heard all. */
static bool is_over(const struct client *client)
{
	return client->deaf && !client->op && client->out_start == client->out_end;
}

static void update_events(struct client *client)
{
	uint32_t events = 0;

	if (may_be_told(client) || (client->hungry && client_has_room(client)))
		events |= EPOLLOUT;
	if (takes_frames(client)) {
		if (!client->deaf)
			events |= EPOLLIN;
		if (has_frame(client, 0) || is_over(client))
			events |= EPOLLOUT; /* it waited: to be called at once */
	}
	loop_wait_for(&client->s->loop, &client->source, events);
}

/* end_op - the operation is over, in whatever way. */
static void end_op(struct client *client)
{
	const struct op *op = client->op;

	client->op = NULL;
	if (op && op->gone)
		op->gone(client);
	if (client->job)
		client->job->client = NULL;
	client->data = NULL;
	client->on = NULL;
	client->job = NULL;
	client->hungry = false;
	client->held = false;
}

void client_drop(struct client *client)
{
	if (client->dead)
		return;
	client->dead = true;
	end_op(client);
	loop_cancel(&client->s->loop, &client->timer);
	loop_close(&client->s->loop, &client->source);
}

void clients_sweep(struct supervisor *s)
{
	struct client **at = &s->clients;

	while (*at) {
		struct client *client = *at;

		if (!client->dead) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		s->n_clients--;
		free(client->key);
		free(client->in);
		free(client->out);
		free(client);
	}
}

/* ---- output ---------------------------------------------------------------------------------- */

bool client_has_room(const struct client *client)
{
	return client->out_end - client->out_start < OUT_ROOM;
}

void client_want(struct client *client, bool hungry)
{
	client->hungry = hungry;
	if (!client->dead)
		update_events(client);
}

void client_hold(struct client *client, bool held)
{
	client->held = held;
	if (!client->dead)
		update_events(client);
}

/*
 * fail_instead - @err in place of an answer that is held back. One who has the beginning of another frame
 * cannot be told: the connection breaks.
 */
static void fail_instead(struct client *client, const struct error *err)
{
	if (client->partly) {
		client_drop(client);
		return;
	}
	client->out_start = client->out_end = 0;
	client->after = 0;
	client->changes = false; /* this answer waits for nothing */
	client_fail(client, err);
}

static void stalled(struct loop_timer *timer)
{
	struct client *client = owner_of(timer, struct client, timer);
	struct error err = ERROR_INIT;

	if (!is_held_back(client)) {
		client_drop(client);
		return;
	}
	error_set(&err, ETIMEDOUT, "the disk of `%s` has not taken what was done in %d s",
		  client->s->dir, STALL_MS / 1000);
	error_hint(&err, "it was done, but a power cut may undo it");
	fail_instead(client, &err);
}

/* reserve - make room for @more bytes. false: the client is over its limit */
static bool reserve(struct client *client, size_t more)
{
	size_t used = client->out_end - client->out_start, size = client->out_size;

	if (used + more > OUT_MAX)
		return false;
	if (client->out_start && client->out_end + more > size) {
		memmove(client->out, client->out + client->out_start, used);
		client->out_start = 0;
		client->out_end = used;
	}
	if (used + more <= size)
		return true;
	size = size ? size : 1024;
	while (size < used + more)
		size *= 2;
	client->out = must_have(realloc(client->out, size));
	client->out_size = size;
	return true;
}

void client_send(struct client *client, enum frame_type type, const void *data, size_t length)
{
	if (client->dead)
		return;
	if (length > FRAME_MAX || !reserve(client, FRAME_HEADER + length)) {
		client_drop(client);
		return;
	}
	frame_header(client->out + client->out_end, type, (uint32_t)length);
	if (length)
		memcpy(client->out + client->out_end + FRAME_HEADER, data, length);
	client->out_end += FRAME_HEADER + length;
	if (type == FRAME_JSON && client->changes) {
		client->after = client->s->flush.changes;
		flush_now(client->s);
	}
	if (!client->timer.armed)
		loop_after(&client->s->loop, &client->timer, STALL_MS, stalled);
	update_events(client);
}

void client_json(struct client *client, struct json_object *o)
{
	size_t length;
	const char *text = must_have((void *)(uintptr_t)json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length));

	if (length > FRAME_MAX) {
		struct error err = ERROR_INIT;

		error_set(&err, EMSGSIZE, "the answer does not fit a message of %d bytes",
			  FRAME_MAX);
		json_object_put(o);
		client_fail(client, &err);
		return;
	}
	client_send(client, FRAME_JSON, text, length);
	json_object_put(o);
}

struct json_object *client_ok(void)
{
	struct json_object *o = must_have(json_object_new_object());

	json_put_bool(o, "ok", true);
	return o;
}

void client_finish(struct client *client, struct json_object *o)
{
	client_json(client, o);
	end_op(client);
	if (!client->dead)
		update_events(client);
}

void client_fail(struct client *client, const struct error *err)
{
	struct json_object *o = must_have(json_object_new_object());
	char line[sizeof(err->what) + 64];

	error_line(err, line, sizeof(line));
	json_put_bool(o, "ok", false);
	json_put_text(o, "error", line);
	if (err->cause[0])
		json_put_text(o, "cause", err->cause);
	if (err->hint[0])
		json_put_text(o, "hint", err->hint);
	json_put_int(o, "code", error_exit_code(err));
	client_finish(client, o);
}

void parts_begin(struct parts *p, struct client *client, struct json_object *answer,
		 const char *key)
{
	*p = (struct parts){.client = client, .answer = answer, .key = key};
	p->list = must_have(json_object_new_array());
	json_put(answer, key, p->list);
}

void parts_add(struct parts *p, struct json_object *o)
{
	size_t length = strlen(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));

	if (p->length && p->length + length > PART_BYTES) {
		json_put_bool(p->answer, "more", true);
		client_json(p->client, p->answer);
		parts_begin(p, p->client, client_ok(), p->key);
	}
	p->length += length + 1;
	if (json_object_array_add(p->list, o) < 0)
		(void)must_have(NULL);
}

void client_end(struct client *client, int code)
{
	struct json_object *o = must_have(json_object_new_object());

	json_put_bool(o, "end", true);
	if (code >= 0)
		json_put_int(o, "exit", code);
	client_finish(client, o);
}

void client_begin(struct client *client, const struct op *op, struct container *on, void *data)
{
	client->op = op;
	client->on = on;
	client->data = data;
	update_events(client);
}

static void send_out(struct client *client)
{
	size_t length = client->out_end - client->out_start;
	ssize_t n = send(client->source.fd, client->out + client->out_start, length,
			 MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0) {
		if (errno != EAGAIN && errno != EINTR)
			client_drop(client);
		return;
	}
	client->out_start += (size_t)n;
	client->partly = client->out_start < client->out_end;
	if (client->out_start < client->out_end) {
		loop_after(&client->s->loop, &client->timer, STALL_MS, stalled);
		return;
	}
	loop_cancel(&client->s->loop, &client->timer);
	client->out_start = client->out_end = 0;
	if (client->out_size > OUT_KEEP && !client->hungry) {
		free(take_ptr(client->out));
		client->out_size = 0;
	}
	if (client->closing)
		client_drop(client);
}

bool clients_told(struct supervisor *s)
{
	bool some_wait = false;

	for (struct client *client = s->clients; client; client = client->next) {
		some_wait |= !client->dead && is_held_back(client);
		if (client->dead || !may_be_told(client))
			continue;
		send_out(client);
		if (!client->dead)
			update_events(client);
	}
	return some_wait;
}

void clients_failed(struct supervisor *s, const struct error *err)
{
	for (struct client *client = s->clients; client; client = client->next)
		if (!client->dead && is_held_back(client) && client->after <= s->flush.under_way)
			fail_instead(client, err);
}

/* ---- input ----------------------------------------------------------------------------------- */

/* refuse - say why, and hang up when that is written. */
static void refuse(struct client *client, const char *why)
{
	struct error err = ERROR_INIT;

	error_set(&err, 0, "%s", why);
	client_fail(client, &err);
	client->closing = true;
	if (!client->dead)
		update_events(client);
}

static void take_frame(struct client *client, enum frame_type type, const char *data, size_t length)
{
	if (client->refusal) {
		refuse(client, client->refusal);
		return;
	}
	if (client->op) {
		client->op->frame(client, type, data, length);
		return;
	}
	/* Input for a stream that has ended meanwhile. */
	if (type == FRAME_STDIN)
		return;
	if (type != FRAME_JSON) {
		refuse(client, "a client sends frames of type 0 and 3 only");
		return;
	}
	request_handle(client, data, length);
}

/* take_frames - all whole ones that may be taken now. */
static void take_frames(struct client *client)
{
	size_t at = 0;

	while (takes_frames(client) && has_frame(client, at)) {
		size_t length = frame_length(client->in + at);

		if (length == SIZE_MAX) {
			refuse(client, "not a frame of cloisond's protocol");
			break;
		}
		take_frame(client, (enum frame_type)client->in[at],
			   (const char *)client->in + at + FRAME_HEADER, length);
		at += FRAME_HEADER + length;
	}
	if (client->dead)
		return;
	client->in_length -= at;
	if (!client->in_length)
		free(take_ptr(client->in));
	else if (at)
		memmove(client->in, client->in + at, client->in_length);
}

/* watch_half - a frame that was begun is to be finished in time. */
static void watch_half(struct client *client)
{
	if (client->in_length && takes_frames(client)) {
		if (!client->timer.armed)
			loop_after(&client->s->loop, &client->timer, REQUEST_MS, stalled);
	} else if (client->out_start == client->out_end && !client->refusal) {
		loop_cancel(&client->s->loop, &client->timer);
	}
}

static void receive(struct client *client)
{
	ssize_t n;

	if (!client->in)
		client->in = must_have(malloc(IN_MAX));
	n = recv(client->source.fd, client->in + client->in_length, IN_MAX - client->in_length,
		 MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		client_drop(client);
		return;
	}
	if (n == 0) {
		client->deaf = true;
		return;
	}
	client->in_length += (size_t)n;
	take_frames(client);
	if (!client->dead)
		watch_half(client);
}

static void ready(struct loop_source *source, uint32_t events)
{
	struct client *client = owner_of(source, struct client, source);

	if (events & (EPOLLERR | EPOLLHUP)) {
		client_drop(client);
		return;
	}
	if ((events & EPOLLOUT) && may_be_told(client))
		send_out(client);
	if (!client->dead && client->hungry && client_has_room(client) && client->op)
		client->op->more(client);
	if (!client->dead && client->in_length && takes_frames(client))
		take_frames(client); /* what waited while a request was answered */
	if (!client->dead && (events & EPOLLIN) && takes_frames(client))
		receive(client);
	if (!client->dead && is_over(client))
		client_drop(client);
	if (!client->dead)
		update_events(client);
}

/* ---- connecting ------------------------------------------------------------------------------ */

/* in_group - is @gid among the groups that the other side of @fd had when it connected? */
static bool in_group(int fd, const struct ucred *peer, gid_t gid)
{
	gid_t groups[256];
	socklen_t length = sizeof(groups);

	if (peer->gid == gid)
		return true;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) < 0)
		return false;
	for (size_t i = 0; i < length / sizeof(*groups); i++)
		if (groups[i] == gid)
			return true;
	return false;
}

static void accept_one(struct loop_source *source, uint32_t events)
{
	struct supervisor *s = owner_of(source, struct supervisor, listener);
	struct error err = ERROR_INIT;
	struct client *client;
	struct ucred peer;
	socklen_t length = sizeof(peer);
	static int spare = FD_EMPTY;
	char key[65];
	int fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	/* Without a descriptor for it the loop would come here for ever: it is hung up on instead. */
	if (fd < 0 && (errno == EMFILE || errno == ENFILE)) {
		close_fd(take_fd(&spare));
		close_fd(accept4(source->fd, NULL, NULL, SOCK_CLOEXEC));
	}
	if (spare < 0)
		spare = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	client = zalloc(sizeof(*client));
	client->s = s;
	client->source.fd = FD_EMPTY;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0 ||
	    loop_add(&s->loop, &client->source, fd, EPOLLIN, ready, &err) < 0) {
		close_fd(fd);
		free(client);
		return;
	}
	client->uid = peer.uid;
	if (audit_key_of(peer.pid, key, sizeof(key)) == 0)
		client->key = copy_text(key);
	client->next = s->clients;
	s->clients = client;
	if (++s->n_clients > MAX_CLIENTS)
		client->refusal = "too many clients";
	else if (peer.uid != 0 && !in_group(fd, &peer, s->group))
		client->refusal = "permission denied: not root and not in the socket's group";
	/* The answer comes after the request, which would break the connection's end of who asks. */
	if (client->refusal)
		loop_after(&s->loop, &client->timer, REQUEST_MS, stalled);
	if (s->n_clients > MAX_CLIENTS + REFUSED_CLIENTS)
		client_drop(client);
}

int clients_listen(struct supervisor *s, const char *path, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	struct stat st;

	if (strlen(path) >= sizeof(addr.sun_path))
		return error_set(err, ENAMETOOLONG, "socket `%s`", path);
	memcpy(addr.sun_path, path, strlen(path) + 1);
	/* Its group is what an administrator has given the last one. */
	s->group = stat(path, &st) == 0 && S_ISSOCK(st.st_mode) ? st.st_gid : 0;
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot remove the old socket `%s`", path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    chown(path, 0, s->group) < 0 || chmod(path, s->group ? 0660 : 0600) < 0 ||
	    listen(fd, 64) < 0)
		return error_set(err, errno, "cannot listen on `%s`", path);
	if (loop_add(&s->loop, &s->listener, fd, EPOLLIN, accept_one, err) < 0)
		return -1;
	(void)take_fd(&fd);
	return 0;
}
