/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shutdown.c: orderly power-off, reboot and halt.
 *
 *	terminate   SIGTERM and SIGCONT to all, SIGHUP to the session on the terminal; wait
 *	kill        SIGKILL to those still there (the first process of a container is one of them:
 *	            the kernel keeps signals it has no handler for from it, SIGKILL excepted); wait
 *	unmount     take off the mounts in the reverse order of their making, then sync
 *	end         reboot(2)
 *
 * kill(-1) never hits its caller, so PID 1 can go through all of this itself. Orphans become its
 * children, so "no child left" means "no process left". Each wait has a limit. Unmounting and
 * syncing can hang in the kernel for ever on a dead device, therefore a child does it, and PID 1
 * goes on without it when its time is over. reboot(2) is called in a child too: for power-off and
 * halt the kernel ends the calling process when it cannot switch the machine off, and it panics
 * when that process is PID 1.
 */
#include "init/shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "init/mountinfo.h"
#include "init/phase.h"
#include "init/say.h"
#include "init/service.h"
#include "init/wait.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define TERMINATE_LIMIT_MS 5000
#define KILL_LIMIT_MS 2000
#define UNMOUNT_LIMIT_MS 10000
#define DRAIN_LIMIT_MS 500

static const struct {
	int how;
	const char *last_words;
} kinds[] = {
	[SHUTDOWN_POWER_OFF] = {RB_POWER_OFF, "powering off"},
	[SHUTDOWN_REBOOT] = {RB_AUTOBOOT, "rebooting"},
	[SHUTDOWN_HALT] = {(int)RB_HALT_SYSTEM, "halting"},
};

/* find_last_mount - 0 with @m telling which, or -1 with errno. */
static int find_last_mount(struct mountinfo *m)
{
	char text[1024];
	_cleanup_fd_ int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	mountinfo_begin(m);
	while ((n = read(fd, text, sizeof(text))) > 0)
		mountinfo_feed(m, text, (size_t)n);
	return n < 0 ? -1 : 0;
}

/* unmount_all - what cannot be taken off is made read-only where it can. */
static void unmount_all(void)
{
	static struct mountinfo m;

	for (;;) {
		int errnum;

		if (find_last_mount(&m) < 0) {
			say_error(errno, "shutdown: cannot read the list of mounts");
			return;
		}
		if (m.last_id == 0)
			return;
		if (sys_umount2(m.last_path, 0) == 0)
			continue;
		errnum = errno;
		say_error(errnum, "shutdown: cannot unmount `%s`", m.last_path);
		if (sys_mount(NULL, m.last_path, NULL, MS_REMOUNT | MS_RDONLY, NULL) < 0)
			say_error(errno, "shutdown: cannot make `%s` read-only", m.last_path);
		if (!mountinfo_keep(&m)) {
			say("shutdown: too many mounts are busy, leaving the rest");
			return;
		}
	}
}

static void unmount_and_sync(void)
{
	unmount_all();
	sync();
}

/* leave - no way back. */
static _Noreturn void leave(int how)
{
	if (fork() <= 0) {
		reboot(how);
		say_error(errno, "shutdown: reboot");
		_exit(1);
	}
	for (;;)
		pause(); /* every signal is blocked */
}

_Noreturn void shutdown_system(enum shutdown_kind kind, int signal_fd, bool phases)
{
	bool session;

	phase_enter(PHASE_TERMINATE);
	session = services_hang_up();
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (!wait_all(signal_fd, TERMINATE_LIMIT_MS)) {
		phase_enter(PHASE_KILL);
		kill(-1, SIGKILL);
		if (!wait_all(signal_fd, KILL_LIMIT_MS))
			say("shutdown: processes are left that cannot be killed");
	}

	if (session)
		say_line_end();

	phase_enter(PHASE_UNMOUNT);
	switch (wait_limited(unmount_and_sync, signal_fd, UNMOUNT_LIMIT_MS)) {
	case -1:
		say_error(errno, "shutdown: cannot fork, syncing without a time limit");
		sync();
		break;
	case 1:
		say("shutdown: unmounting took more than %d s, going on without it",
		    UNMOUNT_LIMIT_MS / 1000);
		break;
	}

	phase_enter(PHASE_END);
	if (phases)
		phase_say(PHASE_TERMINATE);
	say("%s", kinds[kind].last_words);
	say_drain(DRAIN_LIMIT_MS);
	leave(kinds[kind].how);
}
