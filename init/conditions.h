/* SPDX-License-Identifier: GPL-2.0-or-later */
/* conditions.h: which service waits for which, and circles among them. */
#ifndef CLOISON_INIT_CONDITIONS_H
#define CLOISON_INIT_CONDITIONS_H

#include "init/servicedef.h"

#define SERVICES_MAX 32 /* those of the built-in table included */

struct conditions {
	size_t count;
	struct {
		unsigned char needs[SERVICE_NEEDS]; /* the services that are waited for */
		unsigned char need_count;
		bool refused; /* it can never be started, which was told */
	} of[SERVICES_MAX];
	unsigned char order[SERVICES_MAX]; /* whoever is waited for comes before who waits */
};

/* conditions_told - service @i cannot be started: @why, with names in it, is for a console. */
typedef void (*conditions_told)(void *context, size_t i, const char *why);

/*
 * conditions_link - find for each need who sets it. A service is refused when it is bad, when a need of
 * it is set by nobody or by one that is refused, when it sets a condition of another, and when it is part
 * of a circle; @tell hears of each but the bad ones, once.
 * @defs: @count of them, at most SERVICES_MAX
 */
void conditions_link(struct conditions *c, const struct service_def *const *defs, size_t count,
		     conditions_told tell, void *context);

#endif
