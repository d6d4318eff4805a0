/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runc.c: `runc run`, the reference OCI runtime. It has no way to leave cgroups alone, so it
 * makes one more object than the others; its row says so.
 */
#include "bench/drivers/driver.h"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	oci_start(b, s, r, NULL, cmd);
}

static void stop(const struct bench *b, const struct system *s, unsigned int serial,
		 struct command *cmd)
{
	oci_stop(b, s, serial, NULL, cmd);
}

const struct driver driver_runc = {
	.id = "runc",
	.what = "runc run, default spec, with a cgroup",
	.kind = KIND_CONTAINER,
	.program = "runc",
	.detaches = true,
	.executes = true,
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
	.stop = stop,
};
