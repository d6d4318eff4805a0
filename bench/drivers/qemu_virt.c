/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_virt.c: a virtual machine whose init is the probe, on QEMU's virt.
 *
 * The arm board made for virtual machines; the kernel is started directly.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

static int probe(struct bench *b, struct system *s)
{
	if (b->guest != ARCH_AARCH64)
		return skip(s, "a machine of aarch64 only");
	return qemu_probe(b, s, b->files.probe_initrd);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	qemu_command(b, s, MACHINE_VIRT, r, b->files.probe_initrd, r->hold ? "-- hold" : "", cmd);
}

const struct driver driver_qemu_virt = {
	.id = "qemu-virt",
	.what = "QEMU virt (arm), direct kernel, probe as init",
	.kind = KIND_VM,
	.program = "qemu-system-aarch64",
	.holds = true,
	.probe = probe,
	.start = start,
};
