/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * appliance.c: `cloison run` inside the booted appliance.
 *
 * One boot serves many starts. The image is the one that ships, with a second cpio behind it that
 * holds the bench's agent and the probe's bundle; init starts the agent (cloison.exec=), which
 * marks each start on the serial console before it spawns `cloison run`. So a container and the
 * virtual machine beside it share processor model, kernel and the clock they are stamped with:
 * rung R1.
 */
#include "bench/drivers/driver.h"
#include "bench/qemu.h"

static int probe(struct bench *b, struct system *s)
{
	return qemu_probe(b, s, b->files.bench_initrd);
}

static void start(const struct bench *b, const struct system *s, const struct request *r,
		  struct command *cmd)
{
	enum machine m = b->guest == ARCH_X86_64 ? MACHINE_Q35 : MACHINE_VIRT;
	char args[256];

	if (r->exec)
		snprintf(args, sizeof(args), "cloison.shell=0 cloison.exec=%s", r->exec);
	else
		snprintf(args, sizeof(args),
			 "cloison.shell=0 cloison.exec=/bench/cloison-bench,agent,%s,%u,%u",
			 r->agent ? r->agent : "start", r->starts + r->warmups, r->pause_ms);
	qemu_command(b, s, m, r, b->files.bench_initrd, args, cmd);
}

const struct driver driver_appliance = {
	.id = "appliance",
	.what = "cloison run inside the appliance",
	.kind = KIND_APPLIANCE,
	.program = NULL,
	.holds = true,
	.probe = probe,
	.start = start,
};
