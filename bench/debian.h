/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian.h: the virtual machine that people run: Debian on a disk, with systemd.
 */
#ifndef CLOISON_BENCH_DEBIAN_H
#define CLOISON_BENCH_DEBIAN_H

#include "bench/bench.h"

/*
 * debian_probe - whether its kernel and disk are there (make bench-debian), and mkfs.ext4, with which the
 * disk of the probe is made. Returns 0, or -1 with s->skip.
 */
int debian_probe(struct bench *b, struct system *s);

/* debian_command - @firmware: of the machine, NULL for QEMU's own */
void debian_command(const struct bench *b, const struct system *s, const char *firmware,
		    struct command *cmd);

#endif
