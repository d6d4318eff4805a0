/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * beside.c: commands that are programs of their own, in the directory of this one.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cli/verb.h"

int run_beside(const char *program, char **argv, struct error *err)
{
	char path[PATH_MAX + NAME_MAX];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	if (n < 0)
		return error_set(err, errno, "cannot read `/proc/self/exe`");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash || strlen(program) >= NAME_MAX)
		return error_set(err, 0, "cannot tell where `%s` is", path);
	memcpy(slash + 1, program, strlen(program) + 1);
	argv[0] = (char *)program;
	execv(path, argv);
	return error_set(err, errno, "cannot execute `%s`", path);
}
