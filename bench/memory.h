/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * memory.h: where memory went, by the kernel's own books.
 *
 * Used by the scenario on the host and by the agent in the guest, so both count the same way.
 */
#ifndef CLOISON_BENCH_MEMORY_H
#define CLOISON_BENCH_MEMORY_H

#include "lib/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The parts of /proc/meminfo that grow with instances. The first MEM_KERNEL_PARTS are the kernel's
 * own memory, which nothing but these books tells (of slab the part that cannot be reclaimed: the
 * rest is caches of files, which shrink and grow with whatever the machine did before); user memory moves by hundreds of megabytes with
 * whatever else the machine does, and is known exactly from the processes (struct footprint).
 */
enum component {
	MEM_SLAB,
	MEM_STACKS,
	MEM_TABLES,
	MEM_PERCPU,
	MEM_KERNEL_PARTS,
	MEM_ANON = MEM_KERNEL_PARTS,
	MEM_SHMEM,
	MEM_COMPONENTS,
};

extern const char *const memory_component_names[MEM_COMPONENTS];

struct memory {
	int64_t kb[MEM_COMPONENTS];
};

/* memory_read - the machine's books now. */
must_check int memory_read(struct memory *m, struct error *err);

/* memory_parse - the same from the text of a meminfo file. Returns 0, or -1 if one is missing. */
int memory_parse(const char *meminfo, struct memory *m);

/* memory_kernel - the sum of the kernel's parts. */
int64_t memory_kernel(const struct memory *m);

/* memory_number - the number behind the first @key in the file @path; -1 when there is none. */
int64_t memory_number(const char *path, const char *key);

/* memory_available_kb - what the kernel could still give without swapping; -1 if it does not tell. */
int64_t memory_available_kb(void);

/* memory_is_short - whether the kernel would soon begin to kill. */
bool memory_is_short(void);

/* memory_stalled_us - how long, since the boot, some process has waited for memory; -1 without PSI. */
int64_t memory_stalled_us(void);

/* What processes hold: their share of all pages, and the pages only they have. */
struct footprint {
	int64_t pss_kb, uss_kb;
	int64_t guest_ram_kb; /* resident part of mappings with the given name */
	int64_t jit_kb;	      /* resident part of anonymous mappings that are writable and
				 executable: where TCG keeps translated code */
	int processes;
};

/*
 * footprint_add - add process @pid to @f.
 * @ram_name:	name of the guest RAM's mapping, or NULL for a process that is no VM
 */
must_check int footprint_add(struct footprint *f, pid_t pid, const char *ram_name,
			     struct error *err);

/* footprint_add_tree - add @pid and all its descendants. */
must_check int footprint_add_tree(struct footprint *f, pid_t pid, const char *ram_name,
				  struct error *err);

#endif
