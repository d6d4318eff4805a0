/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * firecracker.c: a microVM of Firecracker whose init is the probe.
 *
 * No API socket: machine, kernel and initramfs are in a file (--config-file), as with a cold start of its
 * command line. It takes an uncompressed kernel on x86_64, and KVM. A guest's power off does not end it,
 * so it is killed when the probe has reported.
 * Source: firecracker, docs/getting-started.md and docs/initrd.md.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

#include <json-c/json.h>
#include <string.h>

#define ARGS "console=ttyS0 quiet noreplace-smp reboot=k panic=-1 pci=off"

static void put(json_object *o, const char *key, json_object *v)
{
	json_object_object_add(o, key, v);
}

/* write_config - WORK/firecracker.json, or with "hold" as the probe's argument. */
static int write_config(const struct bench *b, bool hold)
{
	json_object *o = json_object_new_object(), *boot = json_object_new_object();
	json_object *machine = json_object_new_object();
	char path[PATH_MAX];
	int ret;

	put(boot, "kernel_image_path",
	    json_object_new_string(b->guest == ARCH_X86_64 ? b->files.vmlinux : b->files.kernel));
	put(boot, "initrd_path", json_object_new_string(b->files.probe_initrd));
	put(boot, "boot_args", json_object_new_string(hold ? ARGS " -- hold" : ARGS));
	put(machine, "vcpu_count", json_object_new_int(1));
	put(machine, "mem_size_mib", json_object_new_int(GUEST_RAM_MIB));
	put(o, "boot-source", boot);
	put(o, "drives", json_object_new_array());
	put(o, "machine-config", machine);
	snprintf(path, sizeof(path), "%s/firecracker%s.json", b->work, hold ? "-hold" : "");
	ret = json_object_to_file(path, o);
	json_object_put(o);
	return ret;
}

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
	if (write_config(b, false) < 0 || write_config(b, true) < 0)
		return skip(s, "cannot write its configuration into `%s`", b->work);
	return 0;
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	command_add(cmd, "%s", s->program);
	command_add(cmd, "--no-api");
	command_add(cmd, "--id");
	command_add(cmd, "bench-%u", r->serial);
	command_add(cmd, "--level");
	command_add(cmd, "Error");
	command_add(cmd, "--config-file");
	command_add(cmd, "%s/firecracker%s.json", b->work, r->hold ? "-hold" : "");
}

const struct driver driver_firecracker = {
	.id = "firecracker",
	.what = "Firecracker, configured by a file, probe as init",
	.kind = KIND_VM,
	.program = "firecracker",
	.package = "a release of github.com/firecracker-microvm/firecracker",
	.holds = true,
	.endless = true,
	.uncounted = true,
	.probe = probe,
	.start = start,
};
