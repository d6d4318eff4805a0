/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.c: `spec`.
 */
#include "runtime/oci/spec.h"

#include <fcntl.h>

#include "runtime/cli/verb.h"

struct values {
	const char *bundle, *hostname;
	unsigned int memory_mib, pids;
	bool all_namespaces, rootless;
};

static const struct option table[] = {
	{"bundle", 'b', OPTION_STRING, offsetof(struct values, bundle), "DIR",
	 "write DIR/config.json (default: the current directory)"},
	{"all-namespaces", 0, OPTION_FLAG, offsetof(struct values, all_namespaces), NULL,
	 "also a user namespace (0 is host id 100000) and a time namespace"},
	{"rootless", 0, OPTION_FLAG, offsetof(struct values, rootless), NULL,
	 "for an ordinary user: a user namespace of the caller's own id, the host's network"},
	{"hostname", 0, OPTION_STRING, offsetof(struct values, hostname), "NAME",
	 "hostname inside (default: cloison)"},
	{"memory", 0, OPTION_NUMBER, offsetof(struct values, memory_mib), "MIB",
	 "memory limit in MiB (default: none)"},
	{"pids", 0, OPTION_NUMBER, offsetof(struct values, pids), "N",
	 "limit on processes and threads (default: none)"},
};

static int spec(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const char *bundle = v->bundle ? v->bundle : ".";
	_cleanup_fd_ int dir = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_fd_ int fd = FD_EMPTY;
	const struct spec_options options = {
		.namespaces = v->all_namespaces ? SPEC_ALL
			      : v->rootless	? SPEC_ROOTLESS
						: SPEC_USUAL,
		.hostname = v->hostname,
		.memory_limit_bytes = (int64_t)v->memory_mib * 1024 * 1024,
		.pids_limit = v->pids,
	};

	(void)rt;
	(void)argv;
	if (v->all_namespaces && v->rootless)
		return error_set(err, EINVAL, "--all-namespaces and --rootless exclude each other");
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
	if (spec_write(fd, &options, err) == 0)
		return 0;
	/* Half of it would be in the way of the next `spec`; err has what went wrong. */
	(void)unlinkat(dir, "config.json", 0);
	return -1;
}

const struct verb verb_spec = {
	.name = "spec",
	.arguments = "",
	.summary = "write a config.json to start from",
	VERB_OPTIONS(table, struct values),
	.max_args = 0,
	.stateless = true,
	.run = spec,
};
