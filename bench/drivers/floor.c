/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * floor.c: the default spec's kernel objects, made by a bare program (bench/floor.c).
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

#include <string.h>

static int probe(struct bench *b, struct system *s)
{
	snprintf(s->program, sizeof(s->program), "%s", b->files.floor);
	if (access(s->program, X_OK) < 0)
		return skip(s, "cannot execute %s: %s", s->program, errno_name(errno));
	return driver_probe_native(b, s);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "run");
	if (r->hold) {
		command_add(cmd, "--detach");
		command_add(cmd, "--pid-file");
		command_add(cmd, "%s/%u.pid", b->work, r->serial);
	}
	command_add(cmd, "%s/%s/rootfs", b->work, BUNDLE_ONCE);
	command_add(cmd, "/probe");
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_floor = {
	.id = "floor",
	.what = "the same kernel objects, made by a bare program",
	.kind = KIND_CONTAINER,
	.detaches = true,
	.probe = probe,
	.start = start,
};
