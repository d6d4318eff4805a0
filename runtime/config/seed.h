/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * seed.h: an empty ext4 file system, as those of its bytes that are not zero.
 *
 * mke2fs would be a third of all the appliance's programs, for something that is done once. So mke2fs makes
 * a small file system when Cloison is built, and the kernel, which can enlarge a mounted one, makes it
 * as large as the partition. gen/seed.c holds it; mkseed.c writes that.
 */
#ifndef CLOISON_CONFIG_SEED_H
#define CLOISON_CONFIG_SEED_H

#include <stddef.h>
#include <stdint.h>

#define SEED_SECTOR 512

struct seed_sector {
	uint32_t number; /* of sectors before it */
	const uint8_t *bytes;
};

extern const struct seed_sector seed_sectors[];
extern const size_t seed_count;
extern const uint64_t seed_bytes; /* of the file system, all zero but for these */
extern const uint8_t seed_uuid[16];

#endif
