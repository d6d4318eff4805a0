/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.c: starts containers in the appliance when the host's harness listens on its console.
 *
 *	start N PAUSE
 *		N times: START mark, `cloison run` of the probe's bundle, END mark, a pause of so
 *		many ms. The probe's own mark comes between. Nothing is timed here: the host stamps
 *		the marks, and each carries the guest's cycle counter. START is written before the
 *		spawn, so that its stamp is; its value was read earlier still, so BEGIN follows END
 *		with the counter as it was right before the spawn, when START had left the wire.
 *	density N STARTS
 *		ever more containers that stay, up to N, with STARTS timed starts at each level
 *		(density.c)
 *	mem N	N containers that stay, in AGENT_MEM_LEVELS steps; after each step the numbers of
 *		memory.h, of the containers' cgroup and of one container's process, as marks.
 *	minmem	the smallest memory.max with which a container ends well (density.c)
 *	supervised N SECONDS
 *		what cloisond takes for N containers that do nothing: supervised.c.
 *	phases	when the boot's phases began, as marks, and then the first container of this boot,
 *		as with start 1.
 *	show	one container that says on the console where it is.
 *
 * The console is the only way out, so an error is a line of text there and a failure is counted
 * in the last mark.
 */
#include "bench/agent.h"

#include "bench/counter.h"
#include "bench/mark.h"
#include "bench/memory.h"
#include "bench/supervised.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#define MAX_COUNT 10000
#define MAX_PAUSE_MS 10000
#define MEMCG_CURRENT "/sys/fs/cgroup/cloison/memory.current"
#define SETTLE_MS 200
#define PID_FILE "/run/bench.pid"

extern char **environ;

void agent_say(char kind, uint64_t value)
{
	char text[MARK_SIZE];

	mark_format(text, kind, value);
	/* One write, so no other line of the console comes in between. */
	if (write(1, text, sizeof(text)) < 0)
		_exit(2); /* nobody can hear why */
}

void agent_complain(const char *what, const char *object, int errnum)
{
	struct error err = ERROR_INIT;

	error_set(&err, errnum, "%s `%s`", what, object);
	error_print(&err, "cloison-bench agent", 1);
}

int agent_run(const char *const *argv, const posix_spawn_file_actions_t *actions)
{
	int ret, status;
	pid_t pid;

	ret = posix_spawn(&pid, argv[0], actions, NULL, (char *const *)argv, environ);
	if (ret) {
		agent_complain("cannot start", argv[0], ret);
		return 255;
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return 255;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void pause_ms(unsigned int ms)
{
	const struct timespec ts = {ms / 1000, (long)(ms % 1000) * 1000000};

	if (ms)
		nanosleep(&ts, NULL);
}

unsigned int agent_start(unsigned int count, unsigned int pause)
{
	unsigned int failures = 0;
	uint64_t begin;

	for (unsigned int i = 0; i < count; i++) {
		char id[32];
		const char *const argv[] = {AGENT_CLOISON,	   "run", "--bundle",
					    AGENT_BUNDLES "/once", id,	  NULL};

		snprintf(id, sizeof(id), "bench-%u", i);
		agent_say(MARK_START, counter_read());
		tcdrain(1);
		begin = counter_read();
		failures += agent_run(argv, NULL) != 0;
		agent_say(MARK_END, counter_read());
		agent_say(MARK_BEGIN, begin);
		pause_ms(pause);
	}
	return failures;
}

/* phase_begin - when PID 1 entered the phase @name, ns of CLOCK_BOOTTIME; 0: it did not. */
static uint64_t phase_begin(const char *name)
{
	_cleanup_file_ FILE *f = fopen(AGENT_PHASES, "re");
	char line[128], phase[32];
	unsigned long long ms, us;

	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "%31s %llu.%llu", phase, &ms, &us) == 3 &&
		    strcmp(phase, name) == 0)
			return (ms * 1000 + us) * 1000;
	return 0;
}

static unsigned int say_phases(void)
{
	uint64_t counter = 0, init = phase_begin("root"), ready = phase_begin("ready");
	struct timespec boot;

	/* The second time, all that it takes is in the caches. */
	for (int i = 0; i < 2; i++) {
		counter = counter_read();
		clock_gettime(CLOCK_BOOTTIME, &boot);
	}
	if (!init || !ready) {
		agent_complain("cannot tell the phases of the boot from", AGENT_PHASES, EINVAL);
		return 1;
	}
	agent_say(MARK_COUNTER, counter);
	agent_say(MARK_BOOT_NS, (uint64_t)boot.tv_sec * 1000000000 + (uint64_t)boot.tv_nsec);
	agent_say(MARK_INIT_NS, init);
	agent_say(MARK_READY_NS, ready);
	return 0;
}

/* read_number - the number in a file, or -1. */
static long long read_number(const char *path)
{
	_cleanup_file_ FILE *f = fopen(path, "re");
	long long v;

	return f && fscanf(f, "%lld", &v) == 1 ? v : -1;
}

/* say_memory - the marks of one level. Returns the number of failures: 0 or 1. */
unsigned int agent_say_memory(unsigned int running, pid_t one)
{
	struct error err = ERROR_INIT;
	struct footprint f = {0};
	struct memory m;
	long long memcg;

	pause_ms(SETTLE_MS);
	memcg = read_number(MEMCG_CURRENT);
	if (memory_read(&m, &err) || (one && footprint_add(&f, one, NULL, &err))) {
		error_print(&err, "cloison-bench agent", 1);
		return 1;
	}
	agent_say(MARK_LEVEL, running);
	agent_say(MARK_KERNEL_KB, (uint64_t)memory_kernel(&m));
	if (memcg >= 0)
		agent_say(MARK_MEMCG_KB, (uint64_t)memcg / 1024);
	if (one)
		agent_say(MARK_PSS_KB, (uint64_t)f.pss_kb);
	return 0;
}

pid_t agent_hold(unsigned int number)
{
	char id[32];
	const char *const argv[] = {AGENT_CLOISON,	   "run",    "--detach",
				    "--pid-file",	   PID_FILE, "--bundle",
				    AGENT_BUNDLES "/hold", id,	     NULL};

	posix_spawn_file_actions_t quiet;
	int status;

	snprintf(id, sizeof(id), "hold-%u", number);
	/* What its probe says would be one more line of the console for each. */
	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	status = agent_run(argv, &quiet);
	posix_spawn_file_actions_destroy(&quiet);
	if (status != 0)
		return -1;
	return (pid_t)read_number(PID_FILE);
}

static unsigned int hold_containers(unsigned int count)
{
	unsigned int failures = 0, step = count / AGENT_MEM_LEVELS, running = 0;

	if (step == 0) {
		agent_complain("too few containers for a staircase", "mem", EINVAL);
		return 1;
	}
	failures += agent_say_memory(0, 0);
	while (running < step * AGENT_MEM_LEVELS) {
		pid_t one = agent_hold(running);

		if (one < 0)
			return failures + 1;
		if (++running % step == 0)
			failures += agent_say_memory(running, one);
	}
	return failures;
}

/* The shell prints what `describe` prints for the appliance, and who runs in the container. */
#define SHOW_SCRIPT                                                                          \
	"echo \"container  $(hostname)\"; cd /proc/self/ns;"                                 \
	" for n in cgroup ipc mnt net pid time user uts; do readlink $n; done | xargs -n 4;" \
	" ps"

/* describe - the same of the appliance itself, for comparison. */
static void describe(void)
{
	static const char *const spaces[] = {"cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts"};
	char name[64] = "", path[64], link[64];

	gethostname(name, sizeof(name) - 1);
	printf("appliance  %s\n", name);
	for (size_t i = 0; i < ARRAY_SIZE(spaces); i++) {
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/ns/%s", spaces[i]);
		n = readlink(path, link, sizeof(link) - 1);
		link[n > 0 ? n : 0] = '\0';
		printf("%s%c", link, i % 4 == 3 ? '\n' : ' ');
	}
	fflush(stdout);
}

/* make_show_bundle - the image's demo bundle with another command. Returns 0 or -1. */
static int make_show_bundle(void)
{
	static const char *const words[] = {"/bin/sh", "-c", SHOW_SCRIPT};
	json_object *config = json_object_from_file(AGENT_DEMO "/config.json");
	json_object *process = NULL, *root = NULL, *args = json_object_new_array();
	int ret = -1;

	if (!config || !args || !json_object_object_get_ex(config, "process", &process) ||
	    !json_object_object_get_ex(config, "root", &root)) {
		agent_complain("cannot use the bundle", AGENT_DEMO, EINVAL);
		json_object_put(args);
		json_object_put(config);
		return -1;
	}
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		json_object_array_add(args, json_object_new_string(words[i]));
	json_object_object_add(process, "args", args);
	json_object_object_add(process, "terminal", json_object_new_boolean(false));
	json_object_object_add(root, "path", json_object_new_string(AGENT_DEMO "/rootfs"));
	if (mkdir("/run/show", 0755) < 0 || json_object_to_file("/run/show/config.json", config))
		agent_complain("cannot write the bundle", "/run/show", errno);
	else
		ret = 0;
	json_object_put(config);
	return ret;
}

static unsigned int show_container(void)
{
	static const char *const argv[] = {AGENT_CLOISON, "run",  "--bundle",
					   "/run/show",	  "show", NULL};
	unsigned int failures;

	if (make_show_bundle())
		return 1;
	puts(AGENT_SHOW_BEGIN);
	describe();
	failures = agent_run(argv, NULL) != 0;
	puts(AGENT_SHOW_END);
	fflush(stdout);
	return failures;
}

int agent_main(int argc, char **argv)
{
	long count = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
	long pause = argc > 3 ? strtol(argv[3], NULL, 10) : 0;
	unsigned int failures;

	if (argc > 1 && strcmp(argv[1], "supervised") == 0) {
		failures = supervised_main(argc - 1, argv + 1);
		agent_say(MARK_DONE, failures);
		return failures ? 1 : 0;
	}
	if (argc < 2 || count < 0 || count > MAX_COUNT || pause < 0 || pause > MAX_PAUSE_MS) {
		agent_complain(
			"usage: cloison-bench agent start COUNT PAUSE_MS, density COUNT STARTS, mem COUNT, minmem, supervised COUNT SECONDS, phases or show, not",
			argc > 2 ? argv[2] : "nothing", EINVAL);
		return 2;
	}
	if (counter_rate())
		agent_say(MARK_RATE, counter_rate());
	if (strcmp(argv[1], "start") == 0) {
		failures = agent_start((unsigned int)count, (unsigned int)pause);
	} else if (strcmp(argv[1], "mem") == 0) {
		failures = hold_containers((unsigned int)count);
	} else if (strcmp(argv[1], "density") == 0) {
		failures = agent_density((unsigned int)count, (unsigned int)pause);
	} else if (strcmp(argv[1], "minmem") == 0) {
		failures = agent_smallest();
	} else if (strcmp(argv[1], "phases") == 0) {
		failures = say_phases() + agent_start(1, 0);
	} else if (strcmp(argv[1], "show") == 0) {
		failures = show_container();
	} else {
		agent_complain("unknown action", argv[1], EINVAL);
		return 2;
	}
	agent_say(MARK_DONE, failures);
	return failures ? 1 : 0;
}
