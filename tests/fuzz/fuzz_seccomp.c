/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_seccomp.c: linux.seccomp to the program that the kernel loads.
 *
 * Whatever the profile, the program is one that the kernel takes: only instructions that seccomp
 * knows, jumps forward and inside, loads of whole words in bounds, a return at the end of every
 * way. The interpreter then gives a verdict on some calls, and on a foreign architecture it is
 * never "allow".
 */
#include <linux/audit.h>
#include <seccomp.h>
#include <stdbool.h>

#include "runtime/oci/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/bpf.h"

static bool known_code(const struct sock_filter *i)
{
	switch (i->code) {
	case BPF_LD | BPF_W | BPF_ABS:
		return i->k % 4 == 0 && i->k < sizeof(struct seccomp_data);
	case BPF_ALU | BPF_AND | BPF_K:
	case BPF_JMP | BPF_JA:
	case BPF_JMP | BPF_JEQ | BPF_K:
	case BPF_JMP | BPF_JGT | BPF_K:
	case BPF_JMP | BPF_JGE | BPF_K:
	case BPF_JMP | BPF_JSET | BPF_K:
	case BPF_RET | BPF_K:
		return true;
	default:
		return false;
	}
}

/* check_program - kernel/bpf, net/core/filter.c: bpf_check_classic(); seccomp_check_filter(). */
static void check_program(const struct sock_fprog *prog)
{
	REQUIRE(prog->len > 0 && prog->len <= BPF_MAXINSNS);
	for (size_t pc = 0; pc < prog->len; pc++) {
		const struct sock_filter *i = &prog->filter[pc];

		REQUIRE(known_code(i));
		if (i->code == (BPF_JMP | BPF_JA))
			REQUIRE(i->k < prog->len - pc - 1);
		else if (BPF_CLASS(i->code) == BPF_JMP)
			REQUIRE(pc + i->jt + 1 < prog->len && pc + i->jf + 1 < prog->len);
	}
	REQUIRE(BPF_CLASS(prog->filter[prog->len - 1].code) == BPF_RET);
}

static void check_verdicts(const struct sock_fprog *prog, const uint8_t *data, size_t size)
{
	struct seccomp_data call = {.arch = AUDIT_ARCH_ALPHA};
	const uint32_t own = (uint32_t)seccomp_arch_native();

	REQUIRE((bpf_run(prog, &call) & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ALLOW);
	for (int nr = 0; nr < 480; nr += 7) {
		call = (struct seccomp_data){.nr = nr, .arch = own};
		for (size_t j = 0; j < 6 && size >= 8; j++)
			memcpy(&call.args[j], data + ((size_t)nr * 6 + j) * 8 % (size - 7), 8);
		REQUIRE(bpf_run(prog, &call) != BPF_BAD);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "profile", .arena = &arena, .err = &err};
	struct seccomp_plan plan = {0};
	char *text = fuzz_text(data, size);
	struct json_object *tree = json_parse(text, size, &source);
	const struct json_at at = {.source = &source, .value = tree};

	if (tree && decode_seccomp(&at, &plan) == 0) {
		check_program(&plan.prog);
		check_verdicts(&plan.prog, data, size);
	} else {
		REQUIRE(err.what[0]);
	}
	json_free(&tree);
	arena_free(&arena);
	free(text);
	return 0;
}
