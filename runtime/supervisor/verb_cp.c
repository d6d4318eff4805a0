/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * verb_cp.c: cp.
 *
 * A program of its own does the work, `cloison archive` (runtime/cli/native/archive.c), with an archive on its
 * standard input or output, which goes through as that of an exec does: so the loop never waits for a file, and
 * nothing of a container's files is in this process.
 */
#include <string.h>

#include "runtime/supervisor/exec.h"
#include "runtime/supervisor/request.h"

void verb_cp(struct client *client, const struct request *r, struct container *c)
{
	const char *direction = json_get_text(r->tree, "direction");
	const char *path = json_get_text(r->tree, "path");
	bool in = direction && !strcmp(direction, "to");
	static const struct {
		const char *member, *option;
	} flags[] = {{"archive", "--archive"}, {"follow_link", "--follow-link"}, {"raw", "--raw"}};
	char config[300], process[64];
	struct job_spec spec = {.args = {"archive"}, .n = 1, .plain = true};

	if (!path || !*path || !direction || (!in && strcmp(direction, "from") != 0)) {
		verb_error(client, "request: cp needs a path and a direction, from or to");
		return;
	}
	/* Its root is being put together, and not yet to be seen in a process. */
	if (c->phase == PHASE_CREATING && !c->pid) {
		verb_error(client, "container `%s` is being started", c->name);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (json_object_get_boolean(json_get(r->tree, flags[i].member)))
			spec.args[spec.n++] = flags[i].option;
	if (c->pid) {
		snprintf(process, sizeof(process), "%d:%ju", (int)c->pid,
			 (uintmax_t)c->start_ticks);
		spec.args[spec.n++] = "--process";
		spec.args[spec.n++] = process;
	}
	snprintf(config, sizeof(config), "%s/containers/%s/config.json", c->s->dir, c->id);
	spec.args[spec.n++] = "--";
	spec.args[spec.n++] = in ? "in" : "out";
	spec.args[spec.n++] = config;
	spec.args[spec.n++] = path;
	exec_piped(client, c, &spec, in);
}
