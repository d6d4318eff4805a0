/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * activation.c: what a service manager hands to its service goes on to the container's program: sockets
 * that are listened on already, and the socket on which to say that it is ready.
 *
 * LISTEN_FDS counts descriptors from 3 on that are passed with those of --preserve-fds; LISTEN_PID is
 * the program's own id, which only it knows. The notify socket is one of the runtime's, in a directory
 * of the container's state that is bound into the container, read-only; the manager's own stays out of
 * reach (container/notify.c relays).
 *
 * Source: sd_listen_fds(3), sd_notify(3); runc-run(8), "Environment".
 */
#include <string.h>

#include "lib/sys.h"
#include "runtime/sandbox/mounts.h"
#include "runtime/sandbox/sandbox.h"

#define NOTIFY_DIR "/run/notify"

/* set - put @entry, "KEY=VALUE", in the environment, over one of that key. */
static void set(char **env, char *entry)
{
	size_t key = strcspn(entry, "=") + 1;

	while (*env && strncmp(*env, entry, key) != 0)
		env++;
	if (!*env)
		env[1] = NULL;
	*env = entry;
}

int activation_prepare(struct sandbox *sb, struct arena *arena, struct error *err)
{
	static char notify_entry[] = "NOTIFY_SOCKET=" NOTIFY_DIR "/notify.sock";
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			    MOUNT_ATTR_NOEXEC,
		.propagation = MS_PRIVATE,
	};
	char *entry;

	if (sb->listen_fds) {
		sb->listen_pid = arena_new(arena, char, ACTIVATION_PID_SIZE, err);
		entry = arena_printf(arena, err, "LISTEN_FDS=%u", sb->listen_fds);
		if (!sb->listen_pid || !entry)
			return -1;
		set(sb->envp, entry);
		memcpy(sb->listen_pid, "LISTEN_PID=", sizeof("LISTEN_PID="));
		set(sb->envp, sb->listen_pid);
	}
	if (sb->listen_fds && sb->listen_names) {
		entry = arena_printf(arena, err, "LISTEN_FDNAMES=%s", sb->listen_names);
		if (!entry)
			return -1;
		set(sb->envp, entry);
	}
	if (!sb->notify)
		return 0;
	set(sb->envp, notify_entry);
	sb->notify_tree = sys_open_tree(sb->state_dir, "notify",
					OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
	if (sb->notify_tree < 0 ||
	    sys_mount_setattr(sb->notify_tree, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return error_set(err, errno, "cannot clone the directory of the notify socket");
	return 0;
}

int activation_place(const struct sandbox *sb, struct inroot root, struct error *err)
{
	_cleanup_fd_ int dest = FD_EMPTY;

	if (sb->notify_tree < 0)
		return 0;
	dest = inroot_make(root, NOTIFY_DIR, INROOT_DIR);
	if (dest >= 0 && mounts_in_proc(dest))
		return error_set(err, EPERM, "`" NOTIFY_DIR "` of the container is inside procfs");
	if (dest < 0 || sys_move_mount(sb->notify_tree, "", dest, "",
				       MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_set(err, errno, "cannot bind the notify socket on `" NOTIFY_DIR "`");
	return 0;
}

void activation_finish(const struct sandbox *sb)
{
	if (sb->listen_pid)
		snprintf(sb->listen_pid, ACTIVATION_PID_SIZE, "LISTEN_PID=%d", getpid());
}
