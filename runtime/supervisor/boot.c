/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.c: what of a container's state outlives the boot that it was written in.
 *
 * A state has the kernel's random/boot_id. In another boot its pid is somebody else's, and whoever was
 * stopped, paused or being started is not there any more. So a state of another boot is brought down to what
 * still holds before anybody looks at it: a container that ran has exited. How, is known where cloisond was
 * told to stop all containers before the host went down, and else not: then it is 255 and an error that says
 * so.
 *
 * Whether a container then starts is decided as Docker's daemon does when it starts:
 *
 *	no, on-failure    it is left
 *	always            it starts, even when it was stopped by hand
 *	unless-stopped    it starts, unless it was stopped by hand
 *	--rm              it is removed, when it has run or was being started
 *
 * One that was made and never started stays so. The same is decided for those that cloisond itself has
 * stopped because it was told to (life_stop.c), if the host did not go down after all.
 *
 * A state without a boot is that of a version before there was one; nothing is known of it, so it is another.
 */
#include <fcntl.h>
#include <string.h>

#include "runtime/supervisor/supervisor.h"

#define BOOT_ID "/proc/sys/kernel/random/boot_id"

int boot_read(char id[BOOT_BYTES], struct error *err)
{
	char text[BOOT_BYTES + 1];
	ssize_t n = read_file(AT_FDCWD, BOOT_ID, text, sizeof(text));

	if (n < 0)
		return error_set(err, errno, "cannot read `" BOOT_ID "`");
	if (n != BOOT_BYTES || text[n - 1] != '\n')
		return error_set(err, EINVAL, "`" BOOT_ID "` holds no id");
	snprintf(id, BOOT_BYTES, "%.*s", BOOT_BYTES - 1, text);
	return 0;
}

static void has_ended(struct container *c, int64_t now_ns)
{
	struct error err = ERROR_INIT;

	c->phase = PHASE_EXITED;
	if (c->ended_early) {
		c->exit_code = life_exit_code(c->early_status);
		return;
	}
	c->exit_code = life_exit_code(-1);
	c->finished_ns = now_ns;
	c->oom_killed = false;
	error_set(&err, 0, "how it ended is not known: the host went down while it ran");
	container_set_error(c, &err);
}

void boot_lapse(struct container *c, const char *boot, int64_t now_ns)
{
	if (c->phase == PHASE_STARTING || c->phase == PHASE_RUNNING)
		has_ended(c, now_ns);
	else if (c->phase == PHASE_CREATING)
		c->phase = c->finished_ns ? PHASE_EXITED : PHASE_CREATED;
	c->pid = 0;
	c->start_ticks = 0;
	c->early_status = 0;
	c->in_runtime = c->paused = c->stopping = c->ended_early = c->ready = false;
	c->unprepared = true;
	memcpy(c->boot, boot, BOOT_BYTES);
}

/* comes_back - does its policy start it? */
static bool comes_back(const struct container *c)
{
	bool was_started = c->phase != PHASE_CREATED || c->want_start;

	switch (c->restart.kind) {
	case RESTART_NO:
	case RESTART_ON_FAILURE:
		return false;
	case RESTART_ALWAYS:
		return was_started;
	case RESTART_UNLESS_STOPPED:
		return was_started && !c->user_stopped;
	}
	return false;
}

void boot_decide(struct container *c)
{
	bool back = comes_back(c);

	if (c->auto_remove && (c->phase == PHASE_EXITED || c->want_start))
		c->want_remove = true;
	c->want_start = c->by_policy = back;
	c->restarting = c->shut_down = false;
	c->delay_ms = 0;
	if (!back)
		return;
	c->user_stopped = false;
	c->restarts = 0;
}
