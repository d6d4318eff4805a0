/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_manifest.c: the text of the manifest (init/manifest_text.c), and what may be added to an image.
 */
#include "init/manifest_text.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lib/xxh64.h"

static struct manifest m;
static char *text; /* of its own size, so that the sanitizer sees a byte too many */

/* parse_text - what the parser says of these bytes. */
static const char *parse_text(const char *whole, size_t len)
{
	free(text);
	text = malloc(len);
	assert_true(text || len == 0);
	if (len)
		memcpy(text, whole, len);
	return manifest_parse(&m, text, len);
}

/* parse - of @lines between the first line and a right last one. */
static const char *parse(const char *lines)
{
	static char whole[4 * MANIFEST_BYTES];
	size_t count = 0, len;

	for (const char *p = lines; *p; p++)
		count += *p == '\n';
	len = (size_t)snprintf(whole, sizeof(whole), "%s%s", MANIFEST_FIRST_LINE, lines);
	len += (size_t)snprintf(whole + len, sizeof(whole) - len, "end %zu %016" PRIx64 "\n", count,
				xxh64(whole, len));
	assert_true(len < sizeof(whole));
	return parse_text(whole, len);
}

static void refused(const char *lines, unsigned int line, const char *why)
{
	const char *is = parse(lines);

	assert_non_null(is);
	assert_string_equal(is, why);
	assert_int_equal(m.line, line);
}

static void every_type_is_read(void **state)
{
	const struct manifest_entry *e;

	(void)state;
	assert_null(parse("d 1777 0 0 0 0 /a\n"
			  "f 4755 1 4294967295 17 00000000000000ff /a/f\n"
			  "h 755 0 0 0 /a/f /a/h\n"
			  "l 777 0 0 3 ffffffffffffffff /a/l\n"
			  "c 600 0 0 5 1a /c\n"));
	assert_int_equal(m.count, 5);
	e = manifest_find(&m, "/a");
	assert_true(e && e->mode == (S_IFDIR | 01777));
	e = manifest_find(&m, "/a/f");
	assert_true(e && e->mode == (S_IFREG | 04755) && e->uid == 1 && e->gid == UINT32_MAX &&
		    e->size == 17 && e->check == 255 && !e->other);
	e = manifest_find(&m, "/a/h");
	assert_true(e && S_ISREG(e->mode));
	assert_string_equal(e->other, "/a/f");
	e = manifest_find(&m, "/a/l");
	assert_true(e && S_ISLNK(e->mode) && e->check == UINT64_MAX);
	e = manifest_find(&m, "/c");
	assert_true(e && S_ISCHR(e->mode) && e->size == 5 && e->check == 26);
	assert_null(manifest_find(&m, "/"));
	assert_null(manifest_find(&m, "/a/"));
	assert_null(manifest_find(&m, "/z"));
}

static void a_manifest_may_be_empty(void **state)
{
	(void)state;
	assert_null(parse(""));
	assert_int_equal(m.count, 0);
	assert_null(manifest_find(&m, "/a"));
}

static void one_that_was_cut_off_is_told_wherever_it_was(void **state)
{
	static char whole[512];
	uint64_t sum;
	size_t len;

	(void)state;
	len = (size_t)snprintf(whole, sizeof(whole),
			       MANIFEST_FIRST_LINE "d 755 0 0 0 0 /a\nd 755 0 0 0 0 /b\n");
	sum = xxh64(whole, len);
	len += (size_t)snprintf(whole + len, sizeof(whole) - len, "end 2 %016" PRIx64 "\n", sum);
	assert_null(parse_text(whole, len));
	while (len-- > 0)
		assert_non_null(parse_text(whole, len));
}

static void one_altered_bit_is_told_wherever_it_is(void **state)
{
	char whole[512];
	size_t len;

	(void)state;
	len = (size_t)snprintf(whole, sizeof(whole), MANIFEST_FIRST_LINE "d 755 0 0 0 0 /a\n");
	len += (size_t)snprintf(whole + len, sizeof(whole) - len, "end 1 %016" PRIx64 "\n",
				xxh64(whole, len));
	for (size_t bit = 0; bit < 8 * len; bit++) {
		whole[bit / 8] = (char)(whole[bit / 8] ^ 1 << (bit % 8));
		assert_non_null(parse_text(whole, len));
		whole[bit / 8] = (char)(whole[bit / 8] ^ 1 << (bit % 8));
	}
	assert_null(parse_text(whole, len));
}

static void bad_lines_are_told_with_their_number(void **state)
{
	(void)state;
	refused("d 755 0 0 0 0 /a\nd 755 0 0 0 /b\n", 3, "not seven words");
	refused("d 755 0 0 0 0 /a x\n", 2, "not seven words");
	refused("\n", 2, "not seven words");
	refused("s 755 0 0 0 0 /a\n", 2, "not a type");
	refused("dd 755 0 0 0 0 /a\n", 2, "not a type");
	refused("d 10000 0 0 0 0 /a\n", 2, "not a mode");
	refused("d 8 0 0 0 0 /a\n", 2, "not a mode");
	refused("d 755 -1 0 0 0 /a\n", 2, "not an owner");
	refused("d 755 0 4294967296 0 0 /a\n", 2, "not an owner");
	refused("d 755 0  0 0 /a\n", 2, "not an owner");
	refused("f 755 0 0 2147483648 0000000000000000 /a\n", 2, "not a size");
	refused("f 755 0 0 99999999999999999999999 0000000000000000 /a\n", 2, "not a size");
	refused("f 755 0 0 1 000000000000000 /a\n", 2, "not a checksum");
	refused("f 755 0 0 1 000000000000000G /a\n", 2, "not a checksum");
	refused("h 755 0 0 0 a /b\n", 2, "not a path for another name");
	refused("c 755 0 0 1 100000000 /a\n", 2, "not a number");
}

static void bad_paths_are_told(void **state)
{
	static const char *const paths[] = {"a",  "/",	   "//",    "/a/", "/a//b",
					    "/.", "/a/..", "/../a", ""};
	char lines[MANIFEST_PATH_BYTES + 64];

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++) {
		snprintf(lines, sizeof(lines), "d 755 0 0 0 0 %s\n", paths[i]);
		refused(lines, 2, "not a path");
	}
	snprintf(lines, sizeof(lines), "d 755 0 0 0 0 /%0*d\n", MANIFEST_PATH_BYTES - 1, 0);
	refused(lines, 2, "not a path");
	snprintf(lines, sizeof(lines), "d 755 0 0 0 0 /%0*d\n", MANIFEST_PATH_BYTES - 2, 0);
	assert_null(parse(lines));
}

static void paths_are_in_order_and_each_once(void **state)
{
	(void)state;
	refused("d 755 0 0 0 0 /b\nd 755 0 0 0 0 /a\n", 3, "not in order");
	refused("d 755 0 0 0 0 /a\nd 755 0 0 0 0 /a\n", 3, "not in order");
}

static void there_is_a_most_of_entries_and_of_bytes(void **state)
{
	static char lines[3 * MANIFEST_BYTES];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < MANIFEST_ENTRIES; i++)
		len += (size_t)snprintf(lines + len, sizeof(lines) - len, "d 755 0 0 0 0 /%08d\n",
					i);
	assert_null(parse(lines));
	assert_int_equal(m.count, MANIFEST_ENTRIES);
	snprintf(lines + len, sizeof(lines) - len, "d 755 0 0 0 0 /%08d\n", MANIFEST_ENTRIES);
	assert_string_equal(parse(lines), "not the end of a manifest");
	memset(lines, 'a', MANIFEST_BYTES + 1);
	assert_string_equal(parse_text(lines, MANIFEST_BYTES + 1), "more than 256 KiB");
}

static void additions_have_their_places(void **state)
{
	(void)state;
	assert_true(manifest_may_add("/etc/cloison", true));
	assert_true(manifest_may_add("/etc/cloison/appliance.yaml", false));
	assert_true(manifest_may_add("/usr/share/cloison/bundles/mine", true));
	assert_true(manifest_may_add("/opt", true));
	assert_false(manifest_may_add("/opt", false));
	assert_false(manifest_may_add("/etc/cloison2", true));
	assert_false(manifest_may_add("/etc/added", true));
	assert_false(manifest_may_add("/bin/added", false));
	assert_false(manifest_may_add("/usr/share/cloison/added", false));
}

static int drop(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_read),
		cmocka_unit_test(a_manifest_may_be_empty),
		cmocka_unit_test(one_that_was_cut_off_is_told_wherever_it_was),
		cmocka_unit_test(one_altered_bit_is_told_wherever_it_is),
		cmocka_unit_test(bad_lines_are_told_with_their_number),
		cmocka_unit_test(bad_paths_are_told),
		cmocka_unit_test(paths_are_in_order_and_each_once),
		cmocka_unit_test(there_is_a_most_of_entries_and_of_bytes),
		cmocka_unit_test(additions_have_their_places),
	};

	return cmocka_run_group_tests(tests, NULL, drop);
}
