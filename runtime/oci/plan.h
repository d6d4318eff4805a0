/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plan.h: what a container is to be, decided before anything is done.
 *
 * config.json is parsed once, by plan_load(), into this structure. It lives in an arena, is
 * complete and validated (every name resolved to the kernel's number, every limit in range, every
 * combination possible), and nobody changes it afterwards. The code that executes it parses
 * nothing and allocates nothing: it runs in a child whose failures can only be one errno.
 *
 * Source: OCI runtime-spec 1.2 (config.md, config-linux.md).
 */
#ifndef CLOISON_OCI_PLAN_H
#define CLOISON_OCI_PLAN_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/arena.h"
#include "lib/error.h"
#include "lib/json.h"

/* The eight namespaces, in the order in which they are joined (user first: it owns the rest). */
enum ns_kind { NS_USER, NS_CGROUP, NS_IPC, NS_UTS, NS_NET, NS_PID, NS_TIME, NS_MNT, NS_COUNT };

enum ns_mode {
	NS_HOST,   /* not listed in config.json: share the runtime's */
	NS_NEW,	   /* a fresh one */
	NS_JOIN,   /* the one at @path */
	NS_INSIDE, /* never in config.json: the runtime is in it already (rootless.c) */
};

struct ns_plan {
	enum ns_mode mode;
	const char *path; /* NS_JOIN only */
};

/* ns_clone_flag - the CLONE_NEW* flag of a namespace kind. */
uint64_t ns_clone_flag(enum ns_kind kind);
/* ns_name - the kind's name in config.json ("network"); ns_proc_name - its file in /proc/PID/ns. */
const char *ns_name(enum ns_kind kind);
const char *ns_proc_name(enum ns_kind kind);

struct id_map {
	uint32_t container_id, host_id, size;
};

struct time_offset {
	const char *clock; /* "monotonic" or "boottime" */
	int64_t secs;
	uint32_t nanosecs;
};

/* Where the mount's superblock comes from. */
enum mount_kind {
	MOUNT_FS,      /* fsopen(type): proc, tmpfs, devpts, mqueue, sysfs, ... */
	MOUNT_CGROUP,  /* type "cgroup" or "cgroup2": the container's view of its cgroup v2 tree */
	MOUNT_BIND,    /* open_tree(source) */
	MOUNT_REMOUNT, /* nothing new: other attributes for what an earlier entry mounted there */
};

/* Whose ids a bind mount's files get: idmap, ridmap, uidMappings and gidMappings. */
enum idmap_scope {
	IDMAP_NONE,
	IDMAP_MOUNT, /* this mount alone */
	IDMAP_TREE,  /* and all below it */
};

struct mount_param {
	const char *key;
	const char *value; /* NULL: a flag without value */
};

struct mount_plan {
	enum mount_kind kind;
	const char *destination; /* absolute, inside the container */
	const char *type;
	const char *source;   /* MOUNT_BIND: absolute host path */
	bool recursive;	      /* rbind */
	bool source_nofollow; /* src-nofollow: bind a symbolic link itself */
	bool dest_nofollow;   /* dest-nofollow: mount on a symbolic link itself */
	bool copy_symlink;    /* copy-symlink: a source that is a link is made again, not mounted */
	bool remount;	      /* the kind is MOUNT_REMOUNT then */
	bool copy_up;	      /* tmpcopyup: a tmpfs begins with what it covers */
	enum idmap_scope idmap;
	size_t n_uid_map, n_gid_map; /* none: the container's own */
	const struct id_map *uid_map, *gid_map;
	uint64_t attr_set; /* MOUNT_ATTR_*, for this mount alone */
	uint64_t attr_clr;
	uint64_t rec_attr_set; /* MOUNT_ATTR_* for the whole tree: rro, rnosuid, ... */
	uint64_t rec_attr_clr;
	uint64_t propagation;	    /* MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE or 0 */
	bool propagation_recursive; /* rprivate, rslave, ... */
	size_t n_params;
	const struct mount_param *params; /* for fsconfig: size=64m, mode=755, ... */
	const char *where;		  /* "mounts[3]", for messages */
};

struct device_plan {
	const char *path; /* absolute, inside the container */
	mode_t type;	  /* S_IFCHR, S_IFBLK or S_IFIFO */
	mode_t mode;	  /* permission bits */
	uint32_t major, minor;
	uid_t uid;
	gid_t gid;
};

/* One rule of linux.resources.devices: -1 in @major or @minor is any, type 'a' is all. */
struct device_rule {
	bool allow;
	char type; /* 'a', 'b' or 'c' */
	int64_t major, minor;
	bool read, write, mknod;
};

struct rlimit_plan {
	int resource; /* RLIMIT_* */
	const char *name;
	uint64_t soft, hard;
};

struct sysctl_plan {
	const char *path; /* below /proc/sys, with slashes: "net/ipv4/ip_forward" */
	const char *value;
};

/* sysctl_namespace - the kind of namespace that the sysctl @path belongs to; NS_COUNT: none. */
enum ns_kind sysctl_namespace(const char *path);

/* Limits as config.json gives them; LIMIT_UNSET leaves the kernel's value, LIMIT_MAX is "max". */
#define LIMIT_UNSET INT64_MIN
#define LIMIT_MAX (-1)

/* A limit of one block device. */
struct io_limit {
	uint32_t major, minor;
	int64_t value; /* weight 10..1000, bytes or operations per second; LIMIT_MAX: none */
};

/* The arrays of linux.resources.blockIO, in the order of io.max's words. */
enum io_kind { IO_READ_BPS, IO_WRITE_BPS, IO_READ_IOPS, IO_WRITE_IOPS, IO_WEIGHT, IO_KINDS };

struct io_limits {
	size_t n;
	const struct io_limit *at;
};

struct hugepage_limit {
	const char *page_size; /* as in the files' names: "2MB" */
	int64_t bytes;
};

struct rdma_limit {
	const char *device;
	int64_t handles, objects; /* LIMIT_UNSET: leave */
};

struct cgroup_plan {
	const char *path; /* linux.cgroupsPath, or NULL for the runtime's default */
	int64_t memory_max_bytes, memory_low_bytes;
	int64_t memory_swap_max_bytes; /* swap alone, without memory */
	int64_t cpu_weight;	       /* 1..10000, converted from shares */
	int64_t cpu_quota_us, cpu_period_us;
	int64_t cpu_burst_us;
	int64_t cpu_idle;
	const char *cpus, *mems;
	int64_t pids_max;
	int64_t io_weight; /* 10..1000, as blockIO.weight is */
	struct io_limits io[IO_KINDS];
	size_t n_hugepages, n_rdma;
	const struct hugepage_limit *hugepages;
	const struct rdma_limit *rdma;
	bool check_before_update; /* update: no memory limit below what is in use */
	size_t n_unified;
	const struct mount_param *unified; /* file name and value */
	size_t n_device_rules;
	const struct device_rule *device_rules;
};

/* Bit n is capability n; all zero when config.json has no process.capabilities. */
struct caps_plan {
	uint64_t bounding, effective, inheritable, permitted, ambient;
	uint64_t left_out;   /* asked for in a set that can never have it, given the others */
	const char *unknown; /* names that are no capability, joined by ", "; or NULL */
};

/* The kernel's struct sched_attr (linux/sched/types.h), by other names. */
struct scheduler_plan {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime_ns, deadline_ns, period_ns;
	uint32_t util_min, util_max;
};

/* CPUs or memory nodes. */
#define BIT_LIST_MAX 1024

struct bit_list {
	uint64_t bits[BIT_LIST_MAX / 64];
};

struct memory_policy_plan {
	int mode;		      /* MPOL_*, with MPOL_F_* */
	const struct bit_list *nodes; /* or NULL */
};

/* caps_name - "CAP_CHOWN" for 0; NULL: no such capability. */
const char *caps_name(unsigned int number);

/* The longest name of a profile or label. */
#define LSM_LABEL_MAX 1024

struct process_plan {
	bool terminal;
	uint16_t console_width, console_height; /* 0: leave */
	const char *cwd;
	char *const *argv; /* NULL-terminated, at least one */
	char *const *envp; /* NULL-terminated */
	uid_t uid;
	gid_t gid;
	bool has_umask;
	mode_t umask;
	size_t n_groups;
	const gid_t *groups;
	struct caps_plan caps;
	size_t n_rlimits;
	const struct rlimit_plan *rlimits;
	bool no_new_privileges;
	bool has_oom_score_adj;
	int oom_score_adj;
	const struct scheduler_plan *scheduler; /* or NULL */
	int io_priority;			/* as ioprio_set(2) has it; 0: leave */
	const struct bit_list *exec_initial_cpus, *exec_final_cpus; /* exec only; or NULL */
	const char *apparmor_profile, *selinux_label;		    /* NULL: as the runtime's */
};

/* A compiled filter; @prog.filter is NULL when config.json asks for none. */
struct seccomp_plan {
	struct sock_fprog prog;
	unsigned int flags; /* SECCOMP_FILTER_FLAG_* */
	uint32_t default_action;
	bool is_default;	       /* the program made at build time */
	const char *listener_path;     /* absolute; NULL: no call waits for a listener */
	const char *listener_metadata; /* or NULL */
	const char *cache_root;	       /* while it is decoded: the state directory, or NULL */
};

/* A device of the host's network that becomes the container's. */
struct net_device_plan {
	const char *host_name;
	const char *name; /* inside; the same unless config.json has another */
	bool numbered;	  /* it gets a number there: "eth%d" is "eth" and true */
};

struct annotation {
	const char *key, *value;
};

/* A program to run at a named point of the container's life. */
struct hook_plan {
	const char *path;   /* absolute */
	char *const *argv;  /* NULL-terminated, at least one */
	char *const *envp;  /* NULL-terminated; the whole environment */
	uint32_t timeout_s; /* 0: none */
};

/* In the order in which a container meets them. */
enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_COUNT,
};

/* hook_kind_name - as config.json spells it. */
const char *hook_kind_name(enum hook_kind kind);

struct hooks_plan {
	bool any;
	struct hook_list {
		size_t n;
		const struct hook_plan *list;
	} of[HOOK_COUNT];
};

struct landlock_path {
	const char *path; /* absolute, inside the container */
	uint64_t rights;  /* LANDLOCK_ACCESS_FS_* */
};

struct landlock_port {
	uint64_t port, rights; /* LANDLOCK_ACCESS_NET_* */
};

/* The annotation org.cloison.landlock. */
struct landlock_plan {
	uint64_t handled_fs, handled_net, scoped;
	size_t n_paths, n_ports;
	const struct landlock_path *paths;
	const struct landlock_port *ports;
	unsigned int abi; /* the version of the kernel's interface that it takes */
};

struct plan {
	const char *oci_version;
	struct json_text text; /* config.json as it was read */
	const char *bundle;    /* absolute */
	const char *root_path; /* absolute */
	bool root_readonly;
	size_t n_layers; /* 0: root_path is the root; else it is made of these, the topmost first */
	const char *const *layers;
	uint64_t root_propagation;	   /* MS_* or 0 */
	bool root_propagation_recursive;   /* rshared, rslave, ... */
	const char *hostname, *domainname; /* NULL: leave */
	struct ns_plan ns[NS_COUNT];
	size_t n_uid_map, n_gid_map;
	const struct id_map *uid_map, *gid_map;
	size_t n_time_offsets;
	const struct time_offset *time_offsets;
	struct process_plan process;
	size_t n_mounts;
	const struct mount_plan *mounts;
	size_t n_net_devices;
	const struct net_device_plan *net_devices;
	size_t n_devices; /* those of linux.devices; the default ones are the sandbox's */
	const struct device_plan *devices;
	size_t n_masked, n_readonly;
	const char *const *masked_paths, *const *readonly_paths;
	size_t n_sysctls;
	const struct sysctl_plan *sysctls;
	struct cgroup_plan cgroup;
	struct seccomp_plan seccomp;
	size_t n_annotations;
	const struct annotation *annotations;
	struct hooks_plan hooks;
	const struct memory_policy_plan *memory_policy; /* or NULL */
	bool has_personality;
	unsigned long personality;	      /* PER_* */
	const struct landlock_plan *landlock; /* or NULL */
	const char *mount_label; /* SELinux's, also among the params of mounts; or NULL */
};

/*
 * plan_load - read and validate BUNDLE/config.json.
 * @bundle: path of the bundle directory as the user gave it
 * @arena:  owns everything the plan points to
 * Returns the plan, or NULL with @err naming the file and the place in it
 * ("config.json: linux.resources.memory.limit: must be a number").
 * Source: OCI runtime-spec config.md; limits on size and depth are ours.
 */
const struct plan *plan_load(const char *bundle, struct arena *arena, struct error *err);

/* plan_load_hooks - read the hooks alone of BUNDLE/config.json. */
const struct hooks_plan *plan_load_hooks(const char *bundle, struct arena *arena,
					 struct error *err);

/* plan_check_label - what process.apparmorProfile and selinuxLabel may hold; "" becomes NULL. */
int plan_check_label(const char **label, const char *what, struct error *err) must_check;

/* plan_capability - the bit of the capability called @name; 0: there is none. */
uint64_t plan_capability(const char *name);
/* plan_capability_names - the names of @mask, joined by ", ". */
void plan_capability_names(uint64_t mask, char *buf, size_t size);
#define PLAN_CAPABILITIES_TEXT 512

/*
 * plan_load_cached - the same, with compiled seccomp filters kept below the state directory @root
 * (runtime/seccomp/cache.h).
 */
const struct plan *plan_load_cached(const char *bundle, const char *root, struct arena *arena,
				    struct error *err);

/*
 * plan_load_exec - what the config.json kept in the state directory ROOT/ID says of one more process: all but
 * the mounts, the hooks, and the paths that are masked or read-only, which are not looked at. The filter
 * is cached as with plan_load_cached().
 * @dir: ROOT/ID, open
 */
const struct plan *plan_load_exec(int dir, const char *root, const char *id, struct arena *arena,
				  struct error *err);

/*
 * plan_load_process - read a process object (`exec --process FILE`), the same keys as config.json's
 * "process".
 */
const struct process_plan *plan_load_process(const char *file, struct arena *arena,
					     struct error *err);

/*
 * plan_load_resources - read a resources object (`update`), the same keys as config.json's
 * "linux.resources".
 * @text:             JSON of @length bytes with a NUL after it
 * @name:             what to call it in messages
 * @memory_max_bytes: the limit that holds now, to which a swap without one refers; LIMIT_MAX or
 *                    LIMIT_UNSET: none
 */
const struct cgroup_plan *plan_load_resources(const char *text, size_t length, const char *name,
					      int64_t memory_max_bytes, struct arena *arena,
					      struct error *err);

#endif
