/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * engine.c: container engines, with everything that they do unless told otherwise.
 *
 * That is the containers' worst case beside the virtual machines' best: a network with a pair of
 * interfaces on a bridge, a cgroup, a seccomp filter, an overlay, an engine in between.
 */
#include "bench/drivers/engine.h"

#include "bench/default_spec.h"
#include "bench/systems.h"
#include "bench/workspace.h"

#include <string.h>

/* try_command - 0 when @cmd ended with 0; else s->skip with the last line it wrote. */
static int try_command(struct bench *b, struct system *s, const struct command *cmd)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	enum wait_result result;
	const char *line;

	if (!c || harness_run(&b->h, c, cmd, 3 * b->opt.container_deadline_ms, &result, &err))
		return skip(s, "cannot start %s", cmd->argv[0]);
	if (result == WAIT_OK && child_exit_code(c) == 0)
		return 0;
	for (char *end = c->errors + c->errors_size; end > c->errors && end[-1] == '\n';)
		*--end = '\0';
	line = strrchr(c->errors, '\n');
	return skip(s, "`%s %s` failed: %.300s", s->program, cmd->argv[cmd->argc - 1],
		    line ? line + 1 : c->errors);
}

int engine_import(struct bench *b, struct system *s, engine_program program)
{
	struct command cmd;
	char tar[PATH_MAX];

	command_init(&cmd);
	program(b, s, &cmd);
	command_add(&cmd, "info");
	if (try_command(b, s, &cmd))
		return -1;
	if (systems_program("tar", tar, sizeof(tar)))
		return skip(s, "tar is not installed; it makes the image");
	command_init(&cmd);
	command_add(&cmd, "%s", tar);
	command_add(&cmd, "--create");
	command_add(&cmd, "--file=%s/probe.tar", b->work);
	command_add(&cmd, "--directory=%s/%s/rootfs", b->work, BUNDLE_TREE);
	command_add(&cmd, ".");
	if (try_command(b, s, &cmd))
		return -1;
	command_init(&cmd);
	program(b, s, &cmd);
	command_add(&cmd, "import");
	command_add(&cmd, "%s/probe.tar", b->work);
	command_add(&cmd, ENGINE_IMAGE);
	return try_command(b, s, &cmd);
}

void engine_run(const struct bench *b, const struct system *s, const struct request *r,
		engine_program program, struct command *cmd)
{
	program(b, s, cmd);
	command_add(cmd, "run");
	command_add(cmd, "--rm");
	command_add(cmd, "--name");
	command_add(cmd, "bench-%u", r->serial);
	/* The spec's limit; and not every root may raise limits, as their defaults do. */
	command_add(cmd, "--ulimit=nofile=%d:%d", SPEC_RLIMIT_NOFILE, SPEC_RLIMIT_NOFILE);
	command_add(cmd, "--ulimit=nproc=4096:4096");
	command_add(cmd, ENGINE_IMAGE);
	command_add(cmd, "/probe");
}

void engine_remove(const struct bench *b, const struct system *s, unsigned int serial,
		   engine_program program, struct command *cmd)
{
	program(b, s, cmd);
	command_add(cmd, "rm");
	command_add(cmd, "--force");
	command_add(cmd, "bench-%u", serial);
}
