/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cloison.c: `cloison run` on this host, through its command line like everybody else.
 *
 * Without cgroups unless asked, as crun: this bench has to run on hosts that leave no controller to
 * either.
 */
#include "bench/drivers/driver.h"

#define NO_CGROUPS "--cgroup-manager=disabled"

static int probe(struct bench *b, struct system *s)
{
	if (!s->program[0])
		snprintf(s->program, sizeof(s->program), "%s", b->files.cloison);
	if (access(s->program, X_OK) < 0)
		return skip(s, "cannot execute %s: %s", s->program, errno_name(errno));
	return driver_probe_native(b, s);
}

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

const struct driver driver_cloison = {
	.id = "cloison",
	.what = "cloison run on this host, default spec; a cgroup with --cgroups yes",
	.kind = KIND_CONTAINER,
	.detaches = true,
	.executes = true,
	.holds = true,
	.probe = probe,
	.start = start,
	.stop = stop,
};
