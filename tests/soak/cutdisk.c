/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cutdisk.c: a disk that loses what a real one loses when the power goes.
 *
 * usage: cutdisk SOCKET IMAGE SEED
 *
 * A disk acknowledges a write when it is in the disk's own memory, and brings it to the medium whenever it
 * likes, in any order, sector by sector; only a flush makes sure. QEMU with a file behind its disk is kinder:
 * whatever the guest has written is in the host's page cache, and outlives QEMU. So this program stands between
 * QEMU and the file. It serves IMAGE, a raw disk, on the UNIX socket SOCKET as an NBD export (QEMU:
 * -drive file=nbd+unix:///?socket=SOCKET,format=raw), to one client, once. IMAGE is the medium. Every sector
 * that is written is noted until the next flush and then written to it, in order; what is read comes from a
 * private mapping of the medium, where all writes show at once.
 *
 * A disk is mostly empty-handed, as a file system flushes whatever matters. So that a cut has something to
 * lose, SIGUSR1 lets it come at a request that finds something noted, at the latest before the next flush. The
 * client gets no answer from then on. Without that signal, or a request, it comes when the client is gone.
 *
 * Then some of the sectors that are noted reach the medium, those that the SEED says, in one of the ways of
 * `fates`, and one line is printed:
 *
 *	cut: 12 of 40 sectors since the last flush are lost (any of them)
 *
 * The protocol is NBD's fixed newstyle with simple replies: READ, WRITE with FUA, FLUSH, DISC; 512-byte sectors.
 * (github.com/NetworkBlockDevice/nbd, doc/proto.md)
 */
#include <endian.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define SECTOR 512
#define NOTED_MAX 65536 /* sectors: a cache of 32 MiB; when it is full it goes to the medium */
#define REQUEST_MAX (32 << 20)
#define NO_SECTOR UINT64_MAX

/* --- the protocol's numbers */

#define NBD_MAGIC UINT64_C(0x4e42444d41474943)
#define NBD_IHAVEOPT UINT64_C(0x49484156454f5054)
#define NBD_OPTION_REPLY UINT64_C(0x0003e889045565a9)
#define NBD_REQUEST UINT32_C(0x25609513)
#define NBD_SIMPLE_REPLY UINT32_C(0x67446698)
#define NBD_FIXED_NEWSTYLE_NO_ZEROES 3
#define NBD_HAS_FLUSH_FUA (1 | 4 | 8)
#define NBD_FLAG_FUA 1

enum { OPT_EXPORT_NAME = 1, OPT_ABORT = 2, OPT_INFO = 6, OPT_GO = 7 };
enum { REP_ACK = 1, REP_INFO = 3, INFO_EXPORT = 0, INFO_BLOCK_SIZE = 3 };
enum { CMD_READ = 0, CMD_WRITE = 1, CMD_DISC = 2, CMD_FLUSH = 3 };
#define REP_UNSUPPORTED UINT32_C(0x80000001)

struct option {
	uint64_t magic;
	uint32_t option, length;
} __attribute__((packed));

struct option_reply {
	uint64_t magic;
	uint32_t option, type, length;
} __attribute__((packed));

struct info_export {
	uint16_t type;
	uint64_t size;
	uint16_t flags;
} __attribute__((packed));

struct info_block_size {
	uint16_t type;
	uint32_t least, preferred, most;
} __attribute__((packed));

struct request {
	uint32_t magic;
	uint16_t flags, type;
	uint64_t handle, offset;
	uint32_t length;
} __attribute__((packed));

struct reply {
	uint32_t magic, error;
	uint64_t handle;
} __attribute__((packed));

/* --- the disk */

static int medium;
static uint8_t *shown; /* what the guest sees */
static uint64_t size;

static struct noted {
	uint64_t sector;
	uint8_t data[SECTOR];
} noted[NOTED_MAX];
static size_t noted_count;

static volatile sig_atomic_t failing; /* the power: SIGUSR1 has come */

static uint64_t seed;

/* chance - a number below @n that looks random (splitmix64). */
static uint64_t chance(uint64_t n)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (z ^ (z >> 31)) % n;
}

static void to_medium(const struct noted *n)
{
	if (pwrite(medium, n->data, SECTOR, (off_t)(n->sector * SECTOR)) != SECTOR)
		err(1, "cannot write to the medium");
}

static void flush(void)
{
	for (size_t i = 0; i < noted_count; i++)
		if (noted[i].sector != NO_SECTOR)
			to_medium(&noted[i]);
	noted_count = 0;
}

/* note - that a sector was written; of what is already shown. */
static void note(uint64_t sector)
{
	if (noted_count == NOTED_MAX)
		flush();
	noted[noted_count].sector = sector;
	memcpy(noted[noted_count].data, shown + sector * SECTOR, SECTOR);
	noted_count++;
}

/* write_through - what was written there before must not come later any more. */
static void write_through(uint64_t sector)
{
	struct noted n = {.sector = sector};

	for (size_t i = 0; i < noted_count; i++)
		if (noted[i].sector == sector)
			noted[i].sector = NO_SECTOR;
	memcpy(n.data, shown + sector * SECTOR, SECTOR);
	to_medium(&n);
}

/* How a cut treats the sectors: each is kept with this chance in 8; or those up to one of them are. */
static const struct fate {
	const char *name;
	unsigned int keep_in_8;
	bool in_order;
} fates[] = {
	{"all of them", 0, false},  {"many of them", 1, false}, {"any of them", 4, false},
	{"few of them", 7, false},  {"none of them", 8, false}, {"the last ones", 0, true},
	{"the last ones", 0, true},
};

static void cut(void)
{
	const struct fate *f = &fates[chance(sizeof(fates) / sizeof(fates[0]))];
	size_t end = f->in_order ? chance(noted_count + 1) : 0;
	size_t lost = 0;

	for (size_t i = 0; i < noted_count; i++) {
		bool kept = f->in_order ? i < end : chance(8) < f->keep_in_8;

		if (kept && noted[i].sector != NO_SECTOR)
			to_medium(&noted[i]);
		lost += !kept;
	}
	printf("cut: %zu of %zu sectors since the last flush are lost (%s)\n", lost, noted_count,
	       f->name);
}

/* --- the connection; both return false when the client is gone */

static bool receive(int fd, void *buf, size_t n)
{
	for (uint8_t *p = buf; n > 0;) {
		ssize_t got = read(fd, p, n);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return false;
		p += got;
		n -= (size_t)got;
	}
	return true;
}

static bool give(int fd, const void *buf, size_t n)
{
	for (const uint8_t *p = buf; n > 0;) {
		ssize_t put = send(fd, p, n, MSG_NOSIGNAL);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		p += put;
		n -= (size_t)put;
	}
	return true;
}

static bool answer_option(int fd, uint32_t option, uint32_t type, const void *data, uint32_t length)
{
	struct option_reply r = {htobe64(NBD_OPTION_REPLY), htobe32(option), htobe32(type),
				 htobe32(length)};

	return give(fd, &r, sizeof(r)) && give(fd, data, length);
}

static bool describe(int fd, uint32_t option)
{
	struct info_export e = {htobe16(INFO_EXPORT), htobe64(size), htobe16(NBD_HAS_FLUSH_FUA)};
	struct info_block_size b = {htobe16(INFO_BLOCK_SIZE), htobe32(SECTOR), htobe32(4096),
				    htobe32(REQUEST_MAX)};

	return answer_option(fd, option, REP_INFO, &e, sizeof(e)) &&
	       answer_option(fd, option, REP_INFO, &b, sizeof(b)) &&
	       answer_option(fd, option, REP_ACK, NULL, 0);
}

/* negotiate - until the client wants to go; false when it went. */
static bool negotiate(int fd)
{
	static uint8_t ignored[4096];
	struct {
		uint64_t magic, options;
		uint16_t flags;
	} __attribute__((packed))
	hello = {htobe64(NBD_MAGIC), htobe64(NBD_IHAVEOPT), htobe16(NBD_FIXED_NEWSTYLE_NO_ZEROES)};
	uint32_t client_flags;
	struct option o;

	if (!give(fd, &hello, sizeof(hello)) || !receive(fd, &client_flags, sizeof(client_flags)))
		return false;
	while (receive(fd, &o, sizeof(o))) {
		uint32_t option = be32toh(o.option), length = be32toh(o.length);

		if (be64toh(o.magic) != NBD_IHAVEOPT || length > sizeof(ignored) ||
		    !receive(fd, ignored, length))
			return false;
		if (option == OPT_GO || option == OPT_INFO) {
			if (!describe(fd, option))
				return false;
			if (option == OPT_GO)
				return true;
		} else if (option == OPT_EXPORT_NAME || option == OPT_ABORT) {
			return false; /* QEMU has used GO for years */
		} else if (!answer_option(fd, option, REP_UNSUPPORTED, NULL, 0)) {
			return false;
		}
	}
	return false;
}

static void take_write(uint64_t offset, uint32_t length, const uint8_t *data, bool through)
{
	memcpy(shown + offset, data, length);
	for (uint64_t s = offset / SECTOR; s < (offset + length) / SECTOR; s++)
		if (through)
			write_through(s);
		else
			note(s);
}

static void power_fails(int signal)
{
	(void)signal;
	failing = 1;
}

/* is_cut - is this request the one that is not answered any more? */
static bool is_cut(uint16_t type)
{
	return failing && noted_count > 0 && (type == CMD_FLUSH || chance(4) == 0);
}

/* serve - one request; false when there will be no more. */
static bool serve(int fd)
{
	static uint8_t data[REQUEST_MAX];
	struct request r;
	struct reply answer = {.magic = htobe32(NBD_SIMPLE_REPLY)};
	uint64_t offset;
	uint32_t length;
	uint16_t type;

	if (!receive(fd, &r, sizeof(r)) || be32toh(r.magic) != NBD_REQUEST)
		return false;
	offset = be64toh(r.offset);
	length = be32toh(r.length);
	type = be16toh(r.type);
	answer.handle = r.handle;
	if (type == CMD_DISC || length > REQUEST_MAX || is_cut(type))
		return false;
	/* A write that has not arrived as a whole was never made. */
	if (type == CMD_WRITE && !receive(fd, data, length))
		return false;
	if (offset > size || length > size - offset || offset % SECTOR || length % SECTOR)
		answer.error = htobe32(EINVAL);
	else if (type == CMD_WRITE)
		take_write(offset, length, data, be16toh(r.flags) & NBD_FLAG_FUA);
	else if (type == CMD_FLUSH)
		flush();
	else if (type != CMD_READ)
		answer.error = htobe32(EINVAL);
	if (!give(fd, &answer, sizeof(answer)))
		return true; /* what is on its way counts still */
	if (type == CMD_READ && !answer.error)
		give(fd, shown + offset, length);
	return true;
}

/* wait_for_client - the connection; -1 when there will be none. */
static int wait_for_client(const char *path)
{
	struct sockaddr_un at = {.sun_family = AF_UNIX};
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd p = {.fd = listener, .events = POLLIN};
	int fd;

	if (strlen(path) >= sizeof(at.sun_path))
		errx(1, "the name of the socket is too long");
	memcpy(at.sun_path, path, strlen(path) + 1);
	unlink(path);
	if (listener < 0 || bind(listener, (const struct sockaddr *)&at, sizeof(at)) < 0 ||
	    listen(listener, 1) < 0)
		err(1, "cannot listen on `%s`", path);
	/* the power may go before anybody has come */
	while (!failing && poll(&p, 1, 20) <= 0)
		;
	fd = failing ? -1 : accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	close(listener);
	unlink(path);
	return fd;
}

int main(int argc, char **argv)
{
	struct stat st;
	char rest[4096];
	int fd;

	signal(SIGUSR1, power_fails);
	if (argc != 4)
		errx(2, "usage: cutdisk SOCKET IMAGE SEED");
	seed = strtoull(argv[3], NULL, 0);
	medium = open(argv[2], O_RDWR | O_CLOEXEC);
	if (medium < 0 || fstat(medium, &st) < 0)
		err(1, "cannot open `%s`", argv[2]);
	size = (uint64_t)st.st_size / SECTOR * SECTOR;
	shown = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE, medium, 0);
	if (shown == MAP_FAILED)
		err(1, "cannot map `%s`", argv[2]);
	fd = wait_for_client(argv[1]);
	if (fd >= 0 && negotiate(fd))
		while (serve(fd))
			;
	cut();
	fflush(stdout);
	/* An error would be an answer. */
	while (fd >= 0 && receive(fd, rest, sizeof(rest)))
		;
	return 0;
}
