/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h: what the command line says.
 */
#ifndef CLOISON_BENCH_OPTIONS_H
#define CLOISON_BENCH_OPTIONS_H

#include "bench/bench.h"

#include <stdio.h>

struct options options_default(void);

/* options_parse - options, and at most @max other arguments into @operands. */
must_check int options_parse(int argc, char **argv, struct options *o, const char **operands,
			     size_t max, struct error *err);

/* options_error - wrong usage, with the exit status for it. Returns -1 always. */
int options_error(struct error *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

void options_usage(FILE *out);

#endif
