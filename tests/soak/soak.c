/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soak.c: thousands of containers, some of whose runtimes are killed at any moment; and many at once.
 *
 * usage: soak cycles RUNTIME ROOT BUNDLE ID COUNT SEED
 *        soak parallel RUNTIME ROOT BUNDLE ID WORKERS ROUNDS own|shared
 *        soak true | soak sleep [N]    the container's program: this file is static
 *
 * BUNDLE/once runs `true`, BUNDLE/hold runs `sleep`, BUNDLE/hold-N runs `sleep N`. Ids begin with ID.
 *
 * cycles: most containers are run, or created, started, entered, killed and deleted, and every step
 * has to succeed; this also measures how long each verb takes here and now (its running median). In
 * a tenth of the starts a verb (run, create, run --detach, start, exec, kill, delete) is killed at a
 * moment chosen evenly over that time, and a little more so that its last moments are among them; a
 * kill that comes too late does not count, and another is tried. Then `state` has to give a status or
 * no container, and `delete --force` has to succeed. The processes that a killed runtime leaves
 * become children of this program, which is their subreaper; in the end it must have no child left.
 * Prints what was killed when, and "starts N killed N" at the end; on the way "at N" lines, at which
 * the caller reads the kernel's books: it answers with a line.
 *
 * parallel: WORKERS processes do create, state, start, state, kill, delete again and again; with
 * `own` ids each step has to succeed and each status to be right; with `shared` ones (four for all)
 * a step may be refused with code 125, what `state` says is one of the statuses, and no two
 * containers run with the same id: `sleep N` locks /lock-N, and makes /double-N when it is taken. No
 * command may take longer than HANG_SECONDS, or SOAK_HANG in the environment.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/soak/drive.h"

#define SHARED_IDS 4
#define CHECKPOINTS 10

/* ---- cycles ---------------------------------------------------------------------------------- */

enum { KILL_RUN, KILL_CREATE, KILL_DETACHED, KILL_START, KILL_EXEC, KILL_KILL, KILL_DELETE, KILLS };

#define MOMENTS 11 /* tenths of a verb's time, and what is beyond it */
#define AGAIN 10   /* times that a missed kill is tried again */
#define WARM_UP 24 /* cycles, until the times are known */

static const char *const verbs[KILLS] = {"run",	 "create", "run --detach", "start",
					 "exec", "kill",   "delete"};

/* How long each verb takes: its running median in microseconds, after a first guess. */
static int64_t took_us[KILLS];

static unsigned long killed_at[KILLS][MOMENTS]; /* at which tenth of that time it was killed */
static unsigned long found[STATUSES + 1];	/* what `state` said then; the last: no container */

/* measured - an undisturbed verb, which has to succeed */
static void measured(int verb, const char *const *words)
{
	int64_t from = now_us(), step = took_us[verb] / 50 + 1, took;

	must(words);
	took = now_us() - from;
	if (took_us[verb] == 0)
		took_us[verb] = took;
	else
		took_us[verb] += took > took_us[verb] ? step : -step;
}

static void prepare(int what, const char *id)
{
	if (what == KILL_START)
		must(WORDS("create", "--bundle", bundle("hold"), id));
	else if (what > KILL_START)
		must(WORDS("run", "--detach", "--bundle", bundle("hold"), id));
}

static pid_t begin_victim(int what, const char *id, int *out)
{
	switch (what) {
	case KILL_RUN:
		return begin(WORDS("run", "--bundle", bundle("once"), id), out);
	case KILL_CREATE:
		return begin(WORDS("create", "--bundle", bundle("hold"), id), out);
	case KILL_DETACHED:
		return begin(WORDS("run", "--detach", "--bundle", bundle("hold"), id), out);
	case KILL_START:
		return begin(WORDS("start", id), out);
	case KILL_EXEC:
		return begin(WORDS("exec", id, "/soak", "true"), out);
	case KILL_KILL:
		return begin(WORDS("kill", id, "KILL"), out);
	default:
		return begin(WORDS("delete", "--force", id), out);
	}
}

/*
 * killed_cycle - returns whether the runtime was killed before it had ended. What it misses it tries
 * again: otherwise fewer would be killed late than early.
 */
static bool killed_cycle(const char *id)
{
	static int what, again;
	static int64_t moment; /* in thousandths of the verb's time */
	size_t status = STATUSES;
	int out, rc, state_rc;
	pid_t pid;

	if (again == 0) {
		what = (int)(random_next() % KILLS);
		moment = (int64_t)(random_next() % (MOMENTS * 100));
	}
	prepare(what, id);
	pid = begin_victim(what, id, &out);
	sleep_us(took_us[what] * moment / 1000);
	kill(pid, SIGKILL);
	rc = end(pid, out, "the victim");
	if (rc != 0 && rc != 128 + SIGKILL)
		fail("%s before its kill: exit code %d", verbs[what], rc);
	again = rc || again == AGAIN ? 0 : again + 1;
	state_rc = command(WORDS("state", id));
	if (state_rc == 0)
		status = said_status();
	if (state_rc == 0 ? status == STATUSES : state_rc != 125)
		fail("state of %s after the kill of %s: exit code %d", id, verbs[what], state_rc);
	if (rc) {
		killed_at[what][moment / 100]++;
		found[status]++;
	}
	must(WORDS("delete", "--force", id));
	reap();
	return rc != 0;
}

static void plain_cycle(const char *id, unsigned long i)
{
	if (i % 8 == 3) {
		measured(KILL_DETACHED, WORDS("run", "--detach", "--bundle", bundle("hold"), id));
		must(WORDS("delete", "--force", id));
		reap();
	} else if (i % 8 == 7) {
		measured(KILL_CREATE, WORDS("create", "--bundle", bundle("hold"), id));
		measured(KILL_START, WORDS("start", id));
		measured(KILL_EXEC, WORDS("exec", id, "/soak", "true"));
		measured(KILL_KILL, WORDS("kill", id, "KILL"));
		measured(KILL_DELETE, WORDS("delete", "--force", id));
		reap();
	} else {
		measured(KILL_RUN, WORDS("run", "--bundle", bundle("once"), id));
	}
}

/* checkpoint - let the caller read the books while nothing runs. */
static void checkpoint(unsigned long i)
{
	char line[16];

	for (int tries = 0; !reap() && tries < 500; tries++)
		sleep_us(10000);
	if (!reap())
		fail("at %lu a child is left", i);
	printf("at %lu\n", i);
	fflush(stdout);
	if (!fgets(line, sizeof(line), stdin))
		errx(1, "nobody answers");
}

/* tell - what was killed and when, and what was found after that */
static void tell(unsigned long count, unsigned long killed)
{
	for (int v = 0; v < KILLS; v++) {
		printf("# killed %-12s", verbs[v]);
		for (int m = 0; m < MOMENTS; m++)
			printf(" %4lu", killed_at[v][m]);
		printf("   by tenths of its %lld us\n", (long long)took_us[v]);
	}
	printf("# found after the kills: no container %lu", found[STATUSES]);
	for (size_t i = 0; i < STATUSES; i++)
		printf(", %s %lu", statuses[i], found[i]);
	printf("\nstarts %lu killed %lu\n", count, killed);
}

static int cycles(unsigned long count, uint64_t seed)
{
	unsigned long killed = 0;
	char id[128];

	random_state = seed | 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (unsigned long i = 0; i < count; i++) {
		if (i % (count / CHECKPOINTS + 1) == 0)
			checkpoint(i);
		/* half of the ids are used again and again */
		snprintf(id, sizeof(id), "%s-%lu", prefix, i % 2 ? i : 0);
		if (i >= WARM_UP && killed * 10 < i + 1)
			killed += killed_cycle(id);
		else
			plain_cycle(id, i);
	}
	/* The last one may have ended before its kill. */
	for (int more = 0; killed * 10 < count && more < 100; more++)
		killed += killed_cycle(id);
	checkpoint(count);
	tell(count, killed);
	if (killed * 10 < count) {
		printf("FAILED: only %lu of %lu were killed\n", killed, count);
		return 1;
	}
	return 0;
}

/* ---- parallel -------------------------------------------------------------------------------- */

/* step - one command on a container that others use too: it may be refused, cleanly. */
static void step(const char *const *words)
{
	int rc = command(words);

	if (rc != 0 && (rc != 125 || strncmp(output, "cloison: ", 9)))
		fail("%s: exit code %d", words[0], rc);
	if (!strcmp(words[0], "state") && rc == 0 && said_status() == STATUSES)
		fail("no status");
}

static void shared_round(unsigned long number)
{
	char id[128], name[32];

	snprintf(id, sizeof(id), "%s-%lu", prefix, number);
	snprintf(name, sizeof(name), "hold-%lu", number);
	step(WORDS("create", "--bundle", bundle(name), id));
	step(WORDS("state", id));
	step(WORDS("start", id));
	step(WORDS("state", id));
	step(WORDS("kill", id, "KILL"));
	step(WORDS("delete", "--force", id));
}

static void must_be(const char *id, const char *want)
{
	must(WORDS("state", id));
	if (!said(want))
		fail("%s is not %s", id, want);
}

static void own_round(const char *id)
{
	must(WORDS("create", "--bundle", bundle("hold"), id));
	must_be(id, "created");
	must(WORDS("start", id));
	must_be(id, "running");
	must(WORDS("kill", id, "KILL"));
	for (int tries = 0;; tries++) {
		must(WORDS("state", id));
		if (said("stopped"))
			break;
		if (tries > 1000)
			fail("%s does not stop", id);
		sleep_us(5000);
	}
	must(WORDS("delete", id));
	if (command(WORDS("state", id)) != 125)
		fail("%s is still there", id);
}

static int worker(unsigned long number, unsigned long rounds, bool shared)
{
	char id[128];

	random_state = number * 2 + 1;
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (unsigned long i = 0; i < rounds; i++) {
		if (shared) {
			shared_round((unsigned long)(random_next() >> 33) % SHARED_IDS);
		} else {
			snprintf(id, sizeof(id), "%s-%lu", prefix, number);
			own_round(id);
		}
		reap();
	}
	return 0;
}

static int parallel(unsigned long workers, unsigned long rounds, bool shared)
{
	int status, bad = 0;
	char id[128];

	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	for (unsigned long i = 0; i < workers; i++) {
		pid_t pid = fork();

		if (pid < 0)
			err(1, "fork");
		if (pid == 0)
			exit(worker(i, rounds, shared));
	}
	for (unsigned long left = workers; left > 0;) {
		pid_t pid = wait(&status);

		if (pid < 0)
			break;
		/* containers' processes come here too when their worker has ended; they were killed */
		if (WIFEXITED(status)) {
			bad += WEXITSTATUS(status) != 0;
			left--;
		}
	}
	for (unsigned long i = 0; shared && i < SHARED_IDS; i++) {
		snprintf(id, sizeof(id), "%s-%lu", prefix, i);
		must(WORDS("delete", "--force", id));
	}
	for (int tries = 0; !reap() && tries < 500; tries++)
		sleep_us(10000);
	if (!reap())
		errx(1, "a child is left");
	if (!bad)
		printf("rounds %lu\n", workers * rounds);
	return bad != 0;
}

/* hold - sleep as the only container of this number */
static _Noreturn void hold(const char *number)
{
	char path[64];
	int fd;

	if (number) {
		snprintf(path, sizeof(path), "/lock-%s", number);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			err(1, "%s", path);
		if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
			snprintf(path, sizeof(path), "/double-%s", number);
			close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
		}
	}
	for (;;)
		pause();
}

int main(int argc, char **argv)
{
	const char *hang_seconds = getenv("SOAK_HANG");

	if (argc == 2 && !strcmp(argv[1], "true"))
		return 0;
	if (argc >= 2 && !strcmp(argv[1], "sleep"))
		hold(argv[2]);
	if (hang_seconds)
		hang_us = strtol(hang_seconds, NULL, 10) * 1000000LL;
	sigemptyset(&child_signal);
	sigaddset(&child_signal, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child_signal, NULL);
	if (argc < 8)
		errx(2, "see the head of soak.c");
	runtime = argv[2];
	root = argv[3];
	bundles = argv[4];
	prefix = argv[5];
	if (!strcmp(argv[1], "cycles"))
		return cycles(strtoul(argv[6], NULL, 10), strtoull(argv[7], NULL, 10));
	if (!strcmp(argv[1], "parallel") && argc == 9)
		return parallel(strtoul(argv[6], NULL, 10), strtoul(argv[7], NULL, 10),
				!strcmp(argv[8], "shared"));
	errx(2, "see the head of soak.c");
}
