/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network.h: interfaces, addresses, routes.
 */
#ifndef CLOISON_CONFIG_NETWORK_H
#define CLOISON_CONFIG_NETWORK_H

#include <net/if.h>

#include "runtime/config/config.h"

/* network_apply - bring up what is configured; what fails is told, and the rest goes on. */
void network_apply(struct config *c);

/*
 * network_dhcp - the devices on which DHCP is to be spoken.
 * A device for which any entry, by name or by MAC address, asks for static addresses is not among them.
 */
size_t network_dhcp(const struct config *c, char names[CONFIG_INTERFACES_MAX][IFNAMSIZ]);

#endif
