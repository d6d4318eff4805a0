/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_cmdline.c: the kernel command line parser of PID 1 (init/cmdline.c).
 *
 * The text is always handed over in a heap block of its exact size, so that the address sanitizer
 * sees a single byte read too many.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "init/cmdline.h"

struct heard {
	int count;
	char last[128];
	char why[64];
};

static void hear(void *context, const char *word, size_t len, const char *why)
{
	struct heard *h = context;

	h->count++;
	cmdline_printable(word, len, h->last, sizeof(h->last));
	snprintf(h->why, sizeof(h->why), "%s", why);
}

static struct heard parse_bytes(struct cmdline *c, const char *text, size_t len)
{
	struct heard heard = {0};
	char *copy = malloc(len ? len : 1);

	assert_non_null(copy);
	memcpy(copy, text, len);
	cmdline_defaults(c);
	cmdline_parse(c, copy, len, hear, &heard);
	free(copy);
	return heard;
}

static struct heard parse(struct cmdline *c, const char *text)
{
	return parse_bytes(c, text, strlen(text));
}

static void an_empty_line_leaves_the_defaults(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "").count, 0);
	assert_string_equal(c.hostname, "cloison");
	assert_true(c.shell);
	assert_false(c.phases);
	assert_null(c.exec[0]);
	assert_int_equal(c.manifest, MANIFEST_REBOOT);
	assert_int_equal(c.watchdog_s, 30);
}

static void words_of_others_pass_unnoticed(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "console=ttyS0 quiet -- cloison cloisonx.a=b \"a b\"\n").count,
			 0);
}

static void every_parameter_is_followed(void **state)
{
	struct cmdline c;
	struct heard h =
		parse(&c,
		      "cloison.hostname=Web-1.example cloison.shell=0\tcloison.phases=1"
		      " cloison.exec=/bin/sh,-c,,id cloison.manifest=halt cloison.watchdog=3600\n");

	(void)state;
	assert_int_equal(h.count, 0);
	assert_string_equal(c.hostname, "Web-1.example");
	assert_false(c.shell);
	assert_true(c.phases);
	assert_string_equal(c.exec[0], "/bin/sh");
	assert_string_equal(c.exec[1], "-c");
	assert_string_equal(c.exec[2], "");
	assert_string_equal(c.exec[3], "id");
	assert_null(c.exec[4]);
	assert_int_equal(c.manifest, MANIFEST_HALT);
	assert_int_equal(c.watchdog_s, 3600);
	assert_false(cmdline_masks(&c, "a"));
	assert_int_equal(parse(&c, "cloison.mask=ab,,c-d.e,f_g").count, 0);
	assert_true(cmdline_masks(&c, "ab"));
	assert_true(cmdline_masks(&c, "c-d.e"));
	assert_true(cmdline_masks(&c, "f_g"));
	assert_false(cmdline_masks(&c, "a"));
	assert_false(cmdline_masks(&c, "abc"));
	assert_false(cmdline_masks(&c, ""));
	assert_int_equal(parse(&c, "cloison.manifest=warn cloison.watchdog=0").count, 0);
	assert_int_equal(c.manifest, MANIFEST_WARN);
	assert_int_equal(c.watchdog_s, 0);
	assert_int_equal(parse(&c, "cloison.manifest=halt cloison.manifest=reboot").count, 0);
	assert_int_equal(c.manifest, MANIFEST_REBOOT);
}

static void the_last_of_two_words_wins(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "cloison.shell=0 cloison.shell=1 cloison.exec=/a,b,c"
				   " cloison.exec=/d")
				 .count,
			 0);
	assert_true(c.shell);
	assert_string_equal(c.exec[0], "/d");
	assert_null(c.exec[1]);
}

static void quotes_hold_words_together(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "cloison.exec=\"/bin/echo,a b\"").count, 0);
	assert_string_equal(c.exec[1], "a b");
	assert_int_equal(parse(&c, "\"cloison.exec=/bin/echo,c d\" cloison.shell=0").count, 0);
	assert_string_equal(c.exec[1], "c d");
	assert_false(c.shell);
}

static void a_quote_that_is_not_closed_ends_with_the_line(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "cloison.exec=\"/bin/echo,a b cloison.shell=0").count, 0);
	assert_string_equal(c.exec[1], "a b cloison.shell=0");
	assert_true(c.shell);
}

static void a_bad_word_is_told_and_changes_nothing(void **state)
{
	static const struct {
		const char *word;
		const char *why;
	} bad[] = {
		{"cloison.", "unknown"},
		{"cloison.colour=red", "unknown"},
		{"cloison.shel=0", "unknown"},
		{"cloison.shell", "a value is missing"},
		{"cloison.shell=", "the value must be 0 or 1"},
		{"cloison.shell=00", "the value must be 0 or 1"},
		{"cloison.shell=no", "the value must be 0 or 1"},
		{"cloison.phases=2", "the value must be 0 or 1"},
		{"cloison.manifest=", "the value must be reboot, halt or warn"},
		{"cloison.manifest=ignore", "the value must be reboot, halt or warn"},
		{"cloison.mask=", "must have from 1 to 255 characters"},
		{"cloison.mask=a;b", "not names of services, with commas between them"},
		{"cloison.watchdog=", "not a number of seconds"},
		{"cloison.watchdog=-1", "not a number of seconds"},
		{"cloison.watchdog=1m", "not a number of seconds"},
		{"cloison.watchdog=3601", "more than 3600 seconds"},
		{"cloison.watchdog=4294967296", "more than 3600 seconds"},
		{"cloison.hostname=", "not a host name"},
		{"cloison.hostname=.", "not a host name"},
		{"cloison.hostname=a..b", "not a host name"},
		{"cloison.hostname=a.", "not a host name"},
		{"cloison.hostname=-a", "not a host name"},
		{"cloison.hostname=a-.b", "not a host name"},
		{"cloison.hostname=a_b", "not a host name"},
		{"cloison.hostname=a/b", "not a host name"},
		{"cloison.exec=", "the path must begin with `/`"},
		{"cloison.exec=sh", "the path must begin with `/`"},
		{"cloison.exec=/a,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16",
		 "more than 16 words to execute"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct cmdline c, untouched;
		struct heard h = parse(&c, bad[i].word);

		cmdline_defaults(&untouched);
		assert_int_equal(h.count, 1);
		assert_string_equal(h.last, bad[i].word);
		assert_string_equal(h.why, bad[i].why);
		assert_memory_equal(&c, &untouched, sizeof(c));
	}
}

static void a_bad_word_does_not_keep_the_next_from_being_followed(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "cloison.x=1 cloison.y=2 cloison.shell=0").count, 2);
	assert_false(c.shell);
}

static void sixteen_words_to_execute_are_taken(void **state)
{
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, "cloison.exec=/a,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15").count, 0);
	assert_string_equal(c.exec[15], "15");
	assert_null(c.exec[16]);
}

static void a_host_name_of_64_characters_is_the_longest(void **state)
{
	char text[] = "cloison.hostname="
		      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaX";
	struct cmdline c;

	(void)state;
	assert_int_equal(parse(&c, text).count, 1);
	assert_string_equal(c.hostname, "cloison");
	text[sizeof(text) - 2] = '\0';
	assert_int_equal(parse(&c, text).count, 0);
	assert_int_equal(strlen(c.hostname), 64);
}

/* fill_exec - cloison.exec=/xxx..., not terminated */
static void fill_exec(char *text, size_t size)
{
	static const char head[] = "cloison.exec=/";

	for (size_t i = 0; i < size; i++)
		text[i] = i < sizeof(head) - 1 ? head[i] : 'x';
}

static void an_overlong_word_is_told_and_skipped(void **state)
{
	static const char tail[] = " cloison.shell=0";
	char text[CMDLINE_MAX];
	struct cmdline c;
	struct heard h;

	(void)state;
	fill_exec(text, sizeof(text));
	memcpy(text + sizeof(text) - sizeof(tail) + 1, tail, sizeof(tail) - 1);
	h = parse_bytes(&c, text, sizeof(text));
	assert_int_equal(h.count, 1);
	assert_string_equal(h.why, "longer than 511 bytes");
	assert_null(c.exec[0]);
	assert_false(c.shell);
}

static void the_longest_word_is_taken_whole(void **state)
{
	char text[CMDLINE_WORD_MAX];
	struct cmdline c;

	(void)state;
	fill_exec(text, sizeof(text));
	assert_int_equal(parse_bytes(&c, text, sizeof(text) - 1).count, 0);
	assert_int_equal(strlen(c.exec[0]), sizeof(text) - 1 - 13);
	assert_int_equal(parse_bytes(&c, text, sizeof(text)).count, 1);
}

static void a_nul_byte_in_a_word_is_told(void **state)
{
	struct cmdline c;
	struct heard h = parse_bytes(&c,
				     "cloison.shell=0\0"
				     "1",
				     17);

	(void)state;
	assert_int_equal(h.count, 1);
	assert_string_equal(h.why, "it holds a NUL byte");
	assert_true(c.shell);
}

static void what_is_shown_steers_no_terminal(void **state)
{
	char shown[8];

	(void)state;
	cmdline_printable("\033[2J\xc3\xa9", 6, shown, sizeof(shown));
	assert_string_equal(shown, "?[2J??");
	cmdline_printable("12345678", 8, shown, sizeof(shown));
	assert_string_equal(shown, "1234...");
	cmdline_printable("", 0, shown, sizeof(shown));
	assert_string_equal(shown, "");
}

/* A fixed generator, so that a failure can be repeated. */
static void random_bytes_are_survived(void **state)
{
	static const char alphabet[] = "cloison.shellexec=,/\"\" \t01-.\0\xff";
	uint32_t seed = 20261123;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		char text[96];
		struct cmdline c;
		size_t len = 0;

		for (size_t i = 0; i < sizeof(text); i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
			if (i % 24 == 0 && (seed & 1)) {
				const char *head = "cloison.exec=";

				for (; *head && i < sizeof(text) - 1; head++)
					text[i++] = *head;
			}
			len = (seed >> 8) % sizeof(text);
		}
		parse_bytes(&c, text, len);
		assert_true(strlen(c.hostname) <= CMDLINE_HOSTNAME_MAX);
		for (int i = 0; c.exec[i]; i++) {
			assert_true(i < CMDLINE_EXEC_ARGS);
			assert_true(c.exec[i] >= c.exec_text);
			assert_true(c.exec[i] < c.exec_text + sizeof(c.exec_text));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_line_leaves_the_defaults),
		cmocka_unit_test(words_of_others_pass_unnoticed),
		cmocka_unit_test(every_parameter_is_followed),
		cmocka_unit_test(the_last_of_two_words_wins),
		cmocka_unit_test(quotes_hold_words_together),
		cmocka_unit_test(a_quote_that_is_not_closed_ends_with_the_line),
		cmocka_unit_test(a_bad_word_is_told_and_changes_nothing),
		cmocka_unit_test(a_bad_word_does_not_keep_the_next_from_being_followed),
		cmocka_unit_test(sixteen_words_to_execute_are_taken),
		cmocka_unit_test(a_host_name_of_64_characters_is_the_longest),
		cmocka_unit_test(an_overlong_word_is_told_and_skipped),
		cmocka_unit_test(the_longest_word_is_taken_whole),
		cmocka_unit_test(a_nul_byte_in_a_word_is_told),
		cmocka_unit_test(what_is_shown_steers_no_terminal),
		cmocka_unit_test(random_bytes_are_survived),
	};

	return cmocka_run_group_tests_name("init/cmdline", tests, NULL, NULL);
}
