/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * debian_kernel.c: the machines of qemu_microvm.c and qemu_q35.c with Debian's cloud kernel instead of ours.
 *
 * Same initramfs, same probe as init, no disk: what differs is the kernel alone, so the distance between
 * the two rows is what trimming a kernel is worth.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

static int probe(struct bench *b, struct system *s)
{
	if (b->guest != ARCH_X86_64)
		return skip(s, "Debian's kernel is fetched for x86_64 alone");
	if (access(b->files.debian_kernel, R_OK) < 0)
		return skip(s, "no `%s`; `make bench-debian` makes it", b->files.debian_kernel);
	return qemu_probe(b, s, b->files.probe_initrd);
}

static void start_on(const struct bench *b, const struct system *s, enum machine m,
		     const struct request *r, struct command *cmd)
{
	struct request theirs = *r;

	theirs.kernel = b->files.debian_kernel;
	qemu_command(b, s, m, &theirs, b->files.probe_initrd, "", cmd);
}

static void start_microvm(const struct bench *b, const struct system *s, const struct request *r,
			  struct command *cmd)
{
	start_on(b, s, MACHINE_MICROVM, r, cmd);
}

static void start_q35(const struct bench *b, const struct system *s, const struct request *r,
		      struct command *cmd)
{
	start_on(b, s, MACHINE_Q35, r, cmd);
}

const struct driver driver_debian_microvm = {
	.id = "debian-microvm",
	.what = "qemu-microvm with Debian's cloud kernel",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.heavy = true,
	.probe = probe,
	.start = start_microvm,
};

const struct driver driver_debian_q35 = {
	.id = "debian-q35",
	.what = "qemu-q35 with Debian's cloud kernel",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.heavy = true,
	.probe = probe,
	.start = start_q35,
};
