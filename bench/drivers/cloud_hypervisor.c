/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cloud_hypervisor.c: a virtual machine of Cloud Hypervisor whose init is the probe.
 *
 * It takes an uncompressed kernel with a PVH entry, and KVM. A guest that powers off ends it.
 * Source: cloud-hypervisor, README.md and docs/device_model.md.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

#include <string.h>

static int probe(struct bench *b, struct system *s)
{
	const char *kernel = b->guest == ARCH_X86_64 ? b->files.vmlinux : b->files.kernel;

	s->accel = b->accel;
	if (strcmp(b->accel, "kvm") != 0)
		return skip(s, "needs KVM: %.200s", b->accel_reason);
	if (access(kernel, R_OK) < 0)
		return skip(s, "no uncompressed kernel `%s`", kernel);
	if (access(b->files.probe_initrd, R_OK) < 0)
		return skip(s, "cannot read `%s`", b->files.probe_initrd);
	return 0;
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	const char *console = b->guest == ARCH_X86_64 ? "ttyS0" : "ttyAMA0";

	command_add(cmd, "%s", s->program);
	command_add(cmd, "--cpus");
	command_add(cmd, "boot=1");
	command_add(cmd, "--memory");
	command_add(cmd, "size=%dM", GUEST_RAM_MIB);
	command_add(cmd, "--kernel");
	command_add(cmd, "%s", b->guest == ARCH_X86_64 ? b->files.vmlinux : b->files.kernel);
	command_add(cmd, "--initramfs");
	command_add(cmd, "%s", b->files.probe_initrd);
	command_add(cmd, "--cmdline");
	command_add(cmd, "console=%s quiet%s", console, r->hold ? " -- hold" : "");
	command_add(cmd, "--serial");
	command_add(cmd, "tty");
	command_add(cmd, "--console");
	command_add(cmd, "off");
}

const struct driver driver_cloud_hypervisor = {
	.id = "cloud-hypervisor",
	.what = "Cloud Hypervisor, direct kernel, probe as init",
	.kind = KIND_VM,
	.program = "cloud-hypervisor",
	.package = "a release of github.com/cloud-hypervisor/cloud-hypervisor",
	.holds = true,
	.uncounted = true,
	.probe = probe,
	.start = start,
};
