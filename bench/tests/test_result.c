/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_result.c: what goes into the document comes out of the file, the table and the page.
 */
#include "bench/lang.h"
#include "bench/report.h"
#include "bench/result.h"
#include "bench/table.h"
#include "bench/view.h"

#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct rng rng;

/* add - one sample of @system with times in microseconds. */
static void add(struct results *r, const char *system, int block, int64_t ready_us,
		enum outcome outcome)
{
	struct error err = ERROR_INIT;
	const struct sample s = {
		.scenario = "s02-start",
		.system = system,
		.block = block,
		.boot = NOT_MEASURED,
		.ready_ns = outcome == OUTCOME_OK ? ready_us * INT64_C(1000) : NOT_MEASURED,
		.exit_ns = ready_us * 1100,
		.cpu_ns = NOT_MEASURED,
		.instructions = NOT_MEASURED,
		.majflt = NOT_MEASURED,
		.rc = outcome == OUTCOME_OK ? 0 : 1,
		.outcome = outcome,
		.steal_ticks = NOT_MEASURED,
		.psi_us = NOT_MEASURED,
		.error = "",
	};

	assert_int_equal(results_add(r, &s, &err), 0);
}

static void add_system(struct results *r, const char *id, const char *skip)
{
	json_object *o = json_object_new_object();

	json_object_object_add(o, "id", json_object_new_string(id));
	json_object_object_add(o, "accel", json_object_new_string("native"));
	json_object_object_add(o, "rung", json_object_new_string("R0"));
	json_object_object_add(o, "skip", skip ? json_object_new_string(skip) : NULL);
	json_object_array_add(results_list(r, "systems"), o);
}

/* sample_run - two systems of which b takes twice as long as a, fails once; c is skipped. */
static void sample_run(struct results *r)
{
	struct error err = ERROR_INIT;
	struct interval v;

	rng.state = 1;
	assert_int_equal(results_open(r, 99, "quick", &err), 0);
	add_system(r, "a", NULL);
	add_system(r, "b", NULL);
	add_system(r, "c", "not <installed> & gone");
	for (int block = 0; block < 5; block++) {
		int64_t us = 1000 + block;

		add(r, "a", block, us, OUTCOME_OK);
		add(r, "b", block, 2 * us, OUTCOME_OK);
	}
	add(r, "b", 5, 0, OUTCOME_TIMEOUT);
	for (int i = 0; i < 2; i++) {
		const char *id = i ? "b" : "a";

		assert_int_equal(results_summarise(r, "s02-start", id, "ready", "ns", sample_ready,
						   &rng, &err),
				 0);
		assert_int_equal(results_summarise(r, "s02-start", id, "whole", "ns", sample_exit,
						   &rng, &err),
				 0);
	}
	assert_int_equal(results_ratio(r, "s02-start", "ready", sample_ready, "b", "a", "host",
				       &rng, &v, &err),
			 0);
	assert_true(fabs(v.point - 2) < 1e-9);
	assert_int_equal(results_claim(r, "b is slow", v, RESULT_INTERVAL, "<= 1", "fails", &err),
			 0);
}

static char *table_text(json_object *doc)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	table_print(doc, f);
	fclose(f);
	return text;
}

static void a_failure_is_counted_and_not_averaged(void **state)
{
	struct results r;
	json_object *s;

	(void)state;
	sample_run(&r);
	s = view_summary(r.doc, "s02-start", "b", "ready");
	assert_int_equal((int)view_number(s, "n"), 5);
	assert_int_equal((int)view_number(s, "failed"), 1);
	assert_true(fabs(view_number(s, "p50") - 2004e3) < 1e-6);
	results_close(&r);
}

static void the_file_gives_the_same_table(void **state)
{
	char path[] = "/tmp/cloison-bench-test.XXXXXX";
	struct error err = ERROR_INIT;
	struct results r;
	_cleanup_free_ char *before = NULL, *after = NULL;
	json_object *doc;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	sample_run(&r);
	assert_int_equal(results_write(&r, path, &err), 0);
	before = table_text(r.doc);
	results_close(&r);
	doc = results_read(path, &err);
	assert_non_null(doc);
	assert_int_equal(view_length(doc, "samples"), 11);
	assert_string_equal(view_text(view_item(doc, "samples", 10), "flag"), "timeout");
	assert_null(view_get(view_item(doc, "samples", 10), "ready_ns"));
	after = table_text(doc);
	assert_string_equal(before, after);
	assert_non_null(strstr(after, "2.00 [2.00, 2.00]"));
	assert_non_null(strstr(after, "not <installed> & gone"));
	json_object_put(doc);
	unlink(path);
}

static void few_runs_have_a_range_and_no_interval(void **state)
{
	static const double ratios[] = {86.6, 86.4, 86.5};
	struct error err = ERROR_INIT;
	_cleanup_free_ char *text = NULL;
	struct results r;
	struct interval v;

	(void)state;
	sample_run(&r);
	assert_int_equal(results_range_ratio(&r, "s22-icount", "instructions", "b", "a", "R2",
					     ratios, 3, &v, &err),
			 0);
	assert_int_equal(results_claim(&r, "boots", v, "range of 3 runs", "spread < 1%", "holds",
				       &err),
			 0);
	assert_true(fabs(v.point - 86.5) < 1e-9);
	assert_true(fabs(v.low - 86.4) < 1e-9);
	assert_true(fabs(v.high - 86.6) < 1e-9);
	assert_int_equal(results_summarise_data(&r, "s22-icount", "a", "instructions", "ns",
						(struct datum[]){{1e6, 0}}, 1, 0, &rng, &err),
			 0);
	text = table_text(r.doc);
	assert_non_null(strstr(text, "86.5 [86.4, 86.6], range of 3 runs, spread 0.231%, R2"));
	assert_non_null(strstr(text, "boots: 86.5 [86.4, 86.6], range of 3 runs (spread < 1%)"));
	assert_non_null(strstr(text, "b is slow: 2.00 [2.00, 2.00], 95% interval (<= 1)"));
	results_close(&r);
}

static void another_schema_is_refused(void **state)
{
	char path[] = "/tmp/cloison-bench-test.XXXXXX";
	struct error err = ERROR_INIT;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "{\"schema\": 2}", 13), 13);
	close(fd);
	assert_null(results_read(path, &err));
	assert_non_null(strstr(err.what, "schema"));
	assert_null(results_read("/nonexistent", &err));
	unlink(path);
}

static void the_page_holds_the_data_and_escapes_it(void **state)
{
	char path[] = "/tmp/cloison-bench-test.XXXXXX";
	struct error err = ERROR_INIT;
	static char page[200000];
	struct results r;
	int fd = mkstemp(path);
	ssize_t n;

	(void)state;
	assert_true(fd >= 0);
	sample_run(&r);
	assert_int_equal(results_text(&r, "threats", "</script><b>", &err), 0);
	assert_int_equal(report_write(r.doc, path, path, false, &err), 0);
	results_close(&r);
	close(fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, page, sizeof(page) - 1);
	assert_true(n > 1000);
	close(fd);
	assert_non_null(strstr(page, "not &lt;installed&gt; &amp; gone"));
	assert_null(strstr(page, "</script><b>"));
	assert_non_null(strstr(page, "\\u003c"));
	assert_non_null(strstr(page, "<svg "));
	assert_non_null(strstr(page, "</html>"));
	unlink(path);
}

/* The document has something for every part of the page. */
static void every_text_of_the_page_is_in_french(void **state)
{
	struct error err = ERROR_INIT;
	json_object *doc = results_read("bench/tests/data/report.json", &err);
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	(void)state;
	assert_non_null(doc);
	assert_int_equal(report_page(doc, true, f), 0);
	fclose(f);
	if (lang_missing())
		fail_msg("no French for \"%s\"", lang_missing());
	assert_non_null(strstr(text, "<html lang=\"fr\">"));
	assert_non_null(strstr(text, "la charge était de 3.1 sur 2 processeurs avant le début"));
	free(text);
	json_object_put(doc);
	lang_set(false);
}

static void a_text_without_a_pattern_stays(void **state)
{
	char buf[64];

	(void)state;
	lang_set(true);
	assert_string_equal(tr_text("100% of nothing", buf, sizeof(buf)), "100% of nothing");
	assert_string_equal(tr_text("99% interval", buf, sizeof(buf)), "intervalle à 99 %");
	assert_string_equal(tr_text("range of 3 runs", buf, 10), "étendue ");
	assert_string_equal(tr("no such text"), "no such text");
	assert_string_equal(lang_missing(), "no such text");
	lang_set(false);
	assert_string_equal(tr("no such text"), "no such text");
	assert_null(lang_missing());
}

static void numbers_are_written_for_people(void **state)
{
	char buf[VIEW_SIZE];

	(void)state;
	assert_string_equal(view_figure(1234.5, buf), "1234");
	assert_string_equal(view_figure(12.345, buf), "12.3");
	assert_string_equal(view_figure(1.2345, buf), "1.23");
	assert_string_equal(view_figure(0.12345, buf), "0.123");
	assert_string_equal(view_figure(NAN, buf), "-");
	assert_string_equal(view_kb(344, buf), "344 KiB");
	assert_string_equal(view_kb(181248, buf), "177 MiB");
	assert_string_equal(view_kb(NAN, buf), "-");
	assert_string_equal(view_interval(2, 1, 3, 1, buf), "2.00 [1.00, 3.00]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_counted_and_not_averaged),
		cmocka_unit_test(the_file_gives_the_same_table),
		cmocka_unit_test(few_runs_have_a_range_and_no_interval),
		cmocka_unit_test(another_schema_is_refused),
		cmocka_unit_test(the_page_holds_the_data_and_escapes_it),
		cmocka_unit_test(every_text_of_the_page_is_in_french),
		cmocka_unit_test(a_text_without_a_pattern_stays),
		cmocka_unit_test(numbers_are_written_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
