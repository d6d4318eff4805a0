/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_error.c: what users read, and that no text is too long for it (lib/error.c).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "lib/error.h"

/* printed - what error_print() writes, in a static buffer. */
static const char *printed(const struct error *err)
{
	static char text[4096];
	int ends[2];
	ssize_t n;

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	error_print(err, "cloison", ends[1]);
	close(ends[1]);
	n = read(ends[0], text, sizeof(text) - 1);
	close(ends[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static void one_line_names_the_object_and_the_errno(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, EACCES, "cannot mount volume `%s`", "/srv/data"), -1);
	assert_int_equal(error_wrap(&err, "run %s", "web"), -1);
	assert_string_equal(printed(&err),
			    "cloison: run web: cannot mount volume `/srv/data`: EACCES\n");
}

static void cause_and_hint_have_lines_of_their_own(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, 0, "no");
	error_hint(&err, "try %d", 2);
	assert_string_equal(printed(&err), "cloison: no\n  hint:  try 2\n");
	error_cause(&err, "because");
	assert_string_equal(printed(&err), "cloison: no\n  cause: because\n  hint:  try 2\n");
}

static void a_new_error_forgets_the_old_one_s_cause(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	error_set(&err, EIO, "first");
	error_cause(&err, "because");
	error_hint(&err, "try");
	err.code = EXIT_NOT_FOUND;
	error_set(&err, 0, "second");
	assert_string_equal(printed(&err), "cloison: second\n");
	assert_int_equal(error_exit_code(&err), EXIT_ENGINE);
}

static void control_characters_do_not_reach_the_terminal(void **state)
{
	struct error err = ERROR_INIT;
	char line[64];

	(void)state;
	error_set(&err, 0, "a\033[2Jb\nc\177 \xc3\xa9");
	error_cause(&err, "x\ry");
	assert_string_equal(printed(&err), "cloison: a?[2Jb?c? \xc3\xa9\n  cause: x?y\n");
	assert_int_equal(error_line(&err, line, sizeof(line)), strlen("a?[2Jb?c? \xc3\xa9"));
	assert_null(strpbrk(line, "\033\n\177"));
}

static void texts_too_long_are_cut_and_keep_the_outermost_step(void **state)
{
	static char longer[2 * sizeof(struct error)];
	struct error err = ERROR_INIT;
	char line[sizeof(err.what) + 64];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	error_set(&err, ENOENT, "%s", longer);
	error_wrap(&err, "run web");
	assert_true(error_line(&err, line, sizeof(line)) < sizeof(line));
	assert_memory_equal(line, "run web: xxx", 12);
	assert_string_equal(line + strlen(line) - 6, "ENOENT");
	error_wrap(&err, "%s", longer);
	error_cause(&err, "%s", longer);
	error_hint(&err, "%s", longer);
	assert_true(strlen(printed(&err)) < sizeof(struct error) + 128);
}

static void a_line_fits_any_buffer(void **state)
{
	struct error err = ERROR_INIT;
	char line[8];

	(void)state;
	error_set(&err, EPERM, "something long");
	for (size_t size = 1; size <= sizeof(line); size++) {
		assert_int_equal(error_line(&err, line, size), size - 1);
		assert_int_equal(strlen(line), size - 1);
	}
}

static void errno_has_a_name_or_at_least_a_number(void **state)
{
	(void)state;
	assert_string_equal(errno_name(EPERM), "EPERM");
	assert_string_equal(errno_name(ENOTEMPTY), "ENOTEMPTY");
	assert_string_equal(errno_name(4000), "E4000");
}

static void an_error_crosses_a_pipe_in_one_write(void **state)
{
	(void)state;
	assert_true(sizeof(struct error) <= PIPE_BUF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_line_names_the_object_and_the_errno),
		cmocka_unit_test(cause_and_hint_have_lines_of_their_own),
		cmocka_unit_test(a_new_error_forgets_the_old_one_s_cause),
		cmocka_unit_test(control_characters_do_not_reach_the_terminal),
		cmocka_unit_test(texts_too_long_are_cut_and_keep_the_outermost_step),
		cmocka_unit_test(a_line_fits_any_buffer),
		cmocka_unit_test(errno_has_a_name_or_at_least_a_number),
		cmocka_unit_test(an_error_crosses_a_pipe_in_one_write),
	};

	return cmocka_run_group_tests_name("lib/error", tests, NULL, NULL);
}
