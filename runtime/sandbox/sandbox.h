/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sandbox.h: from a plan to a process inside its walls.
 *
 * Theory of operation. Two processes work on a start.
 *
 * The parent prepares everything that has to be reached from the host's side and can fail for a
 * reason the user can mend: the root file system and the sources of bind mounts as detached mount
 * trees, the namespaces to be joined, the cgroup with its limits. Then it makes the child with one
 * clone3 that carries all new namespaces.
 *
 * The child does the rest in a fixed order, from data that is in memory already:
 *
 *	made	file systems bound to its namespaces (proc, sysfs, ...) become detached mounts
 *	entered	the root tree is attached and pivoted to; the host's tree is gone from here on
 *	placed	each mount is moved onto a descriptor inside the root; devices, links, console
 *	closed	masked and read-only paths, sysctls, read-only root, hostname
 *	exec	identity, capabilities, seccomp, execve
 *
 * Because the host's tree is gone before the first path inside the container is resolved, a path
 * that goes astray has nowhere to go.
 *
 * When namespaces are to be joined, as for exec, a process in between (the stage) joins them and makes
 * the child as its sister (CLONE_PARENT), so the runtime itself never enters a container.
 *
 * Who shares a pid namespace with strangers can be looked into by them, through /proc and ptrace(2): one
 * with CAP_SYS_PTRACE is not stopped by a process that is not dumpable. So nobody is born into a pid
 * namespace that is joined before the stage has left the host's tree behind, and what is born there has
 * a copy of the runtime's memory, which ends with execve, and never that memory itself.
 *
 * Where the parent has nothing to do until execve, and nobody else can see the child, it borrows the
 * parent's memory and the parent sleeps (CLONE_VM and CLONE_VFORK): no page table is copied and no page is
 * copied on write. It gets a struct sandbox of its own, and writes down itself that it exists. `create` and
 * a new user namespace need the parent awake: then it is an ordinary fork. The stage of an exec, which
 * nobody in the container sees, borrows memory, too.
 *
 * Child and parent talk over one SOCK_SEQPACKET pair, in fixed-size messages (sync.h). Its end in
 * the child is close-on-exec: end of file is the proof that execve succeeded. A child that borrows
 * memory leaves its messages there, and that the parent wakes up is the proof.
 */
#ifndef CLOISON_SANDBOX_SANDBOX_H
#define CLOISON_SANDBOX_SANDBOX_H

#include "lib/inroot.h"
#include "runtime/oci/plan.h"

/* Devices every container has: OCI config-linux.md, "Default Devices". */
#define N_DEFAULT_DEVICES 6

/* Who gets the descriptor of a filter with SCMP_ACT_NOTIFY; called while the child waits. */
struct listener_delivery {
	int (*deliver)(void *ctx, int fd, struct error *err);
	void *ctx;
};

struct sandbox {
	const struct plan *plan;
	const struct process_plan *process; /* the plan's own, or another for exec */
	bool is_exec;			    /* join a running container, build nothing */
	bool rootless;			    /* root of a user namespace at most: rootless.c */
	bool staged;			    /* a process in between joins namespaces first */
	bool entered;			    /* the stage has left the host's tree for the root's */
	bool borrows;			    /* the child uses the runtime's memory until execve */
	bool recorded;			    /* no SYNC_RECORDED: without it all is written down */
	bool keep_keyring;		    /* of the caller's session, instead of a new one */

	/*
	 * Called once when the first process exists, before it can outlive the runtime: writes down
	 * that it is there. NULL: nothing to write.
	 */
	int (*record)(void *arg, pid_t pid, struct error *err);
	void *record_arg;

	/* Prepared by the parent before the clone. */
	int root_tree;			/* detached mount of the root file system */
	bool root_idmap;		/* root_tree has to get the new user namespace's map */
	int *mounts;			/* one detached mount for each of plan->mounts */
	const char **links;		/* copy-symlink: what the links say; NULL: there are none */
	bool mount_idmaps;		/* some mounts get the new user namespace's map, too */
	int *child_mounts;		/* the child's copy, when it borrows memory */
	int devices[N_DEFAULT_DEVICES]; /* detached binds of the host's, when mknod cannot work */
	int *extra_devices;		/* the same for plan->devices */
	int sysctl_proc;		/* for sysctls, where the child cannot mount a procfs */
	int ns[NS_COUNT];		/* namespaces to join */
	int *stage_keeps;		/* room for what the stage hands on, NULL for exec */
	int target_pidfd;		/* exec: the container's first process */
	uint64_t target_ns;		/* exec: CLONE_NEW* flags to join through target_pidfd */
	int cgroup;			/* directory the first process is born in */
	int start_listener;		/* create: the socket `start` connects to */
	const char *apparmor;		/* the profile to ask for, or NULL */
	int host_proc;	  /* the host's procfs, O_PATH; FD_EMPTY unless there is a label */
	int created_lock; /* locked until execve, see container/state.h */
	int state_dir;	  /* the caller's, whose lock must not live on in the child */
	struct listener_delivery listener;
	unsigned int preserve_fds;
	unsigned int listen_fds;  /* activation.c: so many of them are sockets; 0: none */
	const char *listen_names; /* LISTEN_FDNAMES, or NULL */
	char *listen_pid;	  /* "LISTEN_PID=" in envp, to be completed; or NULL */
	bool notify;		  /* there is a directory "notify" in state_dir for the container */
	int notify_tree;	  /* a detached bind of it */
	char **envp;		  /* process->envp with room for HOME */
	char *home;		  /* buffer of HOME_SIZE for "HOME=..." */
	const char *hook_state;	  /* hooks.h, struct hook_call; NULL when there are no hooks */

	/* The pair between parent and child, or what the child leaves when there is none. */
	int sync_parent, sync_child;
	struct sync_box *box;

	/* Known in the child alone, of a user namespace: see userns.c. */
	bool setgroups_denied;
	uid_t first_uid;
	gid_t first_gid;

	/* Known after the clone. */
	pid_t pid;
	int pidfd;
	int console; /* terminal: the pseudo-terminal's master end */
	bool built;  /* there are hooks, and those of the creation had their turn or fail */

	/* The child's own. */
	int landlock;	  /* a set of rules, or FD_EMPTY */
	bool hook_failed; /* the error to report is a startContainer hook's */
};

#define HOME_SIZE 1100

/* sandbox_init - an empty sandbox for @plan; every descriptor empty. */
void sandbox_init(struct sandbox *sb, const struct plan *plan);

/* sandbox_close - close every descriptor @sb still holds. */
void sandbox_close(struct sandbox *sb);

#define _cleanup_sandbox_ __attribute__((cleanup(sandbox_close)))

/*
 * rootless_enter - without the rights of the host's root: move into the container's user namespace and
 * a mount namespace of its own, before the first of the functions below. @plan becomes the plan that is
 * left to be done. The caller stays there.
 */
int rootless_enter(const struct plan **plan, struct arena *arena, struct error *err) must_check;

/*
 * sandbox_prepare - the parent's work before the clone: everything that is opened on the host.
 * @arena: owns the arrays of descriptors
 */
int sandbox_prepare(struct sandbox *sb, struct arena *arena, struct error *err) must_check;

/*
 * sandbox_spawn - make the child and see it through until it is ready: waiting for `start` when
 * sb->start_listener is set, past execve otherwise. Fills sb->pid, sb->pidfd and sb->console.
 * On failure the child is dead and reaped.
 */
int sandbox_spawn(struct sandbox *sb, struct error *err) must_check;

/* sandbox_maps_ids - is there a new user namespace, whose ids the parent has to map? */
bool sandbox_maps_ids(const struct sandbox *sb) must_check;

/* sandbox_filters_devices - false: there are device rules, and no cgroup to enforce them. */
bool sandbox_filters_devices(const struct sandbox *sb) must_check;

/* sandbox_kill - kill the child and reap it; for error paths after sandbox_spawn(). */
void sandbox_kill(struct sandbox *sb);

/* The child's side; each returns 0 or -1 with @err. In the order in which they run. */
int namespaces_open(struct sandbox *sb, struct error *err) must_check;
int namespaces_unshare_time(const struct plan *plan, struct error *err) must_check;
/*
 * namespaces_keep_time, namespaces_return_to_time - making a time namespace moves all children to come.
 * Hooks are such children, and belong to the runtime's. The first returns a descriptor, FD_EMPTY when
 * there is nothing to return to, or -1 with @err.
 */
int namespaces_keep_time(const struct plan *plan, struct error *err) must_check;
int namespaces_return_to_time(int fd, struct error *err) must_check;
int namespaces_join(struct sandbox *sb, struct error *err) must_check;
int namespaces_map_ids(const struct sandbox *sb, struct error *err) must_check;
uint64_t namespaces_clone_flags(const struct plan *plan);

int userns_look(struct sandbox *sb, int proc_self, struct error *err) must_check;
int userns_look_own(struct sandbox *sb, struct error *err) must_check;
int userns_look_new(struct sandbox *sb, struct error *err) must_check;
int userns_become_first(const struct sandbox *sb, struct error *err) must_check;

/* An id map as config.json has it, for namespaces_write_maps(). */
struct id_maps {
	const struct id_map *uid, *gid;
	size_t n_uid, n_gid;
};
/* namespaces_write_map - write one map, "uid_map" or "gid_map", below the open /proc/PID. */
int namespaces_write_map(int proc_dir, const char *file, const struct id_map *map, size_t n,
			 struct error *err) must_check;
/* namespaces_write_maps - write both maps of process @pid's new user namespace. */
int namespaces_write_maps(pid_t pid, const struct id_maps *maps, struct error *err) must_check;

int idmap_mount(struct sandbox *sb, int tree, const struct mount_plan *m,
		struct error *err) must_check;
int idmap_container(struct sandbox *sb, struct error *err) must_check;
/* idmap_needs_container - does @m's map come with the container's new user namespace? */
bool idmap_needs_container(const struct sandbox *sb, const struct mount_plan *m);

int rootfs_prepare(struct sandbox *sb, struct error *err) must_check;
int rootfs_attach(struct sandbox *sb, struct inroot *root, struct error *err) must_check;
int rootfs_pivot(struct inroot root, struct error *err) must_check;
int rootfs_finish(const struct sandbox *sb, struct inroot root, struct error *err) must_check;

int mounts_prepare(struct sandbox *sb, struct arena *arena, struct error *err) must_check;
int mounts_make(struct sandbox *sb, int *proc, struct error *err) must_check;
int mounts_place(struct sandbox *sb, struct inroot root, struct error *err) must_check;

int netdev_move(const struct sandbox *sb, struct error *err) must_check;

int copyup(int from, int to, const struct mount_plan *m, struct error *err) must_check;

int devices_prepare(struct sandbox *sb, struct arena *arena, struct error *err) must_check;
int devices_place(struct sandbox *sb, struct inroot root, struct error *err) must_check;

int masks_apply(const struct sandbox *sb, struct inroot root, struct error *err) must_check;
int sysctls_apply(const struct plan *plan, int proc, struct error *err) must_check;

int console_open(struct sandbox *sb, struct inroot root, int *slave, struct error *err) must_check;
int console_take(const struct sandbox *sb, int slave, struct error *err) must_check;

/*
 * process_prepare_limits - for process @pid, 0 for the caller, set oom_score_adj and raise hard
 * limits as far as the plan needs, while the host's rights are there. The limits themselves are set
 * right before execve: they are the program's, not the runtime's.
 */
int process_prepare_limits(const struct process_plan *p, pid_t pid, struct error *err) must_check;

/*
 * tuning_privileged - for process @pid, 0 for the caller, what takes the host's rights: scheduler and
 * I/O priority. tuning_apply() does it for a process in the host's user namespace.
 */
int tuning_privileged(const struct process_plan *p, pid_t pid, struct error *err) must_check;
/* tuning_before_clone - exec: the CPUs to be on until the child is in its cgroup. */
int tuning_before_clone(const struct sandbox *sb, struct error *err) must_check;
/* tuning_apply - the process's own part, before its identity changes. */
int tuning_apply(const struct sandbox *sb, struct error *err) must_check;

/* Whether the module is in the kernel and enabled. */
bool lsm_has_apparmor(void);
bool lsm_has_selinux(void);
/* lsm_prepare - is there the module for the labels? Opens what lsm_apply() writes through. */
int lsm_prepare(struct sandbox *sb, struct error *err) must_check;
/* lsm_apply - have the kernel put the labels on the caller at its next execve. */
int lsm_apply(const struct sandbox *sb, struct error *err) must_check;

/* landlock_abi - the kernel's version of Landlock, or -1 with errno. */
long landlock_abi(void);
/* landlock_prepare - has the kernel what the plan's rules take? */
int landlock_prepare(const struct plan *plan, struct error *err) must_check;
/* landlock_make - the rules, about what lies in @root now; landlock_apply() puts the caller under them. */
int landlock_make(struct sandbox *sb, struct inroot root, struct error *err) must_check;
int landlock_apply(const struct sandbox *sb, struct error *err) must_check;

#define ACTIVATION_PID_SIZE 32
/* activation_prepare - variables and, with sb->notify, the mount of what a service manager hands on. */
int activation_prepare(struct sandbox *sb, struct arena *arena, struct error *err) must_check;
int activation_place(const struct sandbox *sb, struct inroot root, struct error *err) must_check;
/* activation_finish - what only the program's process knows. */
void activation_finish(const struct sandbox *sb);

/* process_drop_fds - close all but 0 to 2, those to preserve and @keep (empty ones are skipped). */
int process_drop_fds(const struct sandbox *sb, const int *keep, size_t n,
		     struct error *err) must_check;
int process_exec(struct sandbox *sb, struct inroot root, struct error *err) must_check;

/*
 * process_confine - become what the program will be, filter included, for somebody else to execute:
 * a hook of the container's. After it only execve is left.
 */
int process_confine(const struct sandbox *sb, struct error *err) must_check;

/* signals_reset - none blocked, none ignored. */
void signals_reset(void);

#endif
