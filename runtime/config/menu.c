/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * menu.c: what is on the console: a shell, a menu, or nothing.
 *
 * PID 1 starts this on the console's terminal, as the service `shell`; the key `console` of the configuration says
 * what it becomes. The menu is for machines on whose console nobody should have a shell: addresses, services,
 * containers, logs, power. It reads lines and prints lines, so it works on anything that is a terminal; nothing in it
 * is wider than 40 columns, and what could be is cut at the terminal's width. It executes no shell, and what it shows
 * of others is freed of control characters, which a terminal would obey.
 *
 * Containers are asked of `cloison`, in a process that gets five seconds: the supervisor may be away.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>

#include <arpa/inet.h>

#include "runtime/config/apply.h"
#include "runtime/config/services.h"

#define LOG_DIR "/run/init/log"
#define KERNEL_LOG "/run/init/kernel.log"
#define CLOISON_SECONDS 5
#define PAGED_MAX 65536 /* of a log, its end */
#define INPUT_MAX 128

static const int ignored[] = {SIGINT, SIGQUIT, SIGTSTP, SIGTTOU, SIGPIPE};

struct screen {
	size_t rows, columns;
	size_t printed; /* lines since the last prompt */
	bool stopped;	/* the reader has seen enough */
};

static struct screen screen;

/* --- the terminal */

/* measure - a serial line has no size: it is taken for what terminals have always had. */
static void measure(void)
{
	struct winsize w;

	screen = (struct screen){.rows = 24, .columns = 80};
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) < 0 || w.ws_row < 5 || w.ws_col < 20)
		return;
	screen.rows = w.ws_row;
	screen.columns = w.ws_col;
}

/* ask - print @prompt, read a line without its blanks. Ctrl-D is an empty line; what hangs up ends this process. */
static void ask(const char *prompt, char line[INPUT_MAX])
{
	size_t n = 0;
	char c = '\0';
	ssize_t got;

	fputs(prompt, stdout);
	fflush(stdout);
	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
		if (n < INPUT_MAX - 1 && (n > 0 || !isspace((unsigned char)c)))
			line[n++] = c;
	if (got < 0 && errno != EINTR)
		exit(EXIT_FAILURE);
	if (got == 0)
		putchar('\n');
	while (n > 0 && isspace((unsigned char)line[n - 1]))
		n--;
	line[n] = '\0';
	screen.printed = 0;
}

/* put_line - one line of others' text; after a screenful the reader is asked. */
static void put_line(const char *text, size_t n)
{
	char answer[INPUT_MAX];

	if (screen.stopped)
		return;
	if (screen.printed >= screen.rows - 2) {
		ask("-- Enter: more, q: enough --", answer);
		screen.stopped = *answer == 'q';
		if (screen.stopped)
			return;
	}
	for (size_t i = 0; i < n && i < screen.columns - 1; i++)
		putchar((unsigned char)text[i] < ' ' || text[i] == 0x7f ? ' ' : text[i]);
	putchar('\n');
	screen.printed++;
}

static void put_text(const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		put_line(text, n);
		text += n + (text[n] == '\n');
	}
}

/* put_file - its last @lines lines. */
static void put_file(const char *path, unsigned int lines)
{
	static char text[PAGED_MAX + 1];
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	off_t size = fd < 0 ? -1 : lseek(fd, 0, SEEK_END);
	ssize_t n =
		size < 0 ? -1 : pread(fd, text, PAGED_MAX, size > PAGED_MAX ? size - PAGED_MAX : 0);
	const char *start;

	if (n < 0) {
		printf("cannot read %s: %s\n", path, errno_name(errno));
		return;
	}
	text[n] = '\0';
	for (start = text + n; start > text; start--)
		if (start[-1] == '\n' && start < text + n && --lines == 0)
			break;
	put_text(start);
}

/* --- what there is to see */

static void addresses(void)
{
	char line[INET6_ADDRSTRLEN + IFNAMSIZ + 8], address[INET6_ADDRSTRLEN];
	struct ifaddrs *list;

	if (getifaddrs(&list) < 0) {
		printf("cannot list the addresses: %s\n", errno_name(errno));
		return;
	}
	for (const struct ifaddrs *i = list; i; i = i->ifa_next) {
		int family = i->ifa_addr ? i->ifa_addr->sa_family : AF_UNSPEC;
		const void *of =
			family == AF_INET6
				? (const void *)&((struct sockaddr_in6 *)(void *)i->ifa_addr)
					  ->sin6_addr
				: (const void *)&((struct sockaddr_in *)(void *)i->ifa_addr)
					  ->sin_addr;

		if (i->ifa_flags & IFF_LOOPBACK)
			continue;
		if (family == AF_PACKET)
			snprintf(line, sizeof(line), "%s: %s", i->ifa_name,
				 i->ifa_flags & IFF_RUNNING ? "connected" : "no link");
		else if ((family == AF_INET || family == AF_INET6) &&
			 inet_ntop(family, of, address, sizeof(address)))
			snprintf(line, sizeof(line), "%s  %s", i->ifa_name, address);
		else
			continue;
		put_line(line, strlen(line));
	}
	freeifaddrs(list);
}

static void services(void)
{
	put_file("/run/init/services", UINT32_MAX);
}

/* become_cloison - in the child. The alarm survives execve(2), and its signal ends who does not catch it. */
static _Noreturn void become_cloison(const char *const *words, int out)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	alarm(CLOISON_SECONDS);
	for (size_t i = 0; i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_DFL);
	setsid();
	if (dup2(null, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0 &&
	    dup2(out, STDERR_FILENO) >= 0)
		execv("/bin/cloison", (char *const *)(uintptr_t)words);
	_exit(EXIT_NOT_FOUND);
}

/* put_cloison - what a command of cloison says. */
static void put_cloison(const char *const *words)
{
	static char text[PAGED_MAX + 1];
	size_t n = 0;
	int pair[2], status = 0;
	ssize_t got;
	pid_t pid;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return;
	pid = fork();
	if (pid == 0)
		become_cloison(words, pair[1]);
	close(pair[1]);
	while (pid > 0 && n < PAGED_MAX && (got = read(pair[0], text + n, PAGED_MAX - n)) != 0)
		n += got > 0 ? (size_t)got : 0;
	close(pair[0]);
	if (pid > 0 && waitpid(pid, &status, 0) < 0)
		status = 0;
	text[n] = '\0';
	put_text(text);
	if (WIFSIGNALED(status))
		puts(WTERMSIG(status) == SIGALRM ? "The supervisor does not answer."
						 : "cloison was killed.");
	else if (status == 0 && n == 0)
		puts("There are none.");
}

static void containers(void)
{
	static const char *const list[] = {
		"cloison", "ps", "-a", "--format", "{{.Names}}  {{.Status}}", NULL};

	put_cloison(list);
}

static bool is_name(const char *text)
{
	return *text != '.' && *text != '-' && !strchr(text, '/');
}

/* logs - of the kernel, of a service, or of a container. */
static void logs(void)
{
	char answer[INPUT_MAX], path[sizeof(LOG_DIR) + INPUT_MAX];
	const char *const of_container[] = {"cloison", "logs", "--tail", "200", answer, NULL};
	_cleanup_dir_ DIR *dir = opendir(LOG_DIR);
	const struct dirent *e;

	put_text("Logs of services:");
	while (dir && (e = readdir(dir)))
		if (is_name(e->d_name))
			put_line(e->d_name, strlen(e->d_name));
	ask("A service, a container, or \"kernel\": ", answer);
	screen.stopped = false;
	if (!*answer || !is_name(answer))
		return;
	snprintf(path, sizeof(path), LOG_DIR "/%s", answer);
	if (!strcmp(answer, "kernel"))
		put_file(KERNEL_LOG, 200);
	else if (access(path, F_OK) == 0)
		put_file(path, 200);
	else
		put_cloison(of_container);
}

/* power - ask PID 1, once the person has said it twice. */
static void power(const char *what, int signal_number)
{
	char prompt[64], answer[INPUT_MAX];

	snprintf(prompt, sizeof(prompt), "%s? Type yes: ", what);
	ask(prompt, answer);
	if (!strcmp(answer, "yes") && kill(1, signal_number) < 0)
		printf("cannot tell PID 1: %s\n", errno_name(errno));
}

static void restart(void)
{
	power("Restart this machine", SIGTERM);
}

static void power_off(void)
{
	power("Power this machine off", SIGUSR2);
}

static const struct {
	const char *name;
	void (*show)(void);
} entries[] = {
	{"Addresses", addresses}, {"Services", services}, {"Containers", containers},
	{"Logs", logs},		  {"Restart", restart},	  {"Power off", power_off},
};

static void head(void)
{
	char name[65] = "";
	struct sysinfo i;

	if (gethostname(name, sizeof(name) - 1) == 0)
		printf("\n%s\n", name);
	if (sysinfo(&i) == 0)
		printf("up %ld min, %lu of %lu MiB free\n", i.uptime / 60,
		       (i.freeram >> 10) * i.mem_unit >> 10, (i.totalram >> 10) * i.mem_unit >> 10);
	for (size_t n = 0; n < ARRAY_SIZE(entries); n++)
		printf(" %zu  %s\n", n + 1, entries[n].name);
}

static _Noreturn void menu(void)
{
	char answer[INPUT_MAX];

	for (;;) {
		measure();
		head();
		ask("Number, or Enter: ", answer);
		measure();
		if (answer[0] >= '1' && (size_t)(answer[0] - '1') < ARRAY_SIZE(entries) &&
		    !answer[1])
			entries[answer[0] - '1'].show();
	}
}

/* --- what is on the console */

/* wanted - the configured word; without `cloison-config apply` there is none. */
static void wanted(char word[16])
{
	_cleanup_fd_ int fd = open(APPLY_DIR "/console", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, word, 15);

	word[n > 0 ? n : 0] = '\0';
	word[strcspn(word, "\n")] = '\0';
}

int services_console(struct error *err)
{
	char word[16];

	wanted(word);
	for (size_t i = 0; strcmp(word, "menu") == 0 && i < ARRAY_SIZE(ignored); i++)
		signal(ignored[i], SIG_IGN);
	if (!strcmp(word, "menu"))
		menu();
	while (!strcmp(word, "none"))
		pause();
	/* the hyphen makes it a login shell, which reads /etc/profile */
	execl("/bin/sh", "-sh", NULL);
	error_set(err, errno, "cannot execute `/bin/sh`");
	err->code = err->errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE;
	return -1;
}
