/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mark.h: the message by which the probe, the agent and the harness understand each other.
 *
 * A mark is 25 printable bytes, "@clsn:K:0123456789abcdef\n": a magic, one letter for its kind and
 * a 64-bit value in hexadecimal, nearly always the sender's cycle counter (x86 TSC, arm CNTVCT).
 * Printable, because one of its ways is a serial console that other text shares: the parser finds
 * marks in any stream, in pieces of any size, and stamps each with the time its first byte came.
 *
 * The probe is freestanding and includes this file too: only macros and fixed-width types here
 * may be needed by it.
 */
#ifndef CLOISON_BENCH_MARK_H
#define CLOISON_BENCH_MARK_H

#include <stddef.h>
#include <stdint.h>

#define MARK_MAGIC "@clsn:"
#define MARK_MAGIC_SIZE 6
#define MARK_HEX_SIZE 16
#define MARK_SIZE (MARK_MAGIC_SIZE + 2 + MARK_HEX_SIZE + 1)

enum mark_kind {
	MARK_PROBE = 'P',	 /* the probe's first instructions */
	MARK_START = 'S',	 /* the agent, before it spawns a runtime */
	MARK_END = 'E',		 /* the agent, when that runtime has been waited for */
	MARK_BEGIN = 'B',	 /* the agent: the counter as it was right before the spawn */
	MARK_RATE = 'R',	 /* counter frequency in Hz, instead of a counter */
	MARK_RAM_TOTAL = 'T',	 /* sysinfo totalram in KiB, from a probe that stays */
	MARK_RAM_FREE = 'F',	 /* sysinfo freeram in KiB */
	MARK_LEVEL = 'L',	 /* agent mem: so many containers run now ... */
	MARK_KERNEL_KB = 'K',	 /* ... and this is the kernel's own memory in kB */
	MARK_MEMCG_KB = 'G',	 /* ... this what their cgroup is charged with in kB */
	MARK_PSS_KB = 'U',	 /* ... this the PSS of one of them in kB */
	MARK_AVAILABLE_KB = 'A', /* agent density: MemAvailable at this level in kB */
	MARK_GAVE_OUT = 'Z',	 /* ... and what ended it: enum gave_out */
	MARK_COUNTER = 'C',  /* agent phases: the counter, at the time that the next one tells */
	MARK_BOOT_NS = 'N',  /* ... by CLOCK_BOOTTIME, by which PID 1 tells its phases */
	MARK_INIT_NS = 'I',  /* ... CLOCK_BOOTTIME when PID 1 began */
	MARK_READY_NS = 'Y', /* ... and when it was ready */
	MARK_IMAGE = 'J',    /* plugin/boot.c: so many instructions until the kernel's image ... */
	MARK_KERNEL = 'H',   /* ... and until the kernel itself, behind its decompression */
	MARK_SUPERVISOR_KB =
		'V',	     /* agent supervised: with so many containers (LEVEL) its PSS in kB; */
	MARK_IDLE_NS = 'Q',  /* ... over so long a time in which nobody asked it anything, */
	MARK_CPU_NS = 'X',   /* ... its processor time, */
	MARK_WAKE_UPS = 'W', /* ... and how often it went to sleep again */
	MARK_DONE = 'D',     /* the agent's last word; the value is its number of failures */
};

/* What ended `agent density`. */
enum gave_out { OUT_NOTHING, OUT_START, OUT_MEMORY, OUT_PRESSURE };

struct mark {
	uint64_t value;
	int64_t stamp_ns; /* host CLOCK_MONOTONIC when the first byte was read */
	char kind;
};

struct mark_parser {
	int64_t stamp_ns;
	uint64_t value;
	unsigned int have; /* bytes of the mark matched so far */
	char kind;
};

typedef void (*mark_fn)(const struct mark *mark, void *arg);

/* mark_feed - pass @len bytes that arrived at @stamp_ns; @fn is called for every whole mark. */
void mark_feed(struct mark_parser *p, const char *buf, size_t len, int64_t stamp_ns, mark_fn fn,
	       void *arg);

/* mark_format - write the MARK_SIZE bytes of a mark; no final NUL. */
void mark_format(char out[MARK_SIZE], char kind, uint64_t value);

#endif
