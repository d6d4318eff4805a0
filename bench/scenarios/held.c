/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held.c: start and stop of instances that stay.
 *
 * A launcher that has ended is forgotten, with its pipes: descriptors are few, instances may be many.
 */
#include "bench/scenarios/held.h"

#include "lib/sys.h"

#include <poll.h>
#include <signal.h>

#define STOP_DEADLINE_MS 10000

static pid_t read_pid(const struct bench *b, unsigned int serial)
{
	char path[PATH_MAX];
	_cleanup_file_ FILE *f = NULL;
	int pid;

	snprintf(path, sizeof(path), "%s/%u.pid", b->work, serial);
	f = fopen(path, "re");
	return f && fscanf(f, "%d", &pid) == 1 && pid > 0 ? pid : 0;
}

/* stays - wait until the probe has reported, and the launcher that detaches has ended. */
static int stays(struct bench *b, struct held *h, int deadline_ms, char *trouble, size_t size)
{
	enum wait_result result =
		harness_wait_marks(&b->h, h->launcher, MARK_RAM_FREE, 1, deadline_ms);
	bool detaches = h->system->driver->detaches;

	if (result == WAIT_OK && detaches)
		result = harness_wait_exit(&b->h, h->launcher, deadline_ms);
	if (result != WAIT_OK || (detaches && child_exit_code(h->launcher) != 0)) {
		child_complaint(h->launcher, trouble, size);
		return -1;
	}
	h->pid = detaches ? read_pid(b, h->serial) : h->launcher->pid;
	if (!h->pid) {
		snprintf(trouble, size, "wrote no pid file");
		return -1;
	}
	if (!detaches)
		return 0;
	h->pidfd = sys_pidfd_open(h->pid, 0);
	child_free(h->launcher);
	h->launcher = NULL;
	return 0;
}

int held_start(struct bench *b, const struct system *s, const struct request *r, struct held *h,
	       char *trouble, size_t size)
{
	struct request request = *r;
	struct error err = ERROR_INIT;
	struct command cmd;

	request.hold = true;
	request.serial = ++b->serial;
	*h = (struct held){.system = s,
			   .launcher = child_new(),
			   .pidfd = FD_EMPTY,
			   .serial = request.serial};
	if (!h->launcher) {
		snprintf(trouble, size, "no memory");
		return -1;
	}
	command_init(&cmd);
	cmd.leashed = true;
	s->driver->start(b, s, &request, &cmd);
	if (harness_start(&b->h, h->launcher, &cmd, &err)) {
		error_line(&err, trouble, size);
		child_free(h->launcher);
		return -1;
	}
	if (stays(b, h, visit_deadline_ms(b, s, &request), trouble, size) == 0)
		return 0;
	held_stop(b, h);
	return -1;
}

void held_stop(struct bench *b, struct held *h)
{
	struct pollfd gone = {.fd = h->pidfd, .events = POLLIN};

	if (h->launcher)
		harness_kill(&b->h, h->launcher);
	if (h->system->driver->detaches)
		visit_stop(b, h->system, h->serial);
	if (h->pidfd >= 0) {
		sys_pidfd_send_signal(h->pidfd, SIGKILL, NULL, 0);
		if (poll(&gone, 1, STOP_DEADLINE_MS) != 1)
			bench_say("%s: instance %u does not end", h->system->driver->id, h->serial);
	}
	close_fd(h->pidfd);
	child_free(h->launcher);
}
