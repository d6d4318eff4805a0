/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bwrap.c: bubblewrap with the same namespaces and its own idea of /dev and /proc.
 *
 * It is no OCI runtime: it keeps no state, masks no paths, makes no sysfs and no cgroup mount.
 * It cannot detach, so a held one keeps its two parent processes.
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	static const char *const options[] = {
		"--unshare-ipc",
		"--unshare-pid",
		"--unshare-net",
		"--unshare-uts",
		"--unshare-cgroup",
		"--hostname",
		"bench",
		"--proc",
		"/proc",
		"--dev",
		"/dev",
		"--cap-drop",
		"ALL",
		"--new-session",
		"--die-with-parent",
	};

	command_add(cmd, "%s", s->program);
	command_add(cmd, "--ro-bind");
	command_add(cmd, "%s/%s/rootfs", b->work, BUNDLE_ONCE);
	command_add(cmd, "/");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		command_add(cmd, "%s", options[i]);
	command_add(cmd, "/probe");
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_bwrap = {
	.id = "bwrap",
	.what = "bubblewrap, same namespaces, fewer mounts",
	.kind = KIND_CONTAINER,
	.program = "bwrap",
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
};
