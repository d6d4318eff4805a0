/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_exec.c: exec.
 *
 * Without a terminal the runtime stays in the foreground: it has the process's exit code, and the three pipes
 * are the process's own. With a terminal it hands that over and ends; the process is an orphan then, and its
 * status is told by whoever reaps it.
 *
 * Output is read only while the client has room for it, so it is the process that waits for a slow client,
 * as it would for a slow terminal.
 */
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/supervisor/exec.h"
#include "runtime/supervisor/request.h"

#define READ_BYTES 16384
#define START_LIMIT_S 60

struct exec {
	struct client *client;
	unsigned int number; /* of its files */
	char id[ID_DIGITS + 1];
	bool terminal, detach, input;
	bool ended;
	int code;
	pid_t pid; /* with a terminal: of the process itself */
	int listener;
	struct loop_source in, out[2]; /* with a terminal only out[0], for both directions */
	char *rest;
	size_t rest_length;
};

static unsigned int next_number;
static const struct op exec_op;

static void file_name(const struct exec *e, const char *kind, char *to, size_t size)
{
	snprintf(to, size, "%s-%u", kind, e->number);
}

static void remove_file(const struct exec *e, const char *kind)
{
	char path[ID_DIGITS + 40], name[32];

	file_name(e, kind, name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s", e->id, name);
	(void)unlinkat(e->client->s->containers_dir, path, 0);
}

static void console_name(const struct exec *e, char path[108])
{
	snprintf(path, 108, "%.80s/exec-%u", e->client->s->sockets, e->number);
}

/* ---- output ---------------------------------------------------------------------------------- */

/* finish - once it has ended and nothing more comes. */
static void finish(struct exec *e)
{
	if (e->ended && e->out[0].fd < 0 && e->out[1].fd < 0)
		client_end(e->client, e->code);
}

/* read_some - true: there may be more. */
static bool read_some(struct exec *e, int which)
{
	struct loop_source *source = &e->out[which];
	char text[READ_BYTES];
	ssize_t n = read(source->fd, text, sizeof(text));

	if (n > 0) {
		client_send(e->client, which ? FRAME_STDERR : FRAME_STDOUT, text, (size_t)n);
		return true;
	}
	/* What is quiet after the end belongs to a process that was left behind. */
	if (n < 0 && (errno == EAGAIN || errno == EINTR) && !e->ended)
		return false;
	loop_close(&e->client->s->loop, source);
	return false;
}

/* pause_out - until there is room. A hang-up, which is always told, is told once. */
static void pause_out(struct exec *e, struct loop_source *source)
{
	loop_wait_for(&e->client->s->loop, source, (source->events & EPOLLOUT) | EPOLLET);
	client_want(e->client, true);
}

static void read_out(struct exec *e, int which)
{
	struct client *client = e->client;
	struct loop_source *source = &e->out[which];

	while (source->fd >= 0 && !client->dead && client_has_room(client))
		if (!read_some(e, which))
			break;
	if (client->dead)
		return;
	if (source->fd >= 0 && !client_has_room(client))
		pause_out(e, source);
}

static void give(struct exec *e);

static void out_ready(struct exec *e, int which, uint32_t events)
{
	struct client *client = e->client;

	if (events & EPOLLOUT)
		give(e);
	if (client->dead || !(events & (EPOLLIN | EPOLLHUP | EPOLLERR)))
		return;
	if (!client_has_room(client)) {
		pause_out(e, &e->out[which]);
		return;
	}
	read_out(e, which);
	if (!client->dead)
		finish(e);
}

static void out_0(struct loop_source *source, uint32_t events)
{
	out_ready(owner_of(source, struct exec, out[0]), 0, events);
}

static void out_1(struct loop_source *source, uint32_t events)
{
	out_ready(owner_of(source, struct exec, out[1]), 1, events);
}

static void more(struct client *client)
{
	struct exec *e = client->data;

	client_want(client, false);
	for (int i = 0; i < 2 && !client->dead; i++) {
		if (e->out[i].fd < 0)
			continue;
		loop_wait_for(&client->s->loop, &e->out[i], EPOLLIN);
		read_out(e, i);
	}
	if (!client->dead)
		finish(e);
}

/* ---- input ----------------------------------------------------------------------------------- */

static struct loop_source *input_of(struct exec *e)
{
	return e->terminal ? &e->out[0] : &e->in;
}

static void give(struct exec *e)
{
	struct loop_source *source = input_of(e);
	struct loop *loop = &e->client->s->loop;
	ssize_t n = 0;

	if (source->fd >= 0 && e->rest_length) {
		n = write(source->fd, e->rest, e->rest_length);
		if (n < 0 && (errno == EAGAIN || errno == EINTR))
			n = 0;
		else if (n < 0)
			n = (ssize_t)e->rest_length; /* nobody reads it */
	} else if (!e->terminal || e->ended) {
		n = (ssize_t)e->rest_length;
	}
	e->rest_length -= (size_t)n;
	memmove(e->rest, e->rest + n, e->rest_length);
	loop_wait_for(loop, source,
		      e->rest_length ? source->events | EPOLLOUT
				     : source->events & ~(uint32_t)EPOLLOUT);
	if (!e->rest_length)
		free(take_ptr(e->rest));
	client_hold(e->client, e->rest_length > 0);
}

static void in_ready(struct loop_source *source, uint32_t events)
{
	struct exec *e = owner_of(source, struct exec, in);

	if (events & EPOLLERR)
		loop_close(&e->client->s->loop, source);
	if (e->rest)
		give(e);
}

/* first_pid - of the process, once the runtime has written it; 0: not yet */
static pid_t first_pid(const struct exec *e)
{
	char path[ID_DIGITS + 40], name[32], text[32];

	if (e->pid)
		return e->pid;
	file_name(e, "exec-pid", name, sizeof(name));
	snprintf(path, sizeof(path), "%s/%s", e->id, name);
	if (read_file(e->client->s->containers_dir, path, text, sizeof(text)) < 0)
		return 0;
	return (pid_t)strtol(text, NULL, 10);
}

static void control(struct client *client, const char *data, size_t length)
{
	const struct control said = control_parse(data, length);
	struct exec *e = client->data;
	pid_t pid = said.signal ? first_pid(e) : 0;

	if (said.rows && e->terminal && e->out[0].fd >= 0)
		console_resize(e->out[0].fd, said.rows, said.columns);
	/* Nobody has reaped it before its end was told here: the number is still its own. */
	if (pid > 1 && !e->ended)
		(void)kill(pid, said.signal);
	if (said.detach)
		client_end(client, -1);
}

static void frame(struct client *client, enum frame_type type, const char *data, size_t length)
{
	struct exec *e = client->data;

	if (type == FRAME_JSON) {
		control(client, data, length);
		return;
	}
	if (type != FRAME_STDIN || !e->input)
		return;
	if (!length) {
		if (!e->terminal)
			loop_close(&client->s->loop, &e->in);
		return;
	}
	e->rest = must_have(malloc(length));
	memcpy(e->rest, data, length);
	e->rest_length = length;
	give(e);
}

/* ---- beginning and end ----------------------------------------------------------------------- */

static void gone(struct client *client)
{
	struct exec *e = client->data;
	char path[108];

	remove_file(e, "exec");
	remove_file(e, "exec-pid");
	if (e->listener >= 0) {
		console_name(e, path);
		(void)unlink(path);
	}
	close_fd(e->listener);
	loop_close(&client->s->loop, &e->in);
	loop_close(&client->s->loop, &e->out[0]);
	loop_close(&client->s->loop, &e->out[1]);
	free(e->rest);
	free(e);
}

static void ended(struct exec *e, int code)
{
	struct client *client = e->client;

	e->ended = true;
	e->code = code;
	if (!client_has_room(client)) {
		client_want(client, true);
		return;
	}
	read_out(e, 0);
	if (!client->dead)
		read_out(e, 1);
	if (!client->dead)
		finish(e);
}

bool exec_ended(struct supervisor *s, pid_t pid, int status)
{
	for (struct client *client = s->clients; client; client = client->next) {
		struct exec *e = client->data;

		if (client->dead || client->op != &exec_op || e->pid != pid)
			continue;
		ended(e, WIFSIGNALED(status) ? EXIT_BY_SIGNAL + WTERMSIG(status)
					     : WEXITSTATUS(status));
		return true;
	}
	return false;
}

/* terminal_begins - the runtime has ended; its terminal and its pid are there. */
static int terminal_begins(struct exec *e, struct error *err)
{
	struct supervisor *s = e->client->s;
	char path[108];
	int64_t time_ns;
	int status, master;

	console_name(e, path);
	master = console_take(e->listener, path, err);
	if (master < 0)
		return -1;
	if (loop_add(&s->loop, &e->out[0], master, EPOLLIN, out_0, err) < 0) {
		close_fd(master);
		return -1;
	}
	e->pid = first_pid(e);
	if (process_late(e->pid, &status, &time_ns))
		(void)exec_ended(s, e->pid, status);
	return 0;
}

static void runtime_done(struct job *job, int code, struct error *err)
{
	struct client *client = job->client;
	struct exec *e = client ? client->data : NULL;

	if (!client)
		return; /* the client did not wait */
	if (!e->terminal && !e->detach) {
		ended(e, code);
		return;
	}
	if (code) {
		error_wrap(err, "exec in `%s`", client->on ? client->on->name : e->id);
		err->code = code;
		client_fail(client, err);
		return;
	}
	if (e->detach) {
		client_finish(client, client_ok());
		return;
	}
	client_json(client, client_ok());
	if (terminal_begins(e, err) < 0) {
		say_error(err);
		client_end(client, EXIT_ENGINE);
	} else if (client->data == e) {
		client_hold(client, false);
	}
}

static int add_pipe(struct exec *e, struct loop_source *source, loop_ready *ready, int ours,
		    int theirs, int *end, struct error *err)
{
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	*end = pipe[theirs];
	if (fcntl(pipe[ours], F_SETFL, O_NONBLOCK) < 0 ||
	    loop_add(&e->client->s->loop, source, pipe[ours], ours ? 0 : EPOLLIN, ready, err) < 0) {
		close_fd(pipe[ours]);
		return error_set(err, errno, "cannot set up a pipe");
	}
	return 0;
}

/* make_ends - the pipes, or the socket for the terminal. */
static int make_ends(struct exec *e, struct job_spec *spec, struct error *err)
{
	char path[108];

	if (e->detach)
		return 0;
	if (e->terminal) {
		console_name(e, path);
		e->listener = console_socket(path, err);
		return e->listener < 0 ? -1 : 0;
	}
	if (e->input && add_pipe(e, &e->in, in_ready, 1, 0, &spec->in, err) < 0)
		return -1;
	if (add_pipe(e, &e->out[0], out_0, 0, 1, &spec->out, err) < 0)
		return -1;
	return add_pipe(e, &e->out[1], out_1, 0, 1, &spec->err, err);
}

static int start(struct exec *e, struct job_spec *spec, struct error *err)
{
	struct job *job = NULL;

	spec->in = spec->out = spec->err = FD_EMPTY;
	spec->client = e->client;
	spec->done = runtime_done;
	if (make_ends(e, spec, err) == 0)
		job = job_start(e->client->s, spec, err);
	close_fd(spec->in);
	close_fd(spec->out);
	close_fd(spec->err);
	return job ? 0 : -1;
}

static int begin(struct exec *e, const struct request *r, struct container *c, struct error *err)
{
	const struct exec_process process = {.argv = r->argv,
					     .env = r->env,
					     .user = r->user,
					     .workdir = r->workdir,
					     .terminal = r->tty,
					     .privileged = r->privileged};
	char name[32], file[300], pid_file[300], console[108];
	struct job_spec spec = {.n = 0};

	file_name(e, "exec", name, sizeof(name));
	snprintf(file, sizeof(file), "%s/containers/%s/%s", c->s->dir, c->id, name);
	if (exec_write_process(c, &process, name, err) < 0)
		return -1;
	file_name(e, "exec-pid", name, sizeof(name));
	snprintf(pid_file, sizeof(pid_file), "%s/containers/%s/%s", c->s->dir, c->id, name);
	console_name(e, console);
	spec.args[spec.n++] = "exec";
	spec.args[spec.n++] = "--process";
	spec.args[spec.n++] = file;
	spec.args[spec.n++] = "--pid-file";
	spec.args[spec.n++] = pid_file;
	if (e->terminal || e->detach) {
		spec.args[spec.n++] = "--detach";
		spec.limit_s = START_LIMIT_S;
	}
	if (e->terminal) {
		spec.args[spec.n++] = "--console-socket";
		spec.args[spec.n++] = console;
	}
	spec.args[spec.n++] = c->id;
	return start(e, &spec, err);
}

static const struct op exec_op = {.frame = frame, .more = more, .gone = gone};

static struct exec *exec_new(struct client *client, struct container *c)
{
	struct exec *e = zalloc(sizeof(*e));

	*e = (struct exec){.client = client,
			   .number = ++next_number,
			   .listener = FD_EMPTY,
			   .in = LOOP_SOURCE_INIT,
			   .out = {LOOP_SOURCE_INIT, LOOP_SOURCE_INIT}};
	memcpy(e->id, c->id, sizeof(e->id));
	client_begin(client, &exec_op, c, e);
	return e;
}

void exec_piped(struct client *client, struct container *c, struct job_spec *spec, bool input)
{
	struct error err = ERROR_INIT;
	struct exec *e = exec_new(client, c);

	e->input = input;
	if (start(e, spec, &err) < 0)
		client_fail(client, &err);
	else
		client_json(client, client_ok());
}

void verb_exec(struct client *client, const struct request *r, struct container *c)
{
	struct error err = ERROR_INIT;
	struct exec *e;

	if (c->phase != PHASE_RUNNING || c->paused) {
		verb_error(client, "container `%s` is %s, not running", c->name,
			   container_state_name(c));
		return;
	}
	if (!r->argv || !r->argv[0]) {
		verb_error(client, "request: argv is missing");
		return;
	}
	e = exec_new(client, c);
	e->terminal = r->tty && !r->detach;
	e->detach = r->detach;
	e->input = r->in || r->tty;
	/* Input before there is a terminal waits in the socket. */
	client_hold(client, e->terminal);
	if (begin(e, r, c, &err) < 0) {
		client_fail(client, &err);
		return;
	}
	event(c, "exec_start", NULL, NULL);
	if (!e->terminal && !e->detach)
		client_json(client, client_ok());
}
