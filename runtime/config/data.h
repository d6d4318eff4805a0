/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data.h: the data partition.
 */
#ifndef CLOISON_CONFIG_DATA_H
#define CLOISON_CONFIG_DATA_H

#include <stdbool.h>

#include "lib/error.h"
#include "runtime/config/config.h"

#define DATA_LABEL "cloison-data"
#define DATA_DIR "/var/lib/cloison"

/*
 * data_mount - mount the file system with the label cloison-data on DATA_DIR, after a look at its state; grow
 * it when its partition has grown. Nothing is done where it is mounted already.
 * Returns 1 when it is mounted, 0 when there is none, or -1 with @err.
 */
int data_mount(struct error *err) must_check;

/*
 * data_create - make that file system on @device, or, with NULL, on the partition of that name. A device
 * that holds anything is refused. Returns 0, or -1 with @err.
 */
int data_create(const char *device, struct error *err) must_check;

#endif
