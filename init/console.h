/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.h: the console of PID 1 and the terminal behind it.
 */
#ifndef CLOISON_INIT_CONSOLE_H
#define CLOISON_INIT_CONSOLE_H

/*
 * console_open - give PID 1 its console for messages, /dev/null as descriptors 0 to 2, and find
 * the terminal behind the console. What is missing is said. Returns the number of failed steps.
 */
int console_open(void) __attribute__((warn_unused_result));

/* console_terminal - the path of the terminal behind the console, NULL when there is none. */
const char *console_terminal(void);

/*
 * console_attach - in a child: a session of its own with the terminal as its controlling terminal
 * and as descriptors 0 to 2. Returns 0, or -1 with errno.
 */
int console_attach(void) __attribute__((warn_unused_result));

/*
 * console_stdio - in a child: descriptors 0 to 2 without a controlling terminal: input from
 * /dev/null, output to the console, or to /dev/null when there is none. 0, or -1 with errno.
 */
int console_stdio(void) __attribute__((warn_unused_result));

#endif
