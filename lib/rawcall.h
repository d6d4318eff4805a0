/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * rawcall.h: a system call of a program without a C library: bench/probe.c, runtime/reaper.c.
 */
#ifndef CLOISON_RAWCALL_H
#define CLOISON_RAWCALL_H

/* call4 - system call @nr. Returns what the kernel does: a value, or -errno. */
#if defined(__x86_64__)
static inline long call4(long nr, long a, long b, long c, long d)
{
	register long r10 __asm__("r10") = d;
	long ret;

	__asm__ volatile("syscall"
			 : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10)
			 : "rcx", "r11", "memory");
	return ret;
}
#elif defined(__aarch64__)
static inline long call4(long nr, long a, long b, long c, long d)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;

	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3) : "memory");
	return x0;
}
#endif

#endif
