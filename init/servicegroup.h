/* SPDX-License-Identifier: GPL-2.0-or-later */
/* servicegroup.h: the cgroup of a service, /sys/fs/cgroup/services/NAME. */
#ifndef CLOISON_INIT_SERVICEGROUP_H
#define CLOISON_INIT_SERVICEGROUP_H

#include <stdbool.h>

#include "init/loop.h"
#include "init/servicedef.h"

struct servicegroup {
	int dir; /* FD_EMPTY: none */
	/* of pids.events and memory.events, watched for changes; FD_EMPTY: none */
	int pids_events;
	int memory_events;
	unsigned long long refused; /* forks, so far, by the limit */
	unsigned long long killed;  /* processes, so far, for want of memory */
	bool told_refused;	    /* once for each run of the service */
	uint64_t rewatch_ms;	    /* the two are not watched until then; 0: they are */
};

void servicegroup_init(struct servicegroup *g);

/*
 * servicegroup_make - make the cgroup and write the limits of @d; one that is there is used again.
 * @changed: to be called by the loop when a limit has been reached; it calls servicegroup_event
 * Says what failed. Returns 0, or -1: then limits that @d asks for cannot be had.
 */
int servicegroup_make(struct servicegroup *g, const struct service_def *d, loop_ready changed)
	__attribute__((warn_unused_result));

/* servicegroup_remove - when nobody is in it; otherwise it stays. */
void servicegroup_remove(struct servicegroup *g, const char *name);

/* servicegroup_populated - is there a process in it, or below? */
bool servicegroup_populated(const struct servicegroup *g);

/* servicegroup_count - how many processes are in it itself, up to some hundreds. */
unsigned int servicegroup_count(const struct servicegroup *g);

/* servicegroup_kill - SIGKILL to all in it and below, at once. */
void servicegroup_kill(const struct servicegroup *g, const char *name);

/* servicegroup_event - @fd has told of a change; if it is one of @g's, say what limit was reached. */
void servicegroup_event(struct servicegroup *g, const struct service_def *d, int fd);

/* servicegroup_step - of the loop: look at the limits again. */
void servicegroup_step(struct servicegroup *g, loop_ready changed, uint64_t now_ms);

/* servicegroup_check - the same for both, when there may be a change that the loop has not told yet. */
void servicegroup_check(struct servicegroup *g, const struct service_def *d);

#endif
