/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flags.h: options written as Docker's users write them.
 */
#ifndef CLOISON_CLI_NATIVE_FLAGS_H
#define CLOISON_CLI_NATIVE_FLAGS_H

#include "runtime/cli/options.h"

enum flags_order {
	FLAGS_FIRST,	/* options end at the first argument: the rest is a command */
	FLAGS_ANYWHERE, /* up to "--" */
};

/*
 * flags_parse - take the options out of @argv, which keeps the arguments, NULL-terminated.
 * `--name=value`, `--name value`, `-l value`, `-lvalue`, `-l=value`, letters joined (`-it`), and for
 * flags `--name=false`. An option that is not in the table is an error that names the nearest one.
 * Returns 0, or -1 with @err. *@help is set by --help, and nothing else is looked at then.
 */
int flags_parse(const struct option *table, size_t n, enum flags_order order, char **argv,
		void *values, bool *help, struct error *err) must_check;

#endif
