/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervised.c: see supervised.h. Started by s12-mem, in the appliance and on this machine alike.
 *
 * Containers are started with `cloison run -d`, one after the other; at each level of the staircase the PSS of
 * cloisond is told, by the kernel's own account. Then nobody asks it anything for a while, and what it did
 * meanwhile is told: its processor time, which the kernel counts in nanoseconds, and how often it went to sleep.
 *
 * On a machine that has no supervisor, this program makes itself a namespace of processes and starts one in it:
 * when it ends, in whatever way, all of it does.
 */
#include "bench/supervised.h"

#include "bench/agent.h"
#include "bench/mark.h"
#include "bench/memory.h"

#include <ctype.h>
#include <dirent.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

#define SETTLE_MS 1000
#define START_MS 10000
#define STEP_MS 20
#define NAME "idle-%u"

extern char **environ;

struct setting {
	const char *cloison, *bundle;
	pid_t supervisor;
};

static void pause_ms(unsigned int ms)
{
	const struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};

	nanosleep(&ts, NULL);
}

static void say_mark(char kind, uint64_t value)
{
	char text[MARK_SIZE];

	mark_format(text, kind, value);
	if (write(1, text, sizeof(text)) < 0)
		_exit(2); /* nobody can hear why */
}

static unsigned int complain(const char *what, const char *object, int errnum)
{
	struct error err = ERROR_INIT;

	error_set(&err, errnum, "%s `%s`", what, object);
	error_print(&err, "cloison-bench agent", 1);
	return 1;
}

/* run_quietly - a command to its end, its output dropped; its exit status, 255 when it did not start. */
static int run_quietly(const char *const *argv)
{
	posix_spawn_file_actions_t actions;
	int ret, status;
	pid_t pid;

	if (posix_spawn_file_actions_init(&actions))
		return 255;
	ret = posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
	if (!ret)
		ret = posix_spawn(&pid, argv[0], &actions, NULL, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (ret)
		return 255;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 255;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* find_supervisor - the process that is called cloisond; 0: there is none. */
static pid_t find_supervisor(void)
{
	_cleanup_dir_ DIR *proc = opendir("/proc");
	struct dirent *e;

	while (proc && (e = readdir(proc))) {
		char path[300], name[32] = "";
		_cleanup_file_ FILE *f = NULL;

		if (!isdigit((unsigned char)e->d_name[0]))
			continue;
		snprintf(path, sizeof(path), "/proc/%s/comm", e->d_name);
		f = fopen(path, "re");
		if (f && fgets(name, sizeof(name), f) && !strcmp(name, "cloisond\n"))
			return (pid_t)strtol(e->d_name, NULL, 10);
	}
	return 0;
}

/* ---- what it takes ------------------------------------------------------------------------------ */

static unsigned int say_level(const struct setting *s, unsigned int running)
{
	struct error err = ERROR_INIT;
	struct footprint f = {0};

	pause_ms(SETTLE_MS);
	if (footprint_add(&f, s->supervisor, NULL, &err)) {
		error_print(&err, "cloison-bench agent", 1);
		return 1;
	}
	say_mark(MARK_LEVEL, running);
	say_mark(MARK_SUPERVISOR_KB, (uint64_t)f.pss_kb);
	return 0;
}

static unsigned int climb(const struct setting *s, unsigned int count)
{
	unsigned int step = count / SUPERVISED_LEVELS, running = 0, failures;

	failures = say_level(s, 0);
	while (running < step * SUPERVISED_LEVELS) {
		char name[32];
		const char *const argv[] = {s->cloison, "run",	   "-d", "--name",
					    name,	s->bundle, NULL};

		snprintf(name, sizeof(name), NAME, running);
		if (run_quietly(argv) != 0)
			return failures + complain("cannot start the container", name, 0);
		if (++running % step == 0)
			failures += say_level(s, running);
	}
	return failures;
}

/* sleeps - how often it has waited for something, ever; -1 when that cannot be told. */
static long long sleeps(pid_t pid)
{
	static const char key[] = "voluntary_ctxt_switches:";
	char path[64], line[256];
	_cleanup_file_ FILE *f = NULL;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, key, sizeof(key) - 1))
			return strtoll(line + sizeof(key) - 1, NULL, 10);
	return -1;
}

static int64_t clock_ns(clockid_t clock)
{
	struct timespec ts;

	return clock_gettime(clock, &ts) < 0 ? -1 : (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static unsigned int say_idleness(const struct setting *s, unsigned int seconds)
{
	int64_t begun, cpu, cpu_after;
	long long slept, slept_after;
	clockid_t clock;

	if (clock_getcpuclockid(s->supervisor, &clock))
		return complain("cannot tell the processor time of", "cloisond", ESRCH);
	begun = clock_ns(CLOCK_MONOTONIC);
	cpu = clock_ns(clock);
	slept = sleeps(s->supervisor);
	pause_ms(seconds * 1000);
	cpu_after = clock_ns(clock);
	slept_after = sleeps(s->supervisor);
	if (cpu < 0 || cpu_after < 0 || slept < 0 || slept_after < 0)
		return complain("it has ended meanwhile:", "cloisond", 0);
	say_mark(MARK_IDLE_NS, (uint64_t)(clock_ns(CLOCK_MONOTONIC) - begun));
	say_mark(MARK_CPU_NS, (uint64_t)(cpu_after - cpu));
	say_mark(MARK_WAKE_UPS, (uint64_t)(slept_after - slept));
	return 0;
}

static unsigned int remove_all(const struct setting *s, unsigned int count)
{
	unsigned int failures = 0;

	for (unsigned int i = 0; i < count; i++) {
		char name[32];
		const char *const argv[] = {s->cloison, "rm", "-f", name, NULL};

		snprintf(name, sizeof(name), NAME, i);
		failures += run_quietly(argv) != 0;
	}
	return failures;
}

static unsigned int measure(const struct setting *s, unsigned int count, unsigned int seconds)
{
	unsigned int failures = climb(s, count);

	return failures ? failures : say_idleness(s, seconds);
}

/* ---- a supervisor of its own ---------------------------------------------------------------------- */

/* answers - wait until it does. */
static bool answers(const struct setting *s)
{
	const char *const argv[] = {s->cloison, "ps", NULL};

	for (int waited = 0; waited < START_MS; waited += STEP_MS) {
		if (run_quietly(argv) == 0)
			return true;
		pause_ms(STEP_MS);
	}
	return false;
}

static unsigned int start_and_measure(struct setting *s, const char *program, const char *dir,
				      unsigned int count, unsigned int seconds)
{
	char root[4096], host[4200];
	const char *const argv[] = {program, "--dir", dir, "--root", root, NULL};
	unsigned int failures;
	int ret, status;

	snprintf(root, sizeof(root), "%s/run", dir);
	snprintf(host, sizeof(host), "unix://%s/socket", dir);
	if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    setenv("CLOISON_HOST", host, 1) < 0 || setenv("CLOISON_RUNTIME", s->cloison, 1) < 0)
		return complain("cannot prepare for", program, errno);
	ret = posix_spawn(&s->supervisor, program, NULL, NULL, (char *const *)argv, environ);
	if (ret)
		return complain("cannot start", program, ret);
	if (!answers(s))
		return complain("no answer from", program, 0);
	failures = measure(s, count, seconds);
	failures += remove_all(s, count / SUPERVISED_LEVELS * SUPERVISED_LEVELS);
	kill(s->supervisor, SIGTERM);
	while (waitpid(s->supervisor, &status, 0) < 0 && errno == EINTR)
		;
	return failures;
}

/* in_namespace - as its first process, so that nothing outlives it. */
static unsigned int in_namespace(struct setting *s, const char *program, const char *dir,
				 unsigned int count, unsigned int seconds)
{
	int status;
	pid_t pid;

	if (unshare(CLONE_NEWPID | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return complain("cannot make a namespace for", program, errno);
	pid = fork();
	/* Whoever ended us would have it go on: it is not in our process namespace. */
	if (pid == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		_exit(1);
	if (pid == 0)
		_exit(start_and_measure(s, program, dir, count, seconds) ? 1 : 0);
	while (pid > 0 && waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	if (pid < 0)
		return complain("cannot start", program, errno);
	return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

unsigned int supervised_main(int argc, char **argv)
{
	long count = argc > 1 ? strtol(argv[1], NULL, 10) : 0;
	long seconds = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	struct setting s = {.cloison = AGENT_CLOISON, .bundle = AGENT_BUNDLES "/hold"};

	if ((argc != 3 && argc != 7) || count < SUPERVISED_LEVELS || count > SUPERVISED_MAX ||
	    seconds < 1 || seconds > SUPERVISED_MAX_S)
		return complain(
			"usage: agent supervised COUNT SECONDS [CLOISON CLOISOND BUNDLE DIR], not",
			argc > 1 ? argv[1] : "nothing", EINVAL);
	if (argc == 7) {
		s.cloison = argv[3];
		s.bundle = argv[5];
		return in_namespace(&s, argv[4], argv[6], (unsigned int)count,
				    (unsigned int)seconds);
	}
	s.supervisor = find_supervisor();
	if (!s.supervisor)
		return complain("there is no", "cloisond", 0);
	return measure(&s, (unsigned int)count, (unsigned int)seconds);
}
