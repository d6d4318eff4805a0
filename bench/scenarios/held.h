/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * held.h: instances that stay, on this host, while something else is measured.
 */
#ifndef CLOISON_BENCH_SCENARIOS_HELD_H
#define CLOISON_BENCH_SCENARIOS_HELD_H

#include "bench/scenarios/scenario.h"

struct held {
	const struct system *system;
	struct child *launcher; /* NULL when it has gone and left the instance */
	pid_t pid;
	int pidfd;
	unsigned int serial;
};

/*
 * held_start - an instance of @s whose probe stays.
 * Returns 0, or -1 with the reason in @trouble; nothing is left then.
 */
must_check int held_start(struct bench *b, const struct system *s, const struct request *r,
			  struct held *h, char *trouble, size_t size);

/* held_stop - end it and wait until it has gone. */
void held_stop(struct bench *b, struct held *h);

#endif
