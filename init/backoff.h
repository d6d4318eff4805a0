/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backoff.h: how long a service that ended waits for its next start. */
#ifndef CLOISON_INIT_BACKOFF_H
#define CLOISON_INIT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 250
#define BACKOFF_CAP_MS 30000
#define BACKOFF_HEALTHY_MS 10000 /* who ran that long starts with a clean record */

struct backoff {
	unsigned int failures; /* short runs in a row */
};

/*
 * backoff_next_ms - the wait after a run of @ran_ms: none after a healthy run, else
 * BACKOFF_FIRST_MS, doubled for each short run before this one, up to BACKOFF_CAP_MS.
 */
unsigned int backoff_next_ms(struct backoff *b, uint64_t ran_ms);

#endif
