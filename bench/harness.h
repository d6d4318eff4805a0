/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * harness.h: start programs, stamp what they say, never wait without a deadline.
 *
 * All programs under test are children of one thread with one epoll loop and one clock, the
 * host's CLOCK_MONOTONIC. A child's standard output is a pipe whose bytes are searched for marks
 * (mark.h); its standard error is kept for the report; its end is seen through a pidfd. T0 is
 * taken right before posix_spawn, and everything a start needs is allocated and opened before T0.
 *
 * From T0 until a wait is over the harness runs under SCHED_FIFO where it may, so that a busy
 * machine delays the systems and not the stamps; its children are reset to the default policy.
 */
#ifndef CLOISON_BENCH_HARNESS_H
#define CLOISON_BENCH_HARNESS_H

#include "bench/mark.h"
#include "lib/error.h"

#include <stdbool.h>
#include <sys/resource.h>
#include <sys/types.h>

#define COMMAND_ARGS 64
#define CHILD_MARKS 4096
#define CHILD_OUTPUT 65536
#define CHILD_ERRORS 2048

/* A command line, in memory of its own. Too long a one is refused when it is started. */
struct command {
	char *argv[COMMAND_ARGS + 1];
	char text[8192];
	size_t argc, used;
	bool overflow;
	bool leashed; /* it goes on for long, but no longer than this process; its start is not timed */
};

void command_init(struct command *cmd);
/* command_add - append one argument, formatted. */
void command_add(struct command *cmd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* command_text - the whole line with spaces, for people and for the results. */
void command_text(const struct command *cmd, char *buf, size_t size);

struct child;

enum source_kind { SOURCE_OUTPUT, SOURCE_ERRORS, SOURCE_EXIT };

struct source {
	struct child *child;
	enum source_kind kind;
};

struct child {
	pid_t pid;
	int pidfd, out, err;
	int64_t started_ns, exited_ns;
	int status; /* as wait4 gives it */
	bool running, exited;
	struct rusage usage;
	struct mark_parser parser;
	struct mark marks[CHILD_MARKS];
	size_t mark_count;
	char output[CHILD_OUTPUT]; /* the first so many bytes, NUL-terminated */
	size_t output_size;
	char errors[CHILD_ERRORS];
	size_t errors_size;
	struct source sources[3];
};

struct harness {
	int epoll, signals, null;
	int leash[2];	/* a pipe nobody writes to: the standard input of what is leashed */
	bool may_hurry; /* SCHED_FIFO is permitted */
	int kill_deadline_ms;
	unsigned int unkillable; /* programs that SIGKILL did not end in that time */
	bool interrupted;	 /* SIGINT or SIGTERM came: finish and write what there is */
};

enum wait_result { WAIT_OK, WAIT_EXITED, WAIT_TIMEOUT, WAIT_INTERRUPTED };

int64_t harness_now_ns(void);

/*
 * harness_open - block SIGINT and SIGTERM, become the reaper of descendants.
 * Returns 0, or -1 with @err.
 */
must_check int harness_open(struct harness *h, struct error *err);
void harness_close(struct harness *h);

/* child_new - memory for one child, or NULL. child_free - kill it if it runs, release it. */
struct child *child_new(void);
void child_free(struct child *c);

static inline void cleanup_child(struct child **c)
{
	child_free(*c);
}
#define _cleanup_child_ __attribute__((cleanup(cleanup_child)))

/* harness_start - start @cmd as @c, in a process group of its own. */
must_check int harness_start(struct harness *h, struct child *c, const struct command *cmd,
			     struct error *err);

/*
 * harness_wait_marks - until @c has said @kind @count times.
 * harness_wait_exit - until @c has ended; all it wrote has been read then.
 * Both give WAIT_TIMEOUT @deadline_ms after @c was started; the child is left as it is.
 */
enum wait_result harness_wait_marks(struct harness *h, struct child *c, char kind, size_t count,
				    int deadline_ms);
enum wait_result harness_wait_exit(struct harness *h, struct child *c, int deadline_ms);

/*
 * harness_kill - SIGKILL to the whole group, then wait until it has ended, kill_deadline_ms at
 * most. One that has not is counted and let go: @c does not run then, nor has it an exit code.
 */
void harness_kill(struct harness *h, struct child *c);

/* harness_run - start and wait for the end; kill at the deadline. Result in @c. */
must_check int harness_run(struct harness *h, struct child *c, const struct command *cmd,
			   int deadline_ms, enum wait_result *result, struct error *err);

/*
 * harness_reap - wait for descendants that became ours, when detached containers have been
 * killed. Only while no child of the harness runs.
 */
void harness_reap(int deadline_ms);

/*
 * harness_turn - wait until something happens to any child, at most until @until_ns, and take it in.
 * For who has several at once; what happened is seen in them.
 */
void harness_turn(struct harness *h, int64_t until_ns);

/* harness_sleep - keep the loop going for a while: children held meanwhile can write. */
void harness_sleep(struct harness *h, int ms);

/* child_hang_up - stop listening to @c: its pipes are closed. */
void child_hang_up(struct child *c);

/* child_mark - the @nth (from 0) mark of @kind, or NULL. */
const struct mark *child_mark(const struct child *c, char kind, size_t nth);

/* child_exit_code - 0 to 255, 128 + n for a signal; -1 while it runs. */
int child_exit_code(const struct child *c);

#endif
