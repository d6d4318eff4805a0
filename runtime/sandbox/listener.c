/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * listener.c: SCMP_ACT_NOTIFY.
 *
 * The kernel gives the descriptor to the process that loads the filter, at the moment from which the
 * filter holds for it. Whatever that process then does to send it away may itself be refused, or wait
 * for the very listener that is to get it. So a second thread is there before the load. A filter holds
 * for the thread that loads it, descriptors are common to both: the second one sends it, waits for the
 * answer, and says so in memory, where the first one, which makes no system call, sees it. It is gone
 * with the execve, as threads are.
 *
 * No filter is too strict for this, and no right to trace the child is needed; runc forbids to notify
 * of write(2), which its own child does after the load, crun leaves a helper behind as a process.
 *
 * Source: seccomp_unotify(2); OCI config-linux.md, "The Container Process State".
 */
#include "runtime/sandbox/listener.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "lib/sys.h"
#include "runtime/sandbox/sync.h"

#define STACK_BYTES 32768

#define CHILD_FAILED 125

enum progress { NOT_LOADED, LOADED, FAILED, DELIVERED };

struct sender {
	int sock, fd;
	_Atomic int progress;
};

/* send_and_wait - pass the descriptor on and wait for the word that the listener has it. */
static int send_and_wait(const struct sender *s)
{
	struct sync_msg msg = {.kind = SYNC_LISTENER};
	int fd = FD_EMPTY;

	if (sync_send(s->sock, &msg, s->fd) < 0 || sync_recv(s->sock, &msg, &fd) < 0)
		return -1;
	close_fd(fd);
	return msg.kind == SYNC_LISTENED ? 0 : -1;
}

static void *sender_main(void *arg)
{
	struct sender *s = arg;

	while (atomic_load(&s->progress) == NOT_LOADED)
		sched_yield();
	if (atomic_load(&s->progress) == LOADED) {
		/* The other thread could not even end by itself. The other end knows why, if it is there. */
		if (send_and_wait(s) < 0)
			_exit(CHILD_FAILED);
		atomic_store(&s->progress, DELIVERED);
	}
	return NULL;
}

int listener_load(const struct sandbox *sb, struct error *err)
{
	const struct seccomp_plan *seccomp = &sb->plan->seccomp;
	struct sock_fprog prog = seccomp->prog;
	/* Static: this thread may end, or become the program, while the other one still looks at it. */
	static struct sender sender;
	pthread_attr_t attr;
	pthread_t thread;
	int errnum;

	sender.sock = sb->sync_child;
	pthread_attr_init(&attr);
	errnum = pthread_attr_setstacksize(&attr, STACK_BYTES);
	if (errnum == 0)
		errnum = pthread_create(&thread, &attr, sender_main, &sender);
	if (errnum)
		return error_set(err, errnum,
				 "cannot make the thread that passes the seccomp "
				 "listener on");
	sender.fd = sys_seccomp(SECCOMP_SET_MODE_FILTER, seccomp->flags, &prog);
	if (sender.fd < 0) {
		atomic_store(&sender.progress, FAILED);
		return error_set(err, errno, "cannot load the seccomp filter with a listener");
	}
	atomic_store(&sender.progress, LOADED);
	while (atomic_load(&sender.progress) == LOADED)
		;
	return 0;
}

int listener_serve(int sock, int fd, const struct listener_delivery *delivery, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_LISTENED};
	int rc = -1;

	if (fd < 0 || !delivery || !delivery->deliver)
		error_set(err, EPROTO, "the container's process sent no seccomp listener");
	else
		rc = delivery->deliver(delivery->ctx, fd, err);
	close_fd(fd);
	if (rc < 0)
		return -1;
	if (sync_send(sock, &msg, FD_EMPTY) < 0)
		return error_set(err, errno, "cannot talk to the container's process");
	return 0;
}
