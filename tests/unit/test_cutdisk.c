/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_cutdisk.c: the disk under the power cuts loses what it may lose, and nothing else.
 *
 * A client of a few lines writes to the program over its socket, and closes the connection: that is the cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* clang-format off */
#include <cmocka.h>
/* clang-format on */

#define main cutdisk_main
#include "tests/soak/cutdisk.c"
#undef main

#include <sys/wait.h>

#define SEEDS 60
#define DISK_SECTORS 64

static char directory[] = "/tmp/cloison-cutdisk.XXXXXX";
static char image[sizeof(directory) + 8], at[sizeof(directory) + 8];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	snprintf(image, sizeof(image), "%s/image", directory);
	snprintf(at, sizeof(at), "%s/socket", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	unlink(image);
	return rmdir(directory);
}

/* begin - the program, with a disk of zeros; the connection, the handshake done. */
static int begin(const char *with_seed, pid_t *pid)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	char *argv[] = {(char *)(uintptr_t) "cutdisk", at, image, (char *)(uintptr_t)with_seed,
			NULL};
	uint8_t hello[18], answers[20 + 12 + 20 + 14 + 20];
	const uint32_t client_flags = htobe32(NBD_FIXED_NEWSTYLE_NO_ZEROES);
	const struct option go = {htobe64(NBD_IHAVEOPT), htobe32(OPT_GO), 0};
	int fd = open(image, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, DISK_SECTORS * SECTOR), 0);
	close(fd);
	*pid = fork();
	if (*pid == 0) {
		if (!freopen("/dev/null", "w", stdout))
			_exit(1);
		_exit(cutdisk_main(4, argv));
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(to.sun_path, at, strlen(at) + 1);
	while (connect(fd, (const struct sockaddr *)&to, sizeof(to)) < 0)
		usleep(1000);
	assert_true(receive(fd, hello, sizeof(hello)));
	assert_true(give(fd, &client_flags, sizeof(client_flags)));
	assert_true(give(fd, &go, sizeof(go)));
	assert_true(receive(fd, answers, sizeof(answers)));
	return fd;
}

/* ask - one request and its reply; the reply's error. */
static uint32_t ask(int fd, uint16_t type, uint16_t flags, uint64_t sector, uint32_t count,
		    void *data)
{
	struct request r = {.magic = htobe32(NBD_REQUEST),
			    .flags = htobe16(flags),
			    .type = htobe16(type),
			    .handle = 7,
			    .offset = htobe64(sector * SECTOR),
			    .length = htobe32(count * SECTOR)};
	struct reply is;

	assert_true(give(fd, &r, sizeof(r)));
	if (type == CMD_WRITE)
		assert_true(give(fd, data, count * SECTOR));
	assert_true(receive(fd, &is, sizeof(is)));
	assert_int_equal(is.handle, 7);
	if (type == CMD_READ && !is.error)
		assert_true(receive(fd, data, count * SECTOR));
	return be32toh(is.error);
}

static void put(int fd, uint16_t flags, uint64_t sector, uint32_t count, int byte)
{
	uint8_t data[DISK_SECTORS * SECTOR];

	memset(data, byte, count * SECTOR);
	assert_int_equal(ask(fd, CMD_WRITE, flags, sector, count, data), 0);
}

/* cut_power - the first bytes of the sectors that are on the medium then. */
static void cut_power(int fd, pid_t pid, uint8_t *sectors)
{
	int status;

	close(fd);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fd = open(image, O_RDONLY | O_CLOEXEC);
	for (off_t i = 0; i < DISK_SECTORS; i++)
		assert_int_equal(pread(fd, &sectors[i], 1, i * SECTOR), 1);
	close(fd);
}

static void what_was_flushed_or_forced_is_never_lost_and_the_rest_in_every_way(void **state)
{
	unsigned int all = 0, none = 0, holes = 0, old = 0;

	(void)state;
	for (int s = 0; s < SEEDS; s++) {
		uint8_t is[DISK_SECTORS];
		unsigned int kept = 0, after_hole = 0;
		char text[16];
		pid_t pid;
		int fd;

		snprintf(text, sizeof(text), "%d", s);
		fd = begin(text, &pid);
		put(fd, 0, 0, 16, 1);
		put(fd, 0, 0, 8, 2);
		assert_int_equal(ask(fd, CMD_FLUSH, 0, 0, 0, NULL), 0);
		put(fd, 0, 16, 8, 3);
		put(fd, NBD_FLAG_FUA, 16, 8, 4);
		put(fd, 0, 32, 16, 5);
		put(fd, 0, 32, 16, 6);
		cut_power(fd, pid, is);
		for (int i = 0; i < 24; i++)
			assert_int_equal(is[i], i < 8 ? 2 : i < 16 ? 1 : 4);
		for (int i = 32; i < 48; i++) {
			assert_true(is[i] == 0 || is[i] == 5 || is[i] == 6);
			kept += is[i] == 6;
			old += is[i] == 5;
			after_hole += is[i] == 6 && i > 32 && is[i - 1] != 6;
		}
		all += kept == 16;
		none += kept == 0;
		holes += after_hole > 0;
	}
	assert_true(all > 0 && none > 0 && holes > 0 && old > 0);
}

static void a_cut_that_was_asked_for_comes_before_the_next_flush(void **state)
{
	const struct request flushing = {.magic = htobe32(NBD_REQUEST), .type = htobe16(CMD_FLUSH)};
	unsigned int lost = 0;

	(void)state;
	for (int s = 0; s < SEEDS; s++) {
		uint8_t is[DISK_SECTORS];
		char text[16];
		pid_t pid;
		int fd;

		snprintf(text, sizeof(text), "%d", s);
		fd = begin(text, &pid);
		put(fd, 0, 0, 1, 1);
		assert_int_equal(kill(pid, SIGUSR1), 0);
		assert_true(give(fd, &flushing, sizeof(flushing)));
		cut_power(fd, pid, is);
		lost += is[0] == 0;
	}
	assert_true(lost > 0);
}

static void what_was_written_is_read_before_it_is_flushed(void **state)
{
	uint8_t data[2 * SECTOR] = {0}, is[DISK_SECTORS];
	pid_t pid;
	int fd = begin("1", &pid);

	(void)state;
	put(fd, 0, 5, 1, 9);
	assert_int_equal(ask(fd, CMD_READ, 0, 4, 2, data), 0);
	assert_int_equal(data[0], 0);
	assert_int_equal(data[SECTOR], 9);
	cut_power(fd, pid, is);
}

static void what_is_beyond_the_end_is_an_error(void **state)
{
	uint8_t data[2 * SECTOR] = {0}, is[DISK_SECTORS];
	pid_t pid;
	int fd = begin("1", &pid);

	(void)state;
	assert_int_equal(ask(fd, CMD_READ, 0, DISK_SECTORS - 1, 2, data), EINVAL);
	assert_int_equal(ask(fd, CMD_WRITE, 0, UINT64_MAX / SECTOR, 2, data), EINVAL);
	cut_power(fd, pid, is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			what_was_flushed_or_forced_is_never_lost_and_the_rest_in_every_way),
		cmocka_unit_test(a_cut_that_was_asked_for_comes_before_the_next_flush),
		cmocka_unit_test(what_was_written_is_read_before_it_is_flushed),
		cmocka_unit_test(what_is_beyond_the_end_is_an_error),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
