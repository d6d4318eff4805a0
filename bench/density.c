/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * density.c: as many containers in the appliance as it holds, and as little memory as one can do with.
 *
 * Containers that stay are added one after the other. At certain numbers of them the books of
 * memory are marked, and then some containers are started and ended as with `agent start`: the host
 * stamps those, so it sees how long a start takes beside so many that run.
 *
 * It ends with the first of
 *	nothing		the number asked for is there
 *	start		a container did not start; what the runtime says of it is on the console
 *	memory		it is short (memory.c), before the kernel begins to kill
 *	pressure	somebody waited for memory in more than MAX_STALLED_PERCENT of the time that a climb took
 * and a line of text with the system-wide numbers that can run out.
 *
 * "minmem", for s13-minram, looks by bisection for the smallest memory.max with which a container of
 * the probe's ends with 0, TRIES times of TRIES.
 */
#include "bench/agent.h"

#include "bench/mark.h"
#include "bench/memory.h"
#include "lib/fd.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define MAX_STALLED_PERCENT 5
#define EVERY 500   /* behind the table */
#define REST_MS 100 /* what a container's end leaves to the kernel's workers is done */

static const unsigned int levels[] = {0, 10, 30, 100, 300};

/* next_level - the level behind @running; @count is the last. */
static unsigned int next_level(unsigned int running, unsigned int count)
{
	unsigned int next = running - running % EVERY + EVERY;

	for (size_t i = ARRAY_SIZE(levels); i-- > 0;)
		if (levels[i] > running)
			next = levels[i];
	return next < count ? next : count;
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

/* say_what_is_used - the numbers that can run out, for people. */
static void say_what_is_used(unsigned int running)
{
	static const struct {
		const char *name, *path, *key;
	} numbers[] = {
		{"processes", "/proc/loadavg", "/"},
		{"pid_max", "/proc/sys/kernel/pid_max", ""},
		{"open files", "/proc/sys/fs/file-nr", ""},
		{"cgroups", "/sys/fs/cgroup/cgroup.stat", "nr_descendants "},
		{"network namespaces' limit", "/proc/sys/user/max_net_namespaces", ""},
		{"kB available", "/proc/meminfo", "MemAvailable:"},
		{"kB slab", "/proc/meminfo", "Slab:"},
		{"kB page tables", "/proc/meminfo", "PageTables:"},
		{"kB stacks", "/proc/meminfo", "KernelStack:"},
		{"kB per-processor", "/proc/meminfo", "Percpu:"},
		{"kB shmem", "/proc/meminfo", "Shmem:"},
		{"kB anonymous", "/proc/meminfo", "AnonPages:"},
	};

	printf(AGENT_DENSITY_END "%u containers run", running);
	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
		int64_t n = memory_number(numbers[i].path, numbers[i].key);

		if (n >= 0)
			printf(", %s %lld", numbers[i].name, (long long)n);
	}
	putchar('\n');
	fflush(stdout);
}

/* climb - from @running to the next level. Returns what gave out before it. */
static enum gave_out climb(unsigned int *running, unsigned int to, pid_t *one)
{
	while (*running < to) {
		*one = agent_hold(*running);
		if (*one < 0)
			return OUT_START;
		++*running;
		if (memory_is_short())
			return OUT_MEMORY;
	}
	return OUT_NOTHING;
}

unsigned int agent_density(unsigned int count, unsigned int starts)
{
	unsigned int running = 0, failures = 0;
	enum gave_out out = OUT_NOTHING;
	pid_t one = 0;

	while (out == OUT_NOTHING) {
		int64_t began, stalled;

		failures += agent_say_memory(running, one);
		agent_say(MARK_AVAILABLE_KB, (uint64_t)memory_available_kb());
		failures += agent_start(starts, REST_MS);
		if (running == count)
			break;
		began = now_us();
		stalled = memory_stalled_us();
		out = climb(&running, next_level(running, count), &one);
		if (out == OUT_NOTHING && (memory_stalled_us() - stalled) * 100 >
						  (now_us() - began) * MAX_STALLED_PERCENT)
			out = OUT_PRESSURE;
	}
	agent_say(MARK_LEVEL, running);
	agent_say(MARK_GAVE_OUT, out);
	say_what_is_used(running);
	return failures;
}

#define SMALL "/run/minmem"
#define LOW_KIB 4
#define HIGH_KIB 16384
#define PAGE_KIB 4
#define TRIES 3

/* write_small - the probe's bundle with a limit. */
static int write_small(unsigned int kib)
{
	json_object *config = json_object_from_file(AGENT_BUNDLES "/once/config.json");
	json_object *resources = json_object_new_object(), *memory = json_object_new_object();
	json_object *section = NULL, *root = NULL;
	int ret = -1;

	json_object_object_add(memory, "limit", json_object_new_int64((int64_t)kib * 1024));
	json_object_object_add(memory, "swap", json_object_new_int64((int64_t)kib * 1024));
	json_object_object_add(resources, "memory", memory);
	if (config && json_object_object_get_ex(config, "linux", &section) &&
	    json_object_object_get_ex(config, "root", &root)) {
		json_object_object_add(section, "resources", resources);
		json_object_object_add(root, "path",
				       json_object_new_string(AGENT_BUNDLES "/once/rootfs"));
		ret = json_object_to_file(SMALL "/config.json", config);
	} else {
		json_object_put(resources);
	}
	json_object_put(config);
	return ret;
}

/* runs_in - whether a container ends well with so much, each time. */
static bool runs_in(unsigned int kib)
{
	static const char *const argv[] = {AGENT_CLOISON, "run", "--bundle", SMALL, "small", NULL};
	static const char *const rest[] = {AGENT_CLOISON, "delete", "--force", "small", NULL};
	posix_spawn_file_actions_t quiet;
	bool good = write_small(kib) == 0;

	/* What fails here says so, and is meant to. */
	posix_spawn_file_actions_init(&quiet);
	for (int fd = 1; fd <= 2; fd++)
		posix_spawn_file_actions_addopen(&quiet, fd, "/dev/null", O_WRONLY, 0);
	for (int i = 0; good && i < TRIES; i++) {
		good = agent_run(argv, &quiet) == 0;
		if (!good)
			agent_run(rest, &quiet);
	}
	posix_spawn_file_actions_destroy(&quiet);
	return good;
}

unsigned int agent_smallest(void)
{
	unsigned int low = LOW_KIB, high = HIGH_KIB;

	if (mkdir(SMALL, 0755) < 0 || !runs_in(high)) {
		agent_complain("cannot run a container with a memory limit from", SMALL, errno);
		return 1;
	}
	while (high - low > PAGE_KIB) {
		unsigned int middle = low + (high - low) / 2;

		middle -= middle % PAGE_KIB;
		if (runs_in(middle))
			high = middle;
		else
			low = middle;
	}
	agent_say(MARK_LEVEL, high);
	return 0;
}
