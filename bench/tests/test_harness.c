/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_harness.c: real children, real deadlines.
 */
#include "bench/harness.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct harness h;

static int setup(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	return harness_open(&h, &err);
}

static int teardown(void **state)
{
	(void)state;
	harness_close(&h);
	return 0;
}

/* shell - run a script with @deadline_ms; the child is the caller's. */
static enum wait_result shell(struct child *c, const char *script, int deadline_ms)
{
	struct error err = ERROR_INIT;
	enum wait_result result = WAIT_INTERRUPTED;
	struct command cmd;

	command_init(&cmd);
	command_add(&cmd, "/bin/sh");
	command_add(&cmd, "-c");
	command_add(&cmd, "%s", script);
	if (harness_run(&h, c, &cmd, deadline_ms, &result, &err))
		fail_msg("%s", err.what);
	return result;
}

static void output_errors_marks_and_status_arrive(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	assert_int_equal(shell(c, "echo @clsn:P:000000000000002a; echo why >&2; exit 3", 5000),
			 WAIT_OK);
	assert_int_equal(child_exit_code(c), 3);
	assert_string_equal(c->errors, "why\n");
	assert_int_equal(c->mark_count, 1);
	assert_true(child_mark(c, MARK_PROBE, 0)->value == 42);
	assert_null(child_mark(c, MARK_PROBE, 1));
	assert_true(c->marks[0].stamp_ns >= c->started_ns);
	assert_true(c->marks[0].stamp_ns <= c->exited_ns);
}

static void a_deadline_ends_what_hangs(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	int64_t before = harness_now_ns();

	(void)state;
	assert_int_equal(shell(c, "sleep 60", 200), WAIT_TIMEOUT);
	assert_in_range((harness_now_ns() - before) / 1000000, 200, 5000);
	assert_true(c->exited);
	assert_int_equal(child_exit_code(c), 128 + SIGKILL);
}

static void the_group_is_killed_with_its_leader(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	int pid = 0;

	(void)state;
	assert_int_equal(shell(c, "sleep 60 & echo $!; wait", 300), WAIT_TIMEOUT);
	assert_int_equal(sscanf(c->output, "%d", &pid), 1);
	assert_true(pid > 0);
	/* It was reparented to us, the subreaper. */
	harness_reap(2000);
	assert_int_equal(kill(pid, 0), -1);
}

static void a_mark_can_be_waited_for_while_the_child_runs(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;

	(void)state;
	command_init(&cmd);
	command_add(&cmd, "/bin/sh");
	command_add(&cmd, "-c");
	command_add(&cmd, "echo @clsn:S:0000000000000001; echo @clsn:S:0000000000000002; sleep 60");
	assert_int_equal(harness_start(&h, c, &cmd, &err), 0);
	assert_int_equal(harness_wait_marks(&h, c, MARK_START, 2, 5000), WAIT_OK);
	assert_false(c->exited);
	assert_int_equal(harness_wait_marks(&h, c, MARK_PROBE, 1, 300), WAIT_TIMEOUT);
	harness_kill(&h, c);
	assert_true(c->exited);
}

static void a_detached_descendant_is_heard_after_the_launcher_has_gone(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	assert_int_equal(shell(c, "(sleep 0.3; echo @clsn:P:0000000000000007) & exit 0", 5000),
			 WAIT_OK);
	assert_int_equal(c->mark_count, 0);
	assert_int_equal(harness_wait_marks(&h, c, MARK_PROBE, 1, 5000), WAIT_OK);
	harness_reap(2000);
}

static void a_child_without_the_mark_ends_the_wait(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	assert_int_equal(shell(c, "exit 0", 5000), WAIT_OK);
	assert_int_equal(harness_wait_marks(&h, c, MARK_PROBE, 1, 5000), WAIT_EXITED);
}

static void a_program_that_is_not_there_is_an_error(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;

	(void)state;
	command_init(&cmd);
	command_add(&cmd, "/nonexistent/program");
	assert_int_equal(harness_start(&h, c, &cmd, &err), -1);
	assert_int_equal(err.errnum, ENOENT);
	assert_non_null(strstr(err.what, "/nonexistent/program"));
}

static void children_inherit_three_descriptors_and_a_small_environment(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	assert_int_equal(shell(c, "ls /proc/$$/fd", 5000), WAIT_OK);
	assert_string_equal(c->output, "0\n1\n2\n");
	assert_int_equal(setenv("CLOISON_BENCH_TEST", "1", 1), 0);
	assert_int_equal(shell(c, "env | grep -E '^(PATH|LANG|CLOISON_BENCH_TEST)=' | wc -l", 5000),
			 WAIT_OK);
	assert_int_equal(strtol(c->output, NULL, 10), 2);
}

static void more_output_than_is_kept_does_no_harm(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	assert_int_equal(shell(c, "yes | head -c 300000; echo @clsn:P:0000000000000001", 10000),
			 WAIT_OK);
	assert_int_equal(c->output_size, CHILD_OUTPUT - 1);
	assert_int_equal(c->mark_count, 1);
}

static void too_long_a_command_is_refused(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	struct command cmd;

	(void)state;
	command_init(&cmd);
	for (int i = 0; i < COMMAND_ARGS + 1; i++)
		command_add(&cmd, "/bin/true");
	assert_int_equal(harness_start(&h, c, &cmd, &err), -1);
	assert_int_equal(err.errnum, E2BIG);
}

static void a_signal_interrupts_a_wait(void **state)
{
	_cleanup_child_ struct child *c = child_new();

	(void)state;
	kill(getpid(), SIGTERM);
	assert_int_equal(shell(c, "sleep 60", 10000), WAIT_INTERRUPTED);
	assert_true(c->exited);
	h.interrupted = false;
}

/* hold_end - a process that traces @pid: until it goes, @pid's end is not its parent's to see. */
static pid_t hold_end(pid_t pid)
{
	int ready[2];
	char byte = 0;
	pid_t tracer;

	assert_int_equal(pipe(ready), 0);
	tracer = fork();
	assert_true(tracer >= 0);
	if (tracer == 0) {
		byte = ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0;
		if (write(ready[1], &byte, 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	if (byte)
		return tracer;
	kill(tracer, SIGKILL);
	waitpid(tracer, NULL, 0);
	return -1;
}

static void what_kill_does_not_end_is_let_go(void **state)
{
	_cleanup_child_ struct child *c = child_new();
	struct error err = ERROR_INIT;
	int64_t before;
	struct command cmd;
	pid_t tracer;

	(void)state;
	command_init(&cmd);
	command_add(&cmd, "/bin/sleep");
	command_add(&cmd, "60");
	assert_int_equal(harness_start(&h, c, &cmd, &err), 0);
	tracer = hold_end(c->pid);
	if (tracer < 0)
		skip(); /* may not trace here */
	h.kill_deadline_ms = 200;
	before = harness_now_ns();
	harness_kill(&h, c);
	assert_true(harness_now_ns() - before < INT64_C(5000000000));
	assert_int_equal(h.unkillable, 1);
	assert_false(c->running);
	assert_int_equal(child_exit_code(c), -1);
	h.kill_deadline_ms = 10000;
	kill(tracer, SIGKILL);
	harness_reap(2000);
	assert_int_equal(shell(c, "exit 4", 5000), WAIT_OK);
	assert_int_equal(child_exit_code(c), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(output_errors_marks_and_status_arrive),
		cmocka_unit_test(a_deadline_ends_what_hangs),
		cmocka_unit_test(the_group_is_killed_with_its_leader),
		cmocka_unit_test(a_mark_can_be_waited_for_while_the_child_runs),
		cmocka_unit_test(a_detached_descendant_is_heard_after_the_launcher_has_gone),
		cmocka_unit_test(a_child_without_the_mark_ends_the_wait),
		cmocka_unit_test(a_program_that_is_not_there_is_an_error),
		cmocka_unit_test(children_inherit_three_descriptors_and_a_small_environment),
		cmocka_unit_test(more_output_than_is_kept_does_no_harm),
		cmocka_unit_test(too_long_a_command_is_refused),
		cmocka_unit_test(a_signal_interrupts_a_wait),
		cmocka_unit_test(what_kill_does_not_end_is_let_go),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
