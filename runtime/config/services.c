/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * services.c: udhcpc, ntpd, syslogd.
 *
 * PID 1 starts them as `cloison-config dhcp` and so on; the lists below /run/cloison-config, which `apply`
 * has written, say with what. A list that is empty is a service that nobody asked for: it ends at once with
 * status 0. DHCP is a process for each device; when one of them ends all do, and PID 1 starts anew.
 */
#include "runtime/config/services.h"

#include <fcntl.h>
#include <net/if.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "runtime/config/apply.h"

#define LIST_BYTES 8192
#define WORDS_MAX 40

struct list {
	char text[LIST_BYTES];
	size_t n;
	char *entries[CONFIG_INTERFACES_MAX];
};

static int read_list(struct list *l, const char *path, struct error *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, l->text, sizeof(l->text) - 1);

	if (n < 0) {
		error_set(err, errno, "cannot read `%s`", path);
		return error_hint(err, "`cloison-config apply` writes it");
	}
	l->text[n] = '\0';
	l->n = 0;
	for (char *p = l->text, *end; (end = strchr(p, '\n')) && l->n < ARRAY_SIZE(l->entries);
	     p = end + 1) {
		*end = '\0';
		l->entries[l->n++] = p;
	}
	return 0;
}

static int become(const char *path, char *argv[], struct error *err)
{
	execv(path, argv);
	error_set(err, errno, "cannot execute `%s`", path);
	return -1;
}

/*
 * become_dhcp - in the foreground, for ever; without an address it asks again after a minute.
 * The script leaves the servers' names alone when some are configured.
 */
static int become_dhcp(char *device, struct error *err)
{
	char name[64 + 1], option[96];
	char *argv[] = {"udhcpc", "-f", "-S", "-i", device, "-t",   "5",
			"-T",	  "3",	"-A", "60", "-x",   option, NULL};

	if (gethostname(name, sizeof(name)) < 0)
		return error_set(err, errno, "cannot get the host name");
	snprintf(option, sizeof(option), "hostname:%s", name);
	return become("/sbin/udhcpc", argv, err);
}

static int start_dhcp(char *device, pid_t *pid, struct error *err)
{
	*pid = fork();
	if (*pid < 0)
		return error_set(err, errno, "cannot make a process for `%s`", device);
	if (*pid > 0)
		return 0;
	/* When init ends the service, by its first process, nobody else ends these. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	become_dhcp(device, err);
	error_print(err, "cloison: config", STDERR_FILENO);
	_exit(error_exit_code(err));
}

int services_dhcp(struct error *err)
{
	pid_t pids[CONFIG_INTERFACES_MAX];
	size_t started = 0;
	int status = 0, rc = 0;
	struct list l = {.n = 0};

	if (read_list(&l, APPLY_DIR "/dhcp", err) < 0)
		return -1;
	if (l.n == 0)
		return 0;
	if (l.n == 1)
		return become_dhcp(l.entries[0], err);
	for (; started < l.n && rc == 0; started += rc == 0)
		rc = start_dhcp(l.entries[started], &pids[started], err);
	if (rc == 0 && wait(&status) < 0)
		rc = error_set(err, errno, "cannot wait for udhcpc");
	for (size_t i = 0; i < started; i++)
		kill(pids[i], SIGTERM);
	if (rc < 0)
		return -1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_BY_SIGNAL + WTERMSIG(status);
}

int services_ntp(struct error *err)
{
	char *argv[WORDS_MAX] = {"ntpd", "-n"};
	size_t n = 2;
	struct list l = {.n = 0};

	if (read_list(&l, APPLY_DIR "/ntp", err) < 0)
		return -1;
	if (l.n == 0)
		return 0;
	for (size_t i = 0; i < l.n && n < WORDS_MAX - 2; i++) {
		argv[n++] = "-p";
		argv[n++] = l.entries[i];
	}
	return become("/sbin/ntpd", argv, err);
}

/* services_log - what programs say to /dev/log is kept in two files of 200 KB, and sent on. */
int services_log(struct error *err)
{
	char *argv[WORDS_MAX] = {"syslogd", "-n",  "-L", "-O", "/run/messages",
				 "-s",	    "200", "-b", "1"};
	size_t n = 9;
	struct list l = {.n = 0};

	if (read_list(&l, APPLY_DIR "/log", err) < 0)
		return -1;
	if (l.n == 0)
		return 0;
	for (size_t i = 0; i < l.n && n < WORDS_MAX - 2; i++) {
		argv[n++] = "-R";
		argv[n++] = l.entries[i] + strlen("udp://");
	}
	return become("/sbin/syslogd", argv, err);
}
