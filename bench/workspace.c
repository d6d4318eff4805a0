/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workspace.c: the private mount namespace, the tmpfs, the bundles.
 *
 * Layout: WORK/once/{config.json,rootfs/{probe,proc,dev,sys}}, WORK/hold/ and WORK/tree/ likewise, WORK/state
 * for the runtimes' --root, WORK/SERIAL.pid.
 */
#include "bench/workspace.h"

#include "bench/bundle.h"

#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>

/* copy_file - @from to @to, executable. */
static int copy_file(const char *from, const char *to, struct error *err)
{
	_cleanup_fd_ int in = open(from, O_RDONLY | O_CLOEXEC);
	_cleanup_fd_ int out = FD_EMPTY;
	ssize_t n;

	if (in < 0)
		return error_set(err, errno, "cannot open `%s`", from);
	out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0755);
	if (out < 0)
		return error_set(err, errno, "cannot create `%s`", to);
	while ((n = sendfile(out, in, NULL, 1 << 20)) > 0)
		;
	if (n < 0)
		return error_set(err, errno, "cannot copy `%s` to `%s`", from, to);
	return 0;
}

static int make_dir(const char *path, struct error *err)
{
	if (mkdir(path, 0755) < 0)
		return error_set(err, errno, "cannot create `%s`", path);
	return 0;
}

/* make_bundle - WORK/@name whose process is the probe, with @argv1 when not NULL. */
static int make_bundle(const struct bench *b, const char *name, const char *argv1,
		       struct error *err)
{
	static const char *const dirs[] = {"", "/rootfs", "/rootfs/proc", "/rootfs/dev",
					   "/rootfs/sys"};
	const char *const args[] = {"/probe", argv1};
	char path[PATH_MAX];
	json_object *config;
	int ret;

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/%s%s", b->work, name, dirs[i]);
		if (make_dir(path, err))
			return -1;
	}
	snprintf(path, sizeof(path), "%s/%s/rootfs/probe", b->work, name);
	if (copy_file(b->files.probe, path, err))
		return -1;
	snprintf(path, sizeof(path), "%s/%s/config.json", b->work, name);
	config = bundle_json("rootfs", args, argv1 ? 2 : 1, b->opt.cgroups);
	ret = json_object_to_file_ext(path, config, JSON_C_TO_STRING_PRETTY);
	json_object_put(config);
	if (ret < 0)
		return error_set(err, errno, "cannot write `%s`", path);
	return 0;
}

/* make_tree - what nspawn and LXC look for before they take a directory for a root. */
static int make_tree(const struct bench *b, struct error *err)
{
	static const char *const dirs[] = {"usr", "etc", "run", "tmp", "var"};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		snprintf(path, sizeof(path), "%s/" BUNDLE_TREE "/rootfs/%s", b->work, dirs[i]);
		if (make_dir(path, err))
			return -1;
	}
	return 0;
}

/* add_work - cloison-bench-work into the root of its bundle, where there is one. */
static int add_work(const struct bench *b, struct error *err)
{
	char path[PATH_MAX];

	if (access(b->files.work, R_OK) < 0)
		return 0; /* the scenarios that want it say so */
	snprintf(path, sizeof(path), "%s/" BUNDLE_WORK "/rootfs/work", b->work);
	return copy_file(b->files.work, path, err);
}

/* unify_cgroups - see workspace_open; only where something else is at /sys/fs/cgroup. */
static int unify_cgroups(struct error *err)
{
	struct statfs fs;

	if (statfs("/sys/fs/cgroup", &fs) < 0)
		return error_set(err, errno, "cannot examine `/sys/fs/cgroup`");
	if (fs.f_type == CGROUP2_SUPER_MAGIC)
		return 0;
	if (mount("cgroup2", "/sys/fs/cgroup", "cgroup2", MS_NOSUID | MS_NODEV | MS_NOEXEC, "") < 0)
		return error_set(err, errno, "cannot mount cgroup2 in a private namespace on `%s`",
				 "/sys/fs/cgroup");
	return 0;
}

static int make_private(struct bench *b, struct error *err)
{
	if (unshare(CLONE_NEWNS) < 0)
		return error_set(err, errno, "cannot create a mount namespace");
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return error_set(err, errno, "cannot make mounts private below `/`");
	if (mount("cloison-bench", b->work, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") < 0)
		return error_set(err, errno, "cannot mount a tmpfs on `%s`", b->work);
	return unify_cgroups(err);
}

int workspace_open(struct bench *b, struct error *err)
{
	const char *tmp = getenv("TMPDIR");
	char state[PATH_MAX];
	size_t room = sizeof(b->work);

	if (!tmp || !tmp[0])
		tmp = "/tmp";
	if ((size_t)snprintf(b->work, room, "%s/cloison-bench.XXXXXX", tmp) >= room ||
	    !mkdtemp(b->work)) {
		b->work[0] = '\0';
		return error_set(err, errno ? errno : ENAMETOOLONG,
				 "cannot create a directory in `%s`", tmp);
	}
	if (b->root && make_private(b, err))
		return -1;
	snprintf(state, sizeof(state), "%s/state", b->work);
	if (make_dir(state, err) || make_bundle(b, BUNDLE_ONCE, NULL, err) ||
	    make_bundle(b, BUNDLE_TREE, NULL, err) || make_tree(b, err) ||
	    make_bundle(b, BUNDLE_WORK, NULL, err) || add_work(b, err) ||
	    make_bundle(b, BUNDLE_HOLD, "hold", err))
		return -1;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void workspace_close(struct bench *b)
{
	if (!b->work[0])
		return;
	/* Detached, the tmpfs goes when its last user does: our namespace, at our exit. */
	if (b->root && umount2(b->work, MNT_DETACH) < 0)
		bench_say("cannot unmount %s: %s", b->work, errno_name(errno));
	nftw(b->work, remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
