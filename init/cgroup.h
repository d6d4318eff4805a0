/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cgroup.h: the top of the cgroup v2 tree. */
#ifndef CLOISON_INIT_CGROUP_H
#define CLOISON_INIT_CGROUP_H

/*
 * cgroup_setup - move PID 1 into a leaf and hand every controller down to where containers live.
 * Says what failed; returns the number of failed steps.
 */
int cgroup_setup(void) __attribute__((warn_unused_result));

#endif
