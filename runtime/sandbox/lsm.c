/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lsm.c: the AppArmor profile or SELinux label of the program.
 *
 * A process asks for its next label by writing to a file of its own in procfs; the kernel applies it at
 * execve. Which procfs that is matters: one that the container had a hand in may be anything, and a
 * label written to the wrong file is no label (CVE-2019-16884, CVE-2025-52881). So the host's is opened
 * by the runtime, before there is a container, and checked to be the root of a procfs; the container's
 * process resolves its file below that descriptor, across no mount, and closes it before execve. Where
 * the module is not enabled, a label is an error before anything is made.
 *
 * Source: proc(5), "/proc/pid/attr"; apparmor(7), selinux(8); OCI config.md, "Linux Process".
 */
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"

#define PROC_ROOT_INO 1

bool lsm_has_apparmor(void)
{
	_cleanup_fd_ int fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	char answer;

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'Y';
}

bool lsm_has_selinux(void)
{
	struct statfs fs;

	return statfs("/sys/fs/selinux", &fs) == 0 && fs.f_type == SELINUX_MAGIC;
}

static int not_enabled(const char *module, const char *what, const char *label, struct error *err)
{
	error_set(err, 0, "cannot apply %s `%s`", what, label);
	error_cause(err, "%s is not enabled in this kernel", module);
	return error_hint(err, "leave it out, or boot with the module");
}

/* open_proc - the root of the host's procfs. */
static int open_proc(struct error *err)
{
	_cleanup_fd_ int fd = open("/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs fs;
	struct stat st;

	if (fd < 0 || fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return error_set(err, errno, "cannot open `/proc`");
	if (fs.f_type != PROC_SUPER_MAGIC || st.st_ino != PROC_ROOT_INO)
		return error_set(err, 0, "`/proc` is not the root of a procfs");
	return take_fd(&fd);
}

int lsm_prepare(struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;

	if (sb->plan->mount_label && !lsm_has_selinux())
		return not_enabled("SELinux", "linux.mountLabel", sb->plan->mount_label, err);
	if (!p->apparmor_profile && !p->selinux_label)
		return 0;
	sb->apparmor = p->apparmor_profile;
	if (p->apparmor_profile && !lsm_has_apparmor()) {
		/* Nobody is confined where there is no AppArmor. */
		if (strcmp(p->apparmor_profile, "unconfined") != 0)
			return not_enabled("AppArmor", "process.apparmorProfile",
					   p->apparmor_profile, err);
		sb->apparmor = NULL;
	}
	if (p->selinux_label && !lsm_has_selinux())
		return not_enabled("SELinux", "process.selinuxLabel", p->selinux_label, err);
	if (!sb->apparmor && !p->selinux_label)
		return 0;
	sb->host_proc = open_proc(err);
	return sb->host_proc < 0 ? -1 : 0;
}

/* write_attr - hand @text to the kernel in one write through thread-self/attr/@file. */
static int write_attr(int proc, const char *file, const char *text)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	_cleanup_fd_ int fd = FD_EMPTY;
	struct statfs fs;
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "thread-self/attr/%s", file);
	fd = sys_openat2(proc, path, &how, sizeof(how));
	if (fd < 0 || fstatfs(fd, &fs) < 0)
		return -1;
	if (fs.f_type != PROC_SUPER_MAGIC) {
		errno = EPROTO;
		return -1;
	}
	n = write(fd, text, strlen(text));
	if (n >= 0 && (size_t)n != strlen(text))
		errno = EPROTO;
	return n >= 0 && (size_t)n == strlen(text) ? 0 : -1;
}

int lsm_apply(const struct sandbox *sb, struct error *err)
{
	const struct process_plan *p = sb->process;
	char text[LSM_LABEL_MAX + sizeof("exec ")];

	if (sb->apparmor) {
		snprintf(text, sizeof(text), "exec %s", sb->apparmor);
		if (write_attr(sb->host_proc, "apparmor/exec", text) < 0) {
			int errnum = errno;

			error_set(err, errnum, "cannot apply the AppArmor profile `%s`",
				  sb->apparmor);
			return errnum == ENOENT ? error_hint(err, "load it with apparmor_parser(8)")
						: -1;
		}
	}
	if (p->selinux_label && write_attr(sb->host_proc, "exec", p->selinux_label) < 0)
		return error_set(err, errno, "cannot apply the SELinux label `%s`",
				 p->selinux_label);
	return 0;
}
