/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_klog.c: records of /dev/kmsg on arbitrary bytes: the text lies inside them and is one line.
 */
#include "init/klog.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *bytes = malloc(size);
	struct klog_record r;

	if (!bytes && size)
		abort();
	if (size)
		memcpy(bytes, data, size);
	if (klog_parse(&r, bytes, size) == 0) {
		REQUIRE(r.text > bytes && r.text + r.len <= bytes + size);
		REQUIRE(!memchr(r.text, '\n', r.len));
		REQUIRE(r.text[-1] == ';');
	}
	free(bytes);
	return 0;
}
