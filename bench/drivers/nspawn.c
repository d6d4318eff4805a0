/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * nspawn.c: systemd-nspawn on the bundle's root, not registered with any machined.
 *
 * It makes a transient image of a whole system: its own /dev, /run, /tmp, a seccomp filter, more
 * masks than the spec has, and it asks for a lock file on the host. There is no option to make less.
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	static const char *const options[] = {"--quiet",	  "--register=no",
					      "--keep-unit",	  "--private-network",
					      "--console=pipe",	  "--volatile=no",
					      "--link-journal=no"};

	command_add(cmd, "%s", s->program);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		command_add(cmd, "%s", options[i]);
	command_add(cmd, "--machine=bench-%u", r->serial);
	command_add(cmd, "--directory=%s/%s/rootfs", b->work, BUNDLE_TREE);
	command_add(cmd, "/probe");
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_nspawn = {
	.id = "systemd-nspawn",
	.what = "systemd-nspawn, not registered, private network",
	.kind = KIND_CONTAINER,
	.program = "systemd-nspawn",
	.package = "systemd-container",
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
};
