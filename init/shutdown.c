/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * shutdown.c: orderly power-off, reboot and halt.
 *
 *	stop        the services, those that others need after those
 *	terminate   SIGTERM and SIGCONT to all others, which are the containers; wait
 *	kill        SIGKILL to those still there (the first process of a container is one of them:
 *	            the kernel keeps signals it has no handler for from it, SIGKILL excepted); wait
 *	unmount     take off the mounts in the reverse order of their making
 *	sync        write what is unwritten
 *	end         reboot(2)
 *
 * Each stage has a time; what is not done by then is named, and the next one follows. So the way down is
 * bounded by the sum of the table below, whatever hangs, and a watchdog resets a machine that takes longer.
 *
 * kill(-1) never hits its caller, so PID 1 can go through all of this itself. Orphans become its
 * children, so "no child left" means "no process left". Unmounting and syncing can hang in the kernel for
 * ever on a dead device, therefore a child does each, and PID 1 goes on without it when its time is over.
 * reboot(2) is called in a child too: for power-off and halt the kernel ends the calling process when it
 * cannot switch the machine off, and it panics when that process is PID 1.
 */
#include "init/shutdown.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <unistd.h>

#include "init/klog.h"
#include "init/loop.h"
#include "init/mountinfo.h"
#include "init/phase.h"
#include "init/say.h"
#include "init/service.h"
#include "init/survivors.h"
#include "init/wait.h"
#include "init/watchdog.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define DRAIN_LIMIT_MS 500
#define RESET_AFTER_S 60 /* beyond all stages: the firmware's part */

static int signals; /* the signalfd */

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

/* What the child that unmounts is at, for us to say when it hangs. */
static char *unmounting;

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
		if (unmounting)
			memcpy(unmounting, m.last_path, sizeof(m.last_path));
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

static void write_unwritten(void)
{
	sync();
}

static void stop(unsigned int limit_ms)
{
	services_stop_all(loop_now_ms() + limit_ms);
}

static void terminate(unsigned int limit_ms)
{
	kill(-1, SIGTERM);
	kill(-1, SIGCONT);
	if (!wait_all(signals, (int)limit_ms))
		survivors_say("does not end on SIGTERM, killed");
}

static void kill_rest(unsigned int limit_ms)
{
	kill(-1, SIGKILL);
	if (!wait_all(signals, (int)limit_ms))
		survivors_say("cannot be killed, left");
}

static void unmount(unsigned int limit_ms)
{
	void *page =
		mmap(NULL, PATH_MAX, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	klog_end();
	unmounting = page == MAP_FAILED ? NULL : page;
	switch (wait_limited(unmount_all, signals, (int)limit_ms)) {
	case -1:
		say_error(errno, "shutdown: cannot fork, unmounting without a time limit");
		unmount_all();
		break;
	case 1:
		say("shutdown: unmounting `%s` takes more than %u s, going on without it",
		    unmounting ? unmounting : "?", limit_ms / 1000);
		break;
	}
}

static void write_out(unsigned int limit_ms)
{
	switch (wait_limited(write_unwritten, signals, (int)limit_ms)) {
	case -1:
		say_error(errno, "shutdown: cannot fork, syncing without a time limit");
		sync();
		break;
	case 1:
		say("shutdown: writing to disk takes more than %u s, going on without it",
		    limit_ms / 1000);
		break;
	}
}

/* In this order. docs/man/init.8 has the times too. */
static const struct {
	enum phase phase;
	unsigned int limit_ms;
	void (*run)(unsigned int limit_ms); /* says what has not been done in time */
} stages[] = {
	/* clang-format off */
	{PHASE_STOP, 20000, stop},
	{PHASE_TERMINATE, 5000, terminate},
	{PHASE_KILL, 2000, kill_rest},
	{PHASE_UNMOUNT, 10000, unmount},
	{PHASE_SYNC, 10000, write_out},
	/* clang-format on */
};

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
	unsigned int total_ms = 0;

	signals = signal_fd;
	for (size_t i = 0; i < ARRAY_SIZE(stages); i++)
		total_ms += stages[i].limit_ms;
	watchdog_lengthen(total_ms / 1000 + RESET_AFTER_S);

	for (size_t i = 0; i < ARRAY_SIZE(stages); i++) {
		phase_enter(stages[i].phase);
		stages[i].run(stages[i].limit_ms);
	}

	phase_enter(PHASE_END);
	if (phases)
		phase_say(PHASE_STOP);
	if (kind == SHUTDOWN_HALT)
		watchdog_stop();
	say("%s", kinds[kind].last_words);
	say_drain(DRAIN_LIMIT_MS);
	leave(kinds[kind].how);
}
