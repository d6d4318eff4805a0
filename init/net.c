/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * net.c: host name and loopback.
 *
 * `lo` has its addresses from the kernel as soon as it is up (127.0.0.1/8, ::1/128), so one flag is
 * all there is to set (netdevice(7)).
 */
#include "init/net.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "init/say.h"
#include "lib/fd.h"

/* loopback_up - 0, or -1 with errno. */
static int loopback_up(void)
{
	struct ifreq lo = {.ifr_name = "lo"};
	_cleanup_fd_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &lo) < 0)
		return -1;
	lo.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &lo);
}

int net_setup(const char *hostname)
{
	int failed = 0;

	if (sethostname(hostname, strlen(hostname)) < 0) {
		say_error(errno, "network: cannot set host name `%s`", hostname);
		failed++;
	}
	if (loopback_up() < 0) {
		say_error(errno, "network: cannot bring up `lo`");
		failed++;
	}
	return failed;
}
