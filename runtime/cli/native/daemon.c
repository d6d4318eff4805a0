/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * daemon.c: starting the supervisor when it is wanted and not there.
 *
 * On the appliance init keeps cloisond running. On another host the first `run -d` starts it: the program beside this one,
 * in a session of its own, with its messages in a file. It stays.
 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "runtime/cli/native/alone.h"

#define MESSAGES "/run/cloisond.log"
#define WAIT_MS 10000
#define PAUSE_MS 20

/* program - the cloisond beside this program; without one, that of the PATH. */
static const char *program(char *buf, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", buf, size - 1);
	char *slash;

	if (n <= 0)
		return "cloisond";
	buf[n] = '\0';
	slash = strrchr(buf, '/');
	if (!slash || (size_t)(slash - buf) + sizeof("/cloisond") > size)
		return "cloisond";
	memcpy(slash, "/cloisond", sizeof("/cloisond"));
	return access(buf, X_OK) == 0 ? buf : "cloisond";
}

static void execute(const char *path)
{
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open(MESSAGES, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	const char *images = getenv("CLOISON_IMAGES");
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (in < 0 || out < 0 || setsid() < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 ||
	    dup2(out, 2) < 0 || chdir("/") < 0)
		_exit(EXIT_ENGINE);
	if (images)
		execlp(path, path, "--images", images, (char *)NULL);
	else
		execlp(path, path, (char *)NULL);
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE);
}

static int ended(int status, const char *path, struct error *err)
{
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BY_SIGNAL + WTERMSIG(status);

	*err = (struct error)ERROR_INIT;
	if (code == EXIT_NOT_FOUND) {
		error_set(err, ENOENT, "cannot start the supervisor `%s`", path);
		return error_hint(err, "a run in the foreground does without it");
	}
	error_set(err, 0, "the supervisor `%s` ended at once with status %d", path, code);
	return error_hint(err, "its messages are in " MESSAGES);
}

int daemon_need(struct native_client *client, struct error *err)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int rc = native_connect(client, err), status;
	char buf[PATH_MAX];
	const char *path;
	pid_t pid;

	if (rc <= 0)
		return rc;
	if (native_is_kept()) {
		error_cause(err, "the supervisor is not running");
		return error_hint(err, "see /run/init/services and /run/init/log/cloisond");
	}
	path = program(buf, sizeof(buf));
	pid = fork();
	if (pid == 0)
		execute(path);
	if (pid < 0)
		return error_set(err, errno, "cannot start the supervisor");
	for (int waited = 0; waited < WAIT_MS; waited += PAUSE_MS) {
		nanosleep(&pause, NULL);
		rc = native_connect(client, err);
		if (rc == 0)
			*err = (struct error)ERROR_INIT;
		if (rc <= 0)
			return rc;
		if (waitpid(pid, &status, WNOHANG) == pid)
			return ended(status, path, err);
	}
	error_hint(err, "it was started and does not answer: its messages are in " MESSAGES);
	return -1;
}
