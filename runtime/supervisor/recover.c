/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * recover.c: going on where an earlier cloisond was killed.
 *
 * First the states are read, then PID 1 says what it has kept: pipes, and the exits that were not
 * acknowledged, which are entered into the states. What is then still without an explanation is asked of
 * the kernel: a process that is there is watched again; one that is not has ended, and nobody knows how.
 *
 * A start that was interrupted before the program ran is made again from its beginning, unless all were
 * being stopped: then its policy decides. Whether it ran is asked of the runtime's own state, which the
 * kernel keeps true: runtime/container/state.h.
 *
 * What was written under another kernel is brought down to what still holds, and what starts by itself is
 * decided, before anything is compared with this one: boot.c.
 *
 * On a host without our init the pipes of running containers were closed with the cloisond that read them.
 * That cannot be mended, and is said.
 */
#include "runtime/supervisor/recover.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "lib/json.h"

/* is_of_this_boot - what was written under this kernel is there as it was written. */
static bool is_of_this_boot(int dir, const char *boot)
{
	struct container probe = {0};
	struct error ignored = ERROR_INIT;
	char text[STATE_BYTES];
	bool is = read_file(dir, "state", text, sizeof(text)) > 0 &&
		  state_parse(text, &probe, &ignored) == 0 && !strcmp(probe.boot, boot);

	free(probe.error);
	return is;
}

/*
 * was_cut_off - was it being made when its maker was killed, or when the power went? Then nobody was told of
 * it: what somebody may have been told of has a state.kept, and is not touched whatever else is missing.
 */
static bool was_cut_off(int dir)
{
	struct stat st;
	char text[2];

	if (fstatat(dir, STATE_KEPT, &st, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT)
		return false;
	/* Of what was being written there may be a name, or a length with nothing behind it. */
	for (const char *const *file =
		     (const char *const[]){"state", "request.json", "config.json", NULL};
	     *file; file++) {
		ssize_t n = read_file(dir, *file, text, sizeof(text));

		if (n < 0 ? errno == ENOENT : n == 0 || !text[0])
			return true;
	}
	return false;
}

/* is_at_rest - neither there nor to be, whatever boot this is */
static bool is_at_rest(const struct container *c)
{
	return (c->phase == PHASE_CREATED || c->phase == PHASE_EXITED) && !c->in_runtime &&
	       !c->want_start && !c->want_remove && !c->restarting && !c->shut_down;
}

/* come_up - the state is of an earlier boot, or of a cloisond that has stopped all. */
static void come_up(struct container *c)
{
	bool other = strcmp(c->boot, c->s->boot) != 0, rested = is_at_rest(c);

	if (other)
		boot_lapse(c, c->s->boot, now_ns());
	if (other || (c->shut_down && c->phase == PHASE_EXITED))
		boot_decide(c);
	/* One that rests is decided upon in the same way again. */
	if (!rested || !is_at_rest(c))
		state_save(c);
	/* Who wrote it may have been killed before it did this. */
	flush_changed(c->s, c, FLUSH_ALL);
}

/* read_container - what its files say. */
static int read_container(struct container *c, int dir, struct error *err)
{
	_cleanup_json_ struct json_object *request = NULL;
	char text[STATE_BYTES];

	if (read_file(dir, "state", text, sizeof(text)) < 0)
		return error_set(err, errno, "cannot read its state");
	if (state_parse(text, c, err) < 0)
		return -1;
	request = container_request(c, err);
	if (!request || container_configure(c, request, err) < 0)
		return -1;
	return log_recover(c, err);
}

static int remove_cut_off(struct container *c, struct error *err)
{
	if (container_remove_files(c, err) < 0)
		return -1;
	say("container %.*s was cut off while it was made, and is removed", SHORT_ID, c->id);
	return 1;
}

/*
 * load - one container; one that cannot be read is left alone and named. One whose making was cut off goes.
 */
static int load(struct supervisor *s, const char *id, struct error *err)
{
	struct container *c = container_new(s);
	_cleanup_fd_ int dir = FD_EMPTY;
	int rc;

	snprintf(c->id, sizeof(c->id), "%.*s", ID_DIGITS, id);
	dir = container_dir(c, err);
	if (dir < 0 || (!is_of_this_boot(dir, s->boot) && flush_restore(dir, err) < 0))
		rc = -1;
	else if (was_cut_off(dir))
		rc = remove_cut_off(c, err);
	else
		rc = read_container(c, dir, err);
	if (rc == 0)
		come_up(c);
	else
		container_forget(c);
	return rc < 0 ? -1 : 0;
}

int recover_begin(struct supervisor *s, struct error *err)
{
	_cleanup_dir_ DIR *d = NULL;
	int fd = openat(s->containers_dir, ".", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	struct dirent *e;

	d = fd < 0 ? NULL : fdopendir(fd);
	if (!d) {
		close_fd(fd);
		return error_set(err, errno, "cannot read `%s/containers`", s->dir);
	}
	while ((e = readdir(d))) {
		struct error bad = ERROR_INIT;

		if (!is_supervisors_id(e->d_name) || load(s, e->d_name, &bad) == 0)
			continue;
		error_wrap(&bad, "container %.12s is left alone", e->d_name);
		say_error(&bad);
	}
	return 0;
}

bool recover_fd(struct container *c, char what, int fd)
{
	struct error err = ERROR_INIT;
	char path[32];

	if (!c->in_runtime || c->phase == PHASE_CREATING)
		return false;
	switch (what) {
	case '0':
		return c->console.fd < 0 && console_attach(c, fd, &err) == 0;
	case '1':
	case '2':
		if (c->out[what - '1'].source.fd >= 0)
			return false;
		if (c->terminal) {
			snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
			replace_fd(&c->pump, open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC));
		}
		log_attach(c, what - '1', fd);
		return true;
	case 't':
		if (c->console.fd >= 0)
			return false;
		log_terminal(c, fd);
		return true;
	default:
		return false;
	}
}

/* has_started - did `start` come as far as the program? The lock on state.json says so. */
static bool has_started(const struct container *c)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/state.json", c->s->runtime_root, c->id);
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_SH | LOCK_NB) == 0;
}

/* go_on_running - of one whose program runs, or ran. */
static void go_on_running(struct container *c)
{
	bool replayed = c->s->channel.fd >= 0;

	if (c->ended_early) {
		life_exited(c, c->early_status, c->finished_ns);
		return;
	}
	c->adopted = !replayed;
	if (!process_adopt(c)) {
		/* It may have ended just now: then PID 1 is about to say how. */
		if (replayed)
			process_await_status(c);
		else
			life_exited(c, -1, now_ns());
		return;
	}
	if (!replayed)
		say("container %s runs on; what it writes can no longer be read, for nobody kept "
		    "its pipes",
		    c->name);
	c->phase = PHASE_RUNNING;
	c->want_start = false;
	state_save(c);
	health_started(c);
	if (c->stopping)
		life_stop_again(c);
}

/*
 * start_again - the program has not run: what there is of it goes, and the start is repeated; if all were
 * being stopped, or are now, it is if the policy says so.
 */
static void start_again(struct container *c)
{
	loop_close(&c->s->loop, &c->process);
	c->pid = 0;
	c->phase = c->finished_ns ? PHASE_EXITED : PHASE_CREATED;
	if (c->shut_down || c->s->shutting_down)
		boot_decide(c);
	state_save(c);
	life_step(c);
}

static void go_on(struct container *c)
{
	switch (c->phase) {
	case PHASE_CREATING:
		start_again(c);
		return;
	case PHASE_STARTING:
		if (!c->ended_early && !has_started(c)) {
			start_again(c);
			return;
		}
		c->want_start = false; /* it has begun, and may have ended */
		go_on_running(c);
		return;
	case PHASE_RUNNING:
		go_on_running(c);
		return;
	case PHASE_CREATED:
	case PHASE_EXITED:
		log_drain(c);
		life_step(c);
		return;
	}
}

void recover_end(struct supervisor *s)
{
	struct container *next;

	if (s->replayed)
		return;
	s->replayed = true;
	for (struct container *c = s->containers; c; c = next) {
		next = c->next;
		go_on(c);
	}
	if (!s->shutting_down)
		return;
	life_shut_down_all(s);
	/* When nothing runs there is nothing to wait for. */
	life_is_down(s);
}
