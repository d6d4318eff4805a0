/* SPDX-License-Identifier: GPL-2.0-or-later */
/* net.h: host name and loopback. */
#ifndef CLOISON_INIT_NET_H
#define CLOISON_INIT_NET_H

/* net_setup - set the host name, bring `lo` up; says what failed, returns how many steps did. */
int net_setup(const char *hostname) __attribute__((warn_unused_result));

#endif
