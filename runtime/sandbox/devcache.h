/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devcache.h: device programs that the kernel has already.
 */
#ifndef CLOISON_SANDBOX_DEVCACHE_H
#define CLOISON_SANDBOX_DEVCACHE_H

#include "runtime/sandbox/devfilter.h"

#define DEVCACHE_MOUNT "/sys/fs/bpf"
#define DEVCACHE_DIR DEVCACHE_MOUNT "/cloison"
#define DEVCACHE_PROGRAMS 64 /* when one more comes, all of them go */

/* devcache_name - give @p the name under which it is to be loaded, so that it is known again. */
void devcache_name(struct devfilter *p);

/*
 * devcache_find - the loaded program that has the instructions of @p.
 * Returns its descriptor, or FD_EMPTY when there is none that can be believed.
 * Source: bpf(2), BPF_OBJ_GET.
 */
int devcache_find(const struct devfilter *p) must_check;

/*
 * devcache_keep - pin @prog, loaded from @p. Whatever prevents it costs the next start some time and
 * nothing else, so there is no error: where no bpf file system is mounted nothing is kept.
 * Source: bpf(2), BPF_OBJ_PIN.
 */
void devcache_keep(const struct devfilter *p, int prog);

#endif
