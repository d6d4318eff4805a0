/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: PID 1 of the appliance: the boot as a table, then one loop.
 *
 * All signals but those of a crash are blocked from the first moment on and read from a signalfd,
 * so nothing ever runs in a signal handler. The loop waits for a signal or for the next start of a
 * service, reaps whatever has ended (every orphan of the system becomes our child, and SIGCHLD
 * coalesces, so it reaps until there is nothing more), and follows the signals:
 *
 *	SIGTERM, SIGINT   reboot (SIGINT is what Ctrl-Alt-Del sends)
 *	SIGUSR2, SIGPWR   power off
 *	SIGUSR1           halt
 *	SIGHUP            print the phases of the boot and the services
 *
 * These are the signals of busybox' poweroff, reboot and halt. The program allocates no memory;
 * its only input is the kernel command line.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/cgroup.h"
#include "init/cmdline.h"
#include "init/console.h"
#include "init/crash.h"
#include "init/mounts.h"
#include "init/net.h"
#include "init/phase.h"
#include "init/say.h"
#include "init/service.h"
#include "init/shutdown.h"
#include "init/sysctl.h"
#include "lib/fd.h"

#define WARNINGS_MAX 16
#define NOFILE_SOFT 1024
#define NOFILE_HARD 524288

static struct cmdline cmdline;
static int signal_fd = FD_EMPTY;

static void warn_word(void *context, const char *word, size_t len, const char *why)
{
	int *warnings = context;
	char shown[65];

	if (++*warnings > WARNINGS_MAX)
		return;
	cmdline_printable(word, len, shown, sizeof(shown));
	say("command line: `%s`: %s", shown, why);
}

/* read_cmdline - a bad word is a warning, never a failed boot. */
static int read_cmdline(void)
{
	static char text[CMDLINE_MAX + 1];
	_cleanup_fd_ int fd = open("/proc/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	int warnings = 0;

	if (n < 0) {
		say_error(errno, "command line: cannot read `/proc/cmdline`");
		return 1;
	}
	if (n > CMDLINE_MAX) {
		n = CMDLINE_MAX;
		say("command line: only its first %d bytes are read", CMDLINE_MAX);
	}
	cmdline_parse(&cmdline, text, (size_t)n, warn_word, &warnings);
	if (warnings > WARNINGS_MAX)
		say("command line: %d more words that cannot be followed", warnings - WARNINGS_MAX);
	return 0;
}

static int setup_network(void)
{
	return net_setup(cmdline.hostname);
}

static int start_background(void)
{
	services_start(SERVICE_IN_BACKGROUND, &cmdline);
	return 0;
}

/* Each says what failed and returns the number of required steps that did; the next follows. */
static const struct {
	enum phase phase;
	int (*run)(void);
} boot[] = {
	/* clang-format off */
	{PHASE_ROOT, mounts_bind_root},
	{PHASE_MOUNTS, mounts_make},
	{PHASE_CONSOLE, console_open},
	{PHASE_CMDLINE, read_cmdline},
	{PHASE_SYSCTL, sysctl_apply},
	{PHASE_CGROUP, cgroup_setup},
	{PHASE_NETWORK, setup_network},
	{PHASE_SEAL, mounts_seal},
	{PHASE_SERVICES, start_background},
	/* clang-format on */
};

/* setup_process - what PID 1 is and hands on: signals, umask, limits. 0, or -1 with errno. */
static int setup_process(void)
{
	const struct rlimit nofile = {NOFILE_SOFT, NOFILE_HARD};
	const struct rlimit core = {0, 0};
	sigset_t blocked;

	sigfillset(&blocked);
	crash_catch(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	signal_fd = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signal_fd < 0)
		return -1;
	/* Only now: SIGINT is blocked, so Ctrl-Alt-Del waits until the loop reads it. */
	reboot(RB_DISABLE_CAD);
	umask(022);
	setrlimit(RLIMIT_NOFILE, &nofile);
	setrlimit(RLIMIT_CORE, &core);
	return 0;
}

static void boot_system(void)
{
	int failed = 0;

	cmdline_defaults(&cmdline);
	for (size_t i = 0; i < ARRAY_SIZE(boot); i++) {
		phase_enter(boot[i].phase);
		failed += boot[i].run();
	}
	phase_enter(PHASE_READY);
	if (phase_save() < 0) {
		say_error(errno, "phases: cannot write `%s`", PHASE_FILE);
		failed++;
	}
	if (cmdline.phases)
		phase_say(PHASE_ROOT);
	if (failed == 0)
		say("ready");
	else
		say("not ready: %d required step%s failed", failed, failed == 1 ? "" : "s");
	if (failed > 0 && cmdline.exec[0]) {
		/* Unattended: what the command would report is not what was asked for. */
		say("exec: not run, the boot is not complete");
		shutdown_system(SHUTDOWN_POWER_OFF, signal_fd, cmdline.phases);
	}
	services_start(SERVICE_ON_TERMINAL, &cmdline);
}

/* reap - every child that has ended; true when the system is to power off now. */
static bool reap(void)
{
	bool over = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		over |= services_ended(pid, status);
	return over;
}

static void follow(int signal)
{
	switch (signal) {
	case SIGINT:
	case SIGTERM:
		shutdown_system(SHUTDOWN_REBOOT, signal_fd, cmdline.phases);
	case SIGUSR2:
	case SIGPWR:
		shutdown_system(SHUTDOWN_POWER_OFF, signal_fd, cmdline.phases);
	case SIGUSR1:
		shutdown_system(SHUTDOWN_HALT, signal_fd, cmdline.phases);
	case SIGHUP:
		phase_say(PHASE_ROOT);
		services_say();
		break;
	default: /* SIGCHLD is answered by reaping after every wake */
		break;
	}
}

int main(void)
{
	if (getpid() != 1) {
		say("init is PID 1 of the appliance and nothing else");
		return 1;
	}
	if (setup_process() < 0) {
		/* A PID 1 that hears nothing is worse than none: the kernel panics and reboots. */
		say_error(errno, "cannot make a signalfd");
		return 1;
	}
	boot_system();
	for (;;) {
		struct pollfd p = {.fd = signal_fd, .events = POLLIN};
		struct signalfd_siginfo info;

		poll(&p, 1, services_wait_ms());
		while (read(signal_fd, &info, sizeof(info)) == sizeof(info))
			follow((int)info.ssi_signo);
		if (reap())
			shutdown_system(SHUTDOWN_POWER_OFF, signal_fd, cmdline.phases);
		services_start_due();
	}
}
