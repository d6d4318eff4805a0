/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sha256.h: the name of what is known by its content.
 */
#ifndef CLOISON_LIB_SHA256_H
#define CLOISON_LIB_SHA256_H

#include "lib/error.h"

#include <stdint.h>

#define SHA256_HEX_SIZE 65

/* A digest being made of what comes piece by piece. */
struct sha256 {
	uint32_t h[8];
	uint64_t bytes;
	unsigned char block[64];
};

/* sha256_begin - of nothing so far. */
void sha256_begin(struct sha256 *s);

/* sha256_update - take in @len bytes more. */
void sha256_update(struct sha256 *s, const void *data, size_t len);

/* sha256_end - the digest as text; @s is to be begun anew. */
void sha256_end(struct sha256 *s, char out[SHA256_HEX_SIZE]);

/* sha256_hex - digest of @len bytes as text. */
void sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE]);

/* sha256_file - digest of a file as text. Returns 0, or -1 with @err naming the file. */
must_check int sha256_file(const char *path, char out[SHA256_HEX_SIZE], struct error *err);

#endif
