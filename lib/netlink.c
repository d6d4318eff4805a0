/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.c: see netlink.h. What is read comes from the kernel, and its lengths are checked all the same.
 */
#include "lib/netlink.h"

#include <string.h>
#include <sys/socket.h>

#define ANSWER_BYTES 2048 /* an error quotes the request */

int netlink_open(void)
{
	return socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
}

void netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *head,
		   size_t size)
{
	memset(r, 0, sizeof(*r));
	r->head.nlmsg_type = type;
	r->head.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	memcpy(r->body, head, size);
	r->head.nlmsg_len = (uint32_t)(NLMSG_HDRLEN + NLMSG_ALIGN(size));
}

int netlink_attribute(struct netlink_request *r, uint16_t type, const void *data, size_t size)
{
	struct rtattr a = {.rta_type = type, .rta_len = (uint16_t)(RTA_LENGTH(0) + size)};
	size_t at = r->head.nlmsg_len;

	if (size > sizeof(r->body) || at + RTA_SPACE(size) > sizeof(*r)) {
		errno = EMSGSIZE;
		return -1;
	}
	memcpy((char *)r + at, &a, sizeof(a));
	if (size)
		memcpy((char *)r + at + RTA_LENGTH(0), data, size);
	r->head.nlmsg_len = (uint32_t)(at + RTA_SPACE(size));
	return 0;
}

int netlink_nest(struct netlink_request *r, uint16_t type)
{
	int place = (int)r->head.nlmsg_len;

	return netlink_attribute(r, type, NULL, 0) < 0 ? -1 : place;
}

void netlink_nest_end(struct netlink_request *r, int place)
{
	uint16_t length = (uint16_t)(r->head.nlmsg_len - (uint32_t)place);

	memcpy((char *)r + place + offsetof(struct rtattr, rta_len), &length, sizeof(length));
}

int netlink_error(const void *message, size_t size)
{
	struct nlmsgerr e;

	if (size < NLMSG_HDRLEN + sizeof(e))
		return EPROTO;
	memcpy(&e, (const char *)message + NLMSG_HDRLEN, sizeof(e));
	return -e.error;
}

int netlink_send(int sock, const struct netlink_request *r)
{
	_Alignas(struct nlmsghdr) char answer[ANSWER_BYTES];
	struct netlink_request asking = *r;
	struct nlmsghdr h;
	ssize_t n;

	asking.head.nlmsg_flags |= NLM_F_ACK;
	if (send(sock, &asking, asking.head.nlmsg_len, 0) < 0)
		return -1;
	do
		n = recv(sock, answer, sizeof(answer), 0);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	errno = EPROTO;
	if ((size_t)n < sizeof(h))
		return -1;
	memcpy(&h, answer, sizeof(h));
	if (h.nlmsg_type != NLMSG_ERROR)
		return -1;
	errno = netlink_error(answer, (size_t)n);
	return errno ? -1 : 0;
}
