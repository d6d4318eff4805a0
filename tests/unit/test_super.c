/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_super.c: a torn superblock of ours is mended, and no other (runtime/config/super.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

#include "runtime/config/seed.h"
#include "runtime/config/super.h"

#define HALF (SUPER_BYTES / 2)
#define MTIME 0x2c
#define INCOMPAT 0x60
#define INODE_SIZE 0x58
#define WTIME_HI 0x274

static void seed_super(uint8_t super[SUPER_BYTES])
{
	memset(super, 0, SUPER_BYTES);
	for (size_t i = 0; i < seed_count; i++)
		if (seed_sectors[i].number == 2 || seed_sectors[i].number == 3)
			memcpy(super + (seed_sectors[i].number - 2) * SEED_SECTOR,
			       seed_sectors[i].bytes, SEED_SECTOR);
}

/* mounted - the version that the kernel writes when it mounts. */
static void mounted(uint8_t super[SUPER_BYTES])
{
	seed_super(super);
	super[MTIME] ^= 0x55;
	super[INCOMPAT] |= 4;
	super[WTIME_HI] ^= 1;
	assert_false(super_is_sound(super));
	assert_true(super_mend(super));
	assert_true(super_is_sound(super));
}

static void what_mke2fs_has_written_is_sound(void **state)
{
	uint8_t super[SUPER_BYTES];

	(void)state;
	seed_super(super);
	assert_true(super_is_sound(super));
	super[MTIME] ^= 1;
	assert_false(super_is_sound(super));
}

static void halves_of_two_versions_are_mended_as_they_are(void **state)
{
	uint8_t first[SUPER_BYTES], second[SUPER_BYTES], torn[SUPER_BYTES], is[SUPER_BYTES];

	(void)state;
	seed_super(first);
	mounted(second);
	for (int i = 0; i < 2; i++) {
		memcpy(torn, i ? first : second, HALF);
		memcpy(torn + HALF, (i ? second : first) + HALF, HALF);
		assert_false(super_is_sound(torn));
		memcpy(is, torn, sizeof(is));
		assert_true(super_mend(is));
		assert_true(super_is_sound(is));
		assert_memory_equal(is, torn, SUPER_BYTES - 4);
	}
}

static void damage_and_file_systems_of_others_are_left_alone(void **state)
{
	static const size_t at[] = {0x18, 0x38, INODE_SIZE, 0x5c,  INCOMPAT,
				    0x64, 0x78, 0xec,	    0x108, 0x270};
	uint8_t super[SUPER_BYTES], before[SUPER_BYTES];

	(void)state;
	for (size_t i = 0; i < sizeof(at) / sizeof(at[0]); i++) {
		mounted(super);
		super[at[i]] ^= 0x80;
		memcpy(before, super, sizeof(before));
		assert_false(super_mend(super));
		assert_memory_equal(super, before, sizeof(before));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_mke2fs_has_written_is_sound),
		cmocka_unit_test(halves_of_two_versions_are_mended_as_they_are),
		cmocka_unit_test(damage_and_file_systems_of_others_are_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
