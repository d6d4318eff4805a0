/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * records.c: a program that writes, says what is on the disk, and can tell afterwards whether it is. For
 * tests/boot/powercut.exp.
 *
 *	boot-records write DIR NAME [FIFO]   write until it is killed; say what is durable to FIFO or stdout
 *	boot-records check DIR               say what is there
 *
 * In DIR there are records 1, 2, 3...: number N is the line N of the file `log`, and the file N for an even
 * number. Of these files the last KEEP are kept. A line is said after the call that made it so has returned:
 *
 *	log NAME N     fsync(2) of the log with the record N
 *	file NAME N    fsync(2) of the file N under another name, rename(2), fsync(2) of DIR
 *	gone NAME N    unlink(2) of the file N, fsync(2) of DIR
 *
 * What a record contains follows from its number: a head with number and length, the content, a checksum.
 * Lengths are from 1 byte to some pages, so records begin anywhere in sectors and blocks. `check` says
 *
 *	log N, files F to L, bad B
 *
 * N is the last number up to which all records of the log are whole, F and L the first and the last file (0:
 * none), B how many between them are missing, or there and not whole. Behind the log's last record there may
 * be a part of one, as nobody was told of it; `write` cuts it off and goes on from there.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LENGTH_MAX 9000
#define KEEP 4
#define HEAD 16

struct record {
	uint64_t number, length;
	uint8_t content[LENGTH_MAX];
	uint64_t sum;
};

struct found {
	uint64_t log;	      /* whole records */
	off_t log_bytes;      /* as many */
	uint64_t first, last; /* files */
	uint64_t bad;
};

static _Noreturn void die(const char *what)
{
	printf("records: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* next - of a sequence of numbers that looks random (splitmix64). */
static uint64_t next(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* make - the bytes of a record; their number. */
static size_t make(uint64_t number, uint8_t *bytes)
{
	static struct record r;
	uint64_t state = number;
	uint64_t sum = 0xcbf29ce484222325;
	size_t length = 1 + next(&state) % (next(&state) % 4 ? 300 : LENGTH_MAX);

	r.number = number;
	r.length = length;
	for (size_t i = 0; i < length; i++) {
		r.content[i] = (uint8_t)next(&state);
		sum = (sum ^ r.content[i]) * 0x100000001b3;
	}
	memcpy(bytes, &r.number, HEAD);
	memcpy(bytes + HEAD, r.content, length);
	memcpy(bytes + HEAD + length, &sum, sizeof(sum));
	return HEAD + length + sizeof(sum);
}

/* holds - does the descriptor give this record next? */
static bool holds(int fd, uint64_t number)
{
	static uint8_t wanted[sizeof(struct record)], is[sizeof(struct record)];
	size_t length = make(number, wanted);

	return read(fd, is, length) == (ssize_t)length && memcmp(is, wanted, length) == 0;
}

static void name_of(uint64_t number, char *name, size_t size)
{
	snprintf(name, size, "%" PRIu64, number);
}

static bool file_holds(int dir, uint64_t number)
{
	char name[24];
	struct stat st;
	int fd;
	bool whole;

	name_of(number, name, sizeof(name));
	fd = openat(dir, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	whole = holds(fd, number) && fstat(fd, &st) == 0 && st.st_size == lseek(fd, 0, SEEK_CUR);
	close(fd);
	return whole;
}

static bool is_there(int dir, uint64_t number)
{
	char name[24];

	name_of(number, name, sizeof(name));
	return faccessat(dir, name, F_OK, 0) == 0;
}

/* look - what is in the directory. A file can be one record ahead of the log. */
static struct found look(int dir)
{
	struct found f = {0};
	int fd = openat(dir, "log", O_RDONLY | O_CLOEXEC);

	while (fd >= 0 && holds(fd, f.log + 1)) {
		f.log++;
		f.log_bytes = lseek(fd, 0, SEEK_CUR);
	}
	if (fd >= 0)
		close(fd);
	for (uint64_t n = 2; n <= f.log + 2; n += 2)
		if (is_there(dir, n)) {
			f.first = f.first ? f.first : n;
			f.last = n;
		}
	for (uint64_t n = f.first; n && n <= f.last; n += 2)
		f.bad += !file_holds(dir, n);
	return f;
}

/* --- writing */

static void say(int to, const char *what, const char *name, uint64_t number)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%s %s %" PRIu64 "\n", what, name, number);

	/* in one piece, as others write there too */
	if (write(to, text, (size_t)n) != n)
		die("cannot say what is written");
}

static void write_record(int fd, uint64_t number)
{
	static uint8_t bytes[sizeof(struct record)];
	size_t length = make(number, bytes);

	if (write(fd, bytes, length) != (ssize_t)length || fsync(fd) < 0)
		die("cannot write");
}

static void write_file(int dir, uint64_t number)
{
	char name[24];
	int fd = openat(dir, "new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0)
		die("new");
	write_record(fd, number);
	close(fd);
	name_of(number, name, sizeof(name));
	if (renameat(dir, "new", dir, name) < 0 || fsync(dir) < 0)
		die(name);
}

/* remove_file - if it is there. */
static void remove_file(int dir, uint64_t number, const char *writer, int to)
{
	char name[24];

	if (!is_there(dir, number))
		return;
	name_of(number, name, sizeof(name));
	if (unlinkat(dir, name, 0) < 0 || fsync(dir) < 0)
		die(name);
	say(to, "gone", writer, number);
}

static _Noreturn void write_all(int dir, const char *name, int to)
{
	struct found f = look(dir);
	int log = openat(dir, "log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);

	if (log < 0 || ftruncate(log, f.log_bytes) < 0 || fsync(log) < 0 || fsync(dir) < 0)
		die("log");
	/* what the end has kept the one before from */
	for (uint64_t n = 2; n + 2 * KEEP <= f.log; n += 2)
		remove_file(dir, n, name, to);
	for (uint64_t n = f.log + 1;; n++) {
		if (n % 2 == 0) {
			write_file(dir, n);
			say(to, "file", name, n);
		}
		write_record(log, n);
		say(to, "log", name, n);
		if (n % 2 == 0 && n > 2 * KEEP)
			remove_file(dir, n - 2 * KEEP, name, to);
	}
}

int main(int argc, char **argv)
{
	bool writing = argc >= 4 && strcmp(argv[1], "write") == 0;
	int to = STDOUT_FILENO;
	struct found f;
	int dir;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (!writing && (argc != 3 || strcmp(argv[1], "check") != 0)) {
		printf("usage: boot-records write DIR NAME [FIFO] | check DIR\n");
		return 2;
	}
	dir = open(argv[2], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		die(argv[2]);
	if (writing) {
		if (argc > 4 && (to = open(argv[4], O_WRONLY | O_CLOEXEC)) < 0)
			die(argv[4]);
		write_all(dir, argv[3], to);
	}
	f = look(dir);
	printf("log %" PRIu64 ", files %" PRIu64 " to %" PRIu64 ", bad %" PRIu64 "\n", f.log,
	       f.first, f.last, f.bad);
	return 0;
}
