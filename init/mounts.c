/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c: from the initramfs as the kernel leaves it to the file system that containers need.
 *
 * The initramfs is the mount that everything hangs on, and pivot_root(2) refuses to take that one
 * away: a container started there could only chroot. So the first thing PID 1 does is to clone the
 * root mount, lay the clone over "/" and step onto it. It costs no memory and is done always, not
 * only when a probe says so: on a root that is not an initramfs it changes nothing. What comes
 * later is mounted on the clone.
 *
 * Then the table is followed from top to bottom. Everything that can do without device nodes,
 * set-user-ID programs and execution does so; only /var/lib/cloison, where the containers' own
 * programs lie, may execute. Sizes are bounds in per cent of RAM, not reservations. At the end of
 * the boot the root itself becomes read-only: then nothing but the tmpfs below /run, /tmp and
 * /var/lib/cloison is ever written.
 *
 * A required entry that fails is said and counted, and the next one is tried: a half mounted
 * system can still be looked at and powered off.
 */
#include "init/mounts.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"
#include "lib/sys.h"

#define NSD (MS_NOSUID | MS_NODEV)
#define NSX (MS_NOSUID | MS_NOEXEC)
#define ALL (MS_NOSUID | MS_NODEV | MS_NOEXEC)

enum {
	REQUIRED = 0,
	/* Not every kernel has the file system or, as for EFI variables, the machine behind it. */
	OPTIONAL = 1,
	/* The directory is made here because it lies on a mount of this table. */
	MAKE_DIR = 2,
};

static const struct mount_entry {
	const char *type;
	const char *target;
	unsigned long flags;
	const char *options;
	int kind;
} early_mounts[] = {
	{"proc", "/proc", ALL, "hidepid=invisible", REQUIRED},
	{"sysfs", "/sys", ALL, NULL, REQUIRED},
	{"devtmpfs", "/dev", NSX, "mode=0755", REQUIRED},
	{"devpts", "/dev/pts", NSX, "gid=5,mode=620,ptmxmode=666", MAKE_DIR},
	{"tmpfs", "/dev/shm", ALL, "mode=1777,size=10%", MAKE_DIR},
	{"mqueue", "/dev/mqueue", ALL, NULL, MAKE_DIR | OPTIONAL},
	{"tmpfs", "/run", ALL, "mode=0755,size=10%", REQUIRED},
	{"tmpfs", "/tmp", ALL, "mode=1777,size=10%", REQUIRED},
	{"tmpfs", "/var/lib/cloison", NSD, "mode=0700,size=50%", REQUIRED},
	{"cgroup2", "/sys/fs/cgroup", ALL, "nsdelegate,memory_recursiveprot", REQUIRED},
	{"securityfs", "/sys/kernel/security", ALL, NULL, OPTIONAL},
	{"bpf", "/sys/fs/bpf", ALL, "mode=0700", OPTIONAL},
	{"pstore", "/sys/fs/pstore", ALL, NULL, OPTIONAL},
	{"efivarfs", "/sys/firmware/efi/efivars", ALL | MS_RDONLY, NULL, OPTIONAL},
};

static const struct {
	const char *path;
	mode_t mode;
} directories[] = {
	{"/run/cloison", 0700},
	{"/run/init", 0755},
};

static const struct {
	const char *path;
	const char *to;
} links[] = {
	{"/dev/fd", "/proc/self/fd"},
	{"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"},
	{"/dev/stderr", "/proc/self/fd/2"},
};

/* bind_root - 0, or -1 with errno and @step, the call that failed. */
static int bind_root(const char **step)
{
	_cleanup_fd_ int root = FD_EMPTY;

	*step = "open_tree";
	root = sys_open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (root < 0)
		return -1;
	*step = "move_mount";
	if (sys_move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -1;
	/* Our root directory is still the one below: step onto the clone. */
	*step = "fchdir";
	if (fchdir(root) < 0)
		return -1;
	*step = "chroot";
	if (chroot(".") < 0)
		return -1;
	/* Said explicitly: pivot_root(2) also refuses a root whose parent is shared. */
	*step = "make private";
	return sys_mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
}

int mounts_bind_root(void)
{
	const char *step;

	if (bind_root(&step) == 0)
		return 0;
	say_error(errno, "mounts: cannot bind the root on itself: %s", step);
	return 1;
}

/* make_mount - 0 when @m is mounted or may be missing, else 1, said. */
static int make_mount(const struct mount_entry *m)
{
	if ((m->kind & MAKE_DIR) && mkdir(m->target, 0755) < 0 && errno != EEXIST) {
		say_error(errno, "mounts: cannot make directory `%s`", m->target);
		return !(m->kind & OPTIONAL);
	}
	if (sys_mount(m->type, m->target, m->type, m->flags, m->options) == 0)
		return 0;
	if ((m->kind & OPTIONAL) && (errno == ENODEV || errno == ENOENT || errno == EOPNOTSUPP))
		return 0;
	say_error(errno, "mounts: cannot mount %s on `%s`", m->type, m->target);
	return !(m->kind & OPTIONAL);
}

int mounts_make(void)
{
	int failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(early_mounts); i++)
		failed += make_mount(&early_mounts[i]);

	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		if (mkdir(directories[i].path, directories[i].mode) == 0 || errno == EEXIST)
			continue;
		say_error(errno, "mounts: cannot make directory `%s`", directories[i].path);
		failed++;
	}
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (symlink(links[i].to, links[i].path) == 0 || errno == EEXIST)
			continue;
		say_error(errno, "mounts: cannot make link `%s`", links[i].path);
		failed++;
	}
	return failed;
}

int mounts_seal(void)
{
	if (sys_mount(NULL, "/", NULL, MS_REMOUNT | MS_RDONLY | NSD, NULL) == 0)
		return 0;
	say_error(errno, "mounts: cannot make the root read-only");
	return 1;
}
