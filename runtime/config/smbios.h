/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * smbios.h: the strings that the machine's firmware hands on (SMBIOS type 11, "OEM strings").
 */
#ifndef CLOISON_CONFIG_SMBIOS_H
#define CLOISON_CONFIG_SMBIOS_H

#include "runtime/config/config.h"

/*
 * config_read_smbios - what the strings of one structure of type 11 say: `cloison.NAME=VALUE` as on the
 * kernel command line, and `cloison.config=BASE64`, a whole appliance.yaml.
 * @raw: the structure, its strings behind it, as /sys/firmware/dmi/entries/11-N/raw has it
 */
void config_read_smbios(struct config *c, const struct config_origin *where, const uint8_t *raw,
			size_t size);

#endif
