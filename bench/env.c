/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * env.c: the fingerprint, read from /proc and /sys by a table; a file that is not there is null.
 */
#include "bench/env.h"

#include "bench/qemu.h"
#include "lib/sha256.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

/* One-line files worth knowing. */
static const struct {
	const char *key, *path;
} files[] = {
	{"clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource"},
	{"governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"},
	{"smt", "/sys/devices/system/cpu/smt/active"},
	{"thp", "/sys/kernel/mm/transparent_hugepage/enabled"},
	{"ksm", "/sys/kernel/mm/ksm/run"},
	{"aslr", "/proc/sys/kernel/randomize_va_space"},
	{"swappiness", "/proc/sys/vm/swappiness"},
	{"kernel_command_line", "/proc/cmdline"},
	{"load_before", "/proc/loadavg"},
};

/* read_line - the first line of @path. Returns 0, or -1 when it cannot be read. */
static int read_line(const char *path, char *buf, size_t size)
{
	_cleanup_file_ FILE *f = fopen(path, "re");

	if (!f || !fgets(buf, (int)size, f))
		return -1;
	buf[strcspn(buf, "\n")] = '\0';
	return 0;
}

/* cpuinfo - the value of the first line of /proc/cpuinfo that starts with @key. */
static int cpuinfo(const char *key, char *buf, size_t size)
{
	_cleanup_file_ FILE *f = fopen("/proc/cpuinfo", "re");
	char line[4096];

	while (f && fgets(line, sizeof(line), f)) {
		char *value = strchr(line, ':');

		if (strncmp(line, key, strlen(key)) != 0 || !value)
			continue;
		snprintf(buf, size, "%.*s", (int)strcspn(value + 1, "\n"), value + 1);
		memmove(buf, buf + strspn(buf, " \t"), strlen(buf + strspn(buf, " \t")) + 1);
		return 0;
	}
	return -1;
}

bool env_nested(void)
{
	char flags[4096];

	return cpuinfo("flags", flags, sizeof(flags)) == 0 && strstr(flags, " hypervisor");
}

struct disturbance env_disturbance(void)
{
	struct disturbance d = {NOT_MEASURED, NOT_MEASURED};
	char line[512];
	long long v;

	if (read_line("/proc/stat", line, sizeof(line)) == 0 &&
	    sscanf(line, "cpu %*d %*d %*d %*d %*d %*d %*d %lld", &v) == 1)
		d.steal_ticks = v;
	if (read_line("/proc/pressure/cpu", line, sizeof(line)) == 0) {
		const char *total = strstr(line, "total=");

		if (total && sscanf(total, "total=%lld", &v) == 1)
			d.psi_us = v;
	}
	return d;
}

static json_object *env_of(struct bench *b)
{
	json_object *env = NULL;

	json_object_object_get_ex(b->results.doc, "env", &env);
	return env;
}

static void put_text(json_object *o, const char *key, const char *value)
{
	json_object_object_add(o, key, value ? json_object_new_string(value) : NULL);
}

static void put_files(json_object *env)
{
	char line[4096];

	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put_text(env, files[i].key,
			 read_line(files[i].path, line, sizeof(line)) == 0 ? line : NULL);
}

static void put_processor(json_object *env)
{
	char line[4096];
	struct utsname u;

	put_text(env, "cpu", cpuinfo("model name", line, sizeof(line)) == 0 ? line : NULL);
	json_object_object_add(env, "cpus", json_object_new_int64(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_object_add(env, "nested", json_object_new_boolean(env_nested()));
	json_object_object_add(env, "memory_kb",
			       json_object_new_int64(sysconf(_SC_PHYS_PAGES) *
						     (sysconf(_SC_PAGESIZE) / 1024)));
	if (uname(&u) == 0) {
		put_text(env, "kernel", u.release);
		put_text(env, "kernel_build", u.version);
		put_text(env, "machine", u.machine);
	}
}

static void put_mitigations(json_object *env)
{
	static const char dir_path[] = "/sys/devices/system/cpu/vulnerabilities";
	_cleanup_dir_ DIR *dir = opendir(dir_path);
	json_object *o = json_object_new_object();
	char path[512], line[256];

	for (struct dirent *e = dir ? readdir(dir) : NULL; e; e = readdir(dir)) {
		snprintf(path, sizeof(path), "%s/%s", dir_path, e->d_name);
		if (e->d_name[0] != '.' && read_line(path, line, sizeof(line)) == 0)
			put_text(o, e->d_name, line);
	}
	json_object_object_add(env, "mitigations", o);
}

/* put_cgroups - what the systems under test find at /sys/fs/cgroup, mounted by us or not. */
static void put_cgroups(json_object *env)
{
	json_object *o = json_object_new_object();
	char line[512];
	struct statfs fs;

	json_object_object_add(env, "cgroups", o);
	if (statfs("/sys/fs/cgroup", &fs) < 0) {
		put_text(o, "error", errno_name(errno));
		return;
	}
	snprintf(line, sizeof(line), "0x%lx%s", (unsigned long)fs.f_type,
		 fs.f_type == CGROUP2_SUPER_MAGIC ? " (cgroup2)" : "");
	put_text(o, "f_type", line);
	/* There is nothing to read, not even a newline, where v1 has all controllers. */
	if (read_line("/sys/fs/cgroup/cgroup.controllers", line, sizeof(line)) == 0)
		put_text(o, "controllers", line);
	else
		put_text(o, "controllers",
			 access("/sys/fs/cgroup/cgroup.controllers", F_OK) == 0 ? "" : NULL);
}

/* put_artifacts - sha256 of what is tested; one that is missing is null. */
static int put_artifacts(struct bench *b, json_object *env, struct error *err)
{
	const char *const paths[] = {b->files.probe,  b->files.floor,	     b->files.cloison,
				     b->files.kernel, b->files.probe_initrd, b->files.bench_initrd,
				     "/proc/self/exe"};
	json_object *o = json_object_new_object();
	char digest[SHA256_HEX_SIZE];

	json_object_object_add(env, "artifacts", o);
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		const char *name = strrchr(paths[i], '/') + 1;

		if (strcmp(name, "exe") == 0)
			name = "cloison-bench";
		if (access(paths[i], F_OK) < 0)
			json_object_object_add(o, name, NULL);
		else if (sha256_file(paths[i], digest, err))
			return -1;
		else
			put_text(o, name, digest);
	}
	return 0;
}

int env_record(struct bench *b, struct error *err)
{
	json_object *env = env_of(b);
	struct disturbance d = env_disturbance();

	put_processor(env);
	put_files(env);
	put_mitigations(env);
	put_cgroups(env);
	put_text(env, "harness_scheduling",
		 b->h.may_hurry ? "SCHED_FIFO from T0 to the stamp, children at the default"
				: "the default: SCHED_FIFO is not permitted");
	put_text(env, "guest_architecture", b->guest == ARCH_X86_64 ? "x86_64" : "aarch64");
	json_object_object_add(env, "guest_ram_mib", json_object_new_int(GUEST_RAM_MIB));
	put_text(env, "accel", b->accel);
	put_text(env, "accel_reason", b->accel_reason);
	json_object_object_add(env, "counter_khz", json_object_new_uint64(b->counter_khz));
	json_object_object_add(env, "steal_ticks_before", json_object_new_int64(d.steal_ticks));
	json_object_object_add(env, "psi_us_before", json_object_new_int64(d.psi_us));
	json_object_object_add(env, "started_ns", json_object_new_int64(harness_now_ns()));
	return put_artifacts(b, env, err);
}

static int64_t env_number(json_object *env, const char *key)
{
	json_object *v = NULL;

	return json_object_object_get_ex(env, key, &v) ? json_object_get_int64(v) : 0;
}

/* untimed - how many starts that succeeded have no time. */
static size_t untimed(const struct bench *b)
{
	size_t n = 0;

	for (size_t i = 0; i < b->results.count; i++)
		n += b->results.samples[i].outcome == OUTCOME_OK && b->results.samples[i].error[0];
	return n;
}

/* add_threats - what a reader has to know before believing a figure. */
static int add_threats(struct bench *b, json_object *env, const struct disturbance *now,
		       int64_t took_ns, struct error *err)
{
	int64_t steal = now->steal_ticks - env_number(env, "steal_ticks_before");
	double cpus = (double)sysconf(_SC_NPROCESSORS_ONLN);
	double ticks = (double)took_ns / 1e9 * (double)sysconf(_SC_CLK_TCK) * cpus;
	double load = 0;
	char line[512];

	if (strcmp(b->accel, "tcg") == 0) {
		snprintf(line, sizeof(line),
			 "virtual machines are emulated (TCG), so their times are not those of "
			 "hardware: %s",
			 b->accel_reason);
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	if (env_nested() &&
	    results_text(&b->results, "threats",
			 "this host is a virtual machine: its own host's load is not visible here",
			 err))
		return -1;
	if (now->steal_ticks != NOT_MEASURED && ticks > 0 && (double)steal > 0.01 * ticks) {
		snprintf(line, sizeof(line), "%.1f%% of the processors' time was stolen",
			 100 * (double)steal / ticks);
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	if (b->h.unkillable > 0) {
		snprintf(line, sizeof(line),
			 "%u programs did not end within %d s of SIGKILL and may still run",
			 b->h.unkillable, b->h.kill_deadline_ms / 1000);
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	if (untimed(b) > 0) {
		snprintf(line, sizeof(line),
			 "%zu starts could not be timed: the harness was not scheduled between two "
			 "marks",
			 untimed(b));
		if (results_text(&b->results, "threats", line, err))
			return -1;
	}
	if (read_line("/proc/loadavg", line, sizeof(line)) == 0)
		put_text(env, "load_after", line);
	if (json_object_object_get(env, "load_before"))
		load = strtod(json_object_get_string(json_object_object_get(env, "load_before")),
			      NULL);
	if (load > cpus / 2) {
		snprintf(line, sizeof(line),
			 "the load was %.1f on %.0f processors before the run began", load, cpus);
		return results_text(&b->results, "threats", line, err);
	}
	return 0;
}

int env_finish(struct bench *b, struct error *err)
{
	json_object *env = env_of(b);
	struct disturbance d = env_disturbance();
	int64_t took = harness_now_ns() - env_number(env, "started_ns");

	json_object_object_add(env, "steal_ticks_after", json_object_new_int64(d.steal_ticks));
	json_object_object_add(env, "psi_us_after", json_object_new_int64(d.psi_us));
	json_object_object_add(env, "took_s", json_object_new_double((double)took / 1e9));
	return add_threats(b, env, &d, took, err);
}
