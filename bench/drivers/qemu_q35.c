/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_q35.c: a virtual machine whose init is the probe, on QEMU's q35.
 *
 * A PC with SeaBIOS, which loads the kernel through its linuxboot option ROM: the virtual machine
 * people mostly run, with our kernel and without a disk.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

static int probe(struct bench *b, struct system *s)
{
	if (b->guest != ARCH_X86_64)
		return skip(s, "a machine of x86_64 only");
	return qemu_probe(b, s, b->files.probe_initrd);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	qemu_command(b, s, MACHINE_Q35, r, b->files.probe_initrd, r->hold ? "-- hold" : "", cmd);
}

const struct driver driver_qemu_q35 = {
	.id = "qemu-q35",
	.what = "QEMU q35, SeaBIOS firmware, probe as init",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.holds = true,
	.probe = probe,
	.start = start,
};
