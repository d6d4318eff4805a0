/* SPDX-License-Identifier: GPL-2.0-or-later */
/* crash.h: when PID 1 itself crashes. */
#ifndef CLOISON_INIT_CRASH_H
#define CLOISON_INIT_CRASH_H

#include <signal.h>

/* crash_catch - install the handler, and take its signals out of @blocked. */
void crash_catch(sigset_t *blocked);

#endif
