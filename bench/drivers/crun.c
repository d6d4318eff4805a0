/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * crun.c: `crun run`, the fastest OCI runtime in wide use.
 */
#include "bench/drivers/driver.h"

#define NO_CGROUPS "--cgroup-manager=disabled"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	oci_start(b, s, r, NO_CGROUPS, cmd);
}

static void stop(const struct bench *b, const struct system *s, unsigned int serial,
		 struct command *cmd)
{
	oci_stop(b, s, serial, NO_CGROUPS, cmd);
}

const struct driver driver_crun = {
	.id = "crun",
	.what = "crun run, default spec; a cgroup with --cgroups yes",
	.kind = KIND_CONTAINER,
	.program = "crun",
	.detaches = true,
	.executes = true,
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
	.stop = stop,
};
