/* SPDX-License-Identifier: GPL-2.0-or-later */
/* watchdog.h: the device that resets the machine when PID 1 does not feed it. */
#ifndef CLOISON_INIT_WATCHDOG_H
#define CLOISON_INIT_WATCHDOG_H

#include <stdbool.h>
#include <stdint.h>

/*
 * watchdog_open - arm the device, if there is one, and from now on feed it in the loop while all is well.
 * 0 s: leave it alone. What cannot be done is said.
 */
void watchdog_open(unsigned int timeout_s);

/*
 * watchdog_need - feed only while @name speaks at least every @limit_ms, with watchdog_spoke. To be reset within
 * the time-out and 5 s after it fell silent, @limit_ms is at most 5000. Called again for a name it changes the
 * limit and is no sign of life, so that one who is started over and over does not count as healthy.
 */
void watchdog_need(const char *name, uint32_t limit_ms);
void watchdog_spoke(const char *name);
void watchdog_forget(const char *name);

/* watchdog_lengthen - for the way down: feed once more, and leave it @seconds until the reset. */
void watchdog_lengthen(unsigned int seconds);

/* watchdog_stop - for a machine that is to stand still. */
void watchdog_stop(void);

#endif
