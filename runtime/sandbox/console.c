/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * console.c: the container's terminal.
 *
 * The pair is made in the container's own devpts, and only through descriptors: the master from
 * that mount's ptmx, the other end from the master (TIOCGPTPEER), and that very descriptor is bound
 * on /dev/console. No name in /dev/pts is ever looked up, so none can be swapped (CVE-2025-52565).
 * The master goes to the parent, which relays it or hands it to the engine's socket.
 *
 * Source: OCI config.md "Process" (terminal, consoleSize); ioctl_tty(2).
 */
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif

/* open_master - a new pseudo-terminal of the container's devpts. */
static int open_master(struct inroot root, struct error *err)
{
	_cleanup_fd_ int fd = inroot_open(root, "/dev/pts/ptmx", O_RDWR);
	struct statfs fs;
	int unlock = 0;

	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return error_set(err, errno, "cannot open the container's `/dev/pts/ptmx`");
	if (fs.f_type != DEVPTS_SUPER_MAGIC)
		return error_set(err, 0, "the container's `/dev/pts` is not a devpts");
	if (ioctl(fd, TIOCSPTLCK, &unlock) < 0)
		return error_set(err, errno, "cannot unlock the container's terminal");
	return take_fd(&fd);
}

/* bind_console - put the terminal @slave on /dev/console. */
static int bind_console(struct inroot root, int slave, struct error *err)
{
	_cleanup_fd_ int tree =
		sys_open_tree(slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	_cleanup_fd_ int dest = FD_EMPTY;
	_cleanup_fd_ int dev = FD_EMPTY;

	dev = inroot_open(root, "/dev", O_PATH | O_NOFOLLOW | O_DIRECTORY);
	if (dev < 0)
		return error_set(err, errno, "cannot open the container's `/dev`");
	dest = openat(dev, "console",
		      O_CREAT | O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0600);
	if (tree < 0 || dest < 0 ||
	    sys_move_mount(tree, "", dest, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) <
		    0)
		return error_set(err, errno, "cannot bind the terminal on `/dev/console`");
	return 0;
}

/*
 * set_size - the config's, or that of the caller's terminal, which is still descriptor 0 here: the
 * program may ask for it at once, before the relay in the parent has begun.
 */
static int set_size(int fd, const struct process_plan *p, struct error *err)
{
	struct winsize ws = {.ws_col = p->console_width, .ws_row = p->console_height};

	if (!ws.ws_col && !ws.ws_row && ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0)
		return 0; /* no terminal there: the kernel's 0 by 0 means unknown */
	if ((ws.ws_col || ws.ws_row) && ioctl(fd, TIOCSWINSZ, &ws) < 0)
		return error_set(err, errno, "cannot set the terminal's size");
	return 0;
}

int console_open(struct sandbox *sb, struct inroot root, int *slave, struct error *err)
{
	const struct process_plan *p = sb->process;
	struct sync_msg msg = {.kind = SYNC_CONSOLE};
	_cleanup_fd_ int master = FD_EMPTY;
	_cleanup_fd_ int peer = FD_EMPTY;

	if (!p->terminal)
		return 0;
	master = open_master(root, err);
	if (master < 0)
		return -1;
	peer = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer < 0)
		return error_set(err, errno, "cannot open the container's terminal");
	if (fchown(peer, p->uid, (gid_t)-1) < 0)
		return error_set(err, errno, "cannot give the terminal to user %u", p->uid);
	if (set_size(master, p, err) < 0)
		return -1;
	if (!sb->is_exec && bind_console(root, peer, err) < 0)
		return -1;
	if (sync_send(sb->sync_child, &msg, master) < 0)
		return error_set(err, errno, "cannot hand over the terminal");
	*slave = take_fd(&peer);
	return 0;
}

int console_take(const struct sandbox *sb, int slave, struct error *err)
{
	if (!sb->process->terminal)
		return 0;
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return error_set(err, errno, "cannot make the terminal the controlling one");
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(slave, fd) < 0)
			return error_set(err, errno, "cannot put the terminal on descriptor %d",
					 fd);
	return 0;
}
