/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_probe.c: the first bytes of a disk that anyone may have plugged in.
 */
#include "runtime/config/probe.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bytes[PROBE_BYTES] = {0};
	struct probe p;

	memcpy(bytes, data, size < sizeof(bytes) ? size : sizeof(bytes));
	probe_bytes(bytes, &p);
	REQUIRE(strnlen(p.label, sizeof(p.label)) < sizeof(p.label));
	for (const char *c = p.label; *c; c++)
		REQUIRE(*c >= ' ' && *c < 0x7f);
	REQUIRE(p.kind != PROBE_UNKNOWN || !p.label[0]);
	return 0;
}
