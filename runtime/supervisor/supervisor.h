/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervisor.h: cloisond's parts and what they know of each other.
 *
 *	main.c        options, sockets, the loop
 *	client.c      connections: frames in and out, bounded
 *	request.c     one request: its members; the table of verbs
 *	container.c   the registry: by id, name, prefix
 *	state.c       a container's state file
 *	boot.c        what of it outlives the boot that it was written in
 *	flush.c       what is told to clients is on the disk
 *	life.c        what a container does next: create, start, exit, restart, remove
 *	life_start.c  create and start
 *	life_stop.c   stop, and all of them when the host goes down
 *	process.c     its first process: pid, pidfd, exit status
 *	job.c         runtimes that were executed and have not ended yet
 *	channel.c     PID 1: exit records, descriptors that outlive us
 *	log.c         pipes into files;  log_read.c  files to clients
 *	recover.c     after a start: what is there already
 *	verb_*.c      the verbs;  exec_*.c  what several of them share
 *
 * There is one thread and one loop, and no handler ever waits. Everything that must survive is on disk
 * or with PID 1 before it is acknowledged to anybody, so cloisond may be killed at any moment, and is
 * started again. It is therefore also what happens without memory: must_have() ends it.
 */
#ifndef CLOISON_SUPERVISOR_H
#define CLOISON_SUPERVISOR_H

#include <json-c/json.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "lib/error.h"
#include "lib/frame.h"
#include "lib/init_channel.h"
#include "lib/loop.h"

#ifndef CLOISON_VERSION
#define CLOISON_VERSION "unknown" /* compiled by something else than the Makefile */
#endif

#define SHORT_ID 12
#define NAME_BYTES 64
#define MAX_CONTAINERS 8192
#define MAX_CLIENTS 128
#define BOOT_BYTES 37 /* of the kernel's random/boot_id, and a NUL */

struct supervisor;
struct container;
struct client;
struct job;

/* ---- small things: util.c ------------------------------------------------------------------- */

/* must_have - @p, which is memory that was asked for; without it cloisond ends, to be started again. */
void *must_have(void *p);
void *zalloc(size_t size);
char *copy_text(const char *text);
/* copy_bytes - any bytes, and a NUL behind them. */
char *copy_bytes(const char *data, size_t length);

/* json_put - @o[@key] = @value. */
void json_put(struct json_object *o, const char *key, struct json_object *value);
void json_put_text(struct json_object *o, const char *key, const char *value); /* NULL: "" */
void json_put_int(struct json_object *o, const char *key, int64_t value);
void json_put_bool(struct json_object *o, const char *key, bool value);
struct json_object *json_get(const struct json_object *o, const char *key); /* NULL: none */
const char *json_get_text(const struct json_object *o, const char *key);    /* NULL: none */

int64_t now_ns(void); /* CLOCK_REALTIME */
#define TIME_BYTES sizeof("2026-11-24T00:00:00.000000000Z")
/* format_time - RFC 3339 in UTC; "0001-01-01T00:00:00Z", as Docker has it, for 0. */
const char *format_time(int64_t ns, char text[TIME_BYTES]);

/* write_file - replace @name below @dir by rename. */
int write_file(int dir, const char *name, const void *data, size_t length,
	       struct error *err) must_check;
/* read_file - at most @size - 1 bytes of it, and a NUL. Returns how many, or -1 with errno. */
ssize_t read_file(int dir, const char *name, char *text, size_t size) must_check;
struct json_object;
/* write_json - the same with @o as JSON. */
int write_json(int dir, const char *name, struct json_object *o, struct error *err) must_check;
/* say - a line for who looks after the host. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void say_error(const struct error *err);

/* ---- restart policies ------------------------------------------------------------------------ */

enum restart_kind { RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS, RESTART_UNLESS_STOPPED };

struct restart_policy {
	enum restart_kind kind;
	unsigned int max; /* on-failure; 0: no limit */
};

int restart_parse(const char *text, struct restart_policy *policy, struct error *err) must_check;
const char *restart_name(enum restart_kind kind);

/* ---- logs ------------------------------------------------------------------------------------ */

/* What has to be known to write; the rest is in the files. */
struct log {
	uint32_t segment; /* the one being written; 0: none is there yet */
	uint32_t first;
	int data[2], index; /* open files of it */
	uint32_t size[2], records;
	uint32_t max_size, max_file;
};

/* A pipe that goes into the log. */
struct log_pipe {
	struct loop_source source;
	struct container *c;
	bool held; /* EPOLLIN is not waited for */
};

/* ---- containers ------------------------------------------------------------------------------ */

enum phase {
	PHASE_CREATED,	/* never started */
	PHASE_CREATING, /* the runtime's `create` is under way */
	PHASE_STARTING, /* its process is there; `start` is under way */
	PHASE_RUNNING,
	PHASE_EXITED,
};

struct health; /* health.c */

struct container {
	struct container *next;
	struct supervisor *s;
	char id[ID_DIGITS + 1];
	char name[NAME_BYTES + 1];
	enum phase phase;

	/* from the request */
	bool terminal, stdin_open, auto_remove, sdnotify;
	bool discarded; /* what it wrote to its image is in the trash */
	bool joins;	/* namespaces of other containers */
	bool volumes;	/* some that have no name */
	struct restart_policy restart;
	int stop_signal, stop_timeout_s;

	/* what is wanted of it next: life.c */
	bool want_start, want_remove, remove_forced, remove_volumes;
	bool stopping;	   /* it was told to end, and is killed when it does not */
	bool user_stopped; /* unless-stopped, always: not to be started again */
	bool shut_down;	   /* it was stopped because cloisond was told to stop all */
	bool by_policy;	   /* its start is the policy's, and is tried again when it fails */
	bool unprepared;   /* what a start finds on the host may be gone with an earlier boot */
	unsigned int unflushed;	 /* of its files may not be on the disk: enum flush_what */
	unsigned int flushing;	 /* the same, of those that are being written to it */
	int unsaved;		 /* the errno for which its state file could not be written, or 0 */
	char boot[BOOT_BYTES];	 /* in which the state was written */
	bool in_runtime;	 /* the runtime may have something of it to delete */
	bool restarting;	 /* waits for its next start */
	struct job *job;	 /* the one runtime that works on it */
	struct loop_timer timer; /* of the stop, or until the next start */

	/* its first process */
	pid_t pid; /* 0: none */
	uint64_t start_ticks;
	struct loop_source process; /* a pidfd */
	bool paused, oom_killed, ready;
	bool ended_early; /* before the runtime that started it */
	int early_status;
	bool adopted; /* not ours and nobody will tell its exit status */
	int64_t created_ns, started_ns, finished_ns;
	int exit_code;
	char *error; /* of the last start; NULL: none */
	unsigned int restarts;
	unsigned int delay_ms; /* before the last restart */

	/* what goes in and out */
	struct log log;
	struct log_pipe out[2];
	int console_listener;
	int pipes[2];		    /* the read ends, until the runtime's `create` has ended */
	struct loop_source console; /* the terminal's master, or the write end of its stdin */
	int pump;		    /* with a terminal: the write end of out[0] */
	unsigned int readers;	    /* clients that read its log */
	struct health *health;
};

/* What was changed, counted, and how far it is on the disk: flush.c. */
struct flush {
	bool needed;		    /* DIR is on a disk */
	bool names, flushing_names; /* of containers: some are new or gone */
	bool retrying;		    /* the last one came to nothing: not before the timer */
	int errnum;		    /* of the last one, by the disk */
	uint64_t changes, under_way, done;
	struct job *job;
	struct loop_timer timer;
};

struct supervisor {
	struct loop loop;
	const char *runtime, *runtime_root, *dir, *images;
	/* the directory of all sockets but the clients', if they have another */
	const char *sockets;
	char boot[BOOT_BYTES];
	struct flush flush;
	struct loop_timer joiners; /* those that wait for another container may be able to start */
	int containers_dir;	   /* DIR/containers */
	struct container *containers;
	unsigned int n_containers;
	struct client *clients;
	unsigned int n_clients;
	struct job *jobs;
	struct loop_source listener, signals, channel, notify;
	struct loop_timer watchdog;
	int64_t watchdog_ms; /* 0: nobody watches */
	bool replayed;	     /* PID 1 has said what it kept, or there is no channel */
	bool unsaved;	     /* a state could not be written */
	bool ending;
	bool shutting_down; /* all containers are being stopped: no more starts */
	struct loop_timer shutdown_timer;
	gid_t group; /* may connect, beside root */
	int64_t started_ns;
	char notify_path[108];
	int64_t shutdown_end_ms; /* when a stop of all is to be done: CLOCK_MONOTONIC */
};

/* ---- registry: container.c -------------------------------------------------------------------- */

/* container_find - by id, name or unambiguous prefix of an id; NULL with @err "no such container". */
struct container *container_find(struct supervisor *s, const char *name, struct error *err);
struct container *container_by_id(struct supervisor *s, const char *id);
struct container *container_by_pid(struct supervisor *s, pid_t pid);
/* container_new - with a new id and name, in the registry; not on disk yet. */
struct container *container_new(struct supervisor *s);
/* container_forget - free it; whoever waits for it has been told. */
void container_forget(struct container *c);
/* container_configure - set the fields that come from the request @o. */
int container_configure(struct container *c, const struct json_object *o,
			struct error *err) must_check;
#define JOIN "container:"
/* container_joined - the container that a namespace of a request is of; NULL: of none. */
const char *container_joined(struct json_object *value);
/* container_waits_to_join - is a container whose namespaces it joins being started? */
bool container_waits_to_join(const struct container *c);
/* container_first_process - a native_first_process; @context: the supervisor */
pid_t container_first_process(const char *name, void *context, struct error *err);
int name_check(const char *name, struct error *err) must_check;
bool name_taken(const struct supervisor *s, const char *name);
void name_invent(struct supervisor *s, char name[NAME_BYTES + 1]);
/* container_dir - open its directory. */
int container_dir(const struct container *c, struct error *err) must_check;
/* container_request - the request it was made from, to be put; NULL with @err. */
struct json_object *container_request(const struct container *c, struct error *err);
/* container_state_name - as `ps` has it. */
const char *container_state_name(const struct container *c);
/* signal_number - "TERM", "SIGTERM" or "15"; -1: no signal. */
int signal_number(const char *name);
const char *signal_name(int sig); /* "SIGTERM" */

/* ---- state: state.c ---------------------------------------------------------------------------- */

#define STATE_BYTES 4096

/*
 * state_save - write its state file. What was done is done when this has returned; c->unsaved says why, when it
 * could not be written.
 */
void state_save(struct container *c);
/* state_save_again - if it could not be written. */
void state_save_again(struct container *c);
/* state_parse - the other way, from @text, which is changed. */
int state_parse(char *text, struct container *c, struct error *err) must_check;

/* ---- boots: boot.c ----------------------------------------------------------------------------- */

/* boot_read - the kernel's name of this boot into @id. */
int boot_read(char id[BOOT_BYTES], struct error *err) must_check;
/*
 * boot_lapse - what the state of @c says of processes was said under another kernel: what ran has ended.
 * @now_ns: the time of its end, if nobody knows that
 */
void boot_lapse(struct container *c, const char *boot, int64_t now_ns);
/* boot_decide - whether @c is to be started, is left or goes, when its host or cloisond has come up again. */
void boot_decide(struct container *c);

/* ---- the disk: flush.c -------------------------------------------------------------------------- */

/* flush_begin - find out whether DIR is on a disk. */
int flush_begin(struct supervisor *s, struct error *err) must_check;
/* What of a container was changed; all of it: it is new, or was found at the start. */
enum flush_what { FLUSH_STATE = 1, FLUSH_REQUEST = 2, FLUSH_NAME = 4, FLUSH_ALL = 7 };
/* flush_changed - @c: NULL: one that is gone */
void flush_changed(struct supervisor *s, struct container *c, enum flush_what what);
/* flush_now - somebody waits to be told of it. */
void flush_now(struct supervisor *s);
/* flush_is_over - all is on the disk, or the disk does not take it. */
bool flush_is_over(const struct supervisor *s);
/* flush_finish - wait for that, but not for long: nobody comes after this to do it. */
void flush_finish(struct supervisor *s);
#define STATE_KEPT "state.kept" /* is in the directory of a container that somebody may know of */
/* flush_restore - have in place of the files of @dir those that were on the disk for certain, if there are any. */
int flush_restore(int dir, struct error *err) must_check;

/* ---- life: life.c ------------------------------------------------------------------------------ */

/* What clients can be told of a container. */
enum told { TOLD_STARTED, TOLD_FAILED, TOLD_EXITED, TOLD_REMOVED, TOLD_LOG, TOLD_INPUT };

/* container_remove_files - and its directory; what it wrote to its image is moved to the trash. */
int container_remove_files(struct container *c, struct error *err) must_check;
/* container_set_error - what `inspect` says of its last start or end. */
void container_set_error(struct container *c, const struct error *err);
/* life_exit_code - of a status as waitpid(2) has it; -1: 255, nobody knows */
int life_exit_code(int status);
/* life_create - the first step of a start; a runtime works on it from then on. */
void life_create(struct container *c);

#define RUNTIME_LIMIT_S 120 /* for one step */

void tell(struct container *c, enum told what, const struct error *err);

/* life_start - have it run; what comes of it is told. */
void life_start(struct container *c);
/* life_by_hand - its end, which comes, is wanted by a client: no policy starts it again. */
void life_by_hand(struct container *c);
/* life_stop - signal, and after @timeout_s (-1: never) SIGKILL. */
void life_stop(struct container *c, int sig, int timeout_s);
/* life_is_active - is there something to stop? */
bool life_is_active(const struct container *c);
/* life_never_ran - the error of a start that a stop has overtaken. */
void life_never_ran(const struct container *c, struct error *err);
/* life_stop_again - of one that an earlier cloisond was told to stop. */
void life_stop_again(struct container *c);
/* life_shut_down - stop all containers, and end; before @limit_ms have gone by. */
void life_shut_down(struct supervisor *s, int64_t limit_ms);
/* life_shut_down_all - begin with that, once it is known which there are. */
void life_shut_down_all(struct supervisor *s);
/* life_shut_down_one - the same with one that came up meanwhile. */
void life_shut_down_one(struct container *c);
/* life_is_down - with the last one gone cloisond ends. */
void life_is_down(struct supervisor *s);
/* life_settled - a container came up, or will not: who waits to join its namespaces is looked at. */
void life_settled(struct supervisor *s);
/* life_remove - when it has ended, which @force hastens. */
void life_remove(struct container *c, bool force);
/* life_empty_trash - what was moved there, and not removed by the one before us. */
void life_empty_trash(struct supervisor *s);
/* life_exited - its first process is gone. @status: as waitpid(2) has it; -1: not known */
void life_exited(struct container *c, int status, int64_t time_ns);
/* life_step - do what is wanted and possible now. */
void life_step(struct container *c);
/* life_step_soon - the same in the next turn, for who still holds @c. */
void life_step_soon(struct container *c);

/* ---- process: process.c ------------------------------------------------------------------------ */

/* process_adopt - watch c->pid; false: it is gone, or another has its pid. */
bool process_adopt(struct container *c);
int process_signal(struct container *c, int sig, struct error *err) must_check;
/* process_ended - a status was told of @pid, from PID 1 or of a child of ours. */
void process_ended(struct supervisor *s, pid_t pid, int status, int64_t time_ns);
void process_reap(struct supervisor *s);
/* process_await_status - it is gone: wait for the word how it ended, but not for ever. */
void process_await_status(struct container *c);
/* process_late - the status of one that ended before its pid was known; false: none is known */
bool process_late(pid_t pid, int *status, int64_t *time_ns);
uint64_t process_start_ticks(pid_t pid); /* 0: there is none */

/* ---- jobs: job.c ------------------------------------------------------------------------------- */

#define JOB_ARGS 32

/* job_done - @code: of the exit; 128 + n. @err: of the runtime, when it is not 0 */
typedef void job_done(struct job *job, int code, struct error *err);

struct job {
	struct job *next;
	struct supervisor *s;
	pid_t pid;
	struct container *c;   /* NULL: gone, or none */
	struct client *client; /* NULL: gone, or none */
	void *data;
	int messages; /* what it writes to standard error; FD_EMPTY: not for us */
	struct loop_timer timer;
	bool timed_out;
	job_done *done;
};

struct job_spec {
	const char *args[JOB_ARGS]; /* after the runtime and --root */
	size_t n;
	int in, out, err;   /* FD_EMPTY: /dev/null; err: FD_EMPTY: kept for the error */
	const char *notify; /* NOTIFY_SOCKET */
	bool plain;	    /* without --root: no command of the runtime's */
	int limit_s;	    /* 0: none */
	struct container *c;
	struct client *client;
	void *data;
	job_done *done;
};

/* job_fork - as job_start, with a function in place of a program; it has @fd, as 3, and 0 to 2, and no other. */
struct job *job_fork(struct supervisor *s, int (*run)(void *arg, int fd), void *arg, int fd,
		     job_done *done, struct error *err);

struct rlimit;
/* job_files - what a runtime, and so a container, gets as its limit of open files: ours is raised. */
void job_files(const struct rlimit *files);
/* job_start - NULL with @err: it could not be executed. */
struct job *job_start(struct supervisor *s, const struct job_spec *spec, struct error *err);
/* job_ended - a child has; true: it was a job. */
bool job_ended(struct supervisor *s, pid_t pid, int status);
/* runtime_error - what a runtime printed becomes an error. */
void runtime_error(const char *text, struct error *err);

/* ---- terminals and input: console.c -------------------------------------------------------------- */

/* console_path - of the socket on which the runtime hands over the terminal of @id. */
void console_path(const struct supervisor *s, const char *id, char path[108]);
int console_socket(const char *path, struct error *err) must_check;
/* console_take - the terminal that was sent to the @listener, which is at @path. */
int console_take(int listener, const char *path, struct error *err) must_check;
int console_listen(struct container *c, struct error *err) must_check;
int console_receive(struct container *c, struct error *err) must_check;
/* console_attach - @fd is where input of @c goes. */
int console_attach(struct container *c, int fd, struct error *err) must_check;
/* console_write - give it input. Returns how much it took now; it is told TOLD_INPUT when there is room. */
size_t console_write(struct container *c, const char *data, size_t length);
/* console_eof - there is no more input. */
void console_eof(struct container *c);
void console_resize(int terminal, int rows, int columns);

/* ---- cgroups: stats.c ---------------------------------------------------------------------------- */

/* stats_oom_killed - has the kernel killed in its cgroup for memory? */
bool stats_oom_killed(const struct container *c);

/* ---- exec: exec.c -------------------------------------------------------------------------------- */

/* exec_ended - is @pid a process that a client's `exec` with a terminal waits for? */
bool exec_ended(struct supervisor *s, pid_t pid, int status);

/* ---- PID 1: channel.c -------------------------------------------------------------------------- */

int channel_open(struct supervisor *s, struct error *err) must_check;
void channel_store(struct supervisor *s, const char *id, char what, int fd);
void channel_drop(struct supervisor *s, const char *id, char what);
void channel_ack(struct supervisor *s, uint64_t seq);

/* ---- logs: log.c, log_read.c -------------------------------------------------------------------- */

/* log_recover - find out where the log of @c ends. */
int log_recover(struct container *c, struct error *err) must_check;
/* log_attach - read @fd into stream @which (0: stdout, 1: stderr) from now on. */
void log_attach(struct container *c, int which, int fd);
void log_terminal(struct container *c, int master);
/* log_drain - take what is in the pipes now, up to a limit. */
void log_drain(struct container *c);
/* logs_give_way - remove the oldest part of every log; false: there is none to spare */
bool logs_give_way(struct supervisor *s);
/* log_close - no more is read. */
void log_close(struct container *c);

struct log_reader;

struct log_query {
	int64_t since_ns, until_ns; /* 0: no limit */
	int64_t tail;		    /* lines; -1: all */
	bool timestamps, streams[2], follow;
};

struct log_reader *log_reader_new(struct container *c, const struct log_query *query);
void log_reader_free(struct log_reader *r);
/* log_reader_more - put a bounded portion to @client. false: at the end for now */
bool log_reader_more(struct log_reader *r, struct client *client);

/* ---- events: events.c --------------------------------------------------------------------------- */

/* event - something happened to @c; @key and @value: one more attribute, or NULL */
void event(struct container *c, const char *action, const char *key, const char *value);

/* ---- health: health.c ---------------------------------------------------------------------------- */

int health_configure(struct container *c, const struct json_object *request,
		     struct error *err) must_check;
void health_started(struct container *c);
void health_stopped(struct container *c);
void health_free(struct container *c);
/* health_status - "starting", "healthy", "unhealthy"; NULL: there is no check */
const char *health_status(const struct container *c);
struct json_object *health_inspect(const struct container *c);

/* ---- clients: client.c --------------------------------------------------------------------------- */

struct request;

/* What a client does once its request was accepted; all may be NULL. */
struct op {
	/* a frame came meanwhile; NULL: they wait until the request is answered */
	void (*frame)(struct client *client, enum frame_type type, const char *data, size_t length);
	/* there is room for more output, and c->hungry was set */
	void (*more)(struct client *client);
	/* something happened to client->on */
	void (*told)(struct client *client, enum told what, const struct error *err);
	/* the client is gone, or the operation was ended: release client->data */
	void (*gone)(struct client *client);
};

struct client {
	struct client *next;
	struct supervisor *s;
	struct loop_source source;
	struct loop_timer timer;
	uid_t uid;
	char *key; /* of the remote shell that it comes from; NULL: from none */
	uint8_t *in;
	size_t in_length;
	uint8_t *out;
	size_t out_start, out_end, out_size;
	const struct op *op; /* NULL: between two requests */
	void *data;
	struct container *on;
	struct job *job;
	const char *refusal; /* what it hears to whatever it asks */
	bool changes;	     /* its request is one that changes something */
	uint64_t after;	     /* it is told when so many changes are on the disk */
	bool partly;	     /* of its output the first frame may be sent in part */
	bool hungry, held;   /* held: no frame is taken now */
	bool deaf;	     /* the other side says no more */
	bool closing;	     /* when all is written */
	bool dead;
};

/* clients_told - what they are waiting to be told may be on the disk now. true: some wait on */
bool clients_told(struct supervisor *s);
/* clients_failed - what they are waiting to be told cannot be written to it: they are told @err. */
void clients_failed(struct supervisor *s, const struct error *err);
int clients_listen(struct supervisor *s, const char *path, struct error *err) must_check;
/* client_send - put a frame; never fails: who takes nothing is dropped. */
void client_send(struct client *client, enum frame_type type, const void *data, size_t length);
/* client_json - put @o as a frame, and free it. */
void client_json(struct client *client, struct json_object *o);
/* client_ok - the beginning of an answer: {"ok":true}. */
struct json_object *client_ok(void);

/* An answer with a list, which may not fit one frame: all frames but the last, p->answer, have "more". */
struct parts {
	struct client *client;
	struct json_object *answer, *list;
	const char *key;
	size_t length;
};
void parts_begin(struct parts *p, struct client *client, struct json_object *answer,
		 const char *key);
void parts_add(struct parts *p, struct json_object *o);

/* client_finish - the request is answered with @o. */
void client_finish(struct client *client, struct json_object *o);
void client_fail(struct client *client, const struct error *err);
/* client_end - the stream is at its end; @code: -1: none */
void client_end(struct client *client, int code);
void client_begin(struct client *client, const struct op *op, struct container *on, void *data);
bool client_has_room(const struct client *client);
/* client_want - whether op->more is to be called when there is room. */
void client_want(struct client *client, bool hungry);
/* client_hold - whether frames of the client wait. */
void client_hold(struct client *client, bool held);
void client_drop(struct client *client);
void clients_sweep(struct supervisor *s);

/* request_handle - one JSON frame. */
void request_handle(struct client *client, const char *text, size_t length);

#endif
