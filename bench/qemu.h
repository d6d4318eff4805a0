/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu.h: command lines of QEMU, the rate of the guest's clock, and whether KVM can be used.
 */
#ifndef CLOISON_BENCH_QEMU_H
#define CLOISON_BENCH_QEMU_H

#include "bench/bench.h"

#define GUEST_RAM_MIB 128

/* The name under which request.named_ram shows in /proc/PID/smaps. */
#define GUEST_RAM_MAPPING "memory-backend-memfd"

enum machine { MACHINE_MICROVM, MACHINE_QBOOT, MACHINE_Q35, MACHINE_VIRT };

#define QEMU_DATA "/usr/share/qemu"

/* qemu_program - the emulator for the guest's architecture. */
const char *qemu_program(enum arch guest);

/*
 * qemu_probe - whether @s can run: the emulator, the kernel and @initrd are there.
 * Returns 0 with s->program and s->accel set, or -1 with s->skip.
 */
int qemu_probe(struct bench *b, struct system *s, const char *initrd);

/*
 * qemu_command - a whole command line.
 * @initrd:	initramfs; @kernel_args: appended to the kernel's command line, or ""
 *
 * All machines get what makes them fast: direct kernel boot, no device but a serial port, no
 * default devices, `quiet`, a processor model with RDRAND (without it the guest's random pool
 * costs 150 ms), noreplace-smp as there is one CPU, and no_timer_check, without which a busy host
 * makes a kernel panic now and then (KVM's guests leave that check out themselves). A microvm has no timer to calibrate
 * against and hangs under TCG now and then unless tsc_early_khz tells it the rate.
 */
void qemu_command(const struct bench *b, const struct system *s, enum machine m,
		  const struct request *r, const char *initrd, const char *kernel_args,
		  struct command *cmd);

/* qemu_calibrate - kHz of the host's counter against CLOCK_MONOTONIC_RAW; takes 0.2 s. */
uint64_t qemu_calibrate(void);

/*
 * qemu_choose_accel - set b->accel and b->accel_reason.
 *
 * /dev/kvm that opens proves little: on some hosts (nested ones, mostly) virtual machines are
 * created and never get anywhere. So `auto` boots the probe's guest under KVM and waits for its
 * mark; without it within KVM_DEADLINE_MS the run uses TCG, and the reason is kept with the
 * results. `kvm` makes that an error instead.
 */
#define KVM_DEADLINE_MS 15000
must_check int qemu_choose_accel(struct bench *b, struct error *err);

#endif
