/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * xxh64.c: XXH64 with seed 0, as github.com/Cyan4973/xxHash doc/xxhash_spec.md describes it; the steps
 * below are those of that page.
 *
 * Four lanes take 32 bytes a turn with a multiplication and a rotation each, which is less than one
 * instruction for a byte; lib/sha256.c takes about sixty.
 */
#include "lib/xxh64.h"

#include <string.h>

#define PRIME_1 0x9e3779b185ebca87U
#define PRIME_2 0xc2b2ae3d27d4eb4fU
#define PRIME_3 0x165667b19e3779f9U
#define PRIME_4 0x85ebca77c2b2ae63U
#define PRIME_5 0x27d4eb2f165667c5U

#define LANES 4
#define STRIPE (LANES * sizeof(uint64_t))

static uint64_t rotl(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

/* Little-endian, wherever it lies. */
static uint64_t read_64(const unsigned char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof(x));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? x : __builtin_bswap64(x);
}

static uint64_t read_32(const unsigned char *p)
{
	uint32_t x;

	memcpy(&x, p, sizeof(x));
	return __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? x : __builtin_bswap32(x);
}

/* turn - one lane takes 8 bytes. */
static uint64_t turn(uint64_t lane, uint64_t word)
{
	return rotl(lane + word * PRIME_2, 31) * PRIME_1;
}

/* converge - steps 2 and 3: the whole stripes, then the lanes into one. */
static uint64_t converge(const unsigned char **p, const unsigned char *end)
{
	uint64_t lanes[LANES] = {PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1};
	uint64_t h;

	for (; (size_t)(end - *p) >= STRIPE; *p += STRIPE)
		for (size_t i = 0; i < LANES; i++)
			lanes[i] = turn(lanes[i], read_64(*p + i * sizeof(uint64_t)));
	h = rotl(lanes[0], 1) + rotl(lanes[1], 7) + rotl(lanes[2], 12) + rotl(lanes[3], 18);
	for (size_t i = 0; i < LANES; i++)
		h = (h ^ turn(0, lanes[i])) * PRIME_1 + PRIME_4;
	return h;
}

uint64_t xxh64(const void *data, size_t len)
{
	const unsigned char *p = data;
	const unsigned char *end = p + len;
	uint64_t h = len < STRIPE ? PRIME_5 : converge(&p, end);

	h += len; /* step 4 */

	/* Step 5: what is left, 8, 4 and 1 bytes at a time. */
	for (; end - p >= 8; p += 8)
		h = rotl(h ^ turn(0, read_64(p)), 27) * PRIME_1 + PRIME_4;
	for (; end - p >= 4; p += 4)
		h = rotl(h ^ read_32(p) * PRIME_1, 23) * PRIME_2 + PRIME_3;
	for (; p < end; p++)
		h = rotl(h ^ *p * PRIME_5, 11) * PRIME_1;

	/* Step 6 */
	h = (h ^ h >> 33) * PRIME_2;
	h = (h ^ h >> 29) * PRIME_3;
	return h ^ h >> 32;
}
