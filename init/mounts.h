/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.h: the root and the early mounts.
 */
#ifndef CLOISON_INIT_MOUNTS_H
#define CLOISON_INIT_MOUNTS_H

/* Each says what failed and returns the number of required steps that did. */

/* mounts_bind_root - lay the root over itself, so that pivot_root(2) works; goes first. */
int mounts_bind_root(void) __attribute__((warn_unused_result));

/* mounts_make - the table of early mounts, directories and links. */
int mounts_make(void) __attribute__((warn_unused_result));

/* mounts_seal - make the root read-only, the last thing before services. */
int mounts_seal(void) __attribute__((warn_unused_result));

#endif
