/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ssh.c: the remote shell's server.
 *
 * PID 1 starts it as `cloison-config ssh`. Without an authorised key it ends at once, and nothing listens. Otherwise
 * the host gets its key, on the data partition when there is one, else in RAM and a new one at each boot; its
 * fingerprint is said on the console, where a person can compare it. Then this process becomes dropbear, which writes
 * to the service's log; AUDIT_LOG leads there, for the sessions (session.c) and for cloison.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/audit.h"
#include "runtime/config/data.h"
#include "runtime/config/services.h"

#define SERVER "/bin/dropbear"
#define SSH_DIR "/run/ssh"
#define KEYS_FILE SSH_DIR "/authorized_keys"
#define EXT4_MAGIC 0xef53
#define FINGERPRINT_MAX 128
#define CONSOLE_WAIT_S 5

static const struct place {
	const char *dir, *key, *what;
} places[] = {
	{DATA_DIR "/ssh", DATA_DIR "/ssh/host_key", "kept on the data partition"},
	{SSH_DIR, SSH_DIR "/host_key", "new at each boot, without a data partition"},
};

static bool has_data(void)
{
	struct statfs fs;

	return statfs(DATA_DIR, &fs) == 0 && fs.f_type == EXT4_MAGIC;
}

/* become_keygen - in the child: dropbear by its other name, which prints the fingerprint. */
static _Noreturn void become_keygen(const char *key, int out)
{
	char path[64];

	snprintf(path, sizeof(path), "%s", key);
	if (dup2(out, STDOUT_FILENO) >= 0)
		execv(SERVER, (char *[]){(char[]){"dropbearkey"}, path, NULL});
	_exit(EXIT_NOT_FOUND);
}

/* host_key - make the key at @p unless it is there; @fingerprint: its one line. */
static int host_key(const struct place *p, char fingerprint[FINGERPRINT_MAX], struct error *err)
{
	_cleanup_fd_ int in = FD_EMPTY, out = FD_EMPTY;
	int pair[2], status;
	ssize_t n;
	pid_t pid;

	if (mkdir(p->dir, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make `%s`", p->dir);
	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_set(err, errno, "cannot make a pipe");
	in = pair[0];
	out = pair[1];
	pid = fork();
	if (pid < 0)
		return error_set(err, errno, "cannot make a process");
	if (pid == 0)
		become_keygen(p->key, out);
	replace_fd(&out, FD_EMPTY);
	/* one short line, written at once */
	n = read(in, fingerprint, FINGERPRINT_MAX - 1);
	if (waitpid(pid, &status, 0) < 0 || status != 0 || n < 1)
		return error_set(err, 0, "cannot make or read the host's key `%s`", p->key);
	fingerprint[n] = '\0';
	fingerprint[strcspn(fingerprint, "\n")] = '\0';
	return 0;
}

/*
 * write_console - a console that takes nothing must not hold up the server for long. One that somebody else is
 * writing to, the shell its greeting for one, takes nothing at that moment either. Returns 0, or -1 with errno.
 */
static int write_console(const char *text, size_t length)
{
	struct pollfd console = {
		.fd = open("/dev/console", O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC),
		.events = POLLOUT,
	};
	_cleanup_fd_ int fd = console.fd;
	struct timespec now;
	time_t until;

	clock_gettime(CLOCK_MONOTONIC, &now);
	until = now.tv_sec + CONSOLE_WAIT_S;
	while (fd >= 0 && length > 0) {
		ssize_t n = write(fd, text, length);

		if (n > 0) {
			text += n;
			length -= (size_t)n;
			continue;
		}
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (n == 0 || (errno != EAGAIN && errno != EINTR) || now.tv_sec > until)
			return -1;
		(void)poll(&console, 1, CONSOLE_WAIT_S * 1000);
	}
	return fd < 0 ? -1 : 0;
}

static void say_on_console(const char *fingerprint, const struct place *p)
{
	char text[FINGERPRINT_MAX + 128];
	int n = snprintf(text, sizeof(text), "cloison: ssh: the host's key is %s, %s\n",
			 fingerprint, p->what);

	/* In the service's log, too, it can be read: a console may be away, or take nothing. */
	dprintf(STDERR_FILENO, "the host's key is %s, %s\n", fingerprint, p->what);
	if (write_console(text, (size_t)n) < 0)
		dprintf(STDERR_FILENO, "cannot say it on `/dev/console`: %s\n", errno_name(errno));
}

/* lead_log - AUDIT_LOG: this process keeps its number when it becomes the server. */
static int lead_log(struct error *err)
{
	char target[64];

	snprintf(target, sizeof(target), "/proc/%d/fd/2", (int)getpid());
	if ((unlink(AUDIT_LOG) < 0 && errno != ENOENT) || symlink(target, AUDIT_LOG) < 0)
		return error_set(err, errno, "cannot make `%s`", AUDIT_LOG);
	return 0;
}

int services_ssh(struct error *err)
{
	const struct place *p = &places[!has_data()];
	char fingerprint[FINGERPRINT_MAX], key[64];
	/* in the foreground; a dead connection ends after three times a minute */
	char *argv[] = {"dropbear", "-F", "-K", "60", "-P", SSH_DIR "/pid", "-r", key, NULL};

	if (access(KEYS_FILE, F_OK) < 0)
		return errno == ENOENT ? 0 : error_set(err, errno, "cannot find `%s`", KEYS_FILE);
	if (lead_log(err) < 0)
		return -1;
	if (host_key(p, fingerprint, err) < 0) {
		/* A full disk is mended over this connection; without RAM's key there were none. */
		if (p == &places[1])
			return -1;
		error_print(err, "cloison: ssh", STDERR_FILENO);
		*err = (struct error)ERROR_INIT;
		p = &places[1];
		if (host_key(p, fingerprint, err) < 0)
			return -1;
	}
	say_on_console(fingerprint, p);
	snprintf(key, sizeof(key), "%s", p->key);
	execv(SERVER, argv);
	return error_set(err, errno, "cannot execute `%s`", SERVER);
}
