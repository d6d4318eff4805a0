/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_mountinfo.c: PID 1's reader of /proc/self/mountinfo on arbitrary bytes.
 *
 * The first byte says in which pieces the rest arrives. Where it is cut must make no difference,
 * and what PID 1 needs itself is never named.
 */
#include <stdint.h>
#include <string.h>

#include "init/mountinfo.h"

#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_pieces(struct mountinfo *m, const char *text, size_t len, size_t piece)
{
	mountinfo_begin(m);
	for (size_t at = 0; at < len; at += piece)
		mountinfo_feed(m, text + at, len - at < piece ? len - at : piece);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct mountinfo whole, cut;
	const char *text = (const char *)data + 1;

	if (size < 2)
		return 0;
	whole.kept = cut.kept = 0;
	for (unsigned int round = 0; round <= MOUNTINFO_KEEP_MAX; round++) {
		read_pieces(&whole, text, size - 1, size);
		read_pieces(&cut, text, size - 1, 1U + data[0] % 16);
		REQUIRE(whole.last_id == cut.last_id);
		if (whole.last_id == 0)
			break;
		REQUIRE(strcmp(whole.last_path, cut.last_path) == 0);
		REQUIRE(strcmp(whole.last_path, "/") != 0 && strcmp(whole.last_path, "/dev") != 0);
		for (size_t i = 0; i < whole.kept; i++)
			REQUIRE(whole.keep[i] != whole.last_id);
		REQUIRE(mountinfo_keep(&whole) == mountinfo_keep(&cut));
	}
	return 0;
}
