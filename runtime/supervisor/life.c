/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * life.c: what a container does next.
 *
 *	created ──▶ creating ──▶ starting ──▶ running ──▶ exited ──▶ (creating, or gone)
 *
 * Requests, ends and timers only say what is wanted (want_start, want_remove) and call life_step(), which
 * does the one next thing that is possible: at most one runtime works on a container at any time.
 *
 * A start is in life_start.c, a stop in life_stop.c.
 *
 * After its end a container is deleted from the runtime and kept here, with its logs and its exit status.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "runtime/native/image.h"
#include "runtime/oci/layers.h"
#include "runtime/supervisor/supervisor.h"

#define TRASH "trash" /* in the supervisor's directory */

#define BACKOFF_FIRST_MS 100
#define BACKOFF_MOST_MS 60000
#define BACKOFF_RESET_NS 10000000000
/* For one whose namespaces it joins; without an end two would wait for each other for ever. */
#define JOIN_WAIT_MS 60000

/* ---- telling --------------------------------------------------------------------------------- */

void tell(struct container *c, enum told what, const struct error *err)
{
	struct client *next;

	for (struct client *client = c->s->clients; client; client = next) {
		next = client->next;
		if (!client->dead && client->on == c && client->op && client->op->told)
			client->op->told(client, what, err);
	}
}

void container_set_error(struct container *c, const struct error *err)
{
	char line[sizeof(err->what) + 64];

	free(c->error);
	error_line(err, line, sizeof(line));
	c->error = copy_text(line);
}

/* ---- removing -------------------------------------------------------------------------------- */

/* discard - what it wrote to its image, in its directory @dir, is moved out of the way: to remove it may take long. */
static int discard(struct container *c, int dir, struct error *err)
{
	char trash[PATH_MAX];

	if (faccessat(dir, LAYERS_DIR, F_OK, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT)
		return 0;
	snprintf(trash, sizeof(trash), "%s/" TRASH, c->s->dir);
	if (mkdir(trash, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make `%s`", trash);
	snprintf(trash, sizeof(trash), "%s/" TRASH "/%s", c->s->dir, c->id);
	if (renameat(dir, LAYERS_DIR, AT_FDCWD, trash) == 0)
		c->discarded = true;
	else if (errno != ENOENT)
		return error_set(err, errno, "cannot remove the files of container `%s`", c->name);
	return 0;
}

int container_remove_files(struct container *c, struct error *err)
{
	_cleanup_fd_ int dir = container_dir(c, err);
	_cleanup_dir_ DIR *d = dir < 0 ? NULL : fdopendir(dir);
	struct dirent *e;
	int rc = -1;

	if (!d)
		return dir < 0 && err->errnum == ENOENT ? 0 : -1;
	(void)take_fd(&dir);
	/* First what makes it a container: whoever finds the rest of it knows what to do. */
	(void)unlinkat(dirfd(d), STATE_KEPT, 0);
	(void)unlinkat(dirfd(d), "state", 0);
	/* A flush may be about to give a file another name: to one, and no more, for "state" is gone. */
	if (discard(c, dirfd(d), err) < 0)
		return -1;
	for (int tries = 0; tries < 4; tries++) {
		rewinddir(d);
		while ((e = readdir(d)))
			if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
				(void)unlinkat(dirfd(d), e->d_name, 0);
		rc = unlinkat(c->s->containers_dir, c->id, AT_REMOVEDIR);
		if (rc == 0 || errno != ENOTEMPTY)
			break;
	}
	if (rc < 0)
		return error_set(err, errno, "cannot remove the directory of container `%s`",
				 c->name);
	image_unuse(c->id);
	return 0;
}

static void purged(struct job *job, int code, struct error *err)
{
	(void)job;
	if (code)
		say_error(err);
}

/* purge - volumes without a name, of @id or "-", and the trash; a program of its own has the time that it takes. */
static void purge(struct supervisor *s, const char *id)
{
	char trash[PATH_MAX];
	const struct job_spec spec = {.args = {"purge", id, trash},
				      .n = 3,
				      .plain = true,
				      .in = FD_EMPTY,
				      .out = FD_EMPTY,
				      .err = FD_EMPTY,
				      .done = purged};
	struct error err = ERROR_INIT;

	snprintf(trash, sizeof(trash), "%s/" TRASH, s->dir);
	if (!job_start(s, &spec, &err))
		say_error(&err);
}

void life_empty_trash(struct supervisor *s)
{
	char trash[PATH_MAX];

	snprintf(trash, sizeof(trash), "%s/" TRASH, s->dir);
	if (access(trash, F_OK) == 0)
		purge(s, "-");
}

static void forget(struct container *c)
{
	struct error err = ERROR_INIT;

	log_close(c);
	if (container_remove_files(c, &err) < 0)
		say_error(&err);
	if (c->volumes && (c->remove_volumes || c->auto_remove))
		purge(c->s, c->id);
	else if (c->discarded)
		purge(c->s, "-");
	flush_changed(c->s, NULL, FLUSH_NAME);
	event(c, "destroy", NULL, NULL);
	tell(c, TOLD_REMOVED, NULL);
	for (struct client *client = c->s->clients; client; client = client->next)
		if (!client->dead && client->on == c)
			client_end(client, -1);
	life_settled(c->s);
	container_forget(c);
}

static void deleted(struct job *job, int code, struct error *err)
{
	struct container *c = job->c;

	if (!c)
		return;
	/* Processes that outlived the first one have been killed: what they wrote is in the pipes. */
	log_close(c);
	if (code) {
		error_wrap(err, "container `%s`", c->name);
		say_error(err);
		container_set_error(c, err);
	}
	c->in_runtime = false;
	state_save(c);
	life_step(c);
}

static void begin_delete(struct container *c)
{
	struct job_spec spec;
	struct error err = ERROR_INIT;

	spec = (struct job_spec){.args = {"delete", "--force", c->id},
				 .n = 3,
				 .in = FD_EMPTY,
				 .out = FD_EMPTY,
				 .err = FD_EMPTY,
				 .limit_s = RUNTIME_LIMIT_S,
				 .c = c,
				 .done = deleted};
	c->job = job_start(c->s, &spec, &err);
	if (c->job)
		return;
	say_error(&err);
	c->in_runtime = false;
}

/* ---- ending ---------------------------------------------------------------------------------- */

static void due(struct loop_timer *timer)
{
	struct container *c = owner_of(timer, struct container, timer);

	c->restarts++;
	c->want_start = true;
	life_step(c);
}

/* wants_restart - does its policy say so, after this end? */
static bool wants_restart(const struct container *c)
{
	if (c->want_remove || c->user_stopped || c->shut_down)
		return false;
	switch (c->restart.kind) {
	case RESTART_NO:
		return false;
	case RESTART_ON_FAILURE:
		return c->exit_code && (!c->restart.max || c->restarts < c->restart.max);
	case RESTART_ALWAYS:
	case RESTART_UNLESS_STOPPED:
		return true;
	}
	return false;
}

/* back_off - how long to wait: twice as long each time, from the beginning after it has run well. */
static unsigned int back_off(const struct container *c)
{
	if (!c->delay_ms || c->finished_ns - c->started_ns >= BACKOFF_RESET_NS)
		return BACKOFF_FIRST_MS;
	return c->delay_ms * 2 > BACKOFF_MOST_MS ? BACKOFF_MOST_MS : c->delay_ms * 2;
}

int life_exit_code(int status)
{
	if (status < 0)
		return 255; /* nobody knows */
	return WIFSIGNALED(status) ? EXIT_BY_SIGNAL + WTERMSIG(status) : WEXITSTATUS(status);
}

/*
 * ends_early - it has ended before the runtime's `start`, which is the one to say whether it ran at all.
 * The status is kept; whoever told it has to hear that it is.
 */
static void ends_early(struct container *c, int status, int64_t time_ns)
{
	loop_close(&c->s->loop, &c->process);
	c->ended_early = true;
	c->early_status = status < 0 ? 255 << 8 : status;
	c->finished_ns = time_ns;
	state_save(c);
}

void life_exited(struct container *c, int status, int64_t time_ns)
{
	char code[16];

	if (c->phase == PHASE_STARTING && c->job) {
		ends_early(c, status, time_ns);
		return;
	}
	loop_cancel(&c->s->loop, &c->timer);
	loop_close(&c->s->loop, &c->process);
	c->oom_killed = stats_oom_killed(c);
	c->pid = 0;
	c->ended_early = c->stopping = false;
	c->phase = PHASE_EXITED;
	c->exit_code = life_exit_code(status);
	c->finished_ns = time_ns;
	c->paused = false;
	if (status < 0) {
		struct error err = ERROR_INIT;

		error_set(&err, 0, "how it ended is not known: cloisond was not there");
		container_set_error(c, &err);
	}
	c->restarting = wants_restart(c) && !c->want_start;
	if (c->shut_down && !c->s->shutting_down)
		boot_decide(c); /* of an earlier cloisond, and the host is up */
	if (c->auto_remove)
		c->want_remove = true;
	state_save(c);
	health_stopped(c);
	log_drain(c);
	snprintf(code, sizeof(code), "%d", c->exit_code);
	if (c->oom_killed)
		event(c, "oom", NULL, NULL);
	event(c, "die", "exitCode", code);
	tell(c, TOLD_EXITED, NULL);
	life_settled(c->s);
	life_step(c);
}

/* ---- what is wanted -------------------------------------------------------------------------- */

/* join_late - without the other it fails, and its policy says what then. */
static void join_late(struct loop_timer *timer)
{
	struct container *c = owner_of(timer, struct container, timer);

	if (c->want_start && !c->job && !c->s->shutting_down)
		life_create(c);
}

/* Started from here and not by who has settled: that may be in the middle of its own step. */
static void look_at_joiners(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, joiners);
	struct container *next;

	for (struct container *c = s->containers; c; c = next) {
		next = c->next;
		if (c->joins && c->want_start && !c->want_remove)
			life_step(c);
	}
}

void life_settled(struct supervisor *s)
{
	for (const struct container *c = s->containers; c && !s->joiners.armed; c = c->next)
		if (c->joins && c->want_start)
			loop_after(&s->loop, &s->joiners, 0, look_at_joiners);
}

void life_step(struct container *c)
{
	if (!c->s->replayed || c->job || (c->phase != PHASE_CREATED && c->phase != PHASE_EXITED) ||
	    c->s->ending)
		return;
	if (c->in_runtime) {
		begin_delete(c);
		if (c->job)
			return;
	}
	if (c->want_remove && (!c->readers || c->remove_forced)) {
		forget(c);
		return;
	}
	if (c->want_remove)
		return; /* when those who read its last words have them */
	if (c->s->shutting_down)
		return;
	if (c->want_start && container_waits_to_join(c)) {
		if (!c->timer.armed)
			loop_after(&c->s->loop, &c->timer, JOIN_WAIT_MS, join_late);
		return;
	}
	if (c->want_start) {
		loop_cancel(&c->s->loop, &c->timer);
		life_create(c);
		return;
	}
	if (c->restarting && !c->timer.armed) {
		c->delay_ms = back_off(c);
		loop_after(&c->s->loop, &c->timer, c->delay_ms, due);
	}
}

static void step_now(struct loop_timer *timer)
{
	life_step(owner_of(timer, struct container, timer));
}

void life_step_soon(struct container *c)
{
	if (c->want_remove && !c->pid && !c->job)
		loop_after(&c->s->loop, &c->timer, 0, step_now);
}

void life_start(struct container *c)
{
	c->want_start = true;
	c->user_stopped = c->shut_down = c->by_policy = false;
	c->restarting = false;
	c->restarts = 0;
	c->delay_ms = 0;
	life_step(c);
}

void life_remove(struct container *c, bool force)
{
	c->want_remove = true;
	c->remove_forced = force;
	if (force)
		life_stop(c, SIGKILL, 0);
	else
		state_save(c);
	life_step(c);
}
