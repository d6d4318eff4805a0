/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.c: one more process in a running container.
 *
 * The config.json that the container was created from says what the process is by default (environment, working directory,
 * user, capabilities, filter); --process or the options say what is different. The process joins
 * exactly those namespaces that the container does not share with the host, all in one setns() on
 * its first process's pidfd, and is born in its cgroup.
 */
#include <ctype.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>

#include "runtime/container/announce.h"
#include "runtime/container/container.h"
#include "runtime/container/foreground.h"
#include "runtime/container/handover.h"

/* parse_id - a whole number of at most 32 bits without the value that means "none". */
static int parse_id(const char *text, size_t len, uint32_t *id)
{
	uint64_t v = 0;

	if (!len || len > 10)
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (!isdigit((unsigned char)text[i]))
			return -1;
		v = v * 10 + (uint64_t)(text[i] - '0');
	}
	if (v >= UINT32_MAX)
		return -1;
	*id = (uint32_t)v;
	return 0;
}

/*
 * set_user - "UID[:GID]", all of it or nothing: a half-understood user is another user
 * (CVE-2026-30892). Without a group the process keeps the container's.
 */
static int set_user(struct process_plan *p, const char *user, struct error *err)
{
	size_t uid_len = strcspn(user, ":");
	uint32_t uid, gid = p->gid;

	if (parse_id(user, uid_len, &uid) < 0 ||
	    (user[uid_len] && parse_id(user + uid_len + 1, strlen(user + uid_len + 1), &gid) < 0)) {
		error_set(err, EINVAL, "user `%s`", user);
		return error_hint(err, "use UID or UID:GID in numbers, as in 1000:1000");
	}
	p->uid = uid;
	p->gid = gid;
	return 0;
}

static size_t count(char *const *list)
{
	size_t n = 0;

	while (list && list[n])
		n++;
	return n;
}

/* same_key - do two KEY=VALUE strings have the same key? */
static bool same_key(const char *a, const char *b)
{
	size_t len = strcspn(a, "=");

	return !strncmp(a, b, len) && b[len] == '=';
}

/* add_env - the container's environment with @extra put over it. */
static int add_env(struct process_plan *p, char *const *extra, struct arena *arena,
		   struct error *err)
{
	size_t n = count(p->envp), n_extra = count(extra);
	char **env = arena_new(arena, char *, n + n_extra + 1, err);

	if (!env)
		return -1;
	memcpy(env, p->envp, n * sizeof(*env));
	for (size_t i = 0; i < n_extra; i++) {
		size_t at = 0;

		if (!strchr(extra[i], '=') || extra[i][0] == '=')
			return error_set(err, EINVAL, "environment `%s` is not KEY=VALUE",
					 extra[i]);
		while (at < n && !same_key(extra[i], env[at]))
			at++;
		env[at] = extra[i];
		n += at == n;
	}
	p->envp = env;
	return 0;
}

/* add_groups - the container's supplementary groups and @extra. */
static int add_groups(struct process_plan *p, char *const *extra, struct arena *arena,
		      struct error *err)
{
	size_t n_extra = count(extra);
	gid_t *groups;

	if (!n_extra)
		return 0;
	groups = arena_new(arena, gid_t, p->n_groups + n_extra, err);
	if (!groups)
		return -1;
	if (p->n_groups)
		memcpy(groups, p->groups, p->n_groups * sizeof(*groups));
	for (size_t i = 0; i < n_extra; i++)
		if (parse_id(extra[i], strlen(extra[i]), &groups[p->n_groups + i]) < 0)
			return error_set(err, EINVAL, "group `%s`: must be a number", extra[i]);
	p->groups = groups;
	p->n_groups += n_extra;
	return 0;
}

/* add_caps - never to the inheritable and ambient sets (CVE-2022-29162). */
static int add_caps(struct process_plan *p, char *const *names, struct error *err)
{
	for (; names && *names; names++) {
		uint64_t cap = plan_capability(*names);

		if (!cap)
			return error_set(err, EINVAL, "no such capability: `%s`", *names);
		p->caps.bounding |= cap;
		p->caps.permitted |= cap;
		p->caps.effective |= cap;
	}
	return 0;
}

static int set_labels(struct process_plan *p, const struct exec_options *opt, struct error *err)
{
	if (opt->apparmor_profile) {
		p->apparmor_profile = opt->apparmor_profile;
		if (plan_check_label(&p->apparmor_profile, "--apparmor", err) < 0)
			return -1;
	}
	if (opt->selinux_label) {
		p->selinux_label = opt->selinux_label;
		if (plan_check_label(&p->selinux_label, "--process-label", err) < 0)
			return -1;
	}
	return 0;
}

/* plan_process - what to run: from --process, or from the container's own and the options. */
static int plan_process(const struct plan *plan, const struct exec_options *opt,
			struct process_plan *p, struct arena *arena, struct error *err)
{
	if (opt->process_file) {
		const struct process_plan *read = plan_load_process(opt->process_file, arena, err);

		if (!read)
			return -1;
		*p = *read;
		warn_capabilities(p);
		return 0;
	}
	*p = plan->process;
	p->argv = opt->argv;
	p->terminal = opt->terminal;
	if (opt->no_new_privileges)
		p->no_new_privileges = true;
	if (opt->cwd)
		p->cwd = opt->cwd;
	if (opt->user && set_user(p, opt->user, err) < 0)
		return -1;
	if (add_groups(p, opt->groups, arena, err) < 0 || add_caps(p, opt->caps, err) < 0 ||
	    set_labels(p, opt, err) < 0)
		return -1;
	return add_env(p, opt->env, arena, err);
}

/* check_terminal - who would hold the terminal's other end? */
static int check_terminal(const struct process_plan *p, const struct exec_options *opt,
			  struct error *err)
{
	if (p->terminal && opt->detach && !opt->console_socket)
		return error_set(err, 0,
				 "a terminal needs --console-socket when nobody stays to relay it");
	if (!p->terminal && opt->console_socket)
		return error_set(err, 0,
				 "--console-socket needs a terminal: --tty, or \"terminal\" "
				 "in --process");
	if (!opt->detach && opt->console_socket)
		return error_set(err, 0,
				 "--console-socket needs --detach: without it the terminal is "
				 "relayed here");
	return 0;
}

/*
 * open_container - read what the container is, for whose first process @pidfd receives a descriptor.
 * Returns what its configuration says of a process in it, or NULL.
 */
static const struct plan *open_container(const struct runtime *rt, const char *id,
					 struct arena *arena, struct state *state, int *pidfd,
					 struct error *err)
{
	_cleanup_fd_ int dir = state_open_dir(rt->root, id, STATE_UNLOCKED, err);
	_cleanup_fd_ int file = FD_EMPTY;
	enum status status;

	if (dir < 0 || state_read_open(dir, id, arena, state, &file, err) < 0 ||
	    state_look(dir, file, state, &status, pidfd, err) < 0)
		return NULL;
	/*
	 * One that waits for start can be joined, as others' can; one that is still being built cannot: its
	 * mount namespace has the host's tree in it.
	 */
	if (status == STATUS_CREATED && faccessat(dir, START_SOCKET, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		status = STATUS_CREATING;
	if (status != STATUS_RUNNING && status != STATUS_CREATED) {
		error_set(err, 0, "container `%s` is %s, not running", id, status_name(status));
		return NULL;
	}
	return plan_load_exec(dir, rt->root, id, arena, err);
}

static int handover(const struct sandbox *sb, const struct exec_options *opt, struct error *err)
{
	if (opt->console_socket && handover_console(opt->console_socket, sb->console, err) < 0)
		return -1;
	if (opt->pidfd_socket && handover_pidfd(opt->pidfd_socket, sb->pidfd, err) < 0)
		return -1;
	if (opt->pid_file && handover_pid(opt->pid_file, sb->pid, err) < 0)
		return -1;
	return 0;
}

static int spawn(struct sandbox *sb, const struct exec_options *opt, int *exit_code,
		 struct error *err)
{
	if (sandbox_spawn(sb, err) < 0)
		return -1;
	if (handover(sb, opt, err) < 0) {
		sandbox_kill(sb);
		return -1;
	}
	if (opt->detach) {
		*exit_code = 0;
		return 0;
	}
	*exit_code = foreground_wait(sb->pidfd, sb->console, NULL, err);
	return *exit_code < 0 ? -1 : 0;
}

/* cgroup_below - the container's cgroup, or the one of --cgroup below it. */
static const char *cgroup_below(const struct state *state, const struct exec_options *opt,
				struct arena *arena, struct error *err)
{
	const char *part = opt->cgroup;

	if (!part)
		return state->cgroup_path;
	if (!*state->cgroup_path) {
		error_set(err, 0, "--cgroup `%s`: the container has no cgroup", part);
		return NULL;
	}
	/* One above it is not the container's, and a controller's name is cgroup v1. */
	for (const char *p = part; *p; p += strspn(p, "/")) {
		size_t length = strcspn(p, "/");

		if ((length == 2 && !strncmp(p, "..", 2)) || memchr(p, ':', length)) {
			error_set(err, EINVAL,
				  "--cgroup `%s`: must be a path below the container's", part);
			return NULL;
		}
		p += length;
	}
	return arena_path(arena, state->cgroup_path, part + strspn(part, "/"), err);
}

/*
 * open_cgroup - where the process is to be born; in a frozen one it would never get to its program, and
 * who waits for that hears no signal. So it is born when the container goes on.
 * A container that hands controllers down itself, as systemd inside does, can have no processes in
 * its own cgroup: there it is the one of its first process.
 */
static int open_cgroup(struct cgroup *cg, const struct state *state, int pidfd,
		       const struct exec_options *opt, struct arena *arena, struct error *err)
{
	const char *path = cgroup_below(state, opt, arena, err);
	bool frozen;

	if (path && cgroup_open(cg, path, err) == 0 && cgroup_is_frozen(cg, &frozen, err) == 0) {
		if (frozen && !opt->ignore_paused) {
			error_set(err, 0, "container `%s` is paused", state->id);
			error_hint(err, "`cloison resume %s` lets it go on", state->id);
		} else if (!frozen || cgroup_await_thaw(cg, pidfd, err) == 0) {
			return opt->cgroup ? 0 : cgroup_enter_leaf(cg, state->pid, err);
		}
	}
	close_fd(take_fd(&cg->dir));
	return -1;
}

int container_exec(const struct runtime *rt, const char *id, const struct exec_options *opt,
		   int *exit_code, struct error *err)
{
	struct arena arena = {
		0}; /* ends with the process, which has nothing else to do with the memory */
	static const struct plan none;
	_cleanup_sandbox_ struct sandbox sb = {.plan = &none};
	_cleanup_fd_ int pidfd = FD_EMPTY;
	struct cgroup cgroup = CGROUP_INIT;
	struct process_plan process;
	const struct plan *plan;
	struct announcement listener;
	struct state state;
	int rc;

	sandbox_init(&sb, &none);
	if (check_preserved(opt->preserve_fds, err) < 0)
		return -1;
	plan = open_container(rt, id, &arena, &state, &pidfd, err);
	if (!plan || plan_process(plan, opt, &process, &arena, err) < 0)
		return -1;
	if (check_terminal(&process, opt, err) < 0)
		return -1;
	if (open_cgroup(&cgroup, &state, pidfd, opt, &arena, err) < 0)
		return -1;
	sandbox_init(&sb, plan);
	sb.process = &process;
	sb.is_exec = true;
	sb.rootless = rt->rootless;
	sb.keep_keyring = state.keep_keyring;
	sb.preserve_fds = opt->preserve_fds;
	sb.cgroup = cgroup.dir;
	listener = (struct announcement){.plan = plan, .state = &state, .sb = &sb};
	sb.listener = (struct listener_delivery){announce_listener, &listener};
	sb.target_pidfd = take_fd(&pidfd);
	for (enum ns_kind k = 0; k < NS_COUNT; k++)
		if (plan->ns[k].mode != NS_HOST)
			sb.target_ns |= ns_clone_flag(k);
	rc = sandbox_prepare(&sb, &arena, err);
	if (rc == 0)
		rc = foreground_begin(err);
	if (rc == 0) {
		rc = spawn(&sb, opt, exit_code, err);
		if (rc < 0)
			cgroup_explain_place(&cgroup, err);
	}
	close_fd(cgroup.dir);
	return rc;
}
