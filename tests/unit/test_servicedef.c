/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_servicedef.c: the files of /etc/cloison/services.d (init/servicedef.c).
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "init/servicedef.h"

static struct service_def d;
static char said[1024];

static void complain(void *context, unsigned int line, const char *key, const char *why)
{
	size_t used = strlen(said);

	(void)context;
	snprintf(said + used, sizeof(said) - used, "%u %s: %s\n", line, key, why);
}

static void parse(const char *text)
{
	said[0] = '\0';
	servicedef_defaults(&d, "web");
	servicedef_parse(&d, text, strlen(text), complain, NULL);
}

/* refused - a file that is fine but for one line, its second, has this said about it. */
static void refused(const char *line, const char *why)
{
	char text[8192];

	snprintf(text, sizeof(text), "exec = /bin/web\n%s\n", line);
	parse(text);
	assert_string_equal(said, why);
	assert_true(d.bad);
}

static void exec_alone_makes_a_service_with_defaults(void **state)
{
	(void)state;
	parse("exec = /bin/web\n");
	assert_string_equal(said, "");
	assert_false(d.bad);
	assert_string_equal(d.name, "web");
	assert_string_equal(d.path, "/bin/web");
	assert_null(d.argv[1]);
	assert_int_equal(d.ready, READY_NONE);
	assert_int_equal(d.restart, RESTART_ALWAYS);
	assert_int_equal(d.pids, SERVICE_PIDS_DEFAULT);
	assert_int_equal(d.start_timeout_ms, 60000);
	assert_int_equal(d.stop_timeout_ms, 5000);
	assert_int_equal(d.stop_signal, SIGTERM);
	assert_int_equal(d.log, LOG_RING);
	assert_int_equal(d.kill, KILL_ALL);
	assert_int_equal(d.memory_bytes, 0);
	assert_int_equal(d.uid, 0);
}

static void every_key_is_read(void **state)
{
	(void)state;
	parse("# all of them\n"
	      "\n"
	      "exec=/bin/web -p 80\n"
	      "\tneeds =  net disk \n"
	      "needs = time\n"
	      "provides = http\n"
	      "environment = A=1 B=\"two words\"\n"
	      "ready = notify\n"
	      "restart = on-failure\n"
	      "start_timeout = 2min\n"
	      "stop_signal = PWR\n"
	      "stop_timeout = 1500ms\n"
	      "watchdog = 3\n"
	      "restart_wait = 400ms\n"
	      "user = 1000\n"
	      "memory = 64M\n"
	      "pids = 12\n"
	      "cpu = 150%\n"
	      "log = console\n"
	      "kill = first\n"
	      "essential = yes\n"
	      "channel = yes"); /* and no end of line */
	assert_string_equal(said, "");
	assert_string_equal(d.argv[1], "-p");
	assert_string_equal(d.argv[2], "80");
	assert_string_equal(d.needs[0], "net");
	assert_string_equal(d.needs[1], "disk");
	assert_string_equal(d.needs[2], "time");
	assert_null(d.needs[3]);
	assert_string_equal(d.provides[0], "http");
	assert_string_equal(d.environment[1], "B=two words");
	assert_int_equal(d.ready, READY_NOTIFY);
	assert_int_equal(d.restart, RESTART_ON_FAILURE);
	assert_int_equal(d.start_timeout_ms, 120000);
	assert_int_equal(d.stop_timeout_ms, 1500);
	assert_int_equal(d.stop_signal, SIGPWR);
	assert_int_equal(d.watchdog_ms, 3000);
	assert_int_equal(d.restart_wait_ms, 400);
	assert_int_equal(d.uid, 1000);
	assert_int_equal(d.gid, 1000);
	assert_int_equal(d.memory_bytes, 64 << 20);
	assert_int_equal(d.pids, 12);
	assert_int_equal(d.cpu_percent, 150);
	assert_int_equal(d.log, LOG_CONSOLE);
	assert_int_equal(d.kill, KILL_FIRST);
	assert_true(d.essential);
	assert_true(d.channel);
}

static void quotes_hold_blanks_together_and_escape_themselves(void **state)
{
	(void)state;
	parse("exec = /bin/sh -c \"echo \\\"a  b\\\" \\\\n\" \"\" x\"y z\"\n");
	assert_string_equal(said, "");
	assert_string_equal(d.argv[2], "echo \"a  b\" \\n");
	assert_string_equal(d.argv[3], "");
	assert_string_equal(d.argv[4], "xy z");
	assert_null(d.argv[5]);
}

static void a_oneshot_is_not_started_again_by_default(void **state)
{
	(void)state;
	parse("exec = /bin/x\noneshot = yes\n");
	assert_string_equal(said, "");
	assert_true(d.oneshot);
	assert_int_equal(d.restart, RESTART_NO);
	parse("exec = /bin/x\noneshot = yes\nrestart = on-failure\n");
	assert_string_equal(said, "");
	assert_int_equal(d.restart, RESTART_ON_FAILURE);
}

static void each_wrong_line_is_told_with_its_number_and_key(void **state)
{
	(void)state;
	refused("restart", "2 : not of the form `key = value`\n");
	refused("colour = red", "2 colour: unknown key\n");
	refused("memory =", "2 memory: a value is missing\n");
	refused("memory = lots", "2 memory: not a size, as 64M\n");
	refused("memory = 1K", "2 memory: the size must be from 64K to 1024G\n");
	refused("memory = 1025G", "2 memory: the size must be from 64K to 1024G\n");
	refused("memory = 18446744073709551617", "2 memory: not a size, as 64M\n");
	refused("pids = 0", "2 pids: the value must be a number from 1 to 4194304, or max\n");
	refused("cpu = 50", "2 cpu: not a part of a processor from 1% to 100000%\n");
	refused("user = root", "2 user: not a number from 0 to 4294967294\n");
	refused("user = 4294967295", "2 user: not a number from 0 to 4294967294\n");
	refused("stop_timeout = 0", "2 stop_timeout: not a time from 1ms to 60min\n");
	refused("stop_timeout = 61min", "2 stop_timeout: not a time from 1ms to 60min\n");
	refused("stop_timeout = 5 s", "2 stop_timeout: not a time from 1ms to 60min\n");
	refused("stop_signal = KILL",
		"2 stop_signal: the value must be TERM, HUP, INT, QUIT, USR1, USR2 or PWR\n");
	refused("essential = true", "2 essential: the value must be yes or no\n");
	refused("restart = never", "2 restart: the value must be always, on-failure or no\n");
	refused("ready = yes", "2 ready: the value must be none, notify or fd\n");
	refused("log = file", "2 log: the value must be ring, console or none\n");
	refused("kill = none", "2 kill: the value must be all or first\n");
	refused("environment = =1", "2 environment: each word must be NAME=VALUE\n");
	refused("needs = ../x",
		"2 needs: a name has at most 32 letters, digits, `-`, `_` and `.`\n");
	refused("exec = /bin/y", "2 exec: given twice\n");
	refused("needs = \"x", "2 needs: a double quote is not closed\n");
	refused("needs = \"x\\y\"",
		"2 needs: after a `\\` in quotes only `\"` or `\\` can follow\n");
	refused("log = none\r", "2 : the line ends in CR LF, which must be LF alone\n");
	refused("log = no\033ne", "2 : a control character\n");
	refused("needs = a b c d e f g h i", "2 needs: more than 8 needs\n");
	refused("provides = a b c d e", "2 provides: more than 4 names\n");
	refused("environment = A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1 A=1",
		"2 environment: more than 16 variables\n");
}

static void keys_that_exclude_each_other_are_told(void **state)
{
	(void)state;
	parse("");
	assert_string_equal(said, "0 exec: missing\n");
	refused("oneshot = yes\nready = fd", "0 ready: a oneshot is ready when it ends\n");
	refused("oneshot = yes\nwatchdog = 3", "0 watchdog: not for a oneshot\n");
	refused("oneshot = yes\nrestart = always",
		"0 restart: a oneshot is not started again when it ends with 0\n");
	refused("terminal = yes\nlog = ring", "0 log: not with a terminal\n");
	parse("exec = web\n");
	assert_string_equal(said, "1 exec: the path must begin with `/`\n");
}

static void all_wrong_lines_are_told_and_not_only_the_first(void **state)
{
	(void)state;
	parse("exec = /bin/x\na = 1\nlog = none\nb = 2\n");
	assert_string_equal(said, "2 a: unknown key\n4 b: unknown key\n");
	assert_int_equal(d.log, LOG_NONE);
}

static void lengths_have_bounds(void **state)
{
	static char text[SERVICE_FILE_BYTES + 2];
	size_t n;

	(void)state;
	/* a line of 1024 bytes, and one of 1025 */
	memset(text, 'x', sizeof(text));
	memcpy(text, "exec = /", 8);
	text[SERVICE_LINE_BYTES] = '\0';
	parse(text);
	assert_string_equal(said, "");
	assert_int_equal(strlen(d.path), SERVICE_LINE_BYTES - 7);
	text[SERVICE_LINE_BYTES] = 'x';
	text[SERVICE_LINE_BYTES + 1] = '\0';
	parse(text);
	assert_string_equal(said, "1 : longer than 1024 bytes\n0 exec: missing\n");

	/* a file of 4096 bytes all of which are kept but for the keys, and one of 4097 */
	n = (size_t)snprintf(text, sizeof(text), "exec=/x\n");
	for (int i = 0; i < 3; i++) {
		memcpy(text + n, "environment=A=", 14);
		memset(text + n + 14, 'v', 1009);
		text[n + 1023] = '\n';
		n += 1022;
		text[n++] = '\n';
	}
	assert_true(n < SERVICE_FILE_BYTES);
	memset(text + n, '\n', SERVICE_FILE_BYTES - n);
	said[0] = '\0';
	servicedef_defaults(&d, "web");
	servicedef_parse(&d, text, SERVICE_FILE_BYTES, complain, NULL);
	assert_string_equal(said, "");
	assert_int_equal(strlen(d.environment[2]), 1010);
	assert_null(d.environment[3]);
	servicedef_defaults(&d, "web");
	servicedef_parse(&d, text, SERVICE_FILE_BYTES + 1, complain, NULL);
	assert_string_equal(said, "0 : the file is longer than 4096 bytes\n");
	assert_true(d.bad);
}

static void a_file_may_hold_at_most_32_words_to_execute(void **state)
{
	char text[256] = "exec = /x";
	size_t used = strlen(text);

	(void)state;
	for (int i = 1; i < SERVICE_WORDS; i++, used += 2)
		memcpy(text + used, " y", 3);
	parse(text);
	assert_string_equal(said, "");
	assert_non_null(d.argv[SERVICE_WORDS - 1]);
	assert_null(d.argv[SERVICE_WORDS]);
	memcpy(text + used, " y", 3);
	parse(text);
	assert_string_equal(said, "1 exec: more than 32 words\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(exec_alone_makes_a_service_with_defaults),
		cmocka_unit_test(every_key_is_read),
		cmocka_unit_test(quotes_hold_blanks_together_and_escape_themselves),
		cmocka_unit_test(a_oneshot_is_not_started_again_by_default),
		cmocka_unit_test(each_wrong_line_is_told_with_its_number_and_key),
		cmocka_unit_test(keys_that_exclude_each_other_are_told),
		cmocka_unit_test(all_wrong_lines_are_told_and_not_only_the_first),
		cmocka_unit_test(lengths_have_bounds),
		cmocka_unit_test(a_file_may_hold_at_most_32_words_to_execute),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
