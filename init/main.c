/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: PID 1 of the appliance: the boot as a table, then one loop.
 *
 * All signals but those of a crash are blocked from the first moment on and read from a signalfd,
 * so nothing ever runs in a signal handler. The loop (loop.h) waits for signals and for what the other
 * parts have asked it to watch; in every round it reaps whatever has ended (every orphan of the system
 * becomes our child, and SIGCHLD coalesces, so it reaps until there is nothing more). The signals:
 *
 *	SIGTERM, SIGINT   reboot (SIGINT is what Ctrl-Alt-Del sends)
 *	SIGUSR2, SIGPWR   power off
 *	SIGUSR1           halt
 *	SIGHUP            print the phases of the boot and the services
 *
 * These are the signals of busybox' poweroff, reboot and halt. The program allocates no memory;
 * its only inputs are the kernel command line and the files of services. What takes the system down is noted and done between two
 * rounds, never in the middle of one.
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

#include "init/button.h"
#include "init/cgroup.h"
#include "init/channel.h"
#include "init/cmdline.h"
#include "init/console.h"
#include "init/crash.h"
#include "init/klog.h"
#include "init/loop.h"
#include "init/manifest.h"
#include "init/mounts.h"
#include "init/net.h"
#include "init/phase.h"
#include "init/say.h"
#include "init/service.h"
#include "init/servicestart.h"
#include "init/shutdown.h"
#include "init/storage.h"
#include "init/sysctl.h"
#include "init/watchdog.h"
#include "lib/fd.h"

#define WARNINGS_MAX 16
#define REFUSED_MS 10000

static struct cmdline cmdline;
static int signal_fd = FD_EMPTY;

/* A way down has been asked for; the first one counts. */
static bool going;
static enum shutdown_kind going_how;

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

static int open_watchdog(void)
{
	watchdog_open(cmdline.watchdog_s);
	return 0;
}

/* check_manifest - does not return when the initramfs is not to be trusted. */
static int check_manifest(void)
{
	static const struct {
		const char *what;
		enum shutdown_kind how;
	} refusals[] = {
		[MANIFEST_REBOOT] = {"rebooting in 10 s", SHUTDOWN_REBOOT},
		[MANIFEST_HALT] = {"halting", SHUTDOWN_HALT},
	};
	int faults = manifest_check();

	if (faults == 0)
		return 0;
	if (cmdline.manifest == MANIFEST_WARN) {
		say("manifest: the image is not what was built, going on as `cloison.manifest=warn` says");
		return 0;
	}
	say("manifest: the image is damaged or was altered, %s", refusals[cmdline.manifest].what);
	if (cmdline.manifest == MANIFEST_REBOOT)
		poll(NULL, 0, REFUSED_MS); /* for whoever reads the console */
	shutdown_system(refusals[cmdline.manifest].how, signal_fd, cmdline.phases);
}

static int setup_network(void)
{
	return net_setup(cmdline.hostname);
}

static void go(enum shutdown_kind how)
{
	if (!going)
		going_how = how;
	going = true;
	loop_wake_at(0); /* said by a step: the round does not wait any more */
}

static void power_button(void)
{
	say("the power button was pressed");
	go(SHUTDOWN_POWER_OFF);
}

/* start_services - those without a terminal, until each is ready, has failed, or is beyond its time. */
static int start_services(void)
{
	int failed = services_load(&cmdline);

	button_begin(power_button);
	klog_begin();
	services_step();
	while (services_pending() && !going)
		loop_round();
	return failed + services_missing();
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
	{PHASE_WATCHDOG, open_watchdog},
	{PHASE_MANIFEST, check_manifest},
	{PHASE_SYSCTL, sysctl_apply},
	{PHASE_CGROUP, cgroup_setup},
	{PHASE_NETWORK, setup_network},
	{PHASE_SEAL, mounts_seal},
	{PHASE_SERVICES, start_services},
	/* clang-format on */
};

/*
 * reap - every child that has ended. Those that a signal has stopped are told of as well, once for each time;
 * but for the services' they are nobody's business.
 */
static void reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | WUNTRACED)) > 0)
		if (!services_told(pid, status) && !WIFSTOPPED(status) &&
		    !storage_ended(pid, status))
			channel_exit(pid, status);
	if (services_over())
		go(SHUTDOWN_POWER_OFF);
}

static void follow(int signal)
{
	switch (signal) {
	case SIGINT:
	case SIGTERM:
		go(SHUTDOWN_REBOOT);
		break;
	case SIGUSR2:
	case SIGPWR:
		go(SHUTDOWN_POWER_OFF);
		break;
	case SIGUSR1:
		go(SHUTDOWN_HALT);
		break;
	case SIGHUP:
		phase_say(PHASE_ROOT);
		services_say();
		break;
	default: /* SIGCHLD is answered by reaping in every round */
		break;
	}
}

static void read_signals(int fd, short revents)
{
	struct signalfd_siginfo info;

	(void)revents;
	while (read(fd, &info, sizeof(info)) == sizeof(info))
		follow((int)info.ssi_signo);
}

/* setup_process - what PID 1 is and hands on: signals, umask, limits. 0, or -1 with errno. */
static int setup_process(void)
{
	const struct rlimit nofile = {SERVICE_NOFILE_HARD, SERVICE_NOFILE_HARD};
	const struct rlimit core = {0, 0};
	sigset_t blocked;

	sigfillset(&blocked);
	crash_catch(&blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	signal_fd = signalfd(-1, &blocked, SFD_NONBLOCK | SFD_CLOEXEC);
	if (signal_fd < 0 || !loop_watch(signal_fd, POLLIN, read_signals))
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
	if (going)
		return;
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
	services_open_terminal();
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
	loop_step(reap);
	loop_step(services_step);
	boot_system();
	while (!going)
		loop_round();
	shutdown_system(going_how, signal_fd, cmdline.phases);
}
