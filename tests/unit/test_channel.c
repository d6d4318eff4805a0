/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_channel.c: PID 1's end of the channel (init/channel.c), with a service that is this test.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "init/channel.h"
#include "init/loop.h"
#include "lib/init_channel.h"

static int service = -1;
static struct init_message got;
static int got_fd;

static void never_wait(void)
{
	loop_wake_at(loop_now_ms());
}

static void let_init_work(void)
{
	for (int i = 0; i < 200; i++)
		loop_round();
}

/* next - receive one message; 0 when there is none. What came with it is in got_fd. */
static unsigned int next(void)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct iovec part = {&got, sizeof(got)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};

	if (got_fd >= 0)
		close(got_fd);
	got_fd = -1;
	loop_round();
	loop_round();
	if (recvmsg(service, &message, MSG_DONTWAIT) != (ssize_t)sizeof(got))
		return 0;
	if (CMSG_FIRSTHDR(&message))
		memcpy(&got_fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
	return got.kind;
}

/* send_count - a message with @count copies of @fd; false when there is no room. */
static int send_count(uint32_t kind, uint64_t seq, const char *name, int fd, size_t count)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int) * 4)];
	} control = {0};
	struct init_message m = {.kind = kind, .seq = seq};
	struct iovec part = {&m, sizeof(m)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	strncpy(m.name, name, sizeof(m.name) - 1);
	if (count > 0) {
		message.msg_control = &control;
		message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
		for (size_t i = 0; i < count; i++)
			memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &fd, sizeof(int));
	}
	return sendmsg(service, &message, MSG_DONTWAIT) == (ssize_t)sizeof(m);
}

static void say_to_init(uint32_t kind, uint64_t seq, const char *name, int fd)
{
	assert_true(send_count(kind, seq, name, fd, fd >= 0));
	let_init_work();
}

static void start_service(void)
{
	service = channel_open();
	assert_true(service >= 0);
}

static void kill_service(void)
{
	close(service);
	channel_close();
}

static size_t open_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 8192; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static int set_up(void **state)
{
	static int once;
	const struct rlimit many = {8192, 8192};

	(void)state;
	got_fd = -1;
	if (!once++) {
		loop_step(never_wait);
		assert_return_code(setrlimit(RLIMIT_NOFILE, &many), 0);
	}
	channel_prepare();
	start_service();
	return 0;
}

static int tear_down(void **state)
{
	char name[16];

	(void)state;
	for (int i = 0; i < INIT_FDS; i++) {
		snprintf(name, sizeof(name), "%d", i);
		while (!send_count(INIT_DROP, 0, name, -1, 0))
			let_init_work();
	}
	let_init_work();
	kill_service();
	return 0;
}

static void a_first_run_is_told_that_there_is_nothing(void **state)
{
	(void)state;
	assert_int_equal(next(), INIT_REPLAYED);
	assert_int_equal(next(), 0);
}

static void what_was_stored_comes_back_as_the_same_thing(void **state)
{
	char byte = 0;
	int ends[2];

	(void)state;
	assert_return_code(pipe(ends), 0);
	say_to_init(INIT_STORE, 0, "1", ends[0]);
	close(ends[0]);
	kill_service();
	assert_int_equal(write(ends[1], "x", 1), 1);
	start_service();
	assert_int_equal(next(), INIT_STORED);
	assert_string_equal(got.name, "1");
	assert_int_equal(read(got_fd, &byte, 1), 1);
	assert_int_equal(byte, 'x');
	assert_int_equal(next(), INIT_REPLAYED);
	close(ends[1]);
}

static void what_was_said_last_before_a_death_counts(void **state)
{
	(void)state;
	/* PID 1 learns of the death before it has read the message */
	assert_true(send_count(INIT_STORE, 0, "2", 0, 1));
	kill_service();
	start_service();
	assert_int_equal(next(), INIT_STORED);
	assert_string_equal(got.name, "2");
}

static void storing_a_name_again_replaces_and_dropping_closes(void **state)
{
	size_t before = open_fds();

	(void)state;
	say_to_init(INIT_STORE, 0, "3", 0);
	say_to_init(INIT_STORE, 0, "3", 0);
	assert_int_equal(open_fds(), before + 1);
	say_to_init(INIT_DROP, 0, "3", -1);
	say_to_init(INIT_DROP, 0, "3", -1);
	assert_int_equal(open_fds(), before);
}

static void what_comes_with_a_message_that_makes_no_sense_is_closed(void **state)
{
	size_t before = open_fds();

	(void)state;
	say_to_init(INIT_STORE, 0, "", 0);
	say_to_init(INIT_ACK, 99, "", 0);
	say_to_init(77, 0, "x", 0);
	assert_int_equal(send(service, "short", 5, 0), 5);
	/* more descriptors than one: the first is kept, none of the others leaks */
	assert_true(send_count(INIT_STORE, 0, "4", 0, 4));
	let_init_work();
	assert_int_equal(open_fds(), before + 1);
	say_to_init(INIT_DROP, 0, "4", -1);
	assert_int_equal(open_fds(), before);
}

static void exits_are_sent_as_they_come_and_again_until_acknowledged(void **state)
{
	(void)state;
	assert_int_equal(next(), INIT_REPLAYED);
	channel_exit(10, 256);
	channel_exit(11, 9);
	assert_int_equal(next(), INIT_EXIT);
	assert_int_equal(got.seq, 1);
	assert_int_equal(got.pid, 10);
	assert_int_equal(got.status, 256);
	assert_true(got.time_ns > 0);
	say_to_init(INIT_ACK, 1, "", -1);
	kill_service();
	channel_exit(12, 0); /* while there is nobody */
	start_service();
	assert_int_equal(next(), INIT_EXIT);
	assert_int_equal(got.seq, 2);
	assert_int_equal(next(), INIT_EXIT);
	assert_int_equal(got.pid, 12);
	assert_int_equal(next(), INIT_REPLAYED);
	assert_int_equal(next(), 0);
}

static void a_service_that_does_not_listen_blocks_nobody_and_loses_the_oldest(void **state)
{
	uint64_t lost = 0;
	uint64_t last = 0;
	unsigned int kind;

	(void)state;
	assert_int_equal(next(), INIT_REPLAYED);
	for (int i = 0; i < 3000; i++)
		channel_exit(i, 0);
	while ((kind = next()) != 0) {
		if (kind == INIT_LOST) {
			lost += got.seq;
			continue;
		}
		assert_int_equal(kind, INIT_EXIT);
		/* the gap, if there is one, is no larger than what was said to be lost */
		assert_true(got.seq > last && got.seq - last - 1 <= lost);
		last = got.seq;
	}
	assert_int_equal(last, 3000);
	assert_int_equal(lost, 3000 - INIT_RECORDS);
}

static void more_descriptors_than_fit_are_refused_and_the_service_is_told(void **state)
{
	size_t before = open_fds();
	unsigned int told = 0;
	char name[16];

	(void)state;
	assert_int_equal(next(), INIT_REPLAYED);
	for (int i = 0; i < INIT_FDS + 5; i++) {
		snprintf(name, sizeof(name), "%d", i);
		while (!send_count(INIT_STORE, 0, name, 0, 1))
			let_init_work();
	}
	let_init_work();
	while (next() == INIT_FULL) {
		snprintf(name, sizeof(name), "%d", INIT_FDS + (int)told);
		assert_string_equal(got.name, name);
		told++;
	}
	assert_int_equal(told, 5);
	assert_int_equal(open_fds(), before + INIT_FDS);
	kill_service();
	start_service();
	for (int i = 0; i < INIT_FDS; i++)
		assert_int_equal(next(), INIT_STORED);
	assert_int_equal(next(), INIT_REPLAYED);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_first_run_is_told_that_there_is_nothing),
		TEST(what_was_stored_comes_back_as_the_same_thing),
		TEST(what_was_said_last_before_a_death_counts),
		TEST(storing_a_name_again_replaces_and_dropping_closes),
		TEST(what_comes_with_a_message_that_makes_no_sense_is_closed),
		TEST(exits_are_sent_as_they_come_and_again_until_acknowledged),
		TEST(a_service_that_does_not_listen_blocks_nobody_and_loses_the_oldest),
		TEST(more_descriptors_than_fit_are_refused_and_the_service_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
