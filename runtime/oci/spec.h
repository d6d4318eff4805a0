/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.h: writing a config.json to begin with.
 */
#ifndef CLOISON_OCI_SPEC_H
#define CLOISON_OCI_SPEC_H

#include <stdint.h>

#include "lib/error.h"

enum spec_namespaces {
	SPEC_USUAL,    /* all but user and time, which an image's files and ancient programs mind */
	SPEC_ROOTLESS, /* for an ordinary user: one id, the host's network, no limits */
	SPEC_ALL,      /* all eight; the user namespace maps 0 to 100000 and 65536 IDs */
};

struct spec_options {
	enum spec_namespaces namespaces;
	const char *hostname;	    /* NULL: cloison */
	int64_t memory_limit_bytes; /* 0: none */
	int64_t pids_limit;	    /* 0: none */
};

/*
 * spec_write - write the default config.json to @fd, with our seccomp profile in it.
 * Returns 0, or -1 with @err.
 */
int spec_write(int fd, const struct spec_options *options, struct error *err) must_check;

#endif
