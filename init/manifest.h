/* SPDX-License-Identifier: GPL-2.0-or-later */
/* manifest.h: is the initramfs what was built? */
#ifndef CLOISON_INIT_MANIFEST_H
#define CLOISON_INIT_MANIFEST_H

#define MANIFEST_FILE "/manifest"

/*
 * manifest_check - compare the initramfs with its manifest, what is mounted over it aside.
 * Says the first few differences; returns how many there are.
 */
int manifest_check(void) __attribute__((warn_unused_result));

#endif
