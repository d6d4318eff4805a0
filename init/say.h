/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * say.h: what PID 1 tells people, one line per message, each beginning with "cloison: ".
 */
#ifndef CLOISON_INIT_SAY_H
#define CLOISON_INIT_SAY_H

/* say - print one line. */
void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* say_error - print one line that ends in the name of @errnum, "...: ENOENT". */
void say_error(int errnum, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * say_to - from now on write to @fd, first what could not be written before.
 * @fd: a non-blocking console, or -1 for the kernel log only.
 */
void say_to(int fd);

/* say_line_end - end the line that a program has begun on the console, a prompt for one. */
void say_line_end(void);

/* say_drain - wait until the console has sent everything, but no longer than @limit_ms. */
void say_drain(int limit_ms);

#endif
