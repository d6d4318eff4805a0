/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * state.h: what is remembered of a container, and what is derived.
 *
 * ROOT/ID is a container's directory (ROOT is /run/cloison unless --root says otherwise):
 *
 *	state.json	what cannot be asked from the kernel: bundle, cgroup; pid and its start time.
 *			Locked (flock) by the container's first process until its execve.
 *	config.json	the bundle's at creation: what `exec` goes by, whatever becomes of the bundle
 *	start.sock	the socket on which a created container waits for `start`; start.new until it does
 *	why.kill	the last signal that `kill` sent, and when
 *	why.start	why `start` failed
 *
 * The directory itself is locked (flock) by whoever changes the container. state.json grows by whole
 * lines only, so a reader needs no lock: state_file.c.
 *
 * The status is not stored. It is derived from the process and from the lock on state.json, which
 * the kernel drops at the very execve that makes the container run (the descriptor is
 * close-on-exec) and when the process dies.
 */
#ifndef CLOISON_CONTAINER_STATE_H
#define CLOISON_CONTAINER_STATE_H

#include <time.h>

#include "lib/arena.h"
#include "runtime/oci/plan.h"

#define STATE_ROOT "/run/cloison"
#define STATE_FILE "state.json"
#define START_SOCKET "start.sock"
#define START_SOCKET_NEW "start.new"

/* Notes for `why`, by commands that have something to say of a container's end. */
#define WHY_KILL "why.kill"
#define WHY_START "why.start"

enum status { STATUS_CREATING, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

/* status_name - as the OCI runtime-spec spells it. */
const char *status_name(enum status status);

struct state {
	const char *id;
	const char *oci_version;
	const char *bundle;
	const char *rootfs;
	const char *cgroup_path;  /* below the cgroup v2 mount; "" without a cgroup */
	const char *systemd_unit; /* the scope that the cgroup is; "" without systemd */
	const char *created;	  /* RFC 3339, UTC */
	pid_t pid;		  /* 0 until the first process exists */
	/*
	 * It began between these two, in the ticks of field 22 of /proc/PID/stat: before the clone, and
	 * when it was written down, until when nobody else can have had the pid. Tells a reused one apart.
	 */
	uint64_t start_ticks, start_ticks_end;
	bool poststart, poststop; /* there are such hooks, in config.json beside the state */
	bool keep_keyring;	  /* `exec`, too, leaves its caller's session keyring alone */
	size_t n_annotations;
	const struct annotation *annotations;
};

/* state_check_id - letters, digits and "+-._", not "." or "..", at most 128 bytes. */
int state_check_id(const char *id, struct error *err) must_check;

/*
 * state_make_dir - make and lock ROOT/ID, and in it an empty state.json. An id that is taken is an error.
 * @root_dir: receives ROOT's descriptor
 * @file: receives that of state.json, at whose end it writes, locked for the first process
 * Returns the directory's descriptor; the lock lives as long as it is open.
 */
int state_make_dir(const char *root, const char *id, int *root_dir, int *file,
		   struct error *err) must_check;

/* STATE_LOOK: only to print what it says, whoever wrote it; others act upon it. */
enum state_lock { STATE_LOOK, STATE_UNLOCKED, STATE_LOCKED };

/*
 * state_open_dir - open ROOT/ID, with ENOENT in err->errnum when there is no such container, EPERM when
 * others than the caller may write to it. Waiting for the lock is bounded: ETIMEDOUT.
 */
int state_open_dir(const char *root, const char *id, enum state_lock lock,
		   struct error *err) must_check;

/*
 * state_relock - lock @dir again after letting go of it. Returns 1, or 0 when @id in @root is not
 * that directory any more: it was deleted meanwhile.
 */
int state_relock(int root, const char *id, int dir, struct error *err) must_check;

/* state_remove_dir - remove @id from the directory @root, and all that is in it, which is @dir. */
int state_remove_dir(int root, const char *id, int dir, struct error *err) must_check;

/* state_open_root - the directory of all containers, where there is one. */
int state_open_root(const char *root, struct error *err) must_check;

/* state_write - write to state.json, which is empty, all but the process. */
int state_write(int file, const struct state *state, struct error *err) must_check;

/*
 * state_write_process - add the process. Allocates nothing.
 * @file: state.json, or FD_EMPTY: then it is opened in @dir
 */
int state_write_process(int dir, int file, const struct state *state, struct error *err) must_check;

/* state_format_time - as RFC 3339 has it, in UTC, to the microsecond. Before the year 10000. */
#define STATE_TIME_SIZE sizeof("2026-11-24T00:00:00.000000Z")
void state_format_time(const struct timespec *when, char text[STATE_TIME_SIZE]);

/* state_keep_config - write the text that was planned from into the state directory. */
int state_keep_config(int dir, const struct json_text *config, struct error *err) must_check;

/*
 * state_read - read state.json. Without a whole line of it the directory belongs to a `create` that is
 * under way or was killed: then @state has just the id. Without a second one there is no process.
 */
int state_read(int dir, const char *id, struct arena *arena, struct state *state,
	       struct error *err) must_check;

/* state_read_open - the same; @file, which is FD_EMPTY, receives the file's descriptor, for state_look(). */
int state_read_open(int dir, const char *id, struct arena *arena, struct state *state, int *file,
		    struct error *err) must_check;

/*
 * state_pidfd - a descriptor of the container's first process, FD_EMPTY with err->errnum ESRCH
 * when it is gone (a zombie is gone).
 */
int state_pidfd(const struct state *state, struct error *err) must_check;

/* state_status - ask the kernel. Who is paused is running here: see container_status(). */
int state_status(int dir, const struct state *state, enum status *status,
		 struct error *err) must_check;

/*
 * state_look - the same.
 * @file: state.json, or FD_EMPTY: then it is opened in @dir
 * @pidfd: receives a descriptor of the first process, FD_EMPTY when there is none or it is gone
 */
int state_look(int dir, int file, const struct state *state, enum status *status, int *pidfd,
	       struct error *err) must_check;

/* state_await_execve - wait until the first process lets go of its lock: it executes, or is gone. */
int state_await_execve(int dir, struct error *err) must_check;

/* state_now_ticks - the time since the boot in the unit of field 22 of /proc/PID/stat. */
uint64_t state_now_ticks(void) must_check;

/*
 * state_is_process - is the process that has the pid now the container's? @letter: how it is, proc(5). If
 * not, errno says why: ENOENT or ESRCH when it is gone, another one when it could not be looked at.
 */
bool state_is_process(const struct state *state, char *letter) must_check;

#endif
