/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dispatch.h: which of two verbs of one name is meant, and running the native ones.
 */
#ifndef CLOISON_CLI_NATIVE_DISPATCH_H
#define CLOISON_CLI_NATIVE_DISPATCH_H

#include "lib/nearest.h"
#include "runtime/cli/native/native_verb.h"
#include "runtime/cli/verb.h"

/*
 * native_takes - whether a command line without global options is for a native verb.
 * @argv: from the verb on
 * @oci: the OCI verb of the same name; NULL: there is none
 */
bool native_takes(char **argv, const struct verb *oci);

/* native_main - run it. Returns the exit code of the program, or -1 with @err. */
int native_main(char **argv, struct error *err) must_check;

/* native_lacks - whether @name is a command of Docker's that is not here; @nearest: what serves instead, or NULL. */
bool native_lacks(const char *name, const char **nearest);

/* native_near - try the names of all native verbs. */
void native_near(struct nearest *nearest);

/* native_help - the list of native verbs. */
void native_help(FILE *out);

#endif
