/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_wait.c: PID 1's waits have an end (init/wait.c).
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "init/wait.h"

static int signal_fd;
static volatile pid_t *hanging; /* shared with the child that hangs */

static int block_signals(void **state)
{
	sigset_t all;

	(void)state;
	sigfillset(&all);
	if (sigprocmask(SIG_SETMASK, &all, NULL) < 0)
		return -1;
	hanging = mmap(NULL, sizeof(*hanging), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
		       -1, 0);
	if (hanging == MAP_FAILED)
		return -1;
	signal_fd = signalfd(-1, &all, SFD_NONBLOCK | SFD_CLOEXEC);
	return signal_fd < 0 ? -1 : 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void do_nothing(void)
{
}

static void hang(void)
{
	*hanging = getpid();
	for (;;)
		pause();
}

static void fork_child_that_sleeps(unsigned int ms)
{
	pid_t pid = fork();

	if (pid == 0) {
		usleep(ms * 1000);
		_exit(0);
	}
	assert_true(pid > 0);
}

static void a_step_that_ends_is_waited_for_and_no_longer(void **state)
{
	int64_t begin = now_ms();

	(void)state;
	assert_int_equal(wait_limited(do_nothing, signal_fd, 60000), 0);
	assert_true(now_ms() - begin < 30000);
}

static void a_step_that_hangs_is_left_alone_after_the_limit(void **state)
{
	int64_t begin = now_ms();

	(void)state;
	assert_int_equal(wait_limited(hang, signal_fd, 100), 1);
	assert_true(now_ms() - begin >= 100);
	while (*hanging == 0)
		usleep(1000);
	/* it was not killed, for a process stuck in the kernel cannot be */
	assert_int_equal(waitpid(*hanging, NULL, WNOHANG), 0);
}

static void a_child_that_stays_ends_the_wait_for_all_at_the_limit(void **state)
{
	int64_t begin = now_ms();

	(void)state;
	/* the child of the test before */
	assert_false(wait_all(signal_fd, 100));
	assert_true(now_ms() - begin >= 100);
	assert_int_equal(kill(*hanging, SIGKILL), 0);
	assert_true(wait_all(signal_fd, 60000));
}

static void all_children_are_reaped_in_one_wait(void **state)
{
	int64_t begin = now_ms();

	(void)state;
	for (unsigned int i = 0; i < 50; i++)
		fork_child_that_sleeps(i);
	assert_true(wait_all(signal_fd, 60000));
	assert_true(now_ms() - begin < 30000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void no_child_is_no_wait(void **state)
{
	(void)state;
	assert_true(wait_all(signal_fd, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_step_that_ends_is_waited_for_and_no_longer),
		cmocka_unit_test(a_step_that_hangs_is_left_alone_after_the_limit),
		cmocka_unit_test(a_child_that_stays_ends_the_wait_for_all_at_the_limit),
		cmocka_unit_test(all_children_are_reaped_in_one_wait),
		cmocka_unit_test(no_child_is_no_wait),
	};

	return cmocka_run_group_tests_name("init/wait", tests, block_signals, NULL);
}
