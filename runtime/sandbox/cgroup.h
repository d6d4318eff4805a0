/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cgroup.h: one cgroup v2 directory per container.
 */
#ifndef CLOISON_SANDBOX_CGROUP_H
#define CLOISON_SANDBOX_CGROUP_H

#include "runtime/oci/plan.h"

/* How containers get their cgroup: --cgroup-manager. */
enum cgroup_manager {
	CGROUP_MANAGER_FS,	 /* a directory in the cgroup v2 tree */
	CGROUP_MANAGER_SYSTEMD,	 /* a scope that systemd makes: runtime/systemd/scope.h */
	CGROUP_MANAGER_DISABLED, /* none: limits are refused */
};

#define CGROUP_SYSTEMD true /* `features` says so */

/* Below it are the containers whose configuration does not say where. */
#define CGROUP_DEFAULT_PARENT "cloison"
/* Marks a directory above a container's that was made for it, and goes with the last one below. */
#define CGROUP_MADE_XATTR "user.cloison.made"

struct cgroup {
	int dir;   /* O_PATH descriptor of the container's directory; FD_EMPTY without one */
	int mount; /* the cgroup v2 mount it was made below; FD_EMPTY when it was only opened */
	char path[512]; /* below the cgroup v2 mount, "" without one */
};

#define CGROUP_INIT                                \
	{                                          \
		.dir = FD_EMPTY, .mount = FD_EMPTY \
	}

/*
 * cgroup_name - fill in the path of container @id's directory, so that it can be written down
 * before the directory is made. It stays "" with CGROUP_MANAGER_DISABLED.
 */
int cgroup_name(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		const char *id, struct error *err) must_check;

/*
 * cgroup_create - make the directory that cgroup_name() named and write the plan's limits into it.
 * With CGROUP_MANAGER_DISABLED, or where no cgroup v2 tree is mounted, @cg becomes empty; asking
 * for limits is an error there that says what is missing.
 * Source: Documentation/admin-guide/cgroup-v2.rst; OCI config-linux.md, "Control groups".
 */
int cgroup_create(struct cgroup *cg, enum cgroup_manager manager, const struct cgroup_plan *plan,
		  struct error *err) must_check;

/*
 * cgroup_adopt - make @cg the cgroup, called @name, that somebody else has made and put process @pid
 * into; write the plan's limits and device rules.
 */
int cgroup_adopt(struct cgroup *cg, pid_t pid, const char *name, const struct cgroup_plan *plan,
		 struct error *err) must_check;

/* cgroup_hand_down - have each cgroup above @cg hand down the controllers @needed. */
int cgroup_hand_down(const struct cgroup *cg, unsigned int needed, struct error *err) must_check;

/*
 * cgroup_explain_place - put the cause of a clone3 that failed into @cg, if that is it: a type of cgroup that takes no
 * process, or controllers that it hands down.
 */
void cgroup_explain_place(const struct cgroup *cg, struct error *err);

/*
 * cgroup_explain - put the cause of a start that failed in the new cgroup @cg, if that is it: its type,
 * into which clone3 puts no process, or memory that did not suffice.
 */
void cgroup_explain(const struct cgroup *cg, struct error *err);

/* cgroup_open - open the directory at @path, as a state file remembers it. */
int cgroup_open(struct cgroup *cg, const char *path, struct error *err) must_check;

/*
 * cgroup_enter_leaf - if @cg hands controllers down and so can have no processes, make it the cgroup
 * of process @pid, which is below it.
 */
int cgroup_enter_leaf(struct cgroup *cg, pid_t pid, struct error *err) must_check;

/*
 * cgroup_update - write new limits, all or none; a limit that @plan leaves unset stays.
 * Device rules are not looked at.
 */
int cgroup_update(const struct cgroup *cg, const struct cgroup_plan *plan,
		  struct error *err) must_check;

/* cgroup_memory_max - the limit that holds, in bytes; LIMIT_MAX, or LIMIT_UNSET when unknown. */
int64_t cgroup_memory_max(const struct cgroup *cg);

/* cgroup_kill - kill every process in it, also in those below. */
int cgroup_kill(const struct cgroup *cg, struct error *err) must_check;

/*
 * cgroup_signal - send @sig to every process in it and in those below, none of which can fork or
 * move away meanwhile: the tree is frozen, and thawed again unless it was frozen before.
 */
int cgroup_signal(const struct cgroup *cg, int sig, struct error *err) must_check;

/* cgroup_freeze - stop all of it, or nothing: after @timeout_ms it is thawed and that is an error. */
int cgroup_freeze(const struct cgroup *cg, int timeout_ms, struct error *err) must_check;
int cgroup_thaw(const struct cgroup *cg, int timeout_ms, struct error *err) must_check;

/* cgroup_is_frozen - has this cgroup been frozen? One above may be, which is another matter. */
int cgroup_is_frozen(const struct cgroup *cg, bool *frozen, struct error *err) must_check;

/* cgroup_await_thaw - wait until it is not frozen. That the process @pidfd ends before is an error. */
int cgroup_await_thaw(const struct cgroup *cg, int pidfd, struct error *err) must_check;

struct cgroup_pids {
	pid_t *at;
	size_t n, room;
};

/* cgroup_list - the processes in it and in those below, as the caller's pid namespace numbers them. */
int cgroup_list(const struct cgroup *cg, struct arena *arena, struct cgroup_pids *pids,
		struct error *err) must_check;

/* cgroup_name_stuck - put as the cause a process that is left in cgroup @dir, one in state D first. */
void cgroup_name_stuck(int dir, struct error *err);
/* process_name_wait - put as the cause what process @pid waits for. */
void process_name_wait(pid_t pid, struct error *err);

/*
 * cgroup_remove - kill what is left, wait up to @timeout_ms for it to be gone, remove the directory
 * and those below it. Removing what does not exist succeeds.
 */
int cgroup_remove(const char *path, int timeout_ms, struct error *err) must_check;

/* cgroup_remove_made - the same for one that cgroup_create() made; nothing where it made none. */
int cgroup_remove_made(const struct cgroup *cg, int timeout_ms, struct error *err) must_check;

/* cgroup_close - close what @cg holds; the directory stays. */
void cgroup_close(struct cgroup *cg);

/*
 * cgroup_remove_empty - remove the directory of a container that never had a process. One that has
 * processes after @timeout_ms was there before and is another's: it is left alone.
 */
int cgroup_remove_empty(const char *path, int timeout_ms, struct error *err) must_check;

/* What the kernel counted, for the reason of an exit. */
struct cgroup_oom {
	uint64_t oom;		   /* times that memory was asked for in vain, here and below */
	uint64_t oom_kill;	   /* processes killed for memory, here and below */
	uint64_t memory_max_bytes; /* UINT64_MAX: no limit */
};

/* cgroup_oom_read - @oom stays zero without a cgroup or without the memory controller. */
int cgroup_oom_read(const struct cgroup *cg, struct cgroup_oom *oom, struct error *err) must_check;

#endif
