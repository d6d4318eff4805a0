/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_survivor.c: /proc/PID/stat, whose name the process chooses, on arbitrary bytes: the name that is shown
 * fits and steers no terminal.
 */
#include "init/survivors.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *stat = malloc(size);
	struct survivor s;

	if (!stat && size)
		abort();
	if (size)
		memcpy(stat, data, size);
	if (survivor_parse(&s, stat, size) == 0) {
		REQUIRE(strnlen(s.name, sizeof(s.name)) < sizeof(s.name));
		for (const char *p = s.name; *p; p++)
			REQUIRE(*p >= ' ' && *p < 0x7f);
	}
	free(stat);
	return 0;
}
