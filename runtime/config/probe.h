/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.h: what a disk or a partition holds, by its first bytes.
 */
#ifndef CLOISON_CONFIG_PROBE_H
#define CLOISON_CONFIG_PROBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/error.h"

#define PROBE_BYTES 4096 /* from the beginning of the device */

enum probe_kind { PROBE_UNKNOWN, PROBE_EXT4, PROBE_FAT };

struct probe {
	enum probe_kind kind;
	char label[17];
	/* ext4 */
	bool has_errors; /* the kernel has found the file system damaged */
	uint64_t bytes;	 /* its size; 0: unknown */
	uint8_t uuid[16];
};

/* probe_bytes - look at PROBE_BYTES bytes. */
void probe_bytes(const uint8_t bytes[PROBE_BYTES], struct probe *p);

#define PROBE_DEVICE_MAX 40 /* "/dev/NAME" */

/*
 * probe_find - the block device that holds a file system of this kind with this label.
 * @what: what it holds
 * Returns 1 with @device filled, 0 when there is none, or -1 with @err: the devices cannot be listed, or
 * two have the label.
 */
int probe_find(enum probe_kind kind, const char *label, char device[PROBE_DEVICE_MAX],
	       struct probe *what, struct error *err) must_check;

/*
 * probe_named - the partition whose name in the partition table is @name. As probe_find().
 */
int probe_named(const char *name, char device[PROBE_DEVICE_MAX], struct error *err) must_check;

#endif
