/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_dbus.c: what comes over the bus, as one message after the other.
 */
#include "runtime/systemd/wire.h"
#include "tests/fuzz/fuzz.h"

/* check - whatever is said of a message lies within it. */
static void check(const uint8_t *text, size_t size)
{
	struct wire_message m;
	const char *v[3];

	if (!wire_parse(text, size, &m))
		return;
	REQUIRE(m.body_len <= size && m.body + m.body_len == text + size);
	for (size_t skip = 0; skip < 2; skip++)
		for (size_t n = 1; n <= 3; n++)
			if (wire_strings(&m, skip, v, n))
				for (size_t i = 0; i < n; i++)
					REQUIRE(v[i] + strlen(v[i]) < (const char *)text + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	while (size >= WIRE_HEADER) {
		size_t length = wire_size(data);
		uint8_t *message;

		REQUIRE(length <= WIRE_MESSAGE_MAX);
		if (length < WIRE_HEADER || length > size)
			break;
		/* of its own size, so that the sanitizer sees a byte too many */
		message = malloc(length);
		REQUIRE(message);
		memcpy(message, data, length);
		check(message, length);
		free(message);
		data += length;
		size -= length;
	}
	return 0;
}
