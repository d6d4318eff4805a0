/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * life_start.c: how a container comes to run.
 *
 * A start is the runtime's `create`, then `start`. In between the process exists and does nothing: its
 * pid and start time are written down and its pipes are with PID 1 before its program runs, so there is no
 * moment in which a killed cloisond would leave a program that its successor does not know. What the runtime
 * itself says on the way is in the container's standard error, and is taken from there before the program
 * can write to it.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/native/native.h"
#include "runtime/supervisor/supervisor.h"

static void close_pipes(struct container *c)
{
	for (int i = 0; i < 2; i++)
		close_fd(take_fd(&c->pipes[i]));
}

/* failed - a start came to nothing. */
static void failed(struct container *c, struct error *err)
{
	bool again = (c->restarts > 0 || c->by_policy) && c->restart.kind != RESTART_NO &&
		     !c->user_stopped && !c->shut_down;
	int code = error_exit_code(err);
	char number[16];

	close_pipes(c);
	loop_close(&c->s->loop, &c->process);
	c->pid = 0;
	c->phase = PHASE_EXITED;
	c->want_start = false;
	c->exit_code = code;
	c->finished_ns = now_ns();
	c->restarting = again;
	error_wrap(err, "start %s", c->name);
	err->code = code;
	container_set_error(c, err);
	state_save(c);
	snprintf(number, sizeof(number), "%d", code);
	event(c, "die", "exitCode", number);
	tell(c, TOLD_FAILED, err);
	life_settled(c->s);
	life_step(c);
}

/* take_messages - what the runtime left in the container's standard error. */
static void take_messages(struct container *c, struct error *err)
{
	char text[4096] = "";
	ssize_t n = c->pipes[1] >= 0 ? read(c->pipes[1], text, sizeof(text) - 1) : 0;
	int code = err->code;

	text[n > 0 ? n : 0] = '\0';
	if (!c->terminal && !err->errnum)
		runtime_error(text, err);
	err->code = code;
	/* Warnings that do not fit are lost; they are not the container's either. */
	while (n > 0)
		n = read(c->pipes[1], text, sizeof(text));
}

static void is_running(struct container *c)
{
	/* In a stop the time-out goes on: one may say that it is ready after its stop signal. */
	if (!c->stopping)
		loop_cancel(&c->s->loop, &c->timer);
	c->phase = PHASE_RUNNING;
	c->want_start = c->by_policy = false;
	c->restarting = false;
	c->ready = true;
	if (!c->started_ns)
		c->started_ns = now_ns();
	state_save(c);
	event(c, "start", NULL, NULL);
	health_started(c);
	tell(c, TOLD_STARTED, NULL);
	life_settled(c->s);
	if (c->s->shutting_down)
		life_shut_down_one(c);
}

static void started(struct job *job, int code, struct error *err)
{
	struct container *c = job->c;

	/* It may have ended, and been told of, before the runtime that started it. */
	if (!c || c->phase != PHASE_STARTING)
		return;
	if (code) {
		failed(c, err);
		return;
	}
	is_running(c);
	if (c->ended_early)
		life_exited(c, c->early_status, c->finished_ns);
}

static void begin_start(struct container *c)
{
	struct job_spec spec;
	struct error err = ERROR_INIT;

	spec = (struct job_spec){.args = {"start", c->id},
				 .n = 2,
				 .in = FD_EMPTY,
				 .out = FD_EMPTY,
				 .err = FD_EMPTY,
				 .notify = c->sdnotify ? c->s->notify_path : NULL,
				 .limit_s = c->sdnotify ? 0 : RUNTIME_LIMIT_S,
				 .c = c,
				 .done = started};
	c->phase = PHASE_STARTING;
	c->started_ns = now_ns();
	state_save(c);
	c->job = job_start(c->s, &spec, &err);
	if (!c->job)
		failed(c, &err);
}

/* connect_output - from now on its pipes go into the log, and are PID 1's to keep. */
static int connect_output(struct container *c, struct error *err)
{
	if (c->terminal) {
		int master = console_receive(c, err);

		if (master < 0)
			return -1;
		channel_store(c->s, c->id, 't', master);
		channel_store(c->s, c->id, '1', c->pipes[0]);
		log_attach(c, 0, take_fd(&c->pipes[0]));
		log_terminal(c, master);
		return 0;
	}
	for (int i = 0; i < 2; i++) {
		channel_store(c->s, c->id, (char)('1' + i), c->pipes[i]);
		log_attach(c, i, take_fd(&c->pipes[i]));
	}
	return 0;
}

/* read_pid - what `create` has written. */
static int read_pid(struct container *c, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);
	char text[32];
	long pid;

	if (dir < 0)
		return -1;
	if (read_file(dir, "pid", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read the pid file of container `%s`", c->name);
	pid = strtol(text, NULL, 10);
	if (pid <= 1)
		return error_set(err, EINVAL, "pid file of container `%s`", c->name);
	c->pid = (pid_t)pid;
	c->start_ticks = 0;
	if (!process_adopt(c))
		return error_set(err, ESRCH, "the process of container `%s` is gone", c->name);
	return 0;
}

static void created(struct job *job, int code, struct error *err)
{
	struct container *c = job->c;

	if (!c)
		return;
	take_messages(c, err);
	if (code || read_pid(c, err) < 0 || connect_output(c, err) < 0) {
		failed(c, err);
		return;
	}
	if (!c->want_start || c->shut_down) {
		error_set(err, 0, "it was stopped before it ran");
		failed(c, err);
		return;
	}
	begin_start(c);
}

/* The other ends: what the runtime and then the container get. */
struct ends {
	int in, out, err;
};

static void close_ends(struct ends *e)
{
	close_fd(e->in);
	close_fd(e->out);
	close_fd(e->err);
}

/* make_pipe - @ours: not blocking; the container's end is as it expects it. */
static int make_pipe(int *read_end, int *write_end, int *ours, struct error *err)
{
	int pipe[2];

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	*read_end = pipe[0];
	*write_end = pipe[1];
	if (fcntl(*ours, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot set up a pipe");
	return 0;
}

static int make_pipes(struct container *c, struct ends *e, struct error *err)
{
	int in = FD_EMPTY;

	if (make_pipe(&c->pipes[0], c->terminal ? &c->pump : &e->out, &c->pipes[0], err) < 0)
		return -1;
	if (c->terminal)
		return fcntl(c->pump, F_SETFL, O_NONBLOCK) < 0
			       ? error_set(err, errno, "cannot set up a pipe")
			       : console_listen(c, err);
	if (make_pipe(&c->pipes[1], &e->err, &c->pipes[1], err) < 0)
		return -1;
	if (!c->stdin_open)
		return 0;
	if (make_pipe(&e->in, &in, &in, err) < 0)
		return -1;
	channel_store(c->s, c->id, '0', in);
	return console_attach(c, in, err);
}

/* join - the namespaces of others as they are now: who was started again since has new ones. */
static int join(struct container *c, struct error *err)
{
	const struct json_source source = {.name = "config.json", .err = err};
	_cleanup_fd_ int dir = container_dir(c, err);
	_cleanup_json_ struct json_object *request = NULL, *config = NULL;

	if (dir >= 0)
		request = container_request(c, err);
	if (request)
		config = json_read(dir, "config.json", &source);
	if (!config || native_config_join(request, config, container_first_process, c->s, err) < 0)
		return -1;
	return write_json(dir, "config.json", config, err);
}

/* prepare - what was there when the container was made: directories of the host that it asked to have made. */
static int prepare(struct container *c, struct error *err)
{
	_cleanup_json_ struct json_object *request = container_request(c, err);

	if (!request || (!json_get(request, "config") && native_prepare(request, err) < 0))
		return -1;
	c->unprepared = false;
	return 0;
}

void life_create(struct container *c)
{
	char bundle[256], pid_file[300], console[108];
	struct ends ends = {FD_EMPTY, FD_EMPTY, FD_EMPTY};
	struct job_spec spec;
	struct error err = ERROR_INIT;

	snprintf(bundle, sizeof(bundle), "%s/containers/%s", c->s->dir, c->id);
	snprintf(pid_file, sizeof(pid_file), "%s/pid", bundle);
	console_path(c->s, c->id, console);
	spec = (struct job_spec){.args = {"create", "--bundle", bundle, "--pid-file", pid_file},
				 .n = 5,
				 .notify = c->sdnotify ? c->s->notify_path : NULL,
				 .limit_s = RUNTIME_LIMIT_S,
				 .c = c,
				 .done = created};
	c->phase = PHASE_CREATING;
	c->in_runtime = true;
	c->paused = c->oom_killed = c->ready = c->adopted = c->ended_early = c->stopping = false;
	c->pid = 0;
	c->started_ns = 0;
	free(take_ptr(c->error));
	state_save(c);
	if (c->terminal) {
		spec.args[spec.n++] = "--console-socket";
		spec.args[spec.n++] = console;
	}
	spec.args[spec.n++] = c->id;
	if ((!c->unprepared || prepare(c, &err) == 0) && (!c->joins || join(c, &err) == 0) &&
	    make_pipes(c, &ends, &err) == 0) {
		spec.in = ends.in;
		spec.out = ends.out;
		spec.err = ends.err;
		c->job = job_start(c->s, &spec, &err);
	}
	close_ends(&ends);
	if (!c->job)
		failed(c, &err);
}
