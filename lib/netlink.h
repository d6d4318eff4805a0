/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netlink.h: requests to rtnetlink in messages of fixed size.
 *
 * A request is begun, gets attributes, and is sent; the kernel's acknowledgement is waited for. An
 * attribute that does not fit is an error, never a longer message (CVE-2021-43784).
 *
 * Source: rtnetlink(7), netlink(7).
 */
#ifndef CLOISON_LIB_NETLINK_H
#define CLOISON_LIB_NETLINK_H

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/fd.h"

#define NETLINK_REQUEST_BYTES 512

struct netlink_request {
	struct nlmsghdr head;
	char body[NETLINK_REQUEST_BYTES - sizeof(struct nlmsghdr)];
};

/* netlink_open - a socket; -1 with errno. */
int netlink_open(void) must_check;

/* netlink_begin - a request of @type; @flags beside NLM_F_REQUEST; @size bytes at @head. */
void netlink_begin(struct netlink_request *r, uint16_t type, uint16_t flags, const void *head,
		   size_t size);

/* netlink_attribute - append one; -1 with EMSGSIZE when the request is full. */
int netlink_attribute(struct netlink_request *r, uint16_t type, const void *data,
		      size_t size) must_check;

/* netlink_nest - begin an attribute that holds others; returns its place for netlink_nest_end(), or -1. */
int netlink_nest(struct netlink_request *r, uint16_t type) must_check;
void netlink_nest_end(struct netlink_request *r, int place);

/* netlink_error - the errno in an NLMSG_ERROR of @size bytes; 0 is an acknowledgement. */
int netlink_error(const void *message, size_t size) must_check;

/* netlink_send - send it, asking for an acknowledgement, and wait for that. Returns 0, or -1 with the kernel's errno. */
int netlink_send(int sock, const struct netlink_request *r) must_check;

#endif
