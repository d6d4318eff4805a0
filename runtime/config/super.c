/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * super.c: the superblock of the data partition, when a power cut has torn it.
 *
 * ext4 writes its superblock in place and not through the journal when it is mounted and unmounted, and it has
 * 1024 bytes: two sectors of a disk with sectors of 512. When the power goes between them, one half is older
 * than the other. Each is as the kernel has written it, but the checksum in the second is that of the other
 * version, and with a wrong checksum the kernel refuses the whole file system before it looks at the journal.
 *
 * What two versions of it differ in is times, counters, and whether the journal has to be replayed. Of these
 * any combination will do: the counters are counted anew at each mount, and the flag is set before the first
 * transaction and taken away after the last. What matters, such as size and UUID, is changed in a transaction,
 * and comes from the journal. So the two halves are taken as they are, and the checksum is made anew.
 *
 * This is for power cuts, not for damage. All that never changes must be what the seed has (seed.h), the second
 * of its making among it: then both halves are those of a file system of ours.
 */
#include "runtime/config/super.h"

#include <string.h>

#include "lib/fd.h"
#include "runtime/config/seed.h"

#define CHECKSUM_AT 0x3fc

/* What the kernel does not change, in the terms of Documentation/filesystems/ext4/super.rst. */
static const struct {
	uint16_t at, size;
	uint8_t ignored; /* bits of the first byte */
} fixed[] = {
	{0x018, 20, 0}, /* s_log_block_size to s_inodes_per_group */
	{0x038, 2, 0},	/* s_magic */
	{0x04c, 4, 0},	/* s_rev_level */
	{0x054, 6, 0},	/* s_first_ino, s_inode_size */
	{0x05c, 4, 0},	/* s_feature_compat */
	{0x060, 4, 4},	/* s_feature_incompat, but for the journal's */
	{0x064, 4, 0},	/* s_feature_ro_compat */
	{0x078, 16, 0}, /* s_volume_name */
	{0x0e0, 8, 0},	/* s_journal_inum, s_journal_dev */
	{0x0ec, 20, 0}, /* s_hash_seed, s_def_hash_version and what follows */
	{0x108, 4, 0},	/* s_mkfs_time */
	{0x270, 4, 0},	/* s_checksum_seed */
};

/* checksum - CRC32C as ext4 has it: not inverted at the end. */
static uint32_t checksum(const uint8_t *bytes, size_t size)
{
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < size; i++) {
		crc ^= bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return crc;
}

static void put_checksum(uint8_t super[SUPER_BYTES])
{
	uint32_t crc = checksum(super, CHECKSUM_AT);

	for (int i = 0; i < 4; i++)
		super[CHECKSUM_AT + i] = (uint8_t)(crc >> 8 * i);
}

/* seed_byte - of the seed's superblock. */
static uint8_t seed_byte(size_t at)
{
	size_t number = (SUPER_AT + at) / SEED_SECTOR;

	for (size_t i = 0; i < seed_count; i++)
		if (seed_sectors[i].number == number)
			return seed_sectors[i].bytes[(SUPER_AT + at) % SEED_SECTOR];
	return 0;
}

static bool is_ours(const uint8_t super[SUPER_BYTES])
{
	for (size_t i = 0; i < ARRAY_SIZE(fixed); i++)
		for (size_t k = 0; k < fixed[i].size; k++) {
			uint8_t differs = super[fixed[i].at + k] ^ seed_byte(fixed[i].at + k);

			if (k == 0)
				differs &= (uint8_t)~fixed[i].ignored;
			if (differs)
				return false;
		}
	return true;
}

bool super_is_sound(const uint8_t super[SUPER_BYTES])
{
	uint8_t copy[SUPER_BYTES];

	memcpy(copy, super, sizeof(copy));
	put_checksum(copy);
	return !memcmp(copy, super, sizeof(copy));
}

bool super_mend(uint8_t super[SUPER_BYTES])
{
	if (!is_ours(super))
		return false;
	put_checksum(super);
	return true;
}
