/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_ovmf.c: the same Debian on the same disk, with the UEFI firmware OVMF.
 *
 * The firmware of --program ovmf=FILE, else Debian's. It gets the kernel from QEMU and enters it through its
 * EFI stub; a boot loader on the disk would come on top.
 */
#include "bench/debian.h"
#include "bench/drivers/driver.h"
#include "bench/systems.h"

static const char *firmware(const struct bench *b)
{
	static const char *const files[] = {"/usr/share/ovmf/OVMF.fd", "/usr/share/OVMF/OVMF.fd",
					    "/usr/share/edk2/ovmf/OVMF_CODE.fd"};
	const char *given = systems_given(b, "ovmf");

	for (size_t i = 0; !given && i < ARRAY_SIZE(files); i++)
		if (access(files[i], R_OK) == 0)
			given = files[i];
	return given;
}

static int probe(struct bench *b, struct system *s)
{
	if (!firmware(b))
		return skip(s, "OVMF is not installed; it comes with ovmf, or --program ovmf=FILE");
	return debian_probe(b, s);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	(void)r;
	debian_command(b, s, firmware(b), cmd);
}

const struct driver driver_qemu_ovmf = {
	.id = "qemu-ovmf",
	.what = "the same with the UEFI firmware OVMF",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.heavy = true,
	.uncounted = true,
	.probe = probe,
	.start = start,
};
