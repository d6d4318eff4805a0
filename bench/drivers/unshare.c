/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * unshare.c: util-linux' unshare with the same six namespaces and a chroot.
 *
 * Of the spec it makes the namespaces and /proc, nothing else: no /dev, no masks, no capabilities
 * dropped. It is the least that people do by hand.
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	static const char *const options[] = {"--pid",	 "--fork",   "--kill-child",
					      "--mount", "--net",    "--ipc",
					      "--uts",	 "--cgroup", "--mount-proc"};

	command_add(cmd, "%s", s->program);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		command_add(cmd, "%s", options[i]);
	command_add(cmd, "--root=%s/%s/rootfs", b->work, BUNDLE_ONCE);
	command_add(cmd, "/probe");
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_unshare = {
	.id = "unshare",
	.what = "util-linux' unshare, the namespaces and /proc alone",
	.kind = KIND_CONTAINER,
	.program = "unshare",
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
};
