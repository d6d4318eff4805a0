/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * common.c: what the drivers of native systems share.
 *
 * The OCI runtimes get the same bundle and a state directory of their own on the same tmpfs.
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

int driver_probe_native(struct bench *b, struct system *s)
{
	s->accel = "native";
	if (!b->native)
		return skip(s, "the programs are of another architecture than this machine");
	if (!b->root)
		return skip(s, "needs root: it makes namespaces and mounts");
	return 0;
}

/* oci_program - the program with its options for all verbs. */
static void oci_program(const struct bench *b, const struct system *s, const char *no_cgroups,
			struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "--root");
	command_add(cmd, "%s/state/%s", b->work, s->driver->id);
	if (no_cgroups && !b->opt.cgroups)
		command_add(cmd, "%s", no_cgroups);
}

void oci_start(const struct bench *b, const struct system *s, const struct request *r,
	       const char *no_cgroups, struct command *cmd)
{
	oci_program(b, s, no_cgroups, cmd);
	if (r->exec_in) {
		command_add(cmd, "exec");
		command_add(cmd, "bench-%u", r->exec_in);
		command_add(cmd, "/probe");
		return;
	}
	command_add(cmd, "run");
	command_add(cmd, "--bundle");
	command_add(cmd, "%s/%s", b->work, r->hold ? BUNDLE_HOLD : BUNDLE_ONCE);
	if (r->hold) {
		command_add(cmd, "--detach");
		command_add(cmd, "--pid-file");
		command_add(cmd, "%s/%u.pid", b->work, r->serial);
	}
	command_add(cmd, "bench-%u", r->serial);
}

void oci_stop(const struct bench *b, const struct system *s, unsigned int serial,
	      const char *no_cgroups, struct command *cmd)
{
	oci_program(b, s, no_cgroups, cmd);
	command_add(cmd, "delete");
	command_add(cmd, "--force");
	command_add(cmd, "bench-%u", serial);
}
