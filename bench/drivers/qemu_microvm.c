/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_microvm.c: a virtual machine whose init is the probe, on QEMU's microvm.
 *
 * A machine without PCI or anything of a PC that Linux can do without; the kernel is the same
 * bzImage as on q35, started by the machine's small firmware.
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
	qemu_command(b, s, MACHINE_MICROVM, r, b->files.probe_initrd, r->hold ? "-- hold" : "",
		     cmd);
}

const struct driver driver_qemu_microvm = {
	.id = "qemu-microvm",
	.what = "QEMU microvm, direct kernel, probe as init",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.holds = true,
	.probe = probe,
	.start = start,
};
