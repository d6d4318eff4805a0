/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backoff.c: exponential growth with a cap and jitter; a service is never given up.
 *
 * Jitter is so that services that fall together do not rise together, over and over.
 */
#include "init/backoff.h"

unsigned int backoff_next_ms(struct backoff *b, uint64_t up_ms, unsigned int cap_ms,
			     uint32_t random)
{
	unsigned int wait_ms = BACKOFF_FIRST_MS;

	if (up_ms >= BACKOFF_HEALTHY_MS) {
		b->failures = 0;
		return 0;
	}
	for (unsigned int i = 0; i < b->failures && wait_ms < cap_ms; i++)
		wait_ms *= 2;
	if (b->failures < UINT32_MAX)
		b->failures++;
	if (wait_ms > cap_ms)
		wait_ms = cap_ms;
	return wait_ms - random % (wait_ms / 4 + 1);
}
