/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c: `cloison config`, which is the program cloison-config beside this one.
 *
 * A program of its own, because it parses YAML, which nothing else here does.
 */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "runtime/cli/verb.h"

#define PROGRAM "cloison-config"

static int config(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	char path[PATH_MAX + sizeof(PROGRAM)];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);
	char *slash;

	(void)rt;
	(void)values;
	if (n < 0)
		return error_set(err, errno, "cannot read `/proc/self/exe`");
	path[n] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return error_set(err, 0, "cannot tell where `%s` is", path);
	memcpy(slash + 1, PROGRAM, sizeof(PROGRAM));
	/* argv[-1] is the verb. */
	argv[-1] = (char *)PROGRAM;
	execv(path, argv - 1);
	return error_set(err, errno, "cannot execute `%s`", path);
}

const struct verb verb_config = {
	.name = "config",
	.arguments = "check|show [OPTION...]",
	.summary = "look at the configuration of the host",
	.min_args = 1,
	.max_args = -1,
	.stateless = true,
	.run = config,
};
