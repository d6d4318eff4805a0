/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.c: `spec`.
 */
#include "runtime/oci/spec.h"

#include <fcntl.h>

#include "runtime/cli/verb.h"

struct values {
	const char *bundle;
	bool all_namespaces;
};

static const struct option table[] = {
	{"bundle", 'b', OPTION_STRING, offsetof(struct values, bundle), "DIR",
	 "write DIR/config.json (default: the current directory)"},
	{"all-namespaces", 0, OPTION_FLAG, offsetof(struct values, all_namespaces), NULL,
	 "also a user namespace (0 is host id 100000) and a time namespace"},
};

static int spec(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const char *bundle = v->bundle ? v->bundle : ".";
	_cleanup_fd_ int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int fd = FD_EMPTY;

	(void)rt;
	(void)argv;
	if (dir < 0)
		return error_set(err, errno, "cannot open `%s`", bundle);
	fd = openat(dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0) {
		int errnum = errno;

		error_set(err, errnum, "cannot make `%s/config.json`", bundle);
		if (errnum == EEXIST)
			error_hint(err, "it is there already; remove it first if it is not wanted");
		return -1;
	}
	return spec_write(fd, v->all_namespaces ? SPEC_ALL_NAMESPACES : SPEC_DEFAULT, err);
}

const struct verb verb_spec = {
	.name = "spec",
	.arguments = "",
	.summary = "write a config.json to start from",
	VERB_OPTIONS(table, struct values),
	.max_args = 0,
	.run = spec,
};
