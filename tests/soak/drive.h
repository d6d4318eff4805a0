/* SPDX-License-Identifier: GPL-2.0-or-later */
/* drive.h: running the runtime under test, and what it says; see soak.c. */
#ifndef SOAK_DRIVE_H
#define SOAK_DRIVE_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define HANG_SECONDS 120
#define OUTPUT_BYTES 4096
#define STATUSES 5

extern const char *runtime, *root, *bundles, *prefix;
extern char output[OUTPUT_BYTES]; /* of the last command: standard output and error */
extern uint64_t random_state;	  /* any but 0 */
extern int64_t hang_us;		  /* what takes longer hangs */
extern sigset_t child_signal;	  /* blocked, so that waiting for it misses none */
extern const char *const statuses[STATUSES];

/* The words of a command. */
#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

uint64_t random_next(void);
int64_t now_us(void);
void sleep_us(int64_t us);

/* begin - start the runtime with these words (NULL-terminated). @out: where its output is read. */
pid_t begin(const char *const *words, int *out);

/* end - wait for @pid; returns its exit code, 128 + n for a signal, and exits when it hangs. */
int end(pid_t pid, int out, const char *what);

/* command - begin and end. */
int command(const char *const *words);

/* must - a command that has to succeed. */
void must(const char *const *words);

/* fail - say so, with what the last command said, and exit. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* bundle - the path of BUNDLE/@name, until the call after the next. */
const char *bundle(const char *name);

/* said_status - which of the statuses is in what `state` has printed; STATUSES: none. */
size_t said_status(void);
bool said(const char *status);

/* reap - what has ended of what was left to us; true: no child is left at all. */
bool reap(void);

#endif
