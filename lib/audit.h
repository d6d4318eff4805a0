/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * audit.h: which key did what over the remote shell.
 *
 * A session's environment names the key that opened it, and what is told with that name goes to two places: the
 * log of the remote shell's service, /run/init/log/ssh, and /dev/log, from where it leaves the host when a log sink
 * is configured. Who has logged in is root and can undo the first; what has been sent is sent.
 */
#ifndef CLOISON_LIB_AUDIT_H
#define CLOISON_LIB_AUDIT_H

#include <sys/types.h>

#define AUDIT_KEY_ENV "CLOISON_KEY"
/* A link to the end of the pipe that init reads, made when the service starts. */
#define AUDIT_LOG "/run/ssh/log"
#define AUDIT_TEXT_MAX 900 /* longer lines are cut: syslog messages have 1024 bytes */

/* audit - one line, `KEY: TEXT`; control characters become `?`. Nothing waits for it, and nothing fails by it. */
void audit(const char *key, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* audit_words - the same for a command line. */
void audit_words(const char *key, char *const *argv);

/* audit_key_of - the key's name in the environment of process @pid. Returns 0, or -1: it has none. */
int audit_key_of(pid_t pid, char *key, size_t size) __attribute__((warn_unused_result));

#endif
