/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * docker.c: `docker run` of an image that holds the probe, with the daemon that answers.
 *
 * The image stays in that daemon when the bench ends: it is 12 KiB, and of the same name at the next run.
 */
#include "bench/drivers/engine.h"

static void program(const struct bench *b, const struct system *s, struct command *cmd)
{
	(void)b;
	command_add(cmd, "%s", s->program);
}

static int probe(struct bench *b, struct system *s)
{
	return driver_probe_native(b, s) ? -1 : engine_import(b, s, program);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	engine_run(b, s, r, program, cmd);
}

static void stop(const struct bench *b, const struct system *s, unsigned int serial,
		 struct command *cmd)
{
	engine_remove(b, s, serial, program, cmd);
}

const struct driver driver_docker = {
	.id = "docker",
	.what = "docker run --rm, with its default network, cgroup and filter",
	.kind = KIND_CONTAINER,
	.program = "docker",
	.package = "docker.io",
	.probe = probe,
	.start = start,
	.stop = stop,
};
