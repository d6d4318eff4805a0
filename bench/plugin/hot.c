/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * hot.c: a plugin for QEMU's TCG that tells what the programs of a guest have executed, for bench/hot.
 *
 * It counts how often each block of code below 2 GiB was entered, where programs are that are not
 * position-independent, and writes it to standard error when QEMU ends: lines of an address and a count.
 */
#include <inttypes.h>
#include <stdio.h>

#include "bench/plugin/qemu.h"

#define LIMIT ((uint64_t)1 << 31)
#define BLOCKS ((size_t)1 << 18) /* a power of two, and many more than there are */

static struct block {
	uint64_t address; /* 0: free */
	uint64_t count;
} blocks[BLOCKS];
static size_t used;

/* find - the place of the block at @address, by linear probing; NULL: there is no room. */
static struct block *find(uint64_t address)
{
	size_t i = (size_t)(address * 0x9e3779b97f4a7c15 >> 32) & (BLOCKS - 1);

	while (blocks[i].address && blocks[i].address != address)
		i = (i + 1) & (BLOCKS - 1);
	if (!blocks[i].address) {
		if (used == BLOCKS / 2)
			return NULL;
		used++;
		blocks[i].address = address;
	}
	return &blocks[i];
}

static void translate(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	uint64_t at = qemu_plugin_tb_vaddr(tb);
	struct block *block = at && at < LIMIT ? find(at) : NULL;

	(void)id;
	if (block)
		qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_PLUGIN_INLINE_ADD_U64,
							 &block->count, 1);
}

static void tell(qemu_plugin_id_t id, void *userdata)
{
	(void)id;
	(void)userdata;
	for (size_t i = 0; i < BLOCKS; i++)
		if (blocks[i].count)
			fprintf(stderr, "%" PRIx64 " %" PRIu64 "\n", blocks[i].address,
				blocks[i].count);
}

int qemu_plugin_version = 1;

int qemu_plugin_install(qemu_plugin_id_t id, const void *info, int argc, char **argv)
{
	(void)info;
	(void)argc;
	(void)argv;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translate);
	qemu_plugin_register_atexit_cb(id, tell, NULL);
	return 0;
}
