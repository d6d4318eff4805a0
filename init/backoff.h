/* SPDX-License-Identifier: GPL-2.0-or-later */
/* backoff.h: how long a service that ended waits for its next start. */
#ifndef CLOISON_INIT_BACKOFF_H
#define CLOISON_INIT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_FIRST_MS 250
#define BACKOFF_CAP_MS 30000	 /* unless the service has another */
#define BACKOFF_HEALTHY_MS 10000 /* who was up that long starts with a clean record */

struct backoff {
	unsigned int failures; /* short runs in a row */
};

/*
 * backoff_next_ms - the wait after a run of which @up_ms were healthy: none after a long one, else
 * BACKOFF_FIRST_MS, doubled for each short run before this one, up to @cap_ms; of that a part
 * between three quarters and the whole, as @random says.
 */
unsigned int backoff_next_ms(struct backoff *b, uint64_t up_ms, unsigned int cap_ms,
			     uint32_t random);

#endif
