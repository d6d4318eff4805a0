/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes.c: see probes.h.
 *
 * The table at the end has a row for each facility. A probe that the caller may not make says so, with state
 * `limited`: it is not known to be missing. What is the business of a facility's own file is asked there.
 */
#include "runtime/sandbox/probes.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/seccomp.h>
#include <pwd.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/sys.h"
#include "runtime/sandbox/cgroupfs.h"
#include "runtime/sandbox/controllers.h"
#include "runtime/sandbox/devfilter.h"
#include "runtime/sandbox/sandbox.h"

#define NOBODY 65534
#define SUBIDS_MIN 65536
#define LANDLOCK_ABI_FULL 6 /* the newest of which an annotation can use something */

static void found(struct probe_result *r, enum probe_state state, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static void found(struct probe_result *r, enum probe_state state, const char *fmt, ...)
{
	va_list ap;

	r->state = state;
	va_start(ap, fmt);
	vsnprintf(r->detail, sizeof(r->detail), fmt, ap);
	va_end(ap);
}

/* get - this is how, and not what the table says. */
static void get(struct probe_result *r, const char *text)
{
	snprintf(r->get, sizeof(r->get), "%s", text);
}

/* setting - the number in a file below /proc/sys; -1: there is none. */
static long setting(const char *name)
{
	char path[96], text[32];
	_cleanup_fd_ int fd = FD_EMPTY;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return -1;
	text[n] = '\0';
	return strtol(text, NULL, 10);
}

/* in_child - @try(@argument) in a process of its own, which has to be able to undo nothing. Returns its errno. */
static int in_child(int (*try)(int argument), int argument)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(try(argument) < 0 ? errno & 0xff : 0);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

/* --- namespaces */

static int write_own(const char *path, const char *text)
{
	_cleanup_fd_ int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 || write(fd, text, strlen(text)) < 0 ? -1 : 0;
}

/* as_user - a user namespace as somebody who is not root makes one, and a mount namespace in it. */
static int as_user(int flags)
{
	uid_t uid = geteuid();
	char map[48];

	if (uid == 0 && (sys_setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
			 sys_setresuid(NOBODY, NOBODY, NOBODY) < 0))
		return -1;
	/* Who has changed ids is not dumpable, and may not write to its own files in /proc. */
	if (prctl(PR_SET_DUMPABLE, 1) < 0 || unshare(CLONE_NEWUSER) < 0)
		return -1;
	snprintf(map, sizeof(map), "0 %u 1", uid == 0 ? NOBODY : (unsigned int)uid);
	if (write_own("/proc/self/setgroups", "deny") < 0 ||
	    write_own("/proc/self/uid_map", map) < 0)
		return -1;
	return unshare(flags);
}

static int as_caller(int flags)
{
	return geteuid() == 0 ? unshare(flags) : as_user(flags);
}

static void look_namespace(const struct probe *p, struct probe_result *r)
{
	int errnum = in_child(as_caller, p->argument);

	if (errnum == 0)
		found(r, PROBE_OK, "can be made");
	else if (errnum == EINVAL || errnum == ENOSYS)
		found(r, PROBE_MISSING, "the kernel has none");
	else if (errnum == ENOSPC) {
		found(r, PROBE_MISSING, "there may be no more of them: %s", errno_name(errnum));
		get(r, "raise its limit among the sysctls user.max_*_namespaces");
	} else {
		found(r, PROBE_MISSING, "may not be made: %s", errno_name(errnum));
		get(r, geteuid() == 0
			       ? "root needs the capability CAP_SYS_ADMIN, and no filter in the way"
			       : "as for `rootless`, or be root");
	}
}

/* look_rootless - the settings by which distributions forbid it, where it is forbidden. */
static void look_rootless(const struct probe *p, struct probe_result *r)
{
	int errnum = in_child(as_user, CLONE_NEWNS);

	(void)p;
	if (errnum == 0) {
		found(r, PROBE_OK, "users other than root can make user namespaces");
		return;
	}
	found(r, PROBE_LIMITED, "users other than root cannot make user namespaces: %s",
	      errno_name(errnum));
	if (setting("kernel/unprivileged_userns_clone") == 0)
		get(r, "sysctl kernel.unprivileged_userns_clone=1");
	else if (setting("user/max_user_namespaces") == 0)
		get(r, "sysctl user.max_user_namespaces=15000");
	else if (setting("kernel/apparmor_restrict_unprivileged_userns") == 1)
		get(r, "an AppArmor profile with `userns,` for cloison, or "
		       "sysctl kernel.apparmor_restrict_unprivileged_userns=0");
}

/* subids - how many ids @file gives to @user. */
static unsigned long subids(const char *file, const char *user)
{
	_cleanup_file_ FILE *f = fopen(file, "re");
	size_t length = strlen(user);
	unsigned long sum = 0;
	char line[256];

	while (f && fgets(line, sizeof(line), f)) {
		const char *count = strrchr(line, ':');

		if (!strncmp(line, user, length) && line[length] == ':' && count)
			sum += strtoul(count + 1, NULL, 10);
	}
	return sum;
}

static void look_subids(const struct probe *p, struct probe_result *r)
{
	const struct passwd *user = getpwuid(getuid());
	unsigned long uids, gids;

	(void)p;
	if (getuid() == 0) {
		found(r, PROBE_OK, "root may map all ids");
		return;
	}
	if (!user) {
		found(r, PROBE_LIMITED, "user %u has no name", (unsigned int)getuid());
		return;
	}
	uids = subids("/etc/subuid", user->pw_name);
	gids = subids("/etc/subgid", user->pw_name);
	if (uids < SUBIDS_MIN || gids < SUBIDS_MIN)
		found(r, PROBE_LIMITED, "/etc/subuid gives %.32s %lu ids, /etc/subgid %lu",
		      user->pw_name, uids, gids);
	else if (access("/usr/bin/newuidmap", X_OK) < 0 && access("/bin/newuidmap", X_OK) < 0) {
		found(r, PROBE_LIMITED, "there is no newuidmap");
		get(r, "install the package uidmap (Debian) or shadow-utils");
	} else
		found(r, PROBE_OK, "%.32s may map %lu ids", user->pw_name, uids);
}

/* --- cgroups */

static void look_cgroup2(const struct probe *p, struct probe_result *r)
{
	_cleanup_fd_ int mount = FD_EMPTY;
	struct error err = ERROR_INIT;

	(void)p;
	if (cgroupfs_mount(&mount, &err) == 0 && mount >= 0)
		found(r, PROBE_OK, "there is a tree");
	else
		found(r, PROBE_MISSING, "it is not mounted, and may not be by this user");
}

static void look_controller(const struct probe *p, struct probe_result *r)
{
	_cleanup_fd_ int mount = FD_EMPTY;
	struct error err = ERROR_INIT;
	unsigned int set = 0;

	if (cgroupfs_mount(&mount, &err) < 0 || mount < 0 || controllers_of(mount, &set) < 0) {
		found(r, PROBE_LIMITED, "without cgroup2 there are no controllers");
		get(r, "as for `cgroup2`");
		return;
	}
	if (set & 1U << p->argument) {
		found(r, PROBE_OK, "can limit");
		return;
	}
	controllers_explain((enum controller)p->argument, &err);
	found(r, PROBE_LIMITED, "%s", err.cause[0] ? err.cause : "the kernel does not have it");
	get(r, err.hint);
}

static void look_into_cgroup(const struct probe *p, struct probe_result *r)
{
	struct clone_args args = {.flags = CLONE_INTO_CGROUP,
				  .cgroup = INT_MAX,
				  .exit_signal = SIGCHLD};
	pid_t pid = sys_clone3(&args, sizeof(args));

	(void)p;
	/* No cgroup has that descriptor: a kernel that knows the flag says so. */
	if (pid == 0)
		_exit(0);
	if (pid < 0 && errno == EBADF)
		found(r, PROBE_OK, "a process can be born in its cgroup");
	else
		found(r, PROBE_MISSING, "the kernel does not know it, or a filter forbids it: %s",
		      pid < 0 ? errno_name(errno) : "no error");
}

static void look_devices(const struct probe *p, struct probe_result *r)
{
	struct error err = ERROR_INIT;

	(void)p;
	if (geteuid() != 0)
		found(r, PROBE_LIMITED,
		      "only root can load a filter; without root's rights there is no need");
	else if (devfilter_probe(&err) == 0)
		found(r, PROBE_OK, "the kernel takes a device filter");
	else
		found(r, PROBE_MISSING, "%s", errno_name(err.errnum));
}

/* --- system calls */

static void look_openat2(const struct probe *p, struct probe_result *r)
{
	const struct open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT};
	_cleanup_fd_ int fd = sys_openat2(AT_FDCWD, "/", &how, sizeof(how));

	(void)p;
	if (fd >= 0)
		found(r, PROBE_OK, "paths are resolved inside a root");
	else
		found(r, PROBE_MISSING, "%s", errno_name(errno));
}

static void look_pidfd(const struct probe *p, struct probe_result *r)
{
	_cleanup_fd_ int fd = sys_pidfd_open(getpid(), 0);

	(void)p;
	if (fd >= 0 && sys_pidfd_send_signal(fd, 0, NULL, 0) == 0)
		found(r, PROBE_OK, "signals reach whom they are meant for");
	else
		found(r, PROBE_MISSING, "%s", errno_name(errno));
}

/* look_mounts - what is no mount is an error of the argument, where the call is known. */
static void look_mounts(const struct probe *p, struct probe_result *r)
{
	_cleanup_fd_ int fd = sys_open_tree(AT_FDCWD, "/", O_CLOEXEC);

	(void)p;
	if (fd >= 0 && sys_move_mount(-1, "", -1, "", 0) < 0 && errno != ENOSYS &&
	    sys_fsopen("", 0) < 0 && errno != ENOSYS)
		found(r, PROBE_OK, "file systems are mounted by descriptor");
	else
		found(r, PROBE_MISSING, "%s", errno_name(errno));
}

static void look_idmap(const struct probe *p, struct probe_result *r)
{
	(void)p;
	if (sys_mount_setattr(-1, "", 0, NULL, 0) < 0 && errno == ENOSYS)
		found(r, PROBE_LIMITED, "%s", errno_name(errno));
	else
		found(r, PROBE_OK,
		      "the kernel can map ids per mount; the file system has to as well");
}

static const struct {
	const char *name;
	__u32 action;
} actions[] = {
	{"kill_process", SECCOMP_RET_KILL_PROCESS},
	{"errno", SECCOMP_RET_ERRNO},
	{"log", SECCOMP_RET_LOG},
	{"user_notif", SECCOMP_RET_USER_NOTIF},
	{"trace", SECCOMP_RET_TRACE},
	{"trap", SECCOMP_RET_TRAP},
};

static void look_seccomp(const struct probe *p, struct probe_result *r)
{
	char lacks[96] = "";
	size_t n = 0;

	(void)p;
	for (size_t i = 0; i < ARRAY_SIZE(actions); i++) {
		__u32 action = actions[i].action;

		if (sys_seccomp(SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0)
			continue;
		/* EOPNOTSUPP is about the action, everything else about the call */
		if (errno != EOPNOTSUPP) {
			found(r, PROBE_MISSING, "%s", errno_name(errno));
			return;
		}
		n += (size_t)snprintf(lacks + n, sizeof(lacks) - n, " %s", actions[i].name);
	}
	if (n > 0) {
		found(r, PROBE_LIMITED, "without the actions%s", lacks);
		get(r, "a newer kernel");
	} else
		found(r, PROBE_OK, "filters, with all actions");
}

static void look_landlock(const struct probe *p, struct probe_result *r)
{
	long abi = landlock_abi();

	(void)p;
	if (abi >= LANDLOCK_ABI_FULL)
		found(r, PROBE_OK, "version %ld", abi);
	else if (abi > 0) {
		found(r, PROBE_LIMITED, "version %ld: newer ones have more rules", abi);
		get(r, "a newer kernel, 6.12 for all of them");
	} else if (errno == EOPNOTSUPP) {
		found(r, PROBE_LIMITED, "the kernel has it switched off");
		get(r, "boot with landlock among the words of lsm=");
	} else
		found(r, PROBE_LIMITED, "%s", errno_name(errno));
}

/* --- the host */

static void look_overlay(const struct probe *p, struct probe_result *r)
{
	_cleanup_file_ FILE *f = NULL;
	_cleanup_fd_ int fd = sys_fsopen("overlay", 1 /* FSOPEN_CLOEXEC */);
	char line[64];

	(void)p;
	if (fd >= 0) {
		found(r, PROBE_OK, "can be mounted");
		return;
	}
	f = fopen("/proc/filesystems", "re");
	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "\toverlay\n")) {
			found(r, PROBE_OK, "the kernel has it");
			return;
		}
	found(r, PROBE_LIMITED, "%s", errno == EPERM ? "not loaded" : errno_name(errno));
}

static void look_lsm(const struct probe *p, struct probe_result *r)
{
	(void)p;
	if (lsm_has_apparmor())
		found(r, PROBE_OK, "AppArmor");
	else if (lsm_has_selinux())
		found(r, PROBE_OK, "SELinux");
	else
		found(r, PROBE_LIMITED, "neither AppArmor nor SELinux is enabled");
}

/* What a host with strangers' programs on it should have at least. */
static const struct {
	const char *name, *advice;
	long least;
} hardening[] = {
	{"kernel/unprivileged_bpf_disabled", "kernel.unprivileged_bpf_disabled=2", 1},
	{"kernel/kptr_restrict", "kernel.kptr_restrict=2", 1},
	{"kernel/dmesg_restrict", "kernel.dmesg_restrict=1", 1},
	{"fs/protected_symlinks", "fs.protected_symlinks=1", 1},
	{"fs/protected_hardlinks", "fs.protected_hardlinks=1", 1},
	{"kernel/yama/ptrace_scope", "kernel.yama.ptrace_scope=1", 1},
	{"net/core/bpf_jit_harden", "net.core.bpf_jit_harden=2", 1},
};

static void look_hardening(const struct probe *p, struct probe_result *r)
{
	char advice[sizeof(r->get)] = "sysctl";
	size_t open_ones = 0, n = strlen(advice);

	(void)p;
	for (size_t i = 0; i < ARRAY_SIZE(hardening); i++) {
		long is = setting(hardening[i].name);

		/* One that is not there is of a part that the kernel does not have. */
		if (is < 0 || is >= hardening[i].least)
			continue;
		open_ones++;
		if (n < sizeof(advice))
			n += (size_t)snprintf(advice + n, sizeof(advice) - n, " %s",
					      hardening[i].advice);
	}
	if (open_ones == 0) {
		found(r, PROBE_OK, "the settings that matter most are on");
		return;
	}
	found(r, PROBE_LIMITED, "%zu setting%s off", open_ones, open_ones == 1 ? " is" : "s are");
	get(r, advice);
}

#define LIMITS_COST(what) "a limit of " what " is refused"

const struct probe probes[] = {
	{"mount namespace", true, look_namespace, CLONE_NEWNS, "nothing starts",
	 "be root, or as for `rootless`"},
	{"pid namespace", true, look_namespace, CLONE_NEWPID, "nothing starts",
	 "a kernel with CONFIG_PID_NS"},
	{"uts namespace", true, look_namespace, CLONE_NEWUTS, "nothing starts",
	 "a kernel with CONFIG_UTS_NS"},
	{"ipc namespace", true, look_namespace, CLONE_NEWIPC, "nothing starts",
	 "a kernel with CONFIG_IPC_NS"},
	{"network namespace", true, look_namespace, CLONE_NEWNET, "nothing starts",
	 "a kernel with CONFIG_NET_NS"},
	{"cgroup namespace", true, look_namespace, CLONE_NEWCGROUP, "nothing starts",
	 "a kernel with CONFIG_CGROUPS"},
	{"user namespace", false, look_namespace, CLONE_NEWUSER, "no container with ids of its own",
	 "a kernel with CONFIG_USER_NS"},
	{"time namespace", false, look_namespace, CLONE_NEWTIME,
	 "no container with clocks of its own", "a kernel with CONFIG_TIME_NS"},
	{"openat2", true, look_openat2, 0, "nothing starts",
	 "Linux 5.6, and no filter that forbids it"},
	{"pidfd", true, look_pidfd, 0, "nothing starts",
	 "Linux 5.3, and no filter that forbids it"},
	{"mounts by descriptor", true, look_mounts, 0, "nothing starts",
	 "Linux 5.2, and no filter that forbids it"},
	{"clone3 into a cgroup", true, look_into_cgroup, 0, "nothing starts",
	 "Linux 5.7, and no filter that forbids it"},
	{"seccomp", true, look_seccomp, 0, "nothing starts that has a filter",
	 "a kernel with CONFIG_SECCOMP_FILTER"},
	{"cgroup2", true, look_cgroup2, 0,
	 "no limits, and root starts nothing without --cgroup-manager disabled",
	 "mount -t cgroup2 none /sys/fs/cgroup; with systemd, boot with systemd.unified_cgroup_hierarchy=1"},
	{"memory controller", false, look_controller, CONTROLLER_MEMORY, LIMITS_COST("memory"),
	 "a kernel with CONFIG_MEMCG"},
	{"cpu controller", false, look_controller, CONTROLLER_CPU, LIMITS_COST("processor time"),
	 "a kernel with CONFIG_CFS_BANDWIDTH"},
	{"pids controller", false, look_controller, CONTROLLER_PIDS, LIMITS_COST("processes"),
	 "a kernel with CONFIG_CGROUP_PIDS"},
	{"io controller", false, look_controller, CONTROLLER_IO,
	 LIMITS_COST("disk input and output"), "a kernel with CONFIG_BLK_CGROUP"},
	{"cpuset controller", false, look_controller, CONTROLLER_CPUSET,
	 "processors cannot be assigned", "a kernel with CONFIG_CPUSETS"},
	{"device filter", true, look_devices, 0, "a container with rules for devices is refused",
	 "a kernel with CONFIG_CGROUP_BPF"},
	{"overlayfs", false, look_overlay, 0, "no image with layers",
	 "a kernel with CONFIG_OVERLAY_FS, or modprobe overlay"},
	{"idmapped mounts", false, look_idmap, 0,
	 "a root file system is not shifted to a container's ids", "Linux 5.12"},
	{"landlock", false, look_landlock, 0, "the annotation org.cloison.landlock is refused",
	 "a kernel with CONFIG_SECURITY_LANDLOCK"},
	{"mandatory access", false, look_lsm, 0, "profiles and labels are refused",
	 "boot with apparmor=1 or selinux=1"},
	{"rootless", false, look_rootless, 0, "no containers of users other than root",
	 "a kernel with CONFIG_USER_NS"},
	{"subordinate ids", false, look_subids, 0, "a container of this user has one id",
	 "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 USER"},
	{"hardening", false, look_hardening, 0, "who breaks out finds more to use", "sysctl"},
};

const size_t probe_count = ARRAY_SIZE(probes);
