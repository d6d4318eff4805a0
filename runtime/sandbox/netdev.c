/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netdev.c: linux.netDevices, devices of the host's network that become the container's.
 *
 * The runtime speaks rtnetlink with two sockets: one of its own namespace and one of the container's,
 * opened there by a process that lives for that alone, so the runtime itself enters nothing. A device
 * is moved and renamed in one message. The kernel takes it down and forgets its addresses on the way, so
 * the permanent ones of global scope are read before and given back after, and it is brought up.
 *
 * All names are looked at before the first device is moved; should a step fail nevertheless, what was
 * moved goes back. When the container ends the kernel gives a physical device back and deletes a
 * virtual one.
 *
 * What is read comes from the kernel, and its lengths are checked all the same.
 *
 * Source: OCI config-linux.md, "Network Devices"; rtnetlink(7).
 */
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "lib/netlink.h"
#include "lib/sys.h"
#include "runtime/sandbox/sandbox.h"
#include "runtime/sandbox/sync.h"

#define ANSWER_BYTES 16384
#define ADDRESSES_MAX 64

struct address {
	struct ifaddrmsg head;
	uint32_t flags;
	bool has_local, has_broadcast;
	size_t size; /* of each: 4 or 16 */
	char address[16], local[16], broadcast[16];
};

/* Of one device at a time; not touched unless there are devices. */
static struct {
	size_t n;
	struct address list[ADDRESSES_MAX];
} kept;
static _Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];

typedef char device_name[IFNAMSIZ];

static ssize_t receive(int sock)
{
	ssize_t n;

	do
		n = recv(sock, answer, sizeof(answer), MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n > (ssize_t)sizeof(answer)) {
		errno = EMSGSIZE;
		return -1;
	}
	return n;
}

/*
 * each_answer - send @r and hand what comes back to @take, until it is acknowledged or the dump ends.
 * Returns 0, or -1 with errno.
 */
static int each_answer(int sock, const struct netlink_request *r,
		       int (*take)(const struct nlmsghdr *, void *), void *arg)
{
	if (send(sock, r, r->head.nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t n = receive(sock);

		if (n < 0)
			return -1;
		for (size_t at = 0; at + NLMSG_HDRLEN <= (size_t)n;) {
			const struct nlmsghdr *h = (const struct nlmsghdr *)(answer + at);

			if (h->nlmsg_len < NLMSG_HDRLEN || h->nlmsg_len > (size_t)n - at) {
				errno = EPROTO;
				return -1;
			}
			if (h->nlmsg_type == NLMSG_DONE)
				return 0;
			if (h->nlmsg_type == NLMSG_ERROR) {
				errno = netlink_error(h, h->nlmsg_len);
				return errno ? -1 : 0;
			}
			if (take && take(h, arg) < 0)
				return -1;
			at += NLMSG_ALIGN(h->nlmsg_len);
		}
	}
}

static int take_index(const struct nlmsghdr *h, void *index)
{
	struct ifinfomsg info;

	if (h->nlmsg_type != RTM_NEWLINK || h->nlmsg_len < NLMSG_HDRLEN + sizeof(info))
		return 0;
	memcpy(&info, (const char *)h + NLMSG_HDRLEN, sizeof(info));
	*(int *)index = info.ifi_index;
	return 0;
}

/* index_of - the index of device @name; -1 with errno, ENODEV when there is none. */
static int index_of(int sock, const char *name)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct netlink_request r;
	int index = 0;

	netlink_begin(&r, RTM_GETLINK, NLM_F_ACK, &info, sizeof(info));
	if (netlink_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1) < 0 ||
	    each_answer(sock, &r, take_index, &index) < 0)
		return -1;
	if (index <= 0) {
		errno = ENODEV;
		return -1;
	}
	return index;
}

/* take_attributes - what has to be given back of one address. */
static int take_attributes(const char *at, size_t left, struct address *a)
{
	while (left >= RTA_LENGTH(0)) {
		struct rtattr attr;
		const char *data = at + RTA_LENGTH(0);
		size_t size;

		memcpy(&attr, at, sizeof(attr));
		if (attr.rta_len < RTA_LENGTH(0) || attr.rta_len > left)
			return -1;
		size = attr.rta_len - RTA_LENGTH(0);
		if (attr.rta_type == IFA_FLAGS && size == sizeof(a->flags))
			memcpy(&a->flags, data, size);
		if (size == a->size && attr.rta_type == IFA_ADDRESS)
			memcpy(a->address, data, size);
		if (size == a->size && attr.rta_type == IFA_LOCAL) {
			memcpy(a->local, data, size);
			a->has_local = true;
		}
		if (size == a->size && attr.rta_type == IFA_BROADCAST) {
			memcpy(a->broadcast, data, size);
			a->has_broadcast = true;
		}
		if (RTA_ALIGN(attr.rta_len) >= left)
			break;
		at += RTA_ALIGN(attr.rta_len);
		left -= RTA_ALIGN(attr.rta_len);
	}
	return 0;
}

/* take_address - keep a permanent address of global scope of the device @index points to. */
static int take_address(const struct nlmsghdr *h, void *index)
{
	struct address a = {0};
	size_t head = NLMSG_HDRLEN + NLMSG_ALIGN(sizeof(a.head));

	if (h->nlmsg_type != RTM_NEWADDR || h->nlmsg_len < head)
		return 0;
	memcpy(&a.head, (const char *)h + NLMSG_HDRLEN, sizeof(a.head));
	if (a.head.ifa_index != (unsigned int)*(int *)index ||
	    a.head.ifa_scope != RT_SCOPE_UNIVERSE ||
	    (a.head.ifa_family != AF_INET && a.head.ifa_family != AF_INET6))
		return 0;
	a.size = a.head.ifa_family == AF_INET ? 4 : 16;
	a.flags = a.head.ifa_flags;
	if (take_attributes((const char *)h + head, h->nlmsg_len - head, &a) < 0) {
		errno = EPROTO;
		return -1;
	}
	if (!(a.flags & IFA_F_PERMANENT))
		return 0;
	if (kept.n == ADDRESSES_MAX) {
		errno = E2BIG;
		return -1;
	}
	kept.list[kept.n++] = a;
	return 0;
}

static int keep_addresses(int sock, int index)
{
	const struct ifaddrmsg all = {.ifa_family = AF_UNSPEC};
	struct netlink_request r;

	kept.n = 0;
	netlink_begin(&r, RTM_GETADDR, NLM_F_DUMP, &all, sizeof(all));
	return each_answer(sock, &r, take_address, &index);
}

static int give_address(int sock, int index, const struct address *a)
{
	/* What the kernel finds out by itself, such as a duplicate, is not carried over. */
	uint32_t flags = a->flags & (IFA_F_NODAD | IFA_F_NOPREFIXROUTE | IFA_F_HOMEADDRESS |
				     IFA_F_MANAGETEMPADDR | IFA_F_MCAUTOJOIN);
	struct ifaddrmsg head = {
		.ifa_family = a->head.ifa_family,
		.ifa_prefixlen = a->head.ifa_prefixlen,
		.ifa_scope = a->head.ifa_scope,
		.ifa_index = (unsigned int)index,
	};
	struct netlink_request r;

	netlink_begin(&r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &head,
		      sizeof(head));
	if (netlink_attribute(&r, IFA_ADDRESS, a->address, a->size) < 0 ||
	    (a->has_local && netlink_attribute(&r, IFA_LOCAL, a->local, a->size) < 0) ||
	    (a->has_broadcast && netlink_attribute(&r, IFA_BROADCAST, a->broadcast, a->size) < 0) ||
	    netlink_attribute(&r, IFA_FLAGS, &flags, sizeof(flags)) < 0)
		return -1;
	return each_answer(sock, &r, NULL, NULL);
}

/* move - give device @index of @sock's namespace to the namespace @to, under another name. */
static int move(int sock, int index, int to, const char *name)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC, .ifi_index = index};
	uint32_t fd = (uint32_t)to;
	struct netlink_request r;

	netlink_begin(&r, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));
	if (netlink_attribute(&r, IFLA_NET_NS_FD, &fd, sizeof(fd)) < 0 ||
	    netlink_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1) < 0)
		return -1;
	return each_answer(sock, &r, NULL, NULL);
}

static int bring_up(int sock, int index)
{
	const struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct netlink_request r;

	netlink_begin(&r, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));
	return each_answer(sock, &r, NULL, NULL);
}

/* socket_main - enter @netns, open a socket there and send it out. */
static _Noreturn void socket_main(int out, int netns)
{
	struct sync_msg msg = {.kind = SYNC_READY};
	struct error err = ERROR_INIT;
	int sock = FD_EMPTY;

	if (setns(netns, CLONE_NEWNET) == 0)
		sock = netlink_open();
	if (sock < 0) {
		error_set(&err, errno, "cannot open a socket in the container's network");
		sync_send_text(out, SYNC_ERROR, &err);
		_exit(1);
	}
	_exit(sync_send(out, &msg, sock) < 0);
}

/* socket_inside - a socket of the namespace @netns. */
static int socket_inside(int netns, struct error *err)
{
	struct sync_msg msg = {.kind = SYNC_EOF};
	int ours, theirs, fd = FD_EMPTY, rc = -1;
	pid_t pid;

	if (sync_pair(&ours, &theirs, err) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		socket_main(theirs, netns);
	close_fd(theirs);
	if (pid < 0)
		error_set(err, errno, "cannot make a process for the container's network");
	else if (sync_recv(ours, &msg, &fd) < 0)
		error_set(err, errno, "cannot hear from the container's network");
	else if (msg.kind == SYNC_ERROR)
		*err = msg.err;
	else if (fd < 0)
		error_set(err, 0, "the process in the container's network died");
	else
		rc = fd;
	close_fd(ours);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return rc;
}

static int failed(const struct net_device_plan *d, const char *what, struct error *err)
{
	return error_set(err, errno, "linux.netDevices: %s `%s`", what, d->host_name);
}

/* check - the device is there, and its name free inside. */
static int check(int host, int inside, const struct net_device_plan *d, struct error *err)
{
	if (index_of(host, d->host_name) < 0)
		return failed(d, "cannot find", err);
	if (d->numbered)
		return 0;
	if (index_of(inside, d->name) >= 0)
		return error_set(err, EEXIST,
				 "linux.netDevices: cannot move `%s`: the container has a `%s`",
				 d->host_name, d->name);
	return errno == ENODEV ? 0 : failed(d, "cannot look for the name of", err);
}

/* choose_name - the plan's, or that with the first number which is free. */
static int choose_name(int inside, const struct net_device_plan *d, char *name)
{
	int n = d->numbered ? 0 : snprintf(name, IFNAMSIZ, "%s", d->name);

	for (unsigned int i = 0; d->numbered; i++) {
		n = snprintf(name, IFNAMSIZ, "%s%u", d->name, i);
		if (n >= IFNAMSIZ || index_of(inside, name) < 0)
			break;
	}
	if (n >= IFNAMSIZ)
		errno = ENAMETOOLONG;
	return n < IFNAMSIZ && (!d->numbered || errno == ENODEV) ? 0 : -1;
}

/* hand_over - one device, with its addresses, up; its name inside goes to @name. */
static int hand_over(int host, int inside, int netns, const struct net_device_plan *d, char *name,
		     struct error *err)
{
	int index = index_of(host, d->host_name);

	if (index < 0)
		return failed(d, "cannot find", err);
	if (keep_addresses(host, index) < 0)
		return failed(d, "cannot read the addresses of", err);
	if (choose_name(inside, d, name) < 0)
		return failed(d, "cannot find a name inside for", err);
	if (move(host, index, netns, name) < 0)
		return failed(d, "cannot move", err);
	index = index_of(inside, name);
	if (index < 0)
		return failed(d, "cannot find inside", err);
	for (size_t i = 0; i < kept.n; i++)
		if (give_address(inside, index, &kept.list[i]) < 0)
			return failed(d, "cannot give back an address of", err);
	return bring_up(inside, index) < 0 ? failed(d, "cannot bring up", err) : 0;
}

/* take_back - the first @n devices, after a failure; that one is shown, not what happens here. */
static void take_back(const struct plan *plan, const device_name *names, size_t n, int inside)
{
	_cleanup_fd_ int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);

	for (size_t i = 0; own >= 0 && i < n; i++) {
		int index = index_of(inside, names[i]);

		if (index > 0 && move(inside, index, own, plan->net_devices[i].host_name) < 0)
			continue;
	}
}

/* netdev_move - give the plan's devices to the network namespace of process @sb->pid. */
int netdev_move(const struct sandbox *sb, struct error *err)
{
	const struct plan *plan = sb->plan;
	_cleanup_fd_ int host = FD_EMPTY;
	_cleanup_fd_ int inside = FD_EMPTY;
	_cleanup_fd_ int netns = FD_EMPTY;
	_cleanup_free_ device_name *names = calloc(plan->n_net_devices, sizeof(*names));
	char path[48];

	if (!names)
		return error_set(err, ENOMEM, "linux.netDevices: cannot remember names");
	snprintf(path, sizeof(path), "/proc/%d/ns/net", sb->pid);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return error_set(err, errno, "cannot open `%s`", path);
	host = netlink_open();
	if (host < 0)
		return error_set(err, errno, "cannot open a socket for the host's network");
	inside = socket_inside(netns, err);
	if (inside < 0)
		return -1;
	for (size_t i = 0; i < plan->n_net_devices; i++)
		if (check(host, inside, &plan->net_devices[i], err) < 0)
			return -1;
	for (size_t i = 0; i < plan->n_net_devices; i++) {
		if (hand_over(host, inside, netns, &plan->net_devices[i], names[i], err) == 0)
			continue;
		take_back(plan, names, i + 1, inside);
		return -1;
	}
	return 0;
}
