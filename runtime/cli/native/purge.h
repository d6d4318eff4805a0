/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * purge.h: volumes without a name go with their container.
 */
#ifndef CLOISON_CLI_NATIVE_PURGE_H
#define CLOISON_CLI_NATIVE_PURGE_H

#include "lib/error.h"

/* purge_volumes - of the container @id. */
int purge_volumes(const char *id, struct error *err) must_check;

#endif
