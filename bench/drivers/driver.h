/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * driver.h: the drivers, and what several of them share.
 */
#ifndef CLOISON_BENCH_DRIVERS_DRIVER_H
#define CLOISON_BENCH_DRIVERS_DRIVER_H

#include "bench/bench.h"

extern const struct driver driver_process;
extern const struct driver driver_floor;
extern const struct driver driver_cloison;
extern const struct driver driver_crun;
extern const struct driver driver_runc;
extern const struct driver driver_bwrap;
extern const struct driver driver_unshare;
extern const struct driver driver_nspawn;
extern const struct driver driver_lxc;
extern const struct driver driver_podman;
extern const struct driver driver_docker;
extern const struct driver driver_runsc;
extern const struct driver driver_appliance;
extern const struct driver driver_qemu_microvm;
extern const struct driver driver_qemu_q35;
extern const struct driver driver_qemu_qboot;
extern const struct driver driver_qemu_virt;
extern const struct driver driver_qemu_restore;
extern const struct driver driver_qemu_debian;
extern const struct driver driver_qemu_ovmf;
extern const struct driver driver_debian_microvm;
extern const struct driver driver_debian_q35;
extern const struct driver driver_firecracker;
extern const struct driver driver_cloud_hypervisor;

/* driver_probe_native - root, and programs of this machine's architecture; else skipped. */
int driver_probe_native(struct bench *b, struct system *s);

/*
 * oci_start, oci_stop - `PROGRAM [NO CGROUPS] run|exec|delete ...` as crun, runc and cloison take.
 * @no_cgroups: the option that leaves cgroups alone, given when the bench is to do without them;
 *		NULL when there is none
 */
void oci_start(const struct bench *b, const struct system *s, const struct request *r,
	       const char *no_cgroups, struct command *cmd);
void oci_stop(const struct bench *b, const struct system *s, unsigned int serial,
	      const char *no_cgroups, struct command *cmd);

#endif
