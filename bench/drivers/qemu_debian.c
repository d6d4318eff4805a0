/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu_debian.c: Debian on a disk with systemd, its kernel loaded directly; see debian.c.
 */
#include "bench/debian.h"
#include "bench/drivers/driver.h"

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	(void)r;
	debian_command(b, s, NULL, cmd);
}

const struct driver driver_qemu_debian = {
	.id = "qemu-debian",
	.what = "QEMU q35, Debian with systemd on a disk, probe as a service",
	.kind = KIND_VM,
	.program = "qemu-system-x86_64",
	.heavy = true,
	.uncounted = true,
	.probe = debian_probe,
	.start = start,
};
