/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor.c: what a container's kernel objects cost, made one by one by a bare program.
 *
 *	cloison-bench-floor run [--cgroup DIR] [--detach] [--pid-file FILE] [--seccomp] [--spin-us N]
 *	                        ROOTFS PROGRAM [ARG...]
 *	cloison-bench-floor exec [--cgroup DIR] PID PROGRAM [ARG...]
 *	cloison-bench-floor stop [--cgroup DIR] PID
 *	cloison-bench-floor steps ROUNDS SEED PROGRAM
 *	cloison-bench-floor phases ROUNDS ROOTFS PROGRAM
 *
 * "run" makes the kernel objects of the default spec (default_spec.h) and nothing else: one
 * clone3 with six namespaces, the mounts, devices, masks, pivot_root, limits, capabilities,
 * no_new_privs, execve, wait. It reads no configuration, keeps no state and cleans nothing up:
 * what a runtime takes beyond it is the runtime's own. With --cgroup it also makes DIR, a cgroup v2
 * directory, loads the spec's device rules and puts them on it, starts the container in it and removes
 * it. A runtime that shares what this one makes each time, as Cloison does with the device rules where there
 * is a bpf file system, can get below it. "exec"
 * enters the namespaces of process PID, and DIR, and executes there what the spec's process may do;
 * "stop" ends what --detach left.
 * "steps" times the parts that come before:
 * a process, and clone3 with each namespace alone and with ever more of them, in random order.
 * Each is tried once first; a namespace that is not to be had here is named and left out.
 * "phases" does what "run" does and times its parts.
 *
 * Besides that every call has to succeed: a floor that skipped a step in silence would lie about
 * all others.
 */
#include "bench/default_spec.h"
#include "bench/floor_steps.h"
#include "bench/rng.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define MAX_ROUNDS 100000

struct request {
	const char *rootfs;
	const char *cgroup; /* or NULL */
	char **argv;
	const char *pid_file;
	long spin_us;
	int detach;
	int seccomp;
};

/* What a start goes through; "phases" prints how long each took. */
enum phase { CLONE, ROOT, MOUNTS, MASKS, PIVOT, LIMITS, EXEC, PHASES };

static const char *const phase_names[PHASES] = {
	[CLONE] = "clone3 with namespaces",
	[ROOT] = "private mounts, root",
	[MOUNTS] = "mounts and devices",
	[MASKS] = "masked paths",
	[PIVOT] = "pivot_root",
	[LIMITS] = "limits, capabilities",
	[EXEC] = "execve until the end",
};

/* When each had ended, in memory that the container shares with us; NULL when nobody asks. */
static int64_t *stamps;

static void die(const char *what, const char *object)
{
	dprintf(2, "cloison-bench-floor: %s `%s`: %s\n", what, object, strerror(errno));
	_exit(125);
}

static void check(long ret, const char *what, const char *object)
{
	if (ret < 0)
		die(what, object);
}

static int64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void stamp(enum phase ended)
{
	if (stamps)
		stamps[ended] = now_ns();
}

/*
 * clone3_fork - fork with namespaces, into cgroup directory @cgroup unless that is -1; the child
 * returns 0 with a copy of the memory.
 */
static pid_t clone3_fork(uint64_t flags, int cgroup)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (__u64)cgroup;
	}

	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

static void make_devices(void)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} devices[] = {
		{"dev/null", 1, 3},   {"dev/zero", 1, 5},    {"dev/full", 1, 7},
		{"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0},
	};
	static const struct {
		const char *path, *target;
	} links[] = {
		{"dev/fd", "/proc/self/fd"},	   {"dev/stdin", "/proc/self/fd/0"},
		{"dev/stdout", "/proc/self/fd/1"}, {"dev/stderr", "/proc/self/fd/2"},
		{"dev/ptmx", "pts/ptmx"},
	};

	for (size_t i = 0; i < COUNT(devices); i++)
		check(mknod(devices[i].path, S_IFCHR | 0666,
			    makedev(devices[i].major, devices[i].minor)),
		      "cannot create", devices[i].path);
	for (size_t i = 0; i < COUNT(links); i++)
		check(symlink(links[i].target, links[i].path), "cannot link", links[i].path);
}

/* make_mounts - in the new root, which is the current directory. */
static void make_mounts(void)
{
	for (size_t i = 0; i < COUNT(spec_mounts); i++) {
		const struct spec_mount *m = &spec_mounts[i];
		const char *path = m->destination + 1;

		if (strncmp(path, "dev/", 4) == 0)
			check(mkdir(path, 0755), "cannot create", path);
		check(mount(m->source, path, m->kernel_type, m->flags, m->data), "cannot mount",
		      path);
	}
	make_devices();
}

/*
 * hide_paths - masked and read-only paths; those the kernel does not have are left out.
 * All masked directories show the same empty one: a bind mount costs half a new file system.
 */
static void hide_paths(void)
{
	const char *empty = NULL;
	struct stat st;

	for (size_t i = 0; i < COUNT(spec_masked_paths); i++) {
		const char *path = spec_masked_paths[i] + 1;

		if (stat(path, &st) < 0 && errno == ENOENT)
			continue;
		if (!S_ISDIR(st.st_mode)) {
			check(mount("dev/null", path, NULL, MS_BIND, NULL), "cannot mask", path);
		} else if (empty) {
			check(mount(empty, path, NULL, MS_BIND, NULL), "cannot mask", path);
		} else {
			check(mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k"), "cannot mask",
			      path);
			empty = path;
		}
	}
	for (size_t i = 0; i < COUNT(spec_readonly_paths); i++) {
		const char *path = spec_readonly_paths[i] + 1;

		if (stat(path, &st) < 0 && errno == ENOENT)
			continue;
		check(mount(path, path, NULL, MS_BIND | MS_REC, NULL), "cannot bind", path);
		check(mount(NULL, path, NULL,
			    MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			    NULL),
		      "cannot make read-only", path);
	}
}

/* enter_root - make the current directory the root, read-only, and forget the old one. */
static void enter_root(void)
{
	check(syscall(SYS_pivot_root, ".", "."), "cannot pivot to", ".");
	check(umount2(".", MNT_DETACH), "cannot detach", "old root");
	check(chdir("/"), "cannot enter", "/");
	check(mount(NULL, "/", NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL),
	      "cannot make read-only", "/");
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {0};
	uint64_t keep = 0;

	for (size_t i = 0; i < COUNT(spec_capabilities); i++)
		keep |= UINT64_C(1) << spec_capabilities[i].number;
	for (int cap = 0; cap <= 63; cap++) {
		if (keep >> cap & 1)
			continue;
		if (prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) < 0) {
			if (errno != EINVAL)
				die("cannot drop from the bounding set", "capability");
			break; /* past the last one this kernel knows */
		}
	}
	for (int i = 0; i < 2; i++)
		data[i].effective = data[i].permitted = data[i].inheritable =
			(uint32_t)(keep >> (32 * i));
	check(syscall(SYS_capset, &head, data), "cannot set", "capabilities");
	for (size_t i = 0; i < COUNT(spec_capabilities); i++)
		check(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, spec_capabilities[i].number, 0,
			    0),
		      "cannot raise", spec_capabilities[i].name);
}

/* load_filter - a short filter: refuse kexec_load and reboot, allow the rest. */
static void load_filter(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kexec_load, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_reboot, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog prog = {.len = COUNT(code), .filter = code};

	check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog), "cannot load",
	      "seccomp filter");
}

#define INSN(c, d, s, o, i)                                                         \
	{                                                                           \
		.code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) \
	}

/*
 * load_device_rules - no device but those every container has: nodes may be made; 1:3, 5, 7, 8 and
 * 9, 5:0 and 2, and 136:* may be used. Source: OCI config-linux.md, "Default Devices".
 */
static int load_device_rules(void)
{
	static const struct bpf_insn rules[] = {
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_2, BPF_REG_1, 0, 0), /* access, type */
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_3, BPF_REG_1, 4, 0), /* major */
		INSN(BPF_LDX | BPF_MEM | BPF_W, BPF_REG_4, BPF_REG_1, 8, 0), /* minor */
		INSN(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 1),
		INSN(BPF_ALU | BPF_MOV | BPF_X, BPF_REG_1, BPF_REG_2, 0, 0),
		INSN(BPF_ALU | BPF_RSH | BPF_K, BPF_REG_1, 0, 0, 16),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_1, 0, 11, BPF_DEVCG_ACC_MKNOD),
		INSN(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_2, 0, 8, BPF_DEVCG_DEV_CHAR),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_3, 0, 8, 136),
		INSN(BPF_JMP | BPF_JGT | BPF_K, BPF_REG_4, 0, 6, 9),
		INSN(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1 << 3 | 1 << 5 | 1 << 7 | 3 << 8),
		INSN(BPF_JMP | BPF_JEQ | BPF_K, BPF_REG_3, 0, 2, 1),
		INSN(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_1, 0, 0, 1 << 0 | 1 << 2),
		INSN(BPF_JMP | BPF_JNE | BPF_K, BPF_REG_3, 0, 2, 5),
		INSN(BPF_ALU | BPF_RSH | BPF_X, BPF_REG_1, BPF_REG_4, 0, 0),
		INSN(BPF_JMP | BPF_JSET | BPF_K, BPF_REG_1, 0, 1, 1),
		INSN(BPF_ALU | BPF_MOV | BPF_K, BPF_REG_0, 0, 0, 0),
		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0),
	};
	union bpf_attr attr = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insns = (uint64_t)(uintptr_t)rules,
		.insn_cnt = COUNT(rules),
		.license = (uint64_t)(uintptr_t) "GPL",
	};
	int fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));

	check(fd, "cannot load", "device rules");
	return fd;
}

/* make_cgroup - the directory @path with the device rules on it, open. */
static int make_cgroup(const char *path)
{
	union bpf_attr attr = {.attach_type = BPF_CGROUP_DEVICE};
	int dir, rules = load_device_rules();

	check(mkdir(path, 0755), "cannot create", path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	check(dir, "cannot open", path);
	attr.target_fd = (uint32_t)dir;
	attr.attach_bpf_fd = (uint32_t)rules;
	check(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), "cannot attach",
	      "device rules");
	close(rules);
	return dir;
}

/* container - what the child does; does not return. */
static void container(const struct request *r)
{
	static char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm",
		NULL};
	struct rlimit nofile = {SPEC_RLIMIT_NOFILE, SPEC_RLIMIT_NOFILE};

	stamp(CLONE);
	if (r->cgroup)
		check(unshare(CLONE_NEWCGROUP), "cannot make", "cgroup namespace");
	check(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL), "cannot make private", "/");
	check(mount(r->rootfs, r->rootfs, NULL, MS_BIND | MS_REC, NULL), "cannot bind", r->rootfs);
	check(chdir(r->rootfs), "cannot enter", r->rootfs);
	stamp(ROOT);
	make_mounts();
	stamp(MOUNTS);
	hide_paths();
	stamp(MASKS);
	enter_root();
	stamp(PIVOT);
	check(sethostname(SPEC_HOSTNAME, strlen(SPEC_HOSTNAME)), "cannot set", "hostname");
	check(setrlimit(RLIMIT_NOFILE, &nofile), "cannot set", "RLIMIT_NOFILE");
	check(setsid(), "cannot start", "session");
	drop_capabilities();
	check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "cannot set", "no_new_privs");
	if (r->seccomp)
		load_filter();
	check((long)syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC), "cannot close",
	      "inherited descriptors");
	stamp(LIMITS);
	execve(r->argv[0], r->argv, env);
	die("cannot execute", r->argv[0]);
}

/*
 * spin - burn processor time; the self-test slows one of two equal systems with it. Not so much
 * time of the clock: on a busy machine part of that would be others'.
 */
static void spin(long us)
{
	struct timespec ts = {0, 0};
	int64_t end = 0, now;

	while (us > 0) {
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
		now = (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
		if (end == 0)
			end = now + (int64_t)us * 1000;
		if (now >= end)
			return;
	}
}

static void write_pid(const char *path, pid_t pid)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	check(fd, "cannot create", path);
	if (dprintf(fd, "%d", pid) < 0)
		die("cannot write", path);
	close(fd);
}

/* run - returns the exit status of the container, or 0 at once when detached. */
static int run(const struct request *r)
{
	int ready[2] = {-1, -1}, cgroup = -1, status;
	uint64_t flags = 0;
	char byte;
	pid_t pid;

	spin(r->spin_us);
	for (size_t i = 0; i < COUNT(spec_namespaces); i++)
		flags |= (uint64_t)spec_namespaces[i].flag;
	if (r->detach)
		check(pipe2(ready, O_CLOEXEC), "cannot create", "pipe");
	if (r->cgroup)
		cgroup = make_cgroup(r->cgroup);
	/* A cgroup namespace has the cgroup of who makes it as its root: the child, once it is in it. */
	if (r->cgroup)
		flags &= ~(uint64_t)CLONE_NEWCGROUP;
	pid = clone3_fork(flags, cgroup);
	check(pid, "cannot clone", "six namespaces");
	if (pid == 0)
		container(r);
	if (r->pid_file)
		write_pid(r->pid_file, pid);
	if (r->detach) {
		/* The other end closes when execve succeeds, or when the child dies. */
		close(ready[1]);
		check(read(ready[0], &byte, 1), "cannot read", "pipe");
		return waitpid(pid, &status, WNOHANG) == 0 ? 0 : 125;
	}
	check(waitpid(pid, &status, 0), "cannot wait for", "container");
	if (r->cgroup)
		check(rmdir(r->cgroup), "cannot remove", r->cgroup);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* enter_and_execute - one more process in the container of @pid; returns its exit status. */
static int enter_and_execute(const char *cgroup, const char *pid_text, char **argv)
{
	static char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", NULL};
	int pidfd = (int)syscall(SYS_pidfd_open, (pid_t)strtol(pid_text, NULL, 10), 0);
	int dir = -1, flags = 0, status;
	pid_t pid;

	check(pidfd, "cannot open process", pid_text);
	if (cgroup) {
		dir = open(cgroup, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		check(dir, "cannot open", cgroup);
	}
	for (size_t i = 0; i < COUNT(spec_namespaces); i++)
		flags |= spec_namespaces[i].flag;
	/* Into the cgroup from outside of its namespace: from inside, where we are cannot be seen. */
	check(setns(pidfd, flags & ~CLONE_NEWCGROUP), "cannot enter the namespaces of", pid_text);
	pid = clone3_fork(0, dir);
	check(pid, "cannot clone", "process");
	if (pid == 0) {
		check(setns(pidfd, CLONE_NEWCGROUP), "cannot enter the cgroup namespace of",
		      pid_text);
		check(chdir("/"), "cannot enter", "/");
		check(setsid(), "cannot start", "session");
		drop_capabilities();
		check(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "cannot set", "no_new_privs");
		execve(argv[0], argv, env);
		die("cannot execute", argv[0]);
	}
	check(waitpid(pid, &status, 0), "cannot wait for", argv[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* stop - kill a detached container and remove its cgroup. */
static int stop(const char *cgroup, const char *pid_text)
{
	pid_t pid = (pid_t)strtol(pid_text, NULL, 10);
	struct timespec pause = {.tv_nsec = 10000000};

	if (pid > 0 && kill(pid, SIGKILL) < 0 && errno != ESRCH)
		die("cannot kill", pid_text);
	for (int i = 0; cgroup && rmdir(cgroup) < 0 && errno != ENOENT; i++) {
		if (errno != EBUSY || i == 200)
			die("cannot remove", cgroup);
		nanosleep(&pause, NULL);
	}
	return 0;
}

/*
 * time_step - from before the call until the child has been waited for. Returns -1 with errno when
 * the kernel does not clone like this.
 */
static int64_t time_step(const struct floor_step *s, char *program,
			 posix_spawn_file_actions_t *quiet)
{
	char *argv[] = {program, NULL}, *env[] = {NULL};
	int64_t start = now_ns();
	int status;
	pid_t pid;

	if (s->exec) {
		errno = posix_spawn(&pid, program, quiet, NULL, argv, env);
		if (errno)
			die("cannot spawn", program);
	} else {
		pid = clone3_fork(s->flags, -1);
		if (pid == 0)
			_exit(0);
		if (pid < 0)
			return -1;
	}
	check(waitpid(pid, &status, 0), "cannot wait for", s->name);
	if (status) {
		errno = ECHILD;
		die("unexpected exit of", s->name);
	}
	return now_ns() - start;
}

/* try_steps - each once. Prints "skip<TAB>errno<TAB>name" of those that are not to be had here. */
static size_t try_steps(char *program, posix_spawn_file_actions_t *quiet, int *usable)
{
	size_t n = 0;

	for (size_t i = 0; i < COUNT(floor_steps); i++) {
		if (time_step(&floor_steps[i], program, quiet) < 0)
			printf("skip\t%d\t%s\n", errno, floor_steps[i].name);
		else
			usable[n++] = (int)i;
	}
	return n;
}

/* time_steps - print "round<TAB>nanoseconds<TAB>name" for each; the first round is warm-up. */
static int time_steps(long rounds, uint64_t seed, char *program)
{
	posix_spawn_file_actions_t quiet;
	struct rng rng = {seed};
	int usable[COUNT(floor_steps)], order[COUNT(floor_steps)];
	size_t n;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, 1, "/dev/null", O_WRONLY, 0);
	n = try_steps(program, &quiet, usable);
	for (long round = -1; round < rounds; round++) {
		int64_t took[COUNT(floor_steps)];

		memcpy(order, usable, n * sizeof(*order));
		rng_shuffle(&rng, order, n);
		for (size_t i = 0; i < n; i++) {
			took[order[i]] = time_step(&floor_steps[order[i]], program, &quiet);
			check(took[order[i]], "cannot", floor_steps[order[i]].name);
		}
		for (size_t i = 0; round >= 0 && i < n; i++)
			printf("%ld\t%lld\t%s\n", round, (long long)took[usable[i]],
			       floor_steps[usable[i]].name);
	}
	return fflush(stdout) ? 125 : 0;
}

/* time_phases - "run" again and again; print "round<TAB>nanoseconds<TAB>name" for each phase. */
static int time_phases(long rounds, const char *rootfs, char *program)
{
	char *argv[] = {program, NULL};
	const struct request r = {.rootfs = rootfs, .argv = argv};
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC), out = dup(1);

	stamps = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (stamps == MAP_FAILED)
		die("cannot map", "stamps");
	check(null < 0 || out < 0 ? -1 : 0, "cannot open", "/dev/null");
	/* The first round is warm-up. */
	for (long round = -1; round < rounds; round++) {
		int64_t last;

		check(dup2(null, 1), "cannot silence", "the program");
		last = now_ns();
		if (run(&r))
			return 125;
		stamp(EXEC);
		check(dup2(out, 1), "cannot restore", "standard output");
		for (int i = 0; i < PHASES; i++) {
			if (round >= 0)
				printf("%ld\t%lld\t%s\n", round, (long long)(stamps[i] - last),
				       phase_names[i]);
			last = stamps[i];
		}
		if (fflush(stdout))
			return 125;
	}
	return 0;
}

static int usage(void)
{
	dprintf(2, "usage: cloison-bench-floor run [--cgroup DIR] [--detach] [--pid-file FILE] "
		   "[--seccomp] [--spin-us N] ROOTFS PROGRAM [ARG...]\n"
		   "       cloison-bench-floor exec [--cgroup DIR] PID PROGRAM [ARG...]\n"
		   "       cloison-bench-floor stop [--cgroup DIR] PID\n"
		   "       cloison-bench-floor steps ROUNDS SEED PROGRAM\n"
		   "       cloison-bench-floor phases ROUNDS ROOTFS PROGRAM\n");
	return 2;
}

/* in_container - exec and stop, which take the process of a container that is there. */
static int in_container(int argc, char **argv)
{
	const char *cgroup = argc >= 5 && strcmp(argv[2], "--cgroup") == 0 ? argv[3] : NULL;
	int at = cgroup ? 4 : 2;

	if (strcmp(argv[1], "stop") == 0 && argc == at + 1)
		return stop(cgroup, argv[at]);
	if (strcmp(argv[1], "exec") == 0 && argc > at + 1)
		return enter_and_execute(cgroup, argv[at], argv + at + 1);
	return usage();
}

int main(int argc, char **argv)
{
	struct request r = {0};
	int i = 2;

	if (argc == 5 && strcmp(argv[1], "steps") == 0) {
		long rounds = strtol(argv[2], NULL, 10);

		if (rounds < 1 || rounds > MAX_ROUNDS)
			return usage();
		return time_steps(rounds, strtoull(argv[3], NULL, 10), argv[4]);
	}
	if (argc == 5 && strcmp(argv[1], "phases") == 0) {
		long rounds = strtol(argv[2], NULL, 10);

		return rounds < 1 || rounds > MAX_ROUNDS ? usage()
							 : time_phases(rounds, argv[3], argv[4]);
	}
	if (argc >= 3 && (strcmp(argv[1], "exec") == 0 || strcmp(argv[1], "stop") == 0))
		return in_container(argc, argv);
	if (argc < 4 || strcmp(argv[1], "run") != 0)
		return usage();
	for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
		if (strcmp(argv[i], "--detach") == 0)
			r.detach = 1;
		else if (strcmp(argv[i], "--seccomp") == 0)
			r.seccomp = 1;
		else if (strcmp(argv[i], "--cgroup") == 0 && i + 1 < argc)
			r.cgroup = argv[++i];
		else if (strcmp(argv[i], "--pid-file") == 0 && i + 1 < argc)
			r.pid_file = argv[++i];
		else if (strcmp(argv[i], "--spin-us") == 0 && i + 1 < argc)
			r.spin_us = strtol(argv[++i], NULL, 10);
		else
			return usage();
	}
	if (argc - i < 2)
		return usage();
	r.rootfs = argv[i];
	r.argv = argv + i + 1;
	return run(&r);
}
