/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_manifest.c: the manifest of the initramfs on arbitrary bytes.
 *
 * The last line is made right, or hardly an input would come past its checksum. What is accepted is sorted,
 * has absolute paths inside the text and modes of the known types, and every entry is found by its path.
 */
#include <inttypes.h>

#include "init/manifest_text.h"
#include "lib/xxh64.h"
#include "tests/fuzz/fuzz.h"

static struct manifest m;

static void check_entries(const char *text, size_t len)
{
	for (size_t i = 0; i < m.count; i++) {
		const struct manifest_entry *e = &m.entries[i];

		REQUIRE(e->path > text && e->path + strlen(e->path) < text + len);
		REQUIRE(e->path[0] == '/' && strlen(e->path) < MANIFEST_PATH_BYTES);
		REQUIRE(!strstr(e->path, "//") && !strstr(e->path, "/../"));
		REQUIRE(i == 0 || strcmp(e[-1].path, e->path) < 0);
		REQUIRE(manifest_find(&m, e->path) == e);
		REQUIRE(S_ISREG(e->mode) || S_ISDIR(e->mode) || S_ISLNK(e->mode) ||
			S_ISCHR(e->mode) || S_ISBLK(e->mode));
		REQUIRE(!e->other ||
			(e->other > text && e->other < text + len && e->other[0] == '/'));
	}
}

static void parse(const char *input, size_t len)
{
	char *room = malloc(len + 1), *text;

	if (!room)
		abort();
	text = room + 1; /* nothing behind it */
	memcpy(text, input, len);
	m.line = 0;
	if (!manifest_parse(&m, text, len))
		check_entries(text, len);
	else
		REQUIRE(m.line > 0);
	free(room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *input = malloc(size + 128);
	size_t lines = 0, len = sizeof(MANIFEST_FIRST_LINE) - 1;

	if (!input)
		abort();
	memcpy(input, MANIFEST_FIRST_LINE, len);
	if (size)
		memcpy(input + len, data, size);
	parse(input + len, size); /* as it is */
	len += size;
	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	len += (size_t)snprintf(input + len, 64, "end %zu %016" PRIx64 "\n", lines,
				xxh64(input, len));
	parse(input, len);
	free(input);
	return 0;
}
