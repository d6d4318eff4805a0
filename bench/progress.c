/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * progress.c: how far a scenario is, and how long it still takes at the pace so far.
 *
 * At most a line per second, so that a quick scenario does not scroll the others away. The first
 * block often is the slowest, so nothing is said of time before a second has passed.
 */
#include "bench/bench.h"

#include <string.h>

#define LINE_EVERY_NS 1000000000

/* left - "40 s", "12 min", "2 h 5 min". */
static const char *left(double s, char buf[32])
{
	if (s < 90)
		snprintf(buf, 32, "%.0f s", s);
	else if (s < 5400)
		snprintf(buf, 32, "%.0f min", s / 60);
	else
		snprintf(buf, 32, "%ld h %ld min", (long)s / 3600, (long)s % 3600 / 60);
	return buf;
}

void bench_progress(struct bench *b, const char *id, int done, int total)
{
	struct progress *p = &b->progress;
	int64_t now = harness_now_ns();
	double took = (double)(now - p->started_ns) / 1e9;
	char text[32], of[32] = "";

	if (!p->id || strcmp(p->id, id) != 0 || done < p->done) {
		*p = (struct progress){.id = id,
				       .started_ns = now,
				       .first = done,
				       .scenario = p->scenario,
				       .scenarios = p->scenarios};
		took = 0;
	} else if (now - p->said_ns < LINE_EVERY_NS) {
		p->done = done;
		return;
	}
	p->said_ns = now;
	p->done = done;
	if (p->scenarios > 1)
		snprintf(of, sizeof(of), "[%d/%d] ", p->scenario, p->scenarios);
	if (took < 1 || done <= p->first)
		bench_say("%s%s: %d of %d", of, id, done + 1, total);
	else
		bench_say("%s%s: %d of %d, about %s left", of, id, done + 1, total,
			  left(took / (done - p->first) * (total - done), text));
}
