/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_why.c: records of the kernel's log, which `why` looks through, on arbitrary bytes.
 */
#include "runtime/container/why.c"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct seccomp_kill kill = {.found = false};

	if (parse_kill(text, 42, 1000, &kill)) {
		REQUIRE(kill.found && kill.call[0]);
		REQUIRE(memchr(kill.call, 0, sizeof(kill.call)));
		REQUIRE(memchr(kill.program, 0, sizeof(kill.program)));
	} else {
		REQUIRE(!kill.found);
	}
	free(text);
	return 0;
}
