/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * default_spec.h: the container every container system of the bench is asked for.
 *
 * It is what `crun spec` and `runc spec` write, with six namespaces, without a terminal. One set
 * of tables makes both the config.json that the runtimes read (bundle.c) and what the floor
 * program does without reading anything (floor.c), so the two cannot differ. There is no seccomp
 * section in that default, so nobody loads a filter unless asked.
 * Source: OCI runtime-spec 1.0, config.md and config-linux.md ("Default Devices", "Masked Paths").
 */
#ifndef CLOISON_BENCH_DEFAULT_SPEC_H
#define CLOISON_BENCH_DEFAULT_SPEC_H

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>

static const struct spec_namespace {
	const char *type; /* as config.json names it */
	int flag;
} spec_namespaces[] = {
	{"pid", CLONE_NEWPID}, {"network", CLONE_NEWNET}, {"ipc", CLONE_NEWIPC},
	{"uts", CLONE_NEWUTS}, {"mount", CLONE_NEWNS},	  {"cgroup", CLONE_NEWCGROUP},
};

static const struct spec_mount {
	const char *destination, *type, *source;
	unsigned long flags;
	const char *data;
	const char *kernel_type; /* where it is not @type */
} spec_mounts[] = {
	{"/proc", "proc", "proc", 0, "", "proc"},
	{"/dev", "tmpfs", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k", "tmpfs"},
	{"/dev/pts", "devpts", "devpts", MS_NOSUID | MS_NOEXEC,
	 "newinstance,ptmxmode=0666,mode=0620,gid=5", "devpts"},
	{"/dev/shm", "tmpfs", "shm", MS_NOSUID | MS_NOEXEC | MS_NODEV, "mode=1777,size=65536k",
	 "tmpfs"},
	{"/dev/mqueue", "mqueue", "mqueue", MS_NOSUID | MS_NOEXEC | MS_NODEV, "", "mqueue"},
	{"/sys", "sysfs", "sysfs", MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RDONLY, "", "sysfs"},
	{"/sys/fs/cgroup", "cgroup", "cgroup",
	 MS_NOSUID | MS_NOEXEC | MS_NODEV | MS_RELATIME | MS_RDONLY, "", "cgroup2"},
};

static const struct spec_flag {
	unsigned long flag;
	const char *option;
} spec_flags[] = {
	{MS_NOSUID, "nosuid"},		 {MS_NOEXEC, "noexec"},	    {MS_NODEV, "nodev"},
	{MS_STRICTATIME, "strictatime"}, {MS_RELATIME, "relatime"}, {MS_RDONLY, "ro"},
};

static const char *const spec_masked_paths[] = {
	"/proc/acpi",	       "/proc/asound",	   "/proc/kcore",	"/proc/keys",
	"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
	"/sys/firmware",       "/proc/scsi",
};

static const char *const spec_readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static const struct spec_capability {
	const char *name;
	int number;
} spec_capabilities[] = {
	{"CAP_AUDIT_WRITE", CAP_AUDIT_WRITE},
	{"CAP_KILL", CAP_KILL},
	{"CAP_NET_BIND_SERVICE", CAP_NET_BIND_SERVICE},
};

#define SPEC_HOSTNAME "bench"
#define SPEC_RLIMIT_NOFILE 1024

#endif
