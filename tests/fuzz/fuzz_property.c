/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_property.c: an annotation org.systemd.property.NAME=TEXT on its way to systemd. The input is the
 * name, a newline, and the text.
 *
 * What is accepted makes a message that can be read again; what is refused is told of.
 */
#include "runtime/systemd/scope.h"
#include "tests/fuzz/fuzz.h"

#define HEAD_ROOM 256 /* what is before and behind the value in a message */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct wire_call call = {"a.b", "/a", "a.b", "C", "sv"};
	static _Alignas(8) uint8_t message[WIRE_MESSAGE_MAX];
	struct wire w = {.at = message, .room = sizeof(message)};
	struct error err = ERROR_INIT;
	struct wire_message read;
	char *name = fuzz_text(data, size);
	char *text = strchr(name, '\n');

	if (text) {
		*text++ = '\0';
		wire_begin(&w, 1, &call);
		if (property_append(&w, name, text, &err) < 0) {
			REQUIRE(err.what[0] && err.hint[0]);
		} else {
			wire_end(&w);
			/* Each element of a list takes more room than its text, by at most its length field. */
			REQUIRE(!w.failed ||
				8 * strlen(text) + strlen(name) + HEAD_ROOM > sizeof(message));
			REQUIRE(w.failed || wire_parse(message, w.len, &read));
		}
	}
	free(name);
	return 0;
}
