/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * proof.c: the agent's `show`, and finding the container's lines on the console.
 *
 * They are between two marker lines, so kernel and init messages around them are left out.
 */
#include "bench/proof.h"

#include "bench/agent.h"
#include "bench/scenarios/scenario.h"
#include "bench/systems.h"

#include <string.h>

/* keep_lines - the lines between the two marker lines. Returns how many, or -1 with @err. */
static int keep_lines(struct bench *b, char *console, struct error *err)
{
	char *at = strstr(console, AGENT_SHOW_BEGIN), *end = at ? strstr(at, AGENT_SHOW_END) : NULL;
	int n = 0;

	if (!end)
		return 0;
	*end = '\0';
	at += strcspn(at, "\n");
	for (char *line = strtok_r(at, "\r\n", &at); line; line = strtok_r(NULL, "\r\n", &at), n++)
		if (results_text(&b->results, "proof", line, err))
			return -1;
	return n;
}

int proof_take(struct bench *b, struct error *err)
{
	struct system *s = bench_system(b, "appliance");
	struct request r = {.agent = "show", .serial = ++b->serial};
	_cleanup_child_ struct child *c = child_new();
	enum wait_result result;
	struct command cmd;
	char complaint[160];
	int lines;

	if (!s || !s->available)
		return 0;
	if (!c)
		return error_set(err, ENOMEM, "cannot boot the appliance");
	bench_say("the appliance: one container says where it is");
	command_init(&cmd);
	s->driver->start(b, s, &r, &cmd);
	if (harness_run(&b->h, c, &cmd, visit_deadline_ms(b, s, &r), &result, err))
		return -1;
	child_complaint(c, complaint, sizeof(complaint));
	lines = keep_lines(b, c->output, err);
	if (lines < 0)
		return -1;
	if (lines > 0 || result == WAIT_INTERRUPTED)
		return 0;
	skip(s, "%s; the last line: %.300s",
	     result == WAIT_TIMEOUT ? "the appliance did not end in time"
				    : "the appliance did not show a container",
	     complaint);
	return systems_break(b, s, err);
}
