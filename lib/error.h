/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * error.h: one error, filled where the failure is known.
 *
 * The value has a fixed size and lives on the caller's stack, so reporting an error needs no
 * memory, and a child can hand its error to its parent in a single write to a pipe (the struct is
 * smaller than PIPE_BUF, so the write is atomic: pipe(7)).
 *
 * What a user sees:
 *
 *	cloison: run web: cannot mount volume `/srv/data` on `/data`: EACCES
 *	  cause: /srv is mounted noexec,nosuid by policy line 14
 *	  hint:  allow it there, or use a named volume
 */
#ifndef CLOISON_LIB_ERROR_H
#define CLOISON_LIB_ERROR_H

#include "lib/fd.h"

/* Exit codes as Docker's: the engine, "cannot invoke", "not found"; 128 + n is a signal. */
enum exit_code {
	EXIT_ENGINE = 125,
	EXIT_CANNOT_INVOKE = 126,
	EXIT_NOT_FOUND = 127,
	EXIT_BY_SIGNAL = 128,
};

struct error {
	int errnum;	/* 0 when no system call failed */
	int code;	/* enum exit_code; 0 means EXIT_ENGINE */
	char what[768]; /* outermost step first, joined by ": " */
	char cause[256];
	char hint[256];
};

#define ERROR_INIT          \
	{                   \
		.errnum = 0 \
	}

/*
 * error_set - fill @err; @errnum 0 when no system call failed.
 * Returns -1 always, so that a failing function can return it.
 */
int error_set(struct error *err, int errnum, const char *fmt, ...)
	__attribute__((cold, format(printf, 3, 4)));

/* error_wrap - put "<fmt>: " before what @err says. Returns -1 always. */
int error_wrap(struct error *err, const char *fmt, ...) __attribute__((cold, format(printf, 2, 3)));

/* error_cause - name the cause; only after a check has established it. Returns -1 always. */
int error_cause(struct error *err, const char *fmt, ...)
	__attribute__((cold, format(printf, 2, 3)));

/* error_hint - say what the user can do. Returns -1 always. */
int error_hint(struct error *err, const char *fmt, ...) __attribute__((cold, format(printf, 2, 3)));

/* errno_name - "ENOENT" for ENOENT; "E<number>" for a value without a name here. */
const char *errno_name(int errnum);

/* error_exit_code - the process exit code that fits @err. */
int error_exit_code(const struct error *err);

/*
 * error_line - the first line of the message ("what: ERRNO") without the program's name.
 * Control characters are shown as "?": paths come from hostile images and end on terminals.
 * Returns the length written, without the final NUL.
 */
size_t error_line(const struct error *err, char *buf, size_t size);

/* error_print - write the whole message to @fd, each line in one piece. */
void error_print(const struct error *err, const char *program, int fd) __attribute__((cold));

#endif
