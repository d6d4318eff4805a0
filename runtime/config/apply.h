/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * apply.h: make the host what its configuration says.
 */
#ifndef CLOISON_CONFIG_APPLY_H
#define CLOISON_CONFIG_APPLY_H

#include "runtime/config/config.h"

#define APPLY_DIR "/run/cloison-config"

/* apply_data - the data partition, so far as it is there: it holds a part of the configuration. */
bool apply_data(struct config *c);

/* apply_all - the rest, in an order in which each step has what it needs; what fails is told. */
void apply_all(struct config *c, bool has_data);

#endif
