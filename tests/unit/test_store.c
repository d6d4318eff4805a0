/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_store.c: references, digests, what is chosen of an index, compressed files, and trees that go.
 */
#include "runtime/store/store.h"

#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>
#include <zstd.h>

#include <cmocka.h>

#include "lib/remove.h"
#include "runtime/store/stream.h"

#define HEX "b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7"

static void references(void **state)
{
	static const struct {
		const char *text, *name, *tag;
	} rows[] = {
		{"web", "web", "latest"},
		{"web:1.2", "web", "1.2"},
		{"team/web", "team/web", "latest"},
		{"host.example/team/web:x", "host.example/team/web", "x"},
		{"host:5000/web", "host:5000/web", "latest"},
		{"localhost/web", "localhost/web", "latest"},
		{"Host/web", "Host/web", "latest"},
		{"a__b/c--d.e_f", "a__b/c--d.e_f", "latest"},
		{"web@sha256:" HEX, "web", ""},
		{"web:1@sha256:" HEX, "web", "1"},
	};
	static const char *const wrong[] = {
		"",	  "/web",      "web/",	       "Web",	   "web:",	   "web:-x",
		"web:.x", "a//b",      "a..b",	       "a___b",	   ".a",	   "-a",
		"a-",	  "a b",       "web@",	       "web@sha1", "web@sha256:1", "web:1:2",
		"a..b/c", "host:/web", "h:123456/web",
	};
	struct error err = ERROR_INIT;
	struct reference r;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_int_equal(reference_parse(rows[i].text, &r, &err), 0);
		assert_string_equal(r.name, rows[i].name);
		assert_string_equal(r.tag, rows[i].tag);
		assert_string_equal(r.digest.hex, strchr(rows[i].text, '@') ? HEX : "");
	}
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(reference_parse(wrong[i], &r, &err), -1);
}

static void lengths_of_references(void **state)
{
	char text[400];
	struct error err = ERROR_INIT;
	struct reference r;

	(void)state;
	memset(text, 'a', sizeof(text));
	text[255] = '\0';
	assert_int_equal(reference_parse(text, &r, &err), 0);
	text[255] = 'a';
	text[256] = '\0';
	assert_int_equal(reference_parse(text, &r, &err), -1);
	memset(text, 'a', sizeof(text));
	text[1] = ':';
	text[130] = '\0';
	assert_int_equal(reference_parse(text, &r, &err), 0);
	text[130] = 'a';
	text[131] = '\0';
	assert_int_equal(reference_parse(text, &r, &err), -1);
}

static void digests(void **state)
{
	static const char *const wrong[] = {
		"",
		"sha256:",
		HEX,
		"sha256:" HEX "0",
		"sha512:" HEX,
		"sha256:B5B2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7",
		"sha256:../../../../../../../../../../../../../../../../etc/passwd00000"};
	char text[DIGEST_SIZE];
	struct error err = ERROR_INIT;
	struct digest d;

	(void)state;
	assert_int_equal(digest_parse("sha256:" HEX, &d, &err), 0);
	assert_string_equal(digest_text(&d, text), "sha256:" HEX);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(digest_parse(wrong[i], &d, &err), -1);
}

#define ENTRY(arch, extra)                                                                     \
	"{\"mediaType\":\"" MEDIA_MANIFEST "\",\"digest\":\"sha256:" HEX "\",\"size\":7" extra \
	",\"platform\":{\"os\":\"linux\",\"architecture\":\"" arch "\"}}"

static void an_index_is_chosen_from(void **state)
{
	static const char text[] =
		"{\"schemaVersion\":2,\"manifests\":[" ENTRY("arm64", "") "," ENTRY(
			"amd64", ",\"annotations\":{\"" ANNOTATION_REF_NAME "\":\"web\"}") "]}";
	_cleanup_arena_ struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct descriptor *d;
	struct manifest m;

	(void)state;
	assert_int_equal(manifest_parse(text, sizeof(text) - 1, "index", &arena, &m, &err), 0);
	assert_true(m.index);
	assert_int_equal(m.count, 2);
	d = manifest_choose(&m, "linux", "amd64", &err);
	assert_non_null(d);
	assert_string_equal(d->ref_name, "web");
	assert_int_equal(d->size, 7);
	assert_null(manifest_choose(&m, "linux", "riscv64", &err));
	assert_string_equal(err.cause, "it has those for linux/arm64, linux/amd64");
}

/* a_file - of @size bytes, to be read from the beginning. */
static int a_file(const void *data, size_t size)
{
	int fd = memfd_create("file", MFD_CLOEXEC);

	assert_true(fd >= 0 && write(fd, data, size) == (ssize_t)size &&
		    lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* read_all - all that @fd has, decompressed, in pieces; returns what the reading came to. */
static int read_all(int fd, uint64_t most, char *out, size_t *size, enum stream_kind *kind,
		    struct error *err)
{
	_cleanup_stream_ struct stream *s = stream_open(fd, "file", most, err);
	struct digest inner, outer;
	uint64_t in, from;
	const void *data;
	ssize_t n;

	assert_non_null(s);
	for (*size = 0; (n = stream_read(s, &data, err)) > 0; *size += (size_t)n)
		memcpy(out + *size, data, (size_t)n);
	*kind = stream_kind_of(s);
	close(fd);
	if (n < 0)
		return -1;
	assert_int_equal(stream_finish(s, &outer, &from, &inner, &in, err), 0);
	assert_int_equal(in, *size);
	sha256_hex(out, *size, outer.hex);
	assert_true(digest_equal(&outer, &inner));
	return 0;
}

#define PLAIN 300000
static unsigned char plain[PLAIN];
static char got[2 * PLAIN];

static size_t gzipped(unsigned char *out, size_t room)
{
	z_stream z = {.next_in = plain,
		      .avail_in = PLAIN,
		      .next_out = out,
		      .avail_out = (uInt)room};

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	deflateEnd(&z);
	return z.total_out;
}

static void files_are_decompressed(void **state)
{
	static unsigned char packed[4 * PLAIN];
	struct error err = ERROR_INIT;
	enum stream_kind kind;
	size_t n, size;

	(void)state;
	for (size_t i = 0; i < PLAIN; i++)
		plain[i] = (unsigned char)(i * i >> 7);
	assert_int_equal(read_all(a_file(plain, PLAIN), PLAIN, got, &size, &kind, &err), 0);
	assert_int_equal(kind, STREAM_PLAIN);
	assert_memory_equal(got, plain, PLAIN);
	n = gzipped(packed, sizeof(packed));
	assert_int_equal(read_all(a_file(packed, n), PLAIN, got, &size, &kind, &err), 0);
	assert_int_equal(kind, STREAM_GZIP);
	assert_int_equal(size, PLAIN);
	assert_memory_equal(got, plain, PLAIN);
	/* two members are one file */
	memcpy(packed + n, packed, n);
	assert_int_equal(read_all(a_file(packed, 2 * n), 2 * PLAIN, got, &size, &kind, &err), 0);
	assert_int_equal(size, 2 * PLAIN);
	/* cut off, gone on with, and with more in it than was asked for */
	assert_int_equal(read_all(a_file(packed, n - 1), PLAIN, got, &size, &kind, &err), -1);
	memset(packed + n, 'x', 7);
	assert_int_equal(read_all(a_file(packed, n + 7), PLAIN, got, &size, &kind, &err), -1);
	assert_int_equal(read_all(a_file(packed, n), PLAIN - 1, got, &size, &kind, &err), -1);
	assert_int_equal(err.errnum, EFBIG);
	n = ZSTD_compress(packed, sizeof(packed), plain, PLAIN, 3);
	assert_false(ZSTD_isError(n));
	assert_int_equal(read_all(a_file(packed, n), PLAIN, got, &size, &kind, &err), 0);
	assert_int_equal(kind, STREAM_ZSTD);
	assert_memory_equal(got, plain, PLAIN);
	assert_int_equal(read_all(a_file(packed, n / 2), PLAIN, got, &size, &kind, &err), -1);
	assert_int_equal(read_all(a_file("", 0), PLAIN, got, &size, &kind, &err), 0);
	assert_int_equal(size, 0);
}

static void trees_go(void **state)
{
	char path[] = "/tmp/test-store.XXXXXX";
	int top, at;

	(void)state;
	assert_non_null(mkdtemp(path));
	top = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	/* deeper than a path may be long, with a link that leads out of it */
	at = dup(top);
	for (int i = 0; i < 3000; i++) {
		int next;

		assert_int_equal(mkdirat(at, "deep", 0755), 0);
		assert_int_equal(mknodat(at, "file", S_IFREG | 0644, 0), 0);
		next = openat(at, "deep", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		assert_true(next >= 0);
		close(at);
		at = next;
	}
	assert_int_equal(symlinkat("/etc", at, "link"), 0);
	close(at);
	assert_int_equal(remove_tree(top, "deep"), 0);
	assert_int_equal(access("/etc/passwd", F_OK), 0);
	assert_int_equal(remove_tree(top, "deep"), 0);
	assert_int_equal(remove_tree(top, "file"), 0);
	assert_int_equal(rmdir(path), 0);
	close(top);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references),
		cmocka_unit_test(lengths_of_references),
		cmocka_unit_test(digests),
		cmocka_unit_test(an_index_is_chosen_from),
		cmocka_unit_test(files_are_decompressed),
		cmocka_unit_test(trees_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
