/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_logindex.c: the index of a log. The input is the sizes of the two streams and the entries.
 *
 * What is taken for sound covers each stream from its beginning, without a gap, and not beyond its end.
 */
#include "runtime/supervisor/log_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int fd = -1;
	uint32_t sizes[2], end[2], sum[2] = {0, 0};
	struct log_entry e;
	char path[256];
	int sound;

	if (size < sizeof(sizes))
		return 0;
	if (fd < 0)
		fd = fuzz_file("index", path, sizeof(path));
	memcpy(sizes, data, sizeof(sizes));
	data += sizeof(sizes);
	size -= sizeof(sizes);
	fuzz_fill(fd, data, size);
	sound = log_index_end(fd, (uint32_t)(size / sizeof(e)), sizes, end);
	REQUIRE(sound >= 0 && (size_t)sound <= size / sizeof(e));
	REQUIRE(end[0] <= sizes[0] && end[1] <= sizes[1]);
	for (int i = 0; i < sound; i++) {
		int which;

		memcpy(&e, data + (size_t)i * sizeof(e), sizeof(e));
		which = !!(e.length & LOG_ENTRY_STDERR);
		REQUIRE(e.start == sum[which]);
		sum[which] += e.length & ~LOG_ENTRY_STDERR;
	}
	REQUIRE(sum[0] == end[0] && sum[1] == end[1]);
	return 0;
}
