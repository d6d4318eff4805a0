/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * probe.c: labels of ext4 and FAT.
 *
 * Every block device of /sys/class/block is opened and its first 4 KiB read. That is less than libblkid
 * does, for two kinds of file system and one question. Two devices with one label are an error: which of
 * them is meant nobody can say.
 *
 * Sources: the kernel's Documentation/filesystems/ext4/super.rst; Microsoft's FAT specification, 2004,
 * sections "Boot Sector and BPB".
 */
#include "runtime/config/probe.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define EXT4_SUPER 1024
#define EXT4_MAGIC 0xef53
#define EXT4_STATE_ERRORS 2
#define EXT4_INCOMPAT_EXTENTS 0x40
#define EXT4_INCOMPAT_64BIT 0x80

static uint32_t le16(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8;
}

static uint32_t le32(const uint8_t *p)
{
	return le16(p) | le16(p + 2) << 16;
}

/* take_label - @size bytes, padded with NULs or blanks; what is not printable becomes a question mark. */
static void take_label(char label[17], const uint8_t *from, size_t size)
{
	size_t n = 0;

	while (n < size && from[n])
		n++;
	while (n && from[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < n; i++)
		label[i] = from[i] >= ' ' && from[i] < 0x7f ? (char)from[i] : '?';
	label[n] = '\0';
}

static bool probe_ext4(const uint8_t *b, struct probe *p)
{
	const uint8_t *s = b + EXT4_SUPER;
	uint32_t log_block = le32(s + 0x18);
	uint64_t blocks = le32(s + 0x4);

	/* Without extents it is ext2 or ext3, which is not ours. */
	if (le16(s + 0x38) != EXT4_MAGIC || !(le32(s + 0x60) & EXT4_INCOMPAT_EXTENTS))
		return false;
	if (le32(s + 0x60) & EXT4_INCOMPAT_64BIT)
		blocks |= (uint64_t)le32(s + 0x150) << 32;
	p->kind = PROBE_EXT4;
	p->has_errors = le16(s + 0x3a) & EXT4_STATE_ERRORS;
	if (log_block <= 6 && blocks <= UINT64_MAX >> (10 + log_block))
		p->bytes = blocks << (10 + log_block);
	memcpy(p->uuid, s + 0x68, sizeof(p->uuid));
	take_label(p->label, s + 0x78, 16);
	return true;
}

/* probe_fat - the label stands in the extended boot record, whose place FAT32 has moved. */
static bool probe_fat(const uint8_t *b, struct probe *p)
{
	uint32_t sector = le16(b + 11);
	const uint8_t *extended;

	if (b[510] != 0x55 || b[511] != 0xaa || (b[0] != 0xeb && b[0] != 0xe9))
		return false;
	if (sector < 512 || sector > 4096 || (sector & (sector - 1)) || b[16] == 0 || b[16] > 2)
		return false;
	/* FAT32 has no size of a FAT in 16 bits. */
	extended = le16(b + 22) ? b + 36 : b + 64;
	if (extended[2] != 0x29)
		return false;
	p->kind = PROBE_FAT;
	take_label(p->label, extended + 7, 11);
	return true;
}

void probe_bytes(const uint8_t bytes[PROBE_BYTES], struct probe *p)
{
	*p = (struct probe){.kind = PROBE_UNKNOWN};
	if (!probe_ext4(bytes, p))
		probe_fat(bytes, p);
}

/* probe_device - false: it cannot be read, which an empty card reader cannot. */
static bool probe_device(const char *path, struct probe *p)
{
	uint8_t bytes[PROBE_BYTES];
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0 || pread(fd, bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return false;
	probe_bytes(bytes, p);
	return true;
}

/* has_partition_name - `PARTNAME=` in the device's uevent file. */
static bool has_partition_name(const char *device, const char *name)
{
	char path[80], text[512], want[64];
	_cleanup_fd_ int fd = FD_EMPTY;
	ssize_t n;

	snprintf(path, sizeof(path), "/sys/class/block/%s/uevent", device + 5);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		return false;
	text[n] = '\0';
	snprintf(want, sizeof(want), "\nPARTNAME=%s\n", name);
	return strstr(text, want);
}

struct wanted {
	enum probe_kind kind; /* PROBE_UNKNOWN: by the name of the partition */
	const char *label;
};

static bool is_wanted(const char *device, const struct wanted *w, struct probe *p)
{
	if (w->kind == PROBE_UNKNOWN)
		return has_partition_name(device, w->label);
	return probe_device(device, p) && p->kind == w->kind && !strcmp(p->label, w->label);
}

static int find(const struct wanted *w, char device[PROBE_DEVICE_MAX], struct probe *what,
		struct error *err)
{
	_cleanup_dir_ DIR *dir = opendir("/sys/class/block");
	const struct dirent *e;
	int found = 0;

	/* A kernel without block devices has no such directory. */
	if (!dir)
		return errno == ENOENT ? 0
				       : error_set(err, errno, "cannot open `/sys/class/block`");
	while ((e = readdir(dir))) {
		char path[PROBE_DEVICE_MAX];
		struct probe p;

		if (e->d_name[0] == '.' || strlen(e->d_name) > sizeof(path) - 6)
			continue;
		snprintf(path, sizeof(path), "/dev/%.33s", e->d_name);
		if (!is_wanted(path, w, &p))
			continue;
		if (found++)
			return error_set(err, EEXIST, "`%s` and `%s` both have the label `%s`",
					 device, path, w->label);
		memcpy(device, path, sizeof(path));
		if (what)
			*what = p;
	}
	return found;
}

int probe_find(enum probe_kind kind, const char *label, char device[PROBE_DEVICE_MAX],
	       struct probe *what, struct error *err)
{
	const struct wanted w = {kind, label};

	return find(&w, device, what, err);
}

int probe_named(const char *name, char device[PROBE_DEVICE_MAX], struct error *err)
{
	const struct wanted w = {PROBE_UNKNOWN, name};

	return find(&w, device, NULL, err);
}
