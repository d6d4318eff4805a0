/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * zones.h: time zones without a database.
 *
 * A POSIX rule (TZ) says when summer time begins and ends, which is all a host needs that looks forward,
 * not back. Names are a convenience: a table of common ones.
 */
#ifndef CLOISON_CONFIG_ZONES_H
#define CLOISON_CONFIG_ZONES_H

#include <stddef.h>

#define ZONE_FILE_MAX 208

/* zone_rule - the rule of a name in the table, @text itself when it is a rule, or NULL. */
const char *zone_rule(const char *text);

/*
 * zone_file - the contents of /etc/localtime for @rule: a time zone file (RFC 8536, version 2) with
 * one transition, in 1901, and the rule as its footer. Returns its length.
 */
size_t zone_file(const char *rule, char buf[ZONE_FILE_MAX]);

#endif
