/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lxc.c: lxc-start in the foreground, with a configuration that asks for what the spec has.
 *
 * /dev, /proc and /sys are LXC's own ("autodev", "proc:mixed sys:mixed"); it makes a cgroup, which it
 * does not leave out, and a monitor process stays beside each container.
 */
#include "bench/drivers/driver.h"
#include "bench/workspace.h"

#include <sys/stat.h>

static int write_config(const struct bench *b, struct system *s)
{
	static const char text[] = "lxc.rootfs.path = dir:%s/" BUNDLE_TREE "/rootfs\n"
				   "lxc.uts.name = bench\n"
				   "lxc.net.0.type = empty\n"
				   "lxc.autodev = 1\n"
				   "lxc.mount.auto = proc:mixed sys:mixed\n"
				   "lxc.tty.max = 0\n"
				   "lxc.pty.max = 16\n"
				   "lxc.console.path = none\n"
				   "lxc.apparmor.profile = unconfined\n";
	char path[PATH_MAX];
	_cleanup_file_ FILE *f = NULL;

	snprintf(path, sizeof(path), "%s/state/lxc", b->work);
	if (mkdir(path, 0755) < 0)
		return skip(s, "cannot create `%s`: %s", path, errno_name(errno));
	snprintf(path, sizeof(path), "%s/lxc.conf", b->work);
	f = fopen(path, "we");
	if (!f || fprintf(f, text, b->work) < 0 || fflush(f))
		return skip(s, "cannot write `%s`: %s", path, errno_name(errno));
	return 0;
}

static int probe(struct bench *b, struct system *s)
{
	return driver_probe_native(b, s) ? -1 : write_config(b, s);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "--foreground");
	command_add(cmd, "--lxcpath=%s/state/lxc", b->work);
	command_add(cmd, "--name=bench-%u", r->serial);
	command_add(cmd, "--rcfile=%s/lxc.conf", b->work);
	command_add(cmd, "--");
	command_add(cmd, "/probe");
	if (r->hold)
		command_add(cmd, "hold");
}

const struct driver driver_lxc = {
	.id = "lxc",
	.what = "lxc-start in the foreground, with a cgroup",
	.kind = KIND_CONTAINER,
	.program = "lxc-start",
	.package = "lxc",
	.holds = true,
	.probe = probe,
	.start = start,
};
