/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * process.c: the probe as a plain process. Nothing can start faster than this row, whatever
 * isolates it.
 */
#include "bench/drivers/driver.h"

static int probe(struct bench *b, struct system *s)
{
	s->accel = "native";
	if (!b->native)
		return skip(s, "the programs are of another architecture than this machine");
	return 0;
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	(void)s;
	command_add(cmd, "%s", b->files.probe);
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_process = {
	.id = "process",
	.what = "the probe as a plain process",
	.kind = KIND_PROCESS,
	.holds = true,
	.probe = probe,
	.start = start,
};
