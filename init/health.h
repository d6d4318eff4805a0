/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * health.h: who has to speak, and how often, for the system to count as healthy.
 *
 * No function here makes a system call: the time is the caller's.
 */
#ifndef CLOISON_INIT_HEALTH_H
#define CLOISON_INIT_HEALTH_H

#include <stdbool.h>
#include <stdint.h>

#define HEALTH_PARTIES 8
#define HEALTH_NAME_BYTES 64 /* of a name, with its NUL; longer ones are cut */

/*
 * health_need - from now on @name has to speak every @limit_ms. A new one counts as having just spoken; of one
 * that is known only the limit changes: to be started again is no sign of life. False when there are too many.
 */
bool health_need(const char *name, uint32_t limit_ms, uint64_t now_ms)
	__attribute__((warn_unused_result));

/* health_spoke - @name has given a sign of life; of no interest when it is not needed. */
void health_spoke(const char *name, uint64_t now_ms);

/* health_forget - @name is not needed any more. */
void health_forget(const char *name);

/* health_silent - the one that has been silent for longest beyond its limit; NULL when all have spoken. */
const char *health_silent(uint64_t now_ms);

#endif
