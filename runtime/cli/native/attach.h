/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * attach.h: connecting to a container that is there already.
 */
#ifndef CLOISON_CLI_NATIVE_ATTACH_H
#define CLOISON_CLI_NATIVE_ATTACH_H

#include "runtime/cli/native/common.h"

struct attach_options {
	bool input, no_proxy;
	const char *keys; /* NULL: the usual ones */
	bool start;	  /* it, when we are connected */
};

/* attach_to - until it ends (its exit code) or the user leaves it (0); -1 with @err. */
int attach_to(const char *container, const struct attach_options *options,
	      struct error *err) must_check;

#endif
