/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * counter.h: the processor's constant-rate counter.
 *
 * x86: the TSC. arm: the virtual counter, whose rate is in CNTFRQ. Under QEMU's
 * `-icount shift=0` both advance with the instructions executed: the TSC by one each, the arm
 * counter by one per 16 (62.5 MHz against a virtual clock of 1 GHz).
 */
#ifndef CLOISON_BENCH_COUNTER_H
#define CLOISON_BENCH_COUNTER_H

#include <stdint.h>

#if defined(__x86_64__)
static inline uint64_t counter_read(void)
{
	uint32_t lo, hi;

	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (uint64_t)hi << 32 | lo;
}

/* counter_rate - Hz as the processor itself reports it; 0 when it does not. */
static inline uint64_t counter_rate(void)
{
	return 0;
}
#elif defined(__aarch64__)
static inline uint64_t counter_read(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
	return v;
}

static inline uint64_t counter_rate(void)
{
	uint64_t v;

	__asm__ volatile("mrs %0, cntfrq_el0" : "=r"(v));
	return v;
}
#else
#error "no cycle counter is known for this processor"
#endif

#endif
