/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * digest.c: "sha256:..." to and from text.
 */
#include "runtime/store/digest.h"

#include <string.h>

#define PREFIX_LENGTH (sizeof(DIGEST_PREFIX) - 1)

bool digest_is_hex(const char *text, size_t length)
{
	return length == SHA256_HEX_SIZE - 1 && strspn(text, "0123456789abcdef") >= length;
}

int digest_parse(const char *text, struct digest *d, struct error *err)
{
	const char *hex = text + PREFIX_LENGTH;

	if (strncmp(text, DIGEST_PREFIX, PREFIX_LENGTH) != 0)
		return error_set(err, 0, "`%.80s` is not a digest of sha256", text);
	if (!digest_is_hex(hex, strlen(hex)))
		return error_set(err, 0, "`%.80s` is not a digest: 64 digits of 0-9 and a-f", text);
	memcpy(d->hex, hex, SHA256_HEX_SIZE);
	return 0;
}

const char *digest_text(const struct digest *d, char buf[DIGEST_SIZE])
{
	snprintf(buf, DIGEST_SIZE, DIGEST_PREFIX "%s", d->hex);
	return buf;
}

bool digest_equal(const struct digest *a, const struct digest *b)
{
	return strcmp(a->hex, b->hex) == 0;
}
