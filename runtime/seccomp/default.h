/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * default.h: the default profile, made from default.json by mkdefault.c when Cloison is built.
 */
#ifndef CLOISON_SECCOMP_DEFAULT_H
#define CLOISON_SECCOMP_DEFAULT_H

#include <linux/filter.h>
#include <stddef.h>

/* linux.seccomp in the canonical form of policy.h, NUL-terminated; its length without the NUL. */
extern const char seccomp_default_text[];
extern const size_t seccomp_default_text_length;

/* The program for the architecture that Cloison was built for. */
extern const struct sock_filter seccomp_default_filter[];
extern const unsigned short seccomp_default_filter_length;

#endif
