/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runsc.c: gVisor's OCI runtime: the same bundle, whose process runs on a kernel in user space.
 */
#include "bench/drivers/driver.h"

#define NO_CGROUPS "--ignore-cgroups"

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

const struct driver driver_runsc = {
	.id = "runsc",
	.what = "gVisor's runsc run, default spec and platform",
	.kind = KIND_CONTAINER,
	.program = "runsc",
	.package = "runsc of gVisor's own archive, gvisor.dev/docs/user_guide/install",
	.detaches = true,
	.executes = true,
	.holds = true,
	.probe = driver_probe_native,
	.start = start,
	.stop = stop,
};
