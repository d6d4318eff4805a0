/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * data.c: finding, making, checking and mounting the data partition.
 *
 * Making it never destroys: the first and the last MiB of the device, and every place that the new file
 * system writes to, must be zero or what a creation that was cut off has left, which is known byte by
 * byte (seed.h). The sector with the magic number is written last, so until all the rest is on the disk there
 * is no file system; then the kernel makes it as large as the device (EXT4_IOC_RESIZE_FS), gives it a UUID of
 * its own (EXT4_IOC_SETFSUUID). Both happen at each mount as far as they are not done, so a power cut between
 * any two steps costs nothing.
 *
 * A superblock that a power cut has torn is mended (super.h), or the kernel would refuse the file system.
 *
 * Checking: mounting replays the journal; checksums cover all metadata; and a file system in which the
 * kernel has found damage says so in its superblock. One that does is not mounted: the appliance has no
 * e2fsck, which alone would be half as large as all its programs, and comes up in RAM instead, saying why.
 */
#include "runtime/config/data.h"

#include <fcntl.h>
#include <linux/ext4.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/sys.h"
#include "runtime/config/probe.h"
#include "runtime/config/seed.h"
#include "runtime/config/super.h"

#define MIB 1048576
#define CHUNK 65536
#define BLOCK 4096
/* Less than a block group and nothing is gained. */
#define GROW_MIN (UINT64_C(128) * MIB)

static int failed(struct error *err, const char *what, const char *device)
{
	return error_set(err, errno, "cannot %s `%s`", what, device);
}

/* mounted_device - the device of what is mounted on DATA_DIR. */
static dev_t mounted_device(void)
{
	struct stat st;

	return stat(DATA_DIR, &st) < 0 ? 0 : st.st_dev;
}

static bool is_mounted(const char *device)
{
	struct stat st;

	return stat(device, &st) == 0 && S_ISBLK(st.st_mode) && st.st_rdev == mounted_device();
}

/* size_of - a disk's size; musl takes the numbers of ioctls as int. */
static int size_of(int fd, uint64_t *bytes)
{
	return ioctl(fd, (int)BLKGETSIZE64, bytes);
}

static int device_bytes(const char *device, uint64_t *bytes)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -1 : size_of(fd, bytes);
}

/* settle - what a fresh or a moved file system still lacks: its full size, a UUID of its own. */
static int settle(const char *device, const struct probe *p, struct error *err)
{
	_cleanup_fd_ int fd = open(DATA_DIR, O_RDONLY | O_CLOEXEC | O_DIRECTORY);
	_Alignas(struct fsuuid) uint8_t id[sizeof(struct fsuuid) + sizeof(seed_uuid)] = {0};
	uint8_t *uuid = id + sizeof(struct fsuuid);
	uint64_t bytes, blocks;

	if (fd < 0 || device_bytes(device, &bytes) < 0)
		return failed(err, "look at", device);
	blocks = bytes / BLOCK;
	if (bytes >= p->bytes + GROW_MIN && ioctl(fd, EXT4_IOC_RESIZE_FS, &blocks) < 0)
		return failed(err, "enlarge", device);
	if (memcmp(p->uuid, seed_uuid, sizeof(seed_uuid)))
		return 0;
	((struct fsuuid *)id)->fsu_len = sizeof(seed_uuid);
	if (getrandom(uuid, sizeof(seed_uuid), 0) != sizeof(seed_uuid))
		return failed(err, "find a UUID for", device);
	/* RFC 9562: version 4, variant 10 */
	uuid[6] = (uint8_t)((uuid[6] & 0x0f) | 0x40);
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	return ioctl(fd, EXT4_IOC_SETFSUUID, id) < 0 ? failed(err, "give a UUID to", device) : 0;
}

/* mend - a superblock that is torn. What is wrong with another, or cannot be written, the mount will say. */
static void mend(const char *device)
{
	_cleanup_fd_ int fd = open(device, O_RDONLY | O_CLOEXEC);
	uint8_t super[SUPER_BYTES];

	if (fd < 0 || pread(fd, super, sizeof(super), SUPER_AT) != sizeof(super) ||
	    super_is_sound(super) || !super_mend(super))
		return;
	replace_fd(&fd, open(device, O_RDWR | O_CLOEXEC | O_EXCL));
	if (fd < 0 || pwrite(fd, super, sizeof(super), SUPER_AT) != sizeof(super) || fsync(fd) < 0)
		return;
	fprintf(stderr,
		"cloison: config: data partition: the superblock of `%s` was torn by a power cut; mended\n",
		device);
}

int data_mount(struct error *err)
{
	char device[PROBE_DEVICE_MAX];
	struct probe p;
	int found = probe_find(PROBE_EXT4, DATA_LABEL, device, &p, err);

	if (found <= 0)
		return found;
	if (is_mounted(device))
		return 1;
	if (p.has_errors) {
		error_set(err, 0, "`%s` is marked as damaged; it is not used", device);
		return error_hint(err, "repair it on another machine: e2fsck -f");
	}
	mend(device);
	if (sys_mount(device, DATA_DIR, "ext4", MS_NOSUID | MS_NODEV | MS_NOATIME,
		      "errors=remount-ro") < 0)
		return failed(err, "mount", device);
	/* Even where it cannot be enlarged it is there. */
	return settle(device, &p, err) < 0 ? -1 : 1;
}

/* is_known - whether these bytes at @at are zero, or what the seed has there. */
static bool is_known(const uint8_t *bytes, size_t size, uint64_t at)
{
	static const uint8_t zeros[SEED_SECTOR];

	for (size_t i = 0; i < size; i += SEED_SECTOR) {
		uint64_t number = (at + i) / SEED_SECTOR;
		bool known = !memcmp(bytes + i, zeros, SEED_SECTOR);

		for (size_t k = 0; k < seed_count && !known; k++)
			known = seed_sectors[k].number == number &&
				!memcmp(bytes + i, seed_sectors[k].bytes, SEED_SECTOR);
		if (!known)
			return false;
	}
	return true;
}

/* check_blank - 0, or -1 with @err. Between them are whole chunks. */
static int check_blank(int fd, const char *device, uint64_t from, uint64_t to, struct error *err)
{
	static uint8_t bytes[CHUNK];

	for (uint64_t at = from; at < to; at += CHUNK) {
		if (pread(fd, bytes, CHUNK, (off_t)at) != CHUNK)
			return failed(err, "read", device);
		if (is_known(bytes, CHUNK, at))
			continue;
		error_set(err, 0, "`%s` is not blank; it is left as it is", device);
		return error_hint(err, "to have it overwritten, fill it with zeros first");
	}
	return 0;
}

static int write_sector(int fd, size_t i)
{
	off_t at = (off_t)seed_sectors[i].number * SEED_SECTOR;

	return pwrite(fd, seed_sectors[i].bytes, SEED_SECTOR, at) == SEED_SECTOR ? 0 : -1;
}

/* is_super - the half of the superblock with the magic number, without which there is no file system. */
static bool is_super(size_t i)
{
	return seed_sectors[i].number * SEED_SECTOR == SUPER_AT;
}

/* write_seed - the superblock when all the rest is on the disk, in one sector, which nothing can tear. */
static int write_seed(int fd)
{
	uint64_t range[2] = {0, seed_bytes};

	if (ioctl(fd, BLKZEROOUT, range) < 0)
		return -1;
	for (size_t i = 0; i < seed_count; i++)
		if (!is_super(i) && write_sector(fd, i) < 0)
			return -1;
	if (fsync(fd) < 0)
		return -1;
	for (size_t i = 0; i < seed_count; i++)
		if (is_super(i) && write_sector(fd, i) < 0)
			return -1;
	return fsync(fd);
}

static int create_on(const char *device, struct error *err)
{
	/* O_EXCL: nobody has it mounted, or a part of it. */
	_cleanup_fd_ int fd = open(device, O_RDWR | O_CLOEXEC | O_EXCL);
	uint64_t bytes, last;

	if (fd < 0)
		return failed(err, "open", device);
	if (size_of(fd, &bytes) < 0)
		return failed(err, "find the size of", device);
	if (bytes < seed_bytes + 2 * MIB)
		return error_set(err, ENOSPC, "`%s` has less than %llu MiB", device,
				 (unsigned long long)seed_bytes / MIB + 2);
	last = bytes / SEED_SECTOR * SEED_SECTOR - MIB;
	if (check_blank(fd, device, 0, seed_bytes, err) < 0 ||
	    check_blank(fd, device, last, last + MIB, err) < 0)
		return -1;
	return write_seed(fd) < 0 ? failed(err, "write", device) : 0;
}

int data_create(const char *device, struct error *err)
{
	char named[PROBE_DEVICE_MAX];
	int found;

	if (device)
		return create_on(device, err);
	found = probe_named(DATA_LABEL, named, err);
	if (found < 0)
		return -1;
	if (found == 0) {
		error_set(err, 0, "no partition has the name " DATA_LABEL);
		return error_hint(err, "name a disk with data.device");
	}
	return create_on(named, err);
}
