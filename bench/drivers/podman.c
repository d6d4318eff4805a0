/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * podman.c: `podman run` of an image that holds the probe.
 *
 * Its storage is on the bench's own tmpfs, so that nothing of the machine's is touched.
 */
#include "bench/drivers/engine.h"

static void program(const struct bench *b, const struct system *s, struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "--root=%s/state/podman", b->work);
	command_add(cmd, "--runroot=%s/state/podman-run", b->work);
	command_add(cmd, "--cgroup-manager=cgroupfs");
	command_add(cmd, "--events-backend=file");
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

const struct driver driver_podman = {
	.id = "podman",
	.what = "podman run --rm, with its default network, cgroup and filter",
	.kind = KIND_CONTAINER,
	.program = "podman",
	.package = "podman",
	.probe = probe,
	.start = start,
	.stop = stop,
};
