/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warn.h: what went wrong without being an error: the work goes on, and somebody should know.
 *
 * Where warnings go is decided once, by main(); the code that finds something worth one is far below.
 * OCI runtime.md, "Warnings": a warning does not change the flow of an operation.
 */
#ifndef CLOISON_LIB_WARN_H
#define CLOISON_LIB_WARN_H

#include "lib/error.h"

typedef void warn_sink(const struct error *warning);

/* warn_set_sink - where warnings go from now on; without one they go nowhere (tests, fuzzers). */
void warn_set_sink(warn_sink *sink);

/* warn - hand @warning to the sink. */
void warn(const struct error *warning);

#endif
