/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * soak.c: thousands of containers, some of whose runtimes are killed at any moment; and many at once.
 *
 * usage: soak cycles RUNTIME ROOT BUNDLE ID COUNT SEED
 *        soak parallel RUNTIME ROOT BUNDLE ID WORKERS ROUNDS own|shared
 *        soak true | soak sleep        the container's program: this file is static
 *
 * BUNDLE/once runs `true`, BUNDLE/hold runs `sleep`. Ids begin with ID.
 *
 * cycles: of seven containers, six are run and have to succeed. At the seventh a verb (run, create, run
 * --detach, start, exec, kill, delete) is killed after a random time within the time that the verb
 * takes here and now; `state` has to give a status or no container, and `delete --force` has to
 * succeed. The processes that a killed runtime leaves become children of this program, which is their
 * subreaper; in the end it must have no child left. Prints "starts N killed N ..." at the end, and on
 * the way "at N" lines, at which the caller reads the kernel's books: it answers with a line.
 *
 * parallel: WORKERS processes do create, state, start, state, kill, delete again and again; with
 * `own` ids each step has to succeed and each status to be right; with `shared` ones (four for all)
 * a step may be refused with code 125, and what `state` says is one of the four statuses. No command
 * may take longer than HANG_SECONDS.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define HANG_SECONDS 120
#define WORDS_MAX 16
#define SHARED_IDS 4
#define CHECKPOINTS 10

extern char **environ;

static const char *runtime, *root, *bundles, *prefix;
static char output[4096]; /* of the last command: standard output and error */
static uint64_t random_state;
static sigset_t child_signal; /* blocked, so that waiting for it misses none */

static uint64_t random_next(void)
{
	/* xorshift64*: any state but 0 */
	random_state ^= random_state >> 12;
	random_state ^= random_state << 25;
	random_state ^= random_state >> 27;
	return random_state * 2685821657736338717U;
}

static int64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void sleep_us(int64_t us)
{
	const struct timespec t = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

/* begin - start the runtime with these words (NULL-terminated). @out: where its output is read. */
static pid_t begin(const char *const *words, int *out)
{
	const char *argv[WORDS_MAX + 4] = {runtime, "--root", root};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	int pipes[2], n = 3, rc;
	pid_t pid;

	while (*words && n < WORDS_MAX + 3)
		argv[n++] = *words++;
	if (pipe2(pipes, O_CLOEXEC) < 0)
		err(1, "pipe");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 1);
	posix_spawn_file_actions_adddup2(&actions, pipes[1], 2);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	rc = posix_spawn(&pid, runtime, &actions, &attributes, (char *const *)(uintptr_t)argv,
			 environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	close(pipes[1]);
	if (rc)
		errx(1, "cannot start %s: %s", runtime, strerror(rc));
	*out = pipes[0];
	return pid;
}

static void hang(const char *what, pid_t pid)
{
	printf("HANG %s\n", what);
	fflush(stdout);
	kill(pid, SIGKILL);
	exit(1);
}

/*
 * end - wait for @pid, and reap whatever else ends meanwhile: a pid namespace waits for those of its
 * processes that have their parent outside. Keeps what the command says, as much as fits. The pipe
 * may stay open in a detached container, so it is its process that says when the command is over.
 * Returns its exit code, 128 + n for a signal; exits when it hangs.
 */
static int end(pid_t pid, int out, const char *what)
{
	const struct timespec second = {.tv_sec = 1};
	int64_t deadline = now_us() + HANG_SECONDS * 1000000LL;
	int status, of_pid = 0;
	pid_t ended;
	ssize_t n;

	for (bool over = false; !over;) {
		while ((ended = waitpid(-1, &status, WNOHANG)) > 0)
			if (ended == pid) {
				over = true;
				of_pid = status;
			}
		if (ended < 0 && errno != ECHILD)
			err(1, "waitpid");
		if (!over && now_us() > deadline)
			hang(what, pid);
		if (!over)
			sigtimedwait(&child_signal, NULL, &second);
	}
	if (fcntl(out, F_SETFL, O_NONBLOCK) < 0)
		err(1, "fcntl");
	n = read(out, output, sizeof(output) - 1);
	output[n > 0 ? n : 0] = '\0';
	close(out);
	return WIFEXITED(of_pid) ? WEXITSTATUS(of_pid) : 128 + WTERMSIG(of_pid);
}

/* The words of a command. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int command(const char *const *words)
{
	int out;
	pid_t pid = begin(words, &out);

	return end(pid, out, words[0]);
}

static _Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

static _Noreturn void fail(const char *format, ...)
{
	va_list args;

	printf("FAILED ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf(": %s\n", output);
	fflush(stdout);
	exit(1);
}

static void must(const char *const *words)
{
	int rc = command(words);

	if (rc)
		fail("%s %s: exit code %d", words[0], words[1], rc);
}

static const char *bundle(const char *name)
{
	static char path[2][4096];
	static unsigned int turn;
	char *to = path[turn++ % 2];

	snprintf(to, sizeof(path[0]), "%s/%s", bundles, name);
	return to;
}

/* said_status - the status in what `state` has printed; NULL: none. */
static const char *said_status(void)
{
	static const char *const names[] = {"creating", "created", "running", "stopped", "paused"};
	const char *at = strstr(output, "\"status\"");

	for (size_t i = 0; at && i < sizeof(names) / sizeof(names[0]); i++) {
		size_t len = strlen(names[i]);
		const char *value = at + 8 + strspn(at + 8, ": \"");

		if (!strncmp(value, names[i], len) && value[len] == '"')
			return names[i];
	}
	return NULL;
}

/* reap - what has ended of what was left to us; true: no child is left at all. */
static bool reap(void)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
		;
	return pid < 0 && errno == ECHILD;
}

/* ---- cycles ---------------------------------------------------------------------------------- */

enum { KILL_RUN, KILL_CREATE, KILL_DETACHED, KILL_START, KILL_EXEC, KILL_KILL, KILL_DELETE, KILLS };

/* How long each verb takes, as a running mean in microseconds. */
static int64_t took_us[KILLS] = {20000, 20000, 20000, 5000, 10000, 5000, 5000};

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

/* killed_cycle - returns whether the runtime was killed before it had ended. */
static bool killed_cycle(const char *id)
{
	int what = (int)(random_next() % KILLS), out, rc;
	int64_t from;
	bool killed;
	pid_t pid;

	prepare(what, id);
	from = now_us();
	pid = begin_victim(what, id, &out);
	sleep_us((int64_t)(random_next() % (uint64_t)(took_us[what] + 1)));
	kill(pid, SIGKILL);
	rc = end(pid, out, "the victim");
	killed = rc == 128 + SIGKILL;
	if (rc == 0)
		took_us[what] = (took_us[what] * 7 + (now_us() - from)) / 8;
	else if (killed)
		took_us[what] += 20; /* so that the mean is not kept down by early deaths */
	else
		fail("verb %d before its kill: exit code %d", what, rc);
	rc = command(WORDS("state", id));
	if (rc ? rc != 125 : !said_status())
		fail("state %s after the kill of verb %d: exit code %d", id, what, rc);
	must(WORDS("delete", "--force", id));
	reap();
	return killed;
}

static void plain_cycle(const char *id, unsigned long i)
{
	if (i % 4 != 3) {
		must(WORDS("run", "--bundle", bundle("once"), id));
		return;
	}
	must(WORDS("create", "--bundle", bundle("hold"), id));
	must(WORDS("start", id));
	must(WORDS("delete", "--force", id));
	reap();
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
		if (i % 7 == 6) /* not all are hit in time: this makes it a tenth */
			killed += killed_cycle(id);
		else
			plain_cycle(id, i);
	}
	checkpoint(count);
	printf("starts %lu killed %lu\n", count, killed);
	return 0;
}

/* ---- parallel -------------------------------------------------------------------------------- */

/* step - one command on a container that others use too: it may be refused, cleanly. */
static void step(const char *const *words)
{
	int rc = command(words);

	if (rc != 0 && (rc != 125 || strncmp(output, "cloison: ", 9)))
		fail("%s: exit code %d", words[0], rc);
	if (!strcmp(words[0], "state") && rc == 0 && !said_status())
		fail("no status");
}

static void shared_round(const char *id)
{
	step(WORDS("create", "--bundle", bundle("hold"), id));
	step(WORDS("state", id));
	step(WORDS("start", id));
	step(WORDS("state", id));
	step(WORDS("kill", id, "KILL"));
	step(WORDS("delete", "--force", id));
}

static void must_be(const char *id, const char *want)
{
	const char *status;

	must(WORDS("state", id));
	status = said_status();
	if (!status || strcmp(status, want))
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
		if (said_status() && !strcmp(said_status(), "stopped"))
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
			snprintf(id, sizeof(id), "%s-%lu", prefix,
				 (unsigned long)(random_next() >> 33) % SHARED_IDS);
			shared_round(id);
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

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "true"))
		return 0;
	if (argc == 2 && !strcmp(argv[1], "sleep"))
		for (;;)
			pause();
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
