/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * boot.c: a plugin for QEMU's TCG that tells how far a boot has come, for s05-phases.
 *
 * It counts instructions, and when the guest first executes in a place that means something, that count goes to
 * QEMU's standard output as a mark, between what the guest's serial port says there: the first byte of
 * the kernel's image, and the first of the kernel's own addresses (what is before is the decompression).
 * No code of the guest knows of it, so nothing has to be built for it.
 *
 * A block that an exception leaves in its middle is counted in full; so early there are hardly any.
 * A block is translated when it is about to run for the first time, so its translation is the moment.
 */
#include <stdint.h>
#include <unistd.h>

#include "bench/mark.h"
#include "bench/plugin/qemu.h"

/* What a boot goes through, in this order: the first execution between two addresses. */
struct place {
	uint64_t from, to;
	char kind;
};

static const struct place x86_64[] = {
	/* bzImage is loaded at 1 MiB; nothing else ever runs there */
	{0x100000, 0x101000, MARK_IMAGE},
	{0xffffffff80000000, UINT64_MAX, MARK_KERNEL},
};

static const struct place aarch64[] = {
	/* behind QEMU's own few instructions at the start of RAM */
	{0x40080000, 0x48000000, MARK_IMAGE},
	{0xffff000000000000, UINT64_MAX, MARK_KERNEL},
};

#define PLACES (sizeof(x86_64) / sizeof(x86_64[0]))

static const struct place *places;
static size_t reached;
static uint64_t count;

static void say(char kind)
{
	char text[MARK_SIZE];

	mark_format(text, kind, count);
	if (write(STDOUT_FILENO, text, sizeof(text)) < 0)
		_exit(1); /* who reads it is gone */
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t at = qemu_plugin_tb_vaddr(tb);

	(void)id;
	if (reached < PLACES && at >= places[reached].from && at < places[reached].to)
		say(places[reached++].kind);
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64, &count,
						 qemu_plugin_tb_n_insns(tb));
}

int qemu_plugin_version = 1;

/* qemu_plugin_install - "arm=on" as the argument for aarch64. */
int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	(void)argv;
	places = argc > 0 ? aarch64 : x86_64;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	return 0;
}
