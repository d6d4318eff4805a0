/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_reference.c: what somebody calls an image.
 *
 * What is taken is within its bounds, has nothing in it that a path or a terminal would mind, and is the same when its
 * text is read again.
 */
#include "runtime/store/reference.h"
#include "tests/fuzz/fuzz.h"

static void check(const struct reference *r)
{
	char text[REFERENCE_SIZE + DIGEST_SIZE + 1], name[REFERENCE_SIZE], digest[DIGEST_SIZE];
	struct error err = ERROR_INIT;
	struct reference again;

	REQUIRE(r->name[0] && (r->tag[0] || r->digest.hex[0]));
	REQUIRE(!strstr(r->name, "..") && !strstr(r->name, "//") && r->name[0] != '/');
	REQUIRE(!strchr(r->tag, '/') && r->tag[0] != '.' && r->tag[0] != '-');
	for (const char *p = r->name; *p; p++)
		REQUIRE(*p > ' ' && *p < 0x7f);
	snprintf(text, sizeof(text), "%s%s%s", reference_text(r, name), r->digest.hex[0] ? "@" : "",
		 r->digest.hex[0] ? digest_text(&r->digest, digest) : "");
	REQUIRE(reference_parse(text, &again, &err) == 0);
	REQUIRE(!memcmp(&again, r, sizeof(again)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	char *text = fuzz_text(data, size);
	struct reference r;

	if (reference_parse(text, &r, &err) == 0)
		check(&r);
	else
		REQUIRE(err.what[0]);
	free(text);
	return 0;
}
