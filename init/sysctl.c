/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * sysctl.c: kernel settings that every appliance has.
 *
 * The values are those of ANSSI BP-028 (R9 to R14), the Kernel Self Protection Project and CIS, as
 * far as containers can run with them. User namespaces stay possible, for containers have them;
 * unprivileged code is kept from making them by the containers' seccomp filter. ptrace is for
 * CAP_SYS_PTRACE only (2) and not gone altogether (3), since pidfd_getfd(2) is checked as ptrace.
 *
 * devconf_inherit_init_net comes first among the network settings: a new network namespace then
 * starts with the values written here instead of the kernel's own.
 *
 * An entry is required when a kernel that runs Cloison always has the file; the others depend on
 * an option (or, where the option is off, on a feature that is not there to be switched off).
 */
#include "init/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"

enum need { REQUIRED, OPTIONAL };

static const struct {
	const char *name; /* below /proc/sys */
	const char *value;
	enum need need;
} settings[] = {
	/* What the kernel tells about itself. */
	{"kernel/dmesg_restrict", "1", REQUIRED},
	{"kernel/kptr_restrict", "2", REQUIRED},
	{"kernel/perf_event_paranoid", "3", OPTIONAL},
	{"kernel/perf_event_max_sample_rate", "1", OPTIONAL},
	{"kernel/perf_cpu_time_max_percent", "1", OPTIONAL},

	/* Ways into the kernel. */
	{"kernel/unprivileged_bpf_disabled", "1", OPTIONAL},
	{"net/core/bpf_jit_harden", "2", OPTIONAL},
	{"vm/unprivileged_userfaultfd", "0", OPTIONAL},
	{"kernel/io_uring_disabled", "2", OPTIONAL},
	{"kernel/kexec_load_disabled", "1", OPTIONAL},
	{"kernel/modules_disabled", "1", OPTIONAL},
	{"kernel/sysrq", "0", OPTIONAL},
	{"dev/tty/ldisc_autoload", "0", REQUIRED},
	{"dev/tty/legacy_tiocsti", "0", OPTIONAL},
	{"kernel/yama/ptrace_scope", "2", OPTIONAL},

	/* A kernel that has gone wrong stops, and the board starts again. */
	{"kernel/panic", "10", REQUIRED},
	{"kernel/panic_on_oops", "1", REQUIRED},
	{"kernel/oops_limit", "100", OPTIONAL},
	{"kernel/warn_limit", "100", OPTIONAL},

	/* Memory and files of processes. */
	{"kernel/randomize_va_space", "2", REQUIRED},
	{"vm/mmap_min_addr", "65536", OPTIONAL},
	{"fs/suid_dumpable", "0", REQUIRED},
	{"kernel/core_pattern", "/dev/null", OPTIONAL},
	{"fs/protected_symlinks", "1", REQUIRED},
	{"fs/protected_hardlinks", "1", REQUIRED},
	{"fs/protected_fifos", "2", REQUIRED},
	{"fs/protected_regular", "2", REQUIRED},

	/* The network. `all` counts for every interface, `default` for those to come. */
	{"net/core/devconf_inherit_init_net", "1", REQUIRED},
	{"net/ipv4/ip_forward", "0", REQUIRED},
	{"net/ipv4/tcp_syncookies", "1", OPTIONAL},
	{"net/ipv4/tcp_rfc1337", "1", REQUIRED},
	{"net/ipv4/icmp_echo_ignore_broadcasts", "1", REQUIRED},
	{"net/ipv4/icmp_ignore_bogus_error_responses", "1", REQUIRED},
	{"net/ipv4/conf/all/accept_redirects", "0", REQUIRED},
	{"net/ipv4/conf/default/accept_redirects", "0", REQUIRED},
	{"net/ipv4/conf/all/secure_redirects", "0", REQUIRED},
	{"net/ipv4/conf/default/secure_redirects", "0", REQUIRED},
	{"net/ipv4/conf/all/send_redirects", "0", REQUIRED},
	{"net/ipv4/conf/default/send_redirects", "0", REQUIRED},
	{"net/ipv4/conf/all/accept_source_route", "0", REQUIRED},
	{"net/ipv4/conf/default/accept_source_route", "0", REQUIRED},
	{"net/ipv4/conf/all/rp_filter", "1", REQUIRED},
	{"net/ipv4/conf/default/rp_filter", "1", REQUIRED},
	{"net/ipv4/conf/all/log_martians", "1", REQUIRED},
	{"net/ipv4/conf/default/log_martians", "1", REQUIRED},
	{"net/ipv6/conf/all/accept_ra", "0", OPTIONAL},
	{"net/ipv6/conf/default/accept_ra", "0", OPTIONAL},
	{"net/ipv6/conf/all/accept_redirects", "0", OPTIONAL},
	{"net/ipv6/conf/default/accept_redirects", "0", OPTIONAL},
	{"net/ipv6/conf/all/accept_source_route", "0", OPTIONAL},
	{"net/ipv6/conf/default/accept_source_route", "0", OPTIONAL},
};

/* write_setting - 0, or -1 with errno. */
static int write_setting(const char *name, const char *value)
{
	char path[96];
	size_t len = strlen(value);
	_cleanup_fd_ int fd = FD_EMPTY;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, value, len) == (ssize_t)len ? 0 : -1;
}

int sysctl_apply(void)
{
	int failed = 0;

	for (size_t i = 0; i < ARRAY_SIZE(settings); i++) {
		if (write_setting(settings[i].name, settings[i].value) == 0)
			continue;
		if (settings[i].need == OPTIONAL && errno == ENOENT)
			continue;
		say_error(errno, "sysctl: cannot set `%s` to `%s`", settings[i].name,
			  settings[i].value);
		failed += settings[i].need == REQUIRED;
	}
	return failed;
}
