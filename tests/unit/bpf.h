/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bpf.h: a small interpreter of the classic BPF that seccomp filters are written in.
 * Source: Documentation/networking/filter.rst; kernel/seccomp.c, seccomp_check_filter().
 */
#ifndef CLOISON_TESTS_BPF_H
#define CLOISON_TESTS_BPF_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* bpf_bad - an impossible verdict: the program is not one the kernel would load. */
#define BPF_BAD 0xdeadbeefU

static inline bool bpf_compare(uint16_t code, uint32_t a, uint32_t k)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return a == k;
	case BPF_JGT:
		return a > k;
	case BPF_JGE:
		return a >= k;
	case BPF_JSET:
		return a & k;
	}
	abort();
}

/* bpf_run - the filter's verdict on a system call. */
static inline uint32_t bpf_run(const struct sock_fprog *prog, const struct seccomp_data *data)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < prog->len; pc++) {
		const struct sock_filter *i = &prog->filter[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (i->k % 4 || i->k + 4 > sizeof(*data))
				return BPF_BAD;
			memcpy(&a, (const char *)data + i->k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= i->k;
			break;
		case BPF_JMP | BPF_JA:
			pc += i->k;
			break;
		case BPF_JMP | BPF_JEQ | BPF_K:
		case BPF_JMP | BPF_JGT | BPF_K:
		case BPF_JMP | BPF_JGE | BPF_K:
		case BPF_JMP | BPF_JSET | BPF_K:
			pc += bpf_compare(i->code, a, i->k) ? i->jt : i->jf;
			break;
		case BPF_RET | BPF_K:
			return i->k;
		default:
			return BPF_BAD;
		}
	}
	return BPF_BAD;
}

#endif
