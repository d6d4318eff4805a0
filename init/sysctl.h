/* SPDX-License-Identifier: GPL-2.0-or-later */
/* sysctl.h: kernel settings that every appliance has. */
#ifndef CLOISON_INIT_SYSCTL_H
#define CLOISON_INIT_SYSCTL_H

/* sysctl_apply - write the table; says what failed, returns how many required ones did. */
int sysctl_apply(void) __attribute__((warn_unused_result));

#endif
