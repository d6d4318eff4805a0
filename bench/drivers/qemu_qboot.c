/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_qboot.c: a virtual machine whose init is the probe, on QEMU's q35 with the qboot firmware.
 *
 * A PC that loads its kernel directly: qboot does nothing but that, where SeaBIOS looks for devices first. It
 * is the best that the same machine can do.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

static int probe(struct bench *b, struct system *s)
{
	if (b->guest != ARCH_X86_64)
		return skip(s, "a machine of x86_64 only");
	if (access(QEMU_DATA "/qboot.rom", R_OK) < 0)
		return skip(s, "no " QEMU_DATA "/qboot.rom; it comes with qemu-system-data");
	return qemu_probe(b, s, b->files.probe_initrd);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	qemu_command(b, s, MACHINE_QBOOT, r, b->files.probe_initrd, r->hold ? "-- hold" : "", cmd);
}

const struct driver driver_qemu_qboot = {
	.id = "qemu-qboot",
	.what = "QEMU q35, direct kernel through qboot, probe as init",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.holds = true,
	.probe = probe,
	.start = start,
};
