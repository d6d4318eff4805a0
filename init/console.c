/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.c: /dev/console, and the terminal that it stands for.
 *
 * /dev/console is good for messages, but it cannot be a controlling terminal, and a shell without
 * one has no job control and no Ctrl-C. The kernel names the terminal behind it as the last word
 * of /sys/class/tty/console/active ("tty0 ttyS0"); tty0 in turn stands for the virtual terminal in
 * front, named in /sys/class/tty/tty0/active.
 *
 * When there is no console (`console=` names nothing that exists, or the node is missing), the
 * messages go to the kernel log and services get /dev/null; both are said there.
 */
#include "init/console.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"

static const char console_path[] = "/dev/console";
static const char null_path[] = "/dev/null";

static char terminal[32]; /* "" when there is none */

/* fill_stdio - make descriptors 0 to 2 exist, so that no file opened later lands there. */
static int fill_stdio(void)
{
	int fd;

	do {
		fd = open(null_path, O_RDWR);
		if (fd < 0)
			return -1;
	} while (fd <= STDERR_FILENO);
	for (int i = STDIN_FILENO; i <= STDERR_FILENO; i++)
		dup2(fd, i);
	close(fd);
	return 0;
}

/* read_active - the last word of a list of terminals in sysfs; false when there is none. */
static bool read_active(const char *path, char *name, size_t size)
{
	char text[128];
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	const char *word;
	size_t len;

	if (n <= 0)
		return false;
	text[n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	word = strrchr(text, ' ');
	word = word ? word + 1 : text;
	len = strlen(word);
	if (len == 0 || len >= size || strchr(word, '/'))
		return false;
	memcpy(name, word, len + 1);
	return true;
}

static void find_terminal(void)
{
	char name[sizeof(terminal) - sizeof("/dev/") + 1];

	if (!read_active("/sys/class/tty/console/active", name, sizeof(name)))
		return;
	if (strcmp(name, "tty0") == 0 &&
	    !read_active("/sys/class/tty/tty0/active", name, sizeof(name)))
		return;
	snprintf(terminal, sizeof(terminal), "/dev/%s", name);
	if (access(terminal, R_OK | W_OK) < 0) {
		say_error(errno, "console: cannot use terminal `%s`", terminal);
		terminal[0] = '\0';
	}
}

/* open_console - our own descriptor; the one that the kernel gave us when that cannot be had. */
static int open_console(void)
{
	int fd = open(console_path, O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	int errnum = errno;

	if (fd < 0 && isatty(STDERR_FILENO))
		fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (fd >= 0 && fd <= STDERR_FILENO) {
		int low = fd;

		fd = fcntl(low, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
		close(low);
	}
	errno = errnum;
	return fd;
}

int console_open(void)
{
	int failed = 0;
	int fd = open_console();
	int errnum = errno;

	say_to(fd);
	if (fd < 0) {
		say_error(errnum, "console: cannot open `%s`", console_path);
		say("console: messages go to the kernel log, services get `%s`", null_path);
	}
	if (fill_stdio() < 0) {
		say_error(errno, "console: cannot open `%s`", null_path);
		failed++;
	}
	find_terminal();
	return failed;
}

const char *console_terminal(void)
{
	return terminal[0] ? terminal : NULL;
}

/* set_sane - a program that died may have left the terminal raw; line speed stays as it is. */
static void set_sane(int fd)
{
	static const cc_t keys[NCCS] = {
		[VINTR] = 3,   [VQUIT] = 28,	[VERASE] = 127, [VKILL] = 21,	 [VEOF] = 4,
		[VSTART] = 17, [VSTOP] = 19,	[VSUSP] = 26,	[VREPRINT] = 18, [VWERASE] = 23,
		[VLNEXT] = 22, [VDISCARD] = 15, [VMIN] = 1,
	};
	struct termios t;

	if (tcgetattr(fd, &t) < 0)
		return;
	t.c_iflag = ICRNL | IXON | IUTF8;
	t.c_oflag = OPOST | ONLCR;
	t.c_lflag = ISIG | ICANON | IEXTEN | ECHO | ECHOE | ECHOK | ECHOCTL | ECHOKE;
	memcpy(t.c_cc, keys, sizeof(t.c_cc));
	tcsetattr(fd, TCSANOW, &t);
}

/* move_to_stdio - @in as descriptor 0, @out as 1 and 2, and neither anywhere else. */
static int move_to_stdio(int in, int out)
{
	if (dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0 ||
	    dup2(out, STDERR_FILENO) < 0)
		return -1;
	return 0;
}

int console_attach(void)
{
	/* Not to wait for a carrier: a console line may be without modem signals. */
	_cleanup_fd_ int fd = open(terminal, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0 || fcntl(fd, F_SETFL, 0) < 0)
		return -1;
	/* 1: take it from a session that has not let go of it yet. */
	if (setsid() < 0 || ioctl(fd, TIOCSCTTY, 1) < 0)
		return -1;
	set_sane(fd);
	return move_to_stdio(fd, fd);
}

int console_stdio(void)
{
	_cleanup_fd_ int null = open(null_path, O_RDWR | O_CLOEXEC);
	_cleanup_fd_ int out = open(console_path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (null < 0 || setsid() < 0)
		return -1;
	return move_to_stdio(null, out < 0 ? null : out);
}
