/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * push-input.c: try to type on the terminal that is descriptor 0 (TIOCSTI; CVE-2017-5226), and to
 * open the controlling one. Static, as it runs inside containers.
 *
 * Prints "pushed" or "refused", then "tty" or "no tty".
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

int main(void)
{
	char c = '#';
	int pushed = ioctl(STDIN_FILENO, TIOCSTI, &c);
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC);

	puts(pushed == 0 ? "pushed" : "refused");
	puts(tty >= 0 ? "tty" : "no tty");
	return 0;
}
