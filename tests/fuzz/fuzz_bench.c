/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_bench.c: what the bench reads that others wrote: results.json, consoles, meminfo.
 *
 * `cloison-bench report FILE` makes a page and a table of any result file; nothing in the file may
 * become markup. A mark is found in a console's bytes wherever they are cut.
 */
#include "bench/mark.h"
#include "bench/memory.h"
#include "bench/report.h"
#include "bench/result.h"
#include "bench/table.h"
#include "tests/fuzz/fuzz.h"

static size_t count(const char *text, const char *what)
{
	size_t n = 0;

	for (; (text = strstr(text, what)); text++)
		n++;
	return n;
}

/* elements - how many scripts and images there are in the page of @doc. */
static size_t elements(json_object *doc, const char *path, int file)
{
	static char page[4 << 20];
	struct error err = ERROR_INIT;
	ssize_t n;
	int fd;

	(void)file;
	REQUIRE(report_write(doc, path, "results.json", false, &err) == 0);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	REQUIRE(fd >= 0);
	n = read(fd, page, sizeof(page) - 1);
	close(fd);
	REQUIRE(n >= 0);
	page[n] = '\0';
	return count(page, "<script") + count(page, "</script") + count(page, "<img");
}

static void check_report(const uint8_t *data, size_t size)
{
	static int file = FD_EMPTY;
	static char path[4096], page[4096];
	static size_t none;
	static FILE *silence;
	struct error err = ERROR_INIT;
	json_object *doc;

	if (file < 0) {
		json_object *empty = json_object_new_object();

		close(fuzz_file("page.html", page, sizeof(page)));
		file = fuzz_file("results.json", path, sizeof(path));
		silence = fopen("/dev/null", "we");
		REQUIRE(silence && empty);
		json_object_object_add(empty, "schema", json_object_new_int(RESULT_SCHEMA));
		none = elements(empty, page, file);
		json_object_put(empty);
	}
	fuzz_fill(file, data, size);
	doc = results_read(path, &err);
	if (!doc) {
		REQUIRE(err.what[0]);
		return;
	}
	table_print(doc, silence);
	REQUIRE(elements(doc, page, file) == none);
	json_object_put(doc);
}

struct marks {
	uint64_t sum;
	size_t n;
};

static void add(const struct mark *mark, void *arg)
{
	struct marks *m = arg;

	REQUIRE(mark->kind >= 'A' && mark->kind <= 'Z');
	m->sum = m->sum * 31 + mark->value + (uint64_t)mark->kind;
	m->n++;
}

static void check_marks(const char *text, size_t size)
{
	struct mark_parser whole = {0}, cut = {0};
	struct marks a = {0}, b = {0};

	mark_feed(&whole, text, size, 1, add, &a);
	for (size_t at = 0, piece; at < size; at += piece) {
		piece = 1 + (unsigned char)text[at] % 7;
		if (piece > size - at)
			piece = size - at;
		mark_feed(&cut, text + at, piece, 2, add, &b);
	}
	REQUIRE(a.n == b.n && a.sum == b.sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct memory m;

	check_report(data, size);
	check_marks(text, size);
	if (memory_parse(text, &m) == 0)
		for (size_t i = 0; i < MEM_COMPONENTS; i++)
			REQUIRE(memory_component_names[i]);
	free(text);
	return 0;
}
