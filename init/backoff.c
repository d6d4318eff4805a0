/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * backoff.c: exponential growth with a cap; a service is never given up.
 */
#include "init/backoff.h"

unsigned int backoff_next_ms(struct backoff *b, uint64_t ran_ms)
{
	unsigned int wait_ms = BACKOFF_FIRST_MS;

	if (ran_ms >= BACKOFF_HEALTHY_MS) {
		b->failures = 0;
		return 0;
	}
	for (unsigned int i = 0; i < b->failures && wait_ms < BACKOFF_CAP_MS; i++)
		wait_ms *= 2;
	if (b->failures < UINT32_MAX)
		b->failures++;
	return wait_ms < BACKOFF_CAP_MS ? wait_ms : BACKOFF_CAP_MS;
}
