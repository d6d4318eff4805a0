/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * super.h: the superblock of the data partition, when a power cut has torn it.
 */
#ifndef CLOISON_CONFIG_SUPER_H
#define CLOISON_CONFIG_SUPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SUPER_AT 1024 /* on the device */
#define SUPER_BYTES 1024

/* super_is_sound - whether the checksum is right. */
bool super_is_sound(const uint8_t super[SUPER_BYTES]);

/*
 * super_mend - give a torn superblock the checksum of what it says.
 * Returns false, and changes nothing, when it is not one of a file system that the appliance has made.
 */
bool super_mend(uint8_t super[SUPER_BYTES]);

#endif
