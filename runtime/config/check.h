/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.h: what a single value of the configuration has to look like.
 *
 * Each function takes the text as it was written and, where it is right, writes the form that the rest of
 * the program works with: `on` becomes `yes`, `10.0.0.2/255.0.0.0` becomes `10.0.0.2/8`, a time zone by
 * name the rule that the C library knows. They make no system call.
 */
#ifndef CLOISON_CONFIG_CHECK_H
#define CLOISON_CONFIG_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECK_TEXT_MAX 2048 /* the longest value, its NUL included: a public key */

/* An address of either family. */
struct ip_address {
	int family; /* AF_INET or AF_INET6 */
	uint8_t bytes[16];
	unsigned int prefix; /* where one was given; else all bits */
};

/* check_function - NULL, or what is wrong, to follow "`VALUE`: ". @out holds CHECK_TEXT_MAX bytes. */
typedef const char *check_function(const char *text, char *out);

check_function check_hostname, check_zone, check_bool, check_ip, check_address, check_server,
	check_domain, check_key, check_sink, check_path, check_device, check_mtu, check_vlan,
	check_interface, check_sysctl_value, check_console;

/* check_sysctl_name - NULL, or what is wrong with the name of a kernel setting. */
const char *check_sysctl_name(const char *name);

/* check_is_interface - whether @name is the name or the MAC address of an interface. */
bool check_is_interface(const char *name);

/* ip_parse - an address, with `/PREFIX` or `/NETMASK` when @prefix; false: it is none. */
bool ip_parse(const char *text, bool prefix, struct ip_address *ip);

/* mac_parse - six bytes in hexadecimal with colons between them. */
bool mac_parse(const char *text, uint8_t mac[6]);

/* number_parse - a decimal number from @min to @max without sign or blanks. */
bool number_parse(const char *text, unsigned long min, unsigned long max, unsigned long *value);

#endif
