/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sha256.h: the name of what is known by its content.
 */
#ifndef CLOISON_LIB_SHA256_H
#define CLOISON_LIB_SHA256_H

#include "lib/error.h"

#define SHA256_HEX_SIZE 65

/* sha256_hex - digest of @len bytes as text. */
void sha256_hex(const void *data, size_t len, char out[SHA256_HEX_SIZE]);

/* sha256_file - digest of a file as text. Returns 0, or -1 with @err naming the file. */
must_check int sha256_file(const char *path, char out[SHA256_HEX_SIZE], struct error *err);

#endif
