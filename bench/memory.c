/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.c: reading /proc/meminfo, smaps and the process tree.
 */
#include "bench/memory.h"

#include <dirent.h>
#include <fcntl.h>
#include <string.h>

#define MAX_TREE 64
#define MIN_AVAILABLE_KB 131072 /* with a third of that a machine stands still, reclaiming */
/* Of the memory: with a 25th of 4 GiB left the kernel kills, the agent too at times. */
#define MIN_AVAILABLE_PART 16

const char *const memory_component_names[MEM_COMPONENTS] = {
	[MEM_ANON] = "AnonPages",    [MEM_SLAB] = "SUnreclaim", [MEM_STACKS] = "KernelStack",
	[MEM_TABLES] = "PageTables", [MEM_PERCPU] = "Percpu",	[MEM_SHMEM] = "Shmem",
};

int memory_parse(const char *meminfo, struct memory *m)
{
	for (int i = 0; i < MEM_COMPONENTS; i++) {
		size_t len = strlen(memory_component_names[i]);
		const char *line = meminfo;

		while (line &&
		       !(strncmp(line, memory_component_names[i], len) == 0 && line[len] == ':')) {
			line = strchr(line, '\n');
			line = line ? line + 1 : NULL;
		}
		if (!line)
			return -1;
		m->kb[i] = strtoll(line + len + 1, NULL, 10);
	}
	return 0;
}

int memory_read(struct memory *m, struct error *err)
{
	char buf[8192];
	_cleanup_fd_ int fd = open("/proc/meminfo", O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return error_set(err, errno, "cannot open `/proc/meminfo`");
	n = read(fd, buf, sizeof(buf) - 1);
	if (n < 0)
		return error_set(err, errno, "cannot read `/proc/meminfo`");
	buf[n] = '\0';
	if (memory_parse(buf, m))
		return error_set(err, 0, "`/proc/meminfo` lacks a field of the bench");
	return 0;
}

int64_t memory_kernel(const struct memory *m)
{
	int64_t sum = 0;

	for (int i = 0; i < MEM_KERNEL_PARTS; i++)
		sum += m->kb[i];
	return sum;
}

int64_t memory_number(const char *path, const char *key)
{
	_cleanup_file_ FILE *f = fopen(path, "re");
	char line[256];
	long long n;

	while (f && fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, key);

		if (at && sscanf(at + strlen(key), "%lld", &n) == 1)
			return n;
	}
	return -1;
}

int64_t memory_available_kb(void)
{
	return memory_number("/proc/meminfo", "MemAvailable:");
}

bool memory_is_short(void)
{
	int64_t part = memory_number("/proc/meminfo", "MemTotal:") / MIN_AVAILABLE_PART;

	return memory_available_kb() < (part > MIN_AVAILABLE_KB ? part : MIN_AVAILABLE_KB);
}

int64_t memory_stalled_us(void)
{
	return memory_number("/proc/pressure/memory", "total=");
}

/* field - the number of a line that starts with @key, or -1. */
static int64_t field(const char *line, const char *key)
{
	size_t len = strlen(key);

	return strncmp(line, key, len) == 0 ? strtoll(line + len, NULL, 10) : -1;
}

/*
 * footprint_add - one pass over smaps: header lines ("start-end perms offset dev inode name")
 * say which mapping the numbers below them belong to.
 */
int footprint_add(struct footprint *f, pid_t pid, const char *ram_name, struct error *err)
{
	char path[64], line[4608];
	_cleanup_file_ FILE *file = NULL;
	bool ram = false, jit = false;

	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	file = fopen(path, "re");
	if (!file)
		return error_set(err, errno, "cannot open `%s`", path);
	while (fgets(line, sizeof(line), file)) {
		char perms[8], name[4096] = "";
		int64_t v;

		if (sscanf(line, "%*x-%*x %7s %*x %*s %*u %4095s", perms, name) >= 1 &&
		    line[strcspn(line, ":-")] == '-') {
			ram = ram_name && strstr(name, ram_name);
			jit = ram_name && !name[0] && perms[1] == 'w' && perms[2] == 'x';
		} else if ((v = field(line, "Pss:")) >= 0) {
			f->pss_kb += v;
		} else if ((v = field(line, "Private_Clean:")) >= 0 ||
			   (v = field(line, "Private_Dirty:")) >= 0) {
			f->uss_kb += v;
		} else if ((v = field(line, "Rss:")) >= 0) {
			f->guest_ram_kb += ram ? v : 0;
			f->jit_kb += jit ? v : 0;
		}
	}
	f->processes++;
	return 0;
}

/* parent_of - the parent's pid from /proc/PID/stat, or 0. */
static pid_t parent_of(pid_t pid)
{
	char path[64], line[512];
	_cleanup_file_ FILE *file = NULL;
	const char *end;
	int parent;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	file = fopen(path, "re");
	if (!file || !fgets(line, sizeof(line), file))
		return 0;
	end = strrchr(line, ')'); /* the name may hold spaces and parentheses */
	return end && sscanf(end + 1, " %*c %d", &parent) == 1 ? parent : 0;
}

static bool among(pid_t pid, const pid_t *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == pid)
			return true;
	return false;
}

int footprint_add_tree(struct footprint *f, pid_t pid, const char *ram_name, struct error *err)
{
	pid_t tree[MAX_TREE] = {pid};
	size_t n = 1, before;

	do {
		_cleanup_dir_ DIR *proc = opendir("/proc");

		before = n;
		if (!proc)
			return error_set(err, errno, "cannot open `/proc`");
		for (struct dirent *e = readdir(proc); e; e = readdir(proc)) {
			pid_t p = (pid_t)strtol(e->d_name, NULL, 10);

			if (p > 0 && n < MAX_TREE && !among(p, tree, n) &&
			    among(parent_of(p), tree, n))
				tree[n++] = p;
		}
	} while (n > before);
	for (size_t i = 0; i < n; i++)
		if (footprint_add(f, tree[i], ram_name, err))
			return -1;
	return 0;
}
