/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest.h: the name of a blob: OCI image-spec, descriptor.md, "Digests".
 *
 * sha256 alone: what else the specification registers (sha512) no registry gives out.
 */
#ifndef CLOISON_STORE_DIGEST_H
#define CLOISON_STORE_DIGEST_H

#include <stdbool.h>

#include "lib/sha256.h"

#define DIGEST_PREFIX "sha256:"
#define DIGEST_SIZE (sizeof(DIGEST_PREFIX) - 1 + SHA256_HEX_SIZE)

struct digest {
	char hex[SHA256_HEX_SIZE]; /* empty: none */
};

/* digest_parse - from "sha256:" and 64 lower-case digits. Returns 0, or -1 with @err. */
must_check int digest_parse(const char *text, struct digest *d, struct error *err);

/* digest_is_hex - whether the @length bytes at @text are the digits of a digest. */
bool digest_is_hex(const char *text, size_t length);

/* digest_text - "sha256:..." in @buf, which is returned. */
const char *digest_text(const struct digest *d, char buf[DIGEST_SIZE]);

bool digest_equal(const struct digest *a, const struct digest *b);

#endif
