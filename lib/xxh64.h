/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xxh64.h: a quick 64-bit checksum, for damage and mistakes; no defence against a forger.
 */
#ifndef CLOISON_LIB_XXH64_H
#define CLOISON_LIB_XXH64_H

#include <stddef.h>
#include <stdint.h>

/* xxh64 - the XXH64 of @len bytes, seed 0: what `xxh64sum` prints. */
uint64_t xxh64(const void *data, size_t len);

#endif
