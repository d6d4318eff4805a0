/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_cmdline.c: PID 1's command line parser on arbitrary bytes.
 *
 * Beyond not crashing: what comes out is a host name that fits, a list of words inside its own
 * buffer, and for every word that cannot be followed a text fit for a console.
 */
#include <stdint.h>
#include <string.h>

#include "init/cmdline.h"

#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void warn(void *context, const char *word, size_t len, const char *why)
{
	const uint8_t *const *input = context;
	char shown[65];

	REQUIRE(why[0] != '\0');
	REQUIRE((const uint8_t *)word >= input[0] && (const uint8_t *)word + len <= input[1]);
	cmdline_printable(word, len, shown, sizeof(shown));
	for (const char *c = shown; *c; c++)
		REQUIRE(*c >= ' ' && *c < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *input[2] = {data, data + size};
	struct cmdline c;

	cmdline_defaults(&c);
	cmdline_parse(&c, (const char *)data, size, warn, input);
	REQUIRE(c.hostname[0] != '\0' && strnlen(c.hostname, sizeof(c.hostname)) <= 64);
	REQUIRE(!c.exec[0] || c.exec[0][0] == '/');
	for (size_t i = 0; c.exec[i]; i++) {
		REQUIRE(i < CMDLINE_EXEC_ARGS);
		REQUIRE(c.exec[i] >= c.exec_text);
		REQUIRE(c.exec[i] + strlen(c.exec[i]) < c.exec_text + sizeof(c.exec_text));
	}
	return 0;
}
