/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * layers.h: a root file system of an image's layers.
 */
#ifndef CLOISON_SANDBOX_LAYERS_H
#define CLOISON_SANDBOX_LAYERS_H

#include "runtime/oci/plan.h"

/*
 * layers_mount - the plan's layers, and what its container writes in root.path's directory, which is made.
 * Returns a detached mount, or -1 with @err.
 */
int layers_mount(const struct plan *plan, struct error *err) must_check;

#endif
