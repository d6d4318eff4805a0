/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * path-swapper.c: the attacker's half of a race: exchange two paths, again and again, until killed.
 *
 * usage: path-swapper A B
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	if (argc != 3)
		errx(1, "usage: path-swapper A B");
	puts("swapping");
	if (fflush(stdout))
		err(1, "stdout");
	for (;;)
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) < 0)
			err(1, "%s, %s", argv[1], argv[2]);
}
