/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c: from the runtime's child to the user's program.
 *
 * The order is the kernel's. Bounding set while CAP_SETPCAP is there; groups before
 * user; capabilities kept over the change of user and then set exactly; ambient ones last, they
 * need permitted and inheritable. The filter comes as late as it can: with no_new_privs after the
 * capabilities, without it before them, since loading it then takes CAP_SYS_ADMIN.
 *
 * Inheritable and ambient sets are what config.json says and empty otherwise (CVE-2022-29162); the
 * supplementary groups are always set, also to none (CVE-2022-36109); the working directory must
 * be inside the root (CVE-2024-21626).
 *
 * Source: capabilities(7), credentials(7); OCI config.md "Process", config-linux.md "Seccomp".
 */
#include <limits.h>
#include <linux/capability.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "runtime/sandbox/child.h"
#include "runtime/sandbox/exec.h"
#include "runtime/sandbox/listener.h"
#include "runtime/sandbox/sandbox.h"

/* set_oom_score - write oom_score_adj through the host's procfs. Source: proc(5). */
static int set_oom_score(const struct process_plan *p, pid_t pid, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	char path[48] = "/proc/self/oom_score_adj", text[16];
	int n = snprintf(text, sizeof(text), "%d", p->oom_score_adj);

	if (pid)
		snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", pid);
	fd = sys_open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, (size_t)n) != n)
		return error_set(err, errno, "cannot set oom_score_adj to %d", p->oom_score_adj);
	return 0;
}

static int limit_error(const struct rlimit_plan *r, pid_t pid, int errnum, struct error *err)
{
	struct rlimit now;

	error_set(err, errnum, "cannot set %s to %llu:%llu", r->name, (unsigned long long)r->soft,
		  (unsigned long long)r->hard);
	if (errnum == EPERM && prlimit(pid, r->resource, NULL, &now) == 0 && r->hard > now.rlim_max)
		error_cause(err,
			    "the runtime's own hard limit is %llu and it lacks CAP_SYS_RESOURCE",
			    (unsigned long long)now.rlim_max);
	return -1;
}

int process_prepare_limits(const struct process_plan *p, pid_t pid, struct error *err)
{
	if (p->has_oom_score_adj && set_oom_score(p, pid, err) < 0)
		return -1;
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct rlimit_plan *r = &p->rlimits[i];
		struct rlimit lim;

		if (prlimit(pid, r->resource, NULL, &lim) < 0)
			return error_set(err, errno, "cannot read %s", r->name);
		if (r->hard <= lim.rlim_max)
			continue;
		lim.rlim_max = r->hard;
		if (prlimit(pid, r->resource, &lim, NULL) < 0)
			return limit_error(r, pid, errno, err);
	}
	return 0;
}

/* set_limits - the limits as they are to be; none of them is raised here. */
static int set_limits(const struct process_plan *p, struct error *err)
{
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct rlimit_plan *r = &p->rlimits[i];
		struct rlimit lim = {.rlim_cur = r->soft, .rlim_max = r->hard};

		if (setrlimit(r->resource, &lim) < 0)
			return limit_error(r, 0, errno, err);
	}
	return 0;
}

/*
 * leave_out_missing - take out of @caps what this process does not have itself: a runtime that
 * was started with fewer capabilities hands on those that it has. capset(2) would refuse them all. Whoever
 * started it is told, for a warning.
 * Source: OCI config.md, "Linux Process": SHOULD NOT fail; capabilities(7).
 */
static int leave_out_missing(const struct sandbox *sb, struct caps_plan *caps, struct error *err)
{
	uint64_t asked = caps->permitted | caps->inheritable | caps->effective | caps->ambient;
	char names[PLAN_CAPABILITIES_TEXT];
	struct error warning = ERROR_INIT;
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct own[2];
	uint64_t permitted;

	if (sys_capget(&header, own) < 0)
		return error_set(err, errno, "cannot read the runtime's own capabilities");
	permitted = own[0].permitted | (uint64_t)own[1].permitted << 32;
	caps->permitted &= permitted;
	caps->inheritable &= permitted;
	caps->effective &= permitted;
	caps->ambient &= permitted;
	if (asked & ~permitted) {
		plan_capability_names(asked & ~permitted, names, sizeof(names));
		error_set(&warning, 0,
			  "process.capabilities: left out, since the runtime lacks them: %s",
			  names);
		child_say_text(sb, SYNC_WARNING, &warning);
	}
	return 0;
}

/* drop_bounding - take every capability out of the bounding set that the plan does not list. */
static int drop_bounding(const struct caps_plan *caps, struct error *err)
{
	for (unsigned int cap = 0; cap < 64; cap++) {
		if (caps->bounding >> cap & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		if (errno == EINVAL) /* past the kernel's last capability */
			return 0;
		return error_set(err, errno, "cannot drop capability %u", cap);
	}
	return 0;
}

static int set_capabilities(const struct caps_plan *caps, struct error *err)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2];

	for (unsigned int i = 0; i < 2; i++) {
		data[i].effective = (__u32)(caps->effective >> (32 * i));
		data[i].permitted = (__u32)(caps->permitted >> (32 * i));
		data[i].inheritable = (__u32)(caps->inheritable >> (32 * i));
	}
	if (sys_capset(&header, data) < 0)
		return error_set(err, errno, "cannot set the capabilities");
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot clear the ambient capabilities");
	for (unsigned long cap = 0; cap < 64; cap++)
		if (caps->ambient >> cap & 1 &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return error_set(err, errno, "cannot raise ambient capability %lu", cap);
	return 0;
}

static int load_filter(const struct sandbox *sb, struct error *err)
{
	const struct seccomp_plan *seccomp = &sb->plan->seccomp;
	struct sock_fprog prog = seccomp->prog;

	if (!prog.filter)
		return 0;
	if (seccomp->listener_path)
		return listener_load(sb, err);
	if (sys_seccomp(SECCOMP_SET_MODE_FILTER, seccomp->flags, &prog) < 0)
		return error_set(err, errno, "cannot load the seccomp filter");
	return 0;
}

/* set_groups - exactly those of the plan, also none (CVE-2022-36109). */
static int set_groups(const struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;

	if (sb->setgroups_denied && !p->n_groups)
		return 0;
	if (sys_setgroups(p->n_groups, p->groups) == 0)
		return 0;
	error_set(err, errno, "cannot set the supplementary groups");
	if (sb->setgroups_denied)
		error_cause(err, "the user namespace was mapped by an ordinary user, without "
				 "newgidmap: it denies setgroups");
	return -1;
}

static int set_identity(const struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;

	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot keep the capabilities");
	if (set_groups(sb, err) < 0)
		return -1;
	if (sys_setresgid(p->gid, p->gid, p->gid) < 0)
		return error_set(err, errno, "cannot become group %u", p->gid);
	if (sys_setresuid(p->uid, p->uid, p->uid) < 0)
		return error_set(err, errno, "cannot become user %u", p->uid);
	if (prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot end keeping the capabilities");
	return 0;
}

/* first_of_long_cwd - the first byte of the working directory's path; '\0' when there is none. */
__attribute__((noinline)) static char first_of_long_cwd(void)
{
	char cwd[PATH_MAX];

	return getcwd(cwd, sizeof(cwd)) ? cwd[0] : '\0';
}

/*
 * enter_cwd - change to the working directory. Runs with the process's user already set: a
 * directory it may not enter is an error.
 */
static int enter_cwd(const struct process_plan *p, struct error *err)
{
	char cwd[256];

	if (chdir(p->cwd) < 0)
		return error_set(err, errno, "cannot enter the working directory `%s`", p->cwd);
	if (!getcwd(cwd, sizeof(cwd))) {
		/* ENOENT: it has no path from here, or was removed */
		if (errno != ERANGE && errno != ENOENT)
			return error_set(err, errno, "cannot look at the working directory `%s`",
					 p->cwd);
		cwd[0] = errno == ERANGE ? first_of_long_cwd() : '\0';
	}
	if (cwd[0] != '/')
		return error_set(err, 0, "the working directory `%s` is outside the root", p->cwd);
	return 0;
}

/* give_pipes - let a user other than root open /dev/stdout and its like again. */
static int give_pipes(const struct process_plan *p, struct error *err)
{
	for (int fd = 0; fd <= 2 && p->uid; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode) || st.st_uid == p->uid)
			continue;
		if (fchown(fd, p->uid, (gid_t)-1) < 0 && errno != EINVAL && errno != EPERM)
			return error_set(err, errno, "cannot give descriptor %d to user %u", fd,
					 p->uid);
	}
	return 0;
}

/* become - everything between root in the container and the program's own credentials. */
static int become(const struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;
	struct caps_plan caps = p->caps;

	if (leave_out_missing(sb, &caps, err) < 0 || drop_bounding(&caps, err) < 0)
		return -1;
	if (!p->no_new_privileges && load_filter(sb, err) < 0)
		return -1;
	if (set_identity(sb, err) < 0 || set_capabilities(&caps, err) < 0)
		return -1;
	return 0;
}

/*
 * announce - tell the other end that only execve is left. From here on a filter may keep us from
 * saying anything, so the end of file after this means success, and before it does not.
 */
static int announce(const struct sandbox *sb, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_EXEC};

	if (child_say(sb, &msg) < 0)
		return error_set(err, errno, "cannot report that the program starts");
	return 0;
}

/*
 * process_exec - become the program; @root is the container's "/", where this process is already.
 * Returns only on failure, with err->code as Docker's exit codes.
 *
 * The runtime's descriptors are gone for real by now (process_drop_fds): execve resolves its path
 * before it closes anything, so a directory left open would lead out (CVE-2024-21626).
 */
int process_exec(struct sandbox *sb, struct inroot root, struct error *err)
{
	const struct process_plan *p = sb->process;
	enum exec_look look = sb->plan->seccomp.prog.filter || sb->landlock >= 0 ? EXEC_LOOK_NOW
										 : EXEC_LOOK_LATER;
	struct exec_target target;

	if (exec_home(sb, root, err) < 0 || give_pipes(p, err) < 0)
		return -1;
	close_fd(root.fd);
	activation_finish(sb);
	umask(p->has_umask ? p->umask : 022);
	if (set_limits(p, err) < 0 || tuning_apply(sb, err) < 0 || lsm_apply(sb, err) < 0 ||
	    landlock_apply(sb, err) < 0)
		return -1;
	close_fd(take_fd(&sb->host_proc));
	close_fd(take_fd(&sb->landlock));
	if (!p->no_new_privileges && sb->plan->seccomp.prog.filter && announce(sb, err) < 0)
		return -1;
	if (become(sb, err) < 0 || enter_cwd(p, err) < 0)
		return -1;
	if (exec_find(p->argv[0], sb->envp, look, &target, err) < 0)
		return -1;
	if (prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot leave the runtime's fate");
	if (announce(sb, err) < 0)
		return -1;
	if (p->no_new_privileges) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
			return error_set(err, errno, "cannot set no_new_privs");
		if (load_filter(sb, err) < 0)
			return -1;
	}
	execve(target.path, p->argv, sb->envp);
	return exec_explain(&target, p->argv, sb->envp, errno, err);
}

int process_confine(const struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;

	umask(p->has_umask ? p->umask : 022);
	if (set_limits(p, err) < 0 || become(sb, err) < 0 || enter_cwd(p, err) < 0)
		return -1;
	if (!p->no_new_privileges)
		return 0;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_set(err, errno, "cannot set no_new_privs");
	return load_filter(sb, err);
}

/* close_between - close the descriptors above @after and below @before. */
static int close_between(unsigned int after, unsigned int before)
{
	return after + 1 < before ? sys_close_range(after + 1, before - 1, 0) : 0;
}

int process_drop_fds(const struct sandbox *sb, const int *keep, size_t n, struct error *err)
{
	unsigned int last = 2 + sb->preserve_fds;

	for (;;) {
		unsigned int next = UINT_MAX;

		for (size_t i = 0; i < n; i++)
			if (keep[i] >= 0 && (unsigned int)keep[i] > last &&
			    (unsigned int)keep[i] < next)
				next = (unsigned int)keep[i];
		if (close_between(last, next) < 0)
			return error_set(err, errno, "cannot close the runtime's descriptors");
		if (next == UINT_MAX)
			return 0;
		last = next;
	}
}
