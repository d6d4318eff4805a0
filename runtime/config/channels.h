/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channels.h: the places that a configuration comes from.
 */
#ifndef CLOISON_CONFIG_CHANNELS_H
#define CLOISON_CONFIG_CHANNELS_H

#include "runtime/config/config.h"

#define CONFIG_FILE_IMAGE "/etc/cloison/appliance.yaml"
#define CONFIG_FILE_DATA "/var/lib/cloison/appliance.yaml"
#define CONFIG_FILE_APPENDED "/etc/cloison/appended.yaml"
#define CONFIG_LABEL_FAT "CLOISON"

/* channels_read - all of them, in their order; what cannot be read is told. */
void channels_read(struct config *c);

/* channels_read_file - one YAML file. Returns -1 with @err when there is no reading it. */
int channels_read_file(struct config *c, const struct config_origin *where,
		       struct error *err) must_check;

#endif
