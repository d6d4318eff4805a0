/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probes.h: what the kernel and the host have of what Cloison uses.
 *
 * Each probe tries the thing itself: versions say little about kernels that have been configured, patched and
 * restricted. What could leave something behind is tried in a child.
 */
#ifndef CLOISON_SANDBOX_PROBES_H
#define CLOISON_SANDBOX_PROBES_H

#include <stdbool.h>
#include <stddef.h>

enum probe_state { PROBE_OK, PROBE_LIMITED, PROBE_MISSING, PROBE_STATES };

struct probe_result {
	enum probe_state state;
	char detail[160]; /* what was found */
	char get[256];	  /* how to get it, where the table's answer is not the one; or "" */
};

struct probe {
	const char *name;
	bool needed; /* by a `run` of the default specification */
	void (*look)(const struct probe *p, struct probe_result *r);
	int argument;	  /* for those that share a function */
	const char *cost; /* what does not work without it */
	const char *get;  /* how to get it */
};

extern const struct probe probes[];
extern const size_t probe_count;

#endif
