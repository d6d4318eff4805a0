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

/* add_cgroup - the directory of container @serial, when the bench is to make them. */
static void add_cgroup(const struct bench *b, unsigned int serial, struct command *cmd)
{
	if (!b->opt.cgroups)
		return;
	command_add(cmd, "--cgroup");
	command_add(cmd, "/sys/fs/cgroup/bench-floor-%u", serial);
}

/* held - the process of held container @serial, 0 when there is none. */
static int held(const struct bench *b, unsigned int serial)
{
	char path[PATH_MAX];
	FILE *f;
	int pid = 0;

	snprintf(path, sizeof(path), "%s/%u.pid", b->work, serial);
	f = fopen(path, "re");
	if (!f)
		return 0;
	if (fscanf(f, "%d", &pid) != 1)
		pid = 0;
	fclose(f);
	return pid;
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	if (r->exec_in) {
		command_add(cmd, "exec");
		add_cgroup(b, r->exec_in, cmd);
		command_add(cmd, "%d", held(b, r->exec_in));
		command_add(cmd, "/probe");
		return;
	}
	command_add(cmd, "run");
	add_cgroup(b, r->serial, cmd);
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

static void stop(const struct bench *b, const struct system *s, unsigned int serial,
		 struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "stop");
	add_cgroup(b, serial, cmd);
	command_add(cmd, "%d", held(b, serial));
}

const struct driver driver_floor = {
	.id = "floor",
	.what = "the same kernel objects, made by a bare program",
	.kind = KIND_CONTAINER,
	.detaches = true,
	.executes = true,
	.holds = true,
	.probe = probe,
	.start = start,
	.stop = stop,
};
