/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * self.h: the runtime's own program, kept from being written to by containers.
 */
#ifndef CLOISON_CLI_SELF_H
#define CLOISON_CLI_SELF_H

#include "lib/error.h"

/*
 * self_protect - go on running, or start again, from a read-only mount of the program.
 * @argv: the whole command line
 * Returns 0 when this process runs from one, or -1 with @err.
 */
int self_protect(char **argv, struct error *err) must_check;

/* self_protect_rootless - the same without root's rights: from a sealed copy, where it needs one. */
int self_protect_rootless(char **argv, struct error *err) must_check;

#endif
