/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * network.c: the host's own network, by rtnetlink.
 *
 * VLANs are made first, since other entries may name them. Then each interface gets its MTU, comes up, and
 * gets addresses and gateways: a route needs an interface that is up and an address that reaches the
 * gateway. Doing it again changes nothing: what is there already is no error.
 */
#include "runtime/config/network.h"

#include <arpa/inet.h>
#include <linux/if_link.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "lib/netlink.h"

struct task {
	struct config *c;
	const struct config_interface *i;
	int sock, index;
	char device[IFNAMSIZ];
};

/* device_mac - false: it has none. */
static bool device_mac(const char *name, uint8_t mac[6])
{
	_cleanup_fd_ int sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r = {.ifr_flags = 0};

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (sock < 0 || ioctl(sock, SIOCGIFHWADDR, &r) < 0 ||
	    r.ifr_hwaddr.sa_family != ARPHRD_ETHER)
		return false;
	memcpy(mac, r.ifr_hwaddr.sa_data, 6);
	return true;
}

/* is_vlan - a VLAN has the MAC address of its parent, which it must not be taken for. */
static bool is_vlan(const char *name)
{
	char path[64 + IFNAMSIZ];

	snprintf(path, sizeof(path), "/proc/net/vlan/%s", name);
	return access(path, F_OK) == 0;
}

/* device_named - the device of this name or MAC address; false: there is none. */
static bool device_named(const char *name, char device[IFNAMSIZ])
{
	struct if_nameindex *all;
	uint8_t want[6], mac[6];
	bool found = false;

	if (!mac_parse(name, want)) {
		snprintf(device, IFNAMSIZ, "%s", name);
		return if_nametoindex(name) > 0;
	}
	all = if_nameindex();
	for (size_t k = 0; all && all[k].if_index && !found; k++) {
		found = device_mac(all[k].if_name, mac) && !memcmp(mac, want, sizeof(mac)) &&
			!is_vlan(all[k].if_name);
		if (found)
			snprintf(device, IFNAMSIZ, "%s", all[k].if_name);
	}
	if (all)
		if_freenameindex(all);
	errno = ENODEV;
	return found;
}

static void complain(const struct task *t, const struct config_value *v, const char *key,
		     const char *what, const char *object)
{
	int errnum = errno;
	char place[96];

	snprintf(place, sizeof(place), "network.interfaces.%.20s.%s", t->i->name, key);
	config_complain(t->c, &v->origin, place, "%s `%.64s`: %s", what, object,
			errno_name(errnum));
}

static int make_vlan(int sock, const char *name, int parent, uint16_t id)
{
	const struct ifinfomsg info = {.ifi_family = AF_UNSPEC};
	struct netlink_request r;
	int link, data;

	netlink_begin(&r, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof(info));
	if (netlink_attribute(&r, IFLA_IFNAME, name, strlen(name) + 1) < 0 ||
	    netlink_attribute(&r, IFLA_LINK, &parent, sizeof(parent)) < 0)
		return -1;
	link = netlink_nest(&r, IFLA_LINKINFO);
	if (link < 0 || netlink_attribute(&r, IFLA_INFO_KIND, "vlan", 5) < 0)
		return -1;
	data = netlink_nest(&r, IFLA_INFO_DATA);
	if (data < 0 || netlink_attribute(&r, IFLA_VLAN_ID, &id, sizeof(id)) < 0)
		return -1;
	netlink_nest_end(&r, data);
	netlink_nest_end(&r, link);
	return netlink_send(sock, &r) == 0 || errno == EEXIST ? 0 : -1;
}

static void apply_vlan(const struct task *t)
{
	const struct config_value *parent = &t->i->values[INTERFACE_PARENT];
	const struct config_value *vlan = &t->i->values[INTERFACE_VLAN];
	char device[IFNAMSIZ];
	unsigned long id;

	if (!vlan->n || !parent->n || strchr(t->i->name, ':') ||
	    !number_parse(vlan->texts[0], 1, 4094, &id))
		return;
	errno = ENODEV;
	if (!device_named(parent->texts[0], device))
		complain(t, parent, "parent", "cannot find", parent->texts[0]);
	else if (make_vlan(t->sock, t->i->name, (int)if_nametoindex(device), (uint16_t)id) < 0)
		complain(t, vlan, "vlan", "cannot make", t->i->name);
}

/* set_link - its MTU, unless that is 0, and up. */
static int set_link(const struct task *t, uint32_t mtu)
{
	const struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = t->index,
		.ifi_flags = IFF_UP,
		.ifi_change = IFF_UP,
	};
	struct netlink_request r;

	netlink_begin(&r, RTM_NEWLINK, 0, &info, sizeof(info));
	if (mtu && netlink_attribute(&r, IFLA_MTU, &mtu, sizeof(mtu)) < 0)
		return -1;
	return netlink_send(t->sock, &r);
}

static void apply_link(const struct task *t)
{
	const struct config_value *v = &t->i->values[INTERFACE_MTU];
	unsigned long mtu;

	if (v->n && number_parse(v->texts[0], 68, 65535, &mtu)) {
		if (set_link(t, (uint32_t)mtu) == 0)
			return;
		complain(t, v, "mtu", "cannot set", v->texts[0]);
	}
	if (set_link(t, 0) < 0)
		complain(t, &(struct config_value){.origin = t->i->origin}, "name",
			 "cannot bring up", t->device);
}

static size_t size_of(const struct ip_address *ip)
{
	return ip->family == AF_INET ? 4 : 16;
}

static int add_address(const struct task *t, const struct ip_address *ip)
{
	const struct ifaddrmsg head = {
		.ifa_family = (uint8_t)ip->family,
		.ifa_prefixlen = (uint8_t)ip->prefix,
		.ifa_index = (unsigned int)t->index,
	};
	struct netlink_request r;
	uint32_t broadcast;

	netlink_begin(&r, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	if (netlink_attribute(&r, IFA_LOCAL, ip->bytes, size_of(ip)) < 0 ||
	    netlink_attribute(&r, IFA_ADDRESS, ip->bytes, size_of(ip)) < 0)
		return -1;
	/* RFC 3021: the two addresses of a /31 leave none for broadcasts. */
	if (ip->family == AF_INET && ip->prefix < 31) {
		memcpy(&broadcast, ip->bytes, sizeof(broadcast));
		broadcast |= htonl(UINT32_MAX >> ip->prefix);
		if (netlink_attribute(&r, IFA_BROADCAST, &broadcast, sizeof(broadcast)) < 0)
			return -1;
	}
	return netlink_send(t->sock, &r);
}

static int add_gateway(const struct task *t, const struct ip_address *ip)
{
	const struct rtmsg head = {
		.rtm_family = (uint8_t)ip->family,
		.rtm_table = RT_TABLE_MAIN,
		.rtm_protocol = RTPROT_STATIC,
		.rtm_scope = RT_SCOPE_UNIVERSE,
		.rtm_type = RTN_UNICAST,
	};
	struct netlink_request r;

	netlink_begin(&r, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, &head, sizeof(head));
	if (netlink_attribute(&r, RTA_GATEWAY, ip->bytes, size_of(ip)) < 0 ||
	    netlink_attribute(&r, RTA_OIF, &t->index, sizeof(t->index)) < 0)
		return -1;
	return netlink_send(t->sock, &r);
}

static const struct {
	enum config_interface_key key;
	bool prefix;
	int (*add)(const struct task *t, const struct ip_address *ip);
	const char *what;
} lists[] = {
	{INTERFACE_ADDRESSES, true, add_address, "cannot add the address"},
	{INTERFACE_GATEWAY, false, add_gateway, "cannot add a route by"},
};

static void apply_interface(struct task *t)
{
	errno = ENODEV;
	if (!device_named(t->i->name, t->device)) {
		complain(t, &(struct config_value){.origin = t->i->origin}, "name", "cannot find",
			 t->i->name);
		return;
	}
	t->index = (int)if_nametoindex(t->device);
	apply_link(t);
	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		const struct config_value *v = &t->i->values[lists[l].key];

		for (size_t k = 0; k < v->n; k++) {
			struct ip_address ip;

			if (ip_parse(v->texts[k], lists[l].prefix, &ip) && lists[l].add(t, &ip) < 0)
				complain(t, v, config_interface_rows[lists[l].key].name,
					 lists[l].what, v->texts[k]);
		}
	}
}

void network_apply(struct config *c)
{
	_cleanup_fd_ int sock = netlink_open();
	struct task t = {.c = c, .sock = sock};

	if (sock < 0) {
		config_complain(c, &(struct config_origin){.channel = CHANNEL_DEFAULT}, "network",
				"cannot open a netlink socket: %s", errno_name(errno));
		return;
	}
	for (size_t k = 0; k < c->n_interfaces; k++) {
		t.i = &c->interfaces[k];
		apply_vlan(&t);
	}
	for (size_t k = 0; k < c->n_interfaces; k++) {
		t.i = &c->interfaces[k];
		apply_interface(&t);
	}
}

/* is_static - whether any entry asks for static addresses of @device. */
static bool is_static(const struct config *c, const char *device)
{
	char other[IFNAMSIZ];

	for (size_t k = 0; k < c->n_interfaces; k++)
		if (c->interfaces[k].is_static && device_named(c->interfaces[k].name, other) &&
		    !strcmp(other, device))
			return true;
	return false;
}

size_t network_dhcp(const struct config *c, char names[CONFIG_INTERFACES_MAX][IFNAMSIZ])
{
	size_t n = 0;

	for (size_t k = 0; k < c->n_interfaces; k++)
		if (config_wants_dhcp(&c->interfaces[k]) &&
		    device_named(c->interfaces[k].name, names[n]) && !is_static(c, names[n]))
			n++;
	return n;
}
