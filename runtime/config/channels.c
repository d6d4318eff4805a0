/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * channels.c: files, a FAT partition, fw_cfg, SMBIOS, the kernel command line.
 *
 * A channel that is not there is the common case and says nothing. The FAT partition is mounted where
 * nobody sees it: fsmount(2) gives a directory that is attached to no path and goes with its descriptor.
 */
#include "runtime/config/channels.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "runtime/config/doc.h"
#include "runtime/config/probe.h"
#include "runtime/config/smbios.h"

#define FW_CFG "/sys/firmware/qemu_fw_cfg/by_name/opt/org.cloison/appliance.yaml/raw"
#define SMBIOS_ENTRIES 4 /* structures of type 11 that are looked for */
#define CMDLINE_BYTES 4096

/* A file's text: as much of it as a parser takes, and one byte that shows that there is more. */
struct text {
	char *data;
	size_t length;
};

static int read_all(int fd, struct text *t)
{
	t->length = 0;
	while (t->length < DOC_MAX_BYTES + 1) {
		ssize_t n = read(fd, t->data + t->length, DOC_MAX_BYTES + 1 - t->length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		t->length += (size_t)n;
	}
	return 0;
}

/* read_text - the regular file @path below @dir; 0: read, 1: there is none, -1 with @err. */
static int read_text(int dir, const char *path, const char *name, struct text *t, struct error *err)
{
	_cleanup_fd_ int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
	struct stat st;

	*t = (struct text){.length = 0};
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 1;
	if (fd < 0)
		return error_set(err, errno, "cannot open `%s`", name);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return error_set(err, 0, "`%s` is no regular file", name);
	t->data = malloc(DOC_MAX_BYTES + 1);
	if (!t->data)
		return error_set(err, ENOMEM, "cannot read `%s`", name);
	if (read_all(fd, t) == 0)
		return 0;
	error_set(err, errno, "cannot read `%s`", name);
	free(t->data);
	t->data = NULL;
	return -1;
}

static void complain_error(struct config *c, const struct config_origin *where,
			   const struct error *err)
{
	char line[600];

	error_line(err, line, sizeof(line));
	config_complain(c, where, NULL, "%s", line);
}

int channels_read_file(struct config *c, const struct config_origin *where, struct error *err)
{
	struct text t;
	int rc = read_text(AT_FDCWD, where->file, where->file, &t, err);

	if (rc == 1)
		return error_set(err, ENOENT, "cannot open `%s`", where->file);
	if (rc < 0)
		return -1;
	config_read_yaml(c, where, t.data, t.length);
	free(t.data);
	return 0;
}

static void read_file(struct config *c, enum config_channel channel, const char *path)
{
	const struct config_origin where = {channel, path, 0};
	struct error err = ERROR_INIT;
	struct text t;
	int rc = read_text(AT_FDCWD, path, path, &t, &err);

	if (rc < 0)
		complain_error(c, &where, &err);
	else if (rc == 0)
		config_read_yaml(c, &where, t.data, t.length);
	free(t.data);
}

static void read_image(struct config *c)
{
	read_file(c, CHANNEL_IMAGE, CONFIG_FILE_IMAGE);
}

static void read_data(struct config *c)
{
	read_file(c, CHANNEL_DATA, CONFIG_FILE_DATA);
}

static void read_appended(struct config *c)
{
	read_file(c, CHANNEL_APPENDED, CONFIG_FILE_APPENDED);
}

static void read_fw_cfg(struct config *c)
{
	read_file(c, CHANNEL_FW_CFG, FW_CFG);
}

/* mount_fat - the directory of a FAT file system, read only, as a descriptor. */
static int mount_fat(const char *device, struct error *err)
{
	_cleanup_fd_ int fs = sys_fsopen("vfat", FSOPEN_CLOEXEC);
	int fd = FD_EMPTY;

	if (fs >= 0 && sys_fsconfig(fs, FSCONFIG_SET_STRING, "source", device, 0) == 0 &&
	    sys_fsconfig(fs, FSCONFIG_SET_FLAG, "ro", NULL, 0) == 0 &&
	    sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = sys_fsmount(fs, FSMOUNT_CLOEXEC,
				 MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID |
					 MOUNT_ATTR_NOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot mount `%s` as vfat", device);
	return fd;
}

static void read_fat(struct config *c)
{
	static const char name[] = "appliance.yaml";
	struct config_origin where = {CHANNEL_FAT, name, 0};
	struct error err = ERROR_INIT;
	char device[PROBE_DEVICE_MAX];
	_cleanup_fd_ int dir = FD_EMPTY;
	struct text t = {.data = NULL};
	int rc = probe_find(PROBE_FAT, CONFIG_LABEL_FAT, device, NULL, &err);

	if (rc == 1) {
		dir = mount_fat(device, &err);
		rc = dir < 0 ? -1 : read_text(dir, name, name, &t, &err);
		if (rc == 1)
			rc = error_set(&err, ENOENT, "`%s` has the label %s but no file `%s`",
				       device, CONFIG_LABEL_FAT, name);
		else if (rc == 0)
			config_read_yaml(c, &where, t.data, t.length);
	}
	if (rc < 0)
		complain_error(c, &where, &err);
	free(t.data);
}

static void read_smbios(struct config *c)
{
	for (int i = 0; i < SMBIOS_ENTRIES; i++) {
		struct config_origin where = {CHANNEL_SMBIOS, NULL, 0};
		struct error err = ERROR_INIT;
		struct text t;
		int rc;

		where.file =
			arena_printf(&c->arena, &err, "/sys/firmware/dmi/entries/11-%d/raw", i);
		if (!where.file)
			return;
		rc = read_text(AT_FDCWD, where.file, where.file, &t, &err);
		if (rc < 0)
			complain_error(c, &where, &err);
		else if (rc == 0)
			config_read_smbios(c, &where, (const uint8_t *)t.data, t.length);
		free(t.data);
		if (rc == 1)
			return;
	}
}

static void read_cmdline(struct config *c)
{
	static const char path[] = "/proc/cmdline";
	const struct config_origin where = {CHANNEL_CMDLINE, path, 0};
	struct error err = ERROR_INIT;
	struct text t;
	int rc = read_text(AT_FDCWD, path, path, &t, &err);

	if (rc < 0)
		complain_error(c, &where, &err);
	else if (rc == 0)
		config_read_words(c, &where, t.data,
				  t.length < CMDLINE_BYTES ? t.length : CMDLINE_BYTES);
	free(t.data);
}

/* In the order in which they are asked: the later one wins. */
static void (*const readers[])(struct config *c) = {
	read_image, read_data, read_appended, read_fat, read_fw_cfg, read_smbios, read_cmdline,
};

void channels_read(struct config *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(readers); i++)
		readers[i](c);
}
