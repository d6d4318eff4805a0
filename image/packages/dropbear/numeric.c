/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * numeric.c: getaddrinfo(3) and getnameinfo(3) for numbers alone.
 *
 * The server listens on a port of every address and logs addresses as numbers. The C library's functions can look up
 * names as well, and would bring all of the resolver: 12 KB, and code that parses what comes from the network.
 * Linked before the C library, these are taken.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct answer {
	struct addrinfo info;
	struct sockaddr_storage address;
};

/* add - one address; NULL without memory. */
static struct addrinfo *add(int family, const void *address, unsigned long port,
			    struct addrinfo *next)
{
	struct answer *a = calloc(1, sizeof(*a));

	if (!a)
		return NULL;
	if (family == AF_INET6) {
		struct sockaddr_in6 *s = (struct sockaddr_in6 *)&a->address;

		s->sin6_port = htons((unsigned short)port);
		memcpy(&s->sin6_addr, address, sizeof(s->sin6_addr));
		a->info.ai_addrlen = sizeof(*s);
	} else {
		struct sockaddr_in *s = (struct sockaddr_in *)&a->address;

		s->sin_port = htons((unsigned short)port);
		memcpy(&s->sin_addr, address, sizeof(s->sin_addr));
		a->info.ai_addrlen = sizeof(*s);
	}
	a->address.ss_family = (sa_family_t)family;
	a->info.ai_family = family;
	a->info.ai_socktype = SOCK_STREAM;
	a->info.ai_protocol = IPPROTO_TCP;
	a->info.ai_addr = (struct sockaddr *)&a->address;
	a->info.ai_next = next;
	return &a->info;
}

int getaddrinfo(const char *restrict node, const char *restrict service,
		const struct addrinfo *restrict hints, struct addrinfo **restrict result)
{
	static const unsigned char any[sizeof(struct in6_addr)];
	unsigned char number[sizeof(struct in6_addr)];
	char *end = (char *)"";
	unsigned long port = service ? strtoul(service, &end, 10) : 0;

	(void)hints;
	*result = NULL;
	if (*end || port > 65535)
		return EAI_SERVICE;
	if (node && inet_pton(AF_INET6, node, number) == 1)
		*result = add(AF_INET6, number, port, NULL);
	else if (node && inet_pton(AF_INET, node, number) == 1)
		*result = add(AF_INET, number, port, NULL);
	else if (node)
		return EAI_NONAME;
	else {
		*result = add(AF_INET6, any, port, NULL);
		if (*result)
			*result = add(AF_INET, any, port, *result);
	}
	return *result ? 0 : EAI_MEMORY;
}

void freeaddrinfo(struct addrinfo *list)
{
	while (list) {
		struct addrinfo *next = list->ai_next;

		/* the first member of an answer */
		free(list);
		list = next;
	}
}

int getnameinfo(const struct sockaddr *restrict sa, socklen_t length, char *restrict host,
		socklen_t host_size, char *restrict service, socklen_t service_size, int flags)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)sa;
	const struct sockaddr_in *four = (const struct sockaddr_in *)sa;
	int is_six = sa->sa_family == AF_INET6;
	const void *address =
		is_six ? (const void *)&six->sin6_addr : (const void *)&four->sin_addr;

	(void)flags;
	if (length < (is_six ? sizeof(*six) : sizeof(*four)) ||
	    (!is_six && sa->sa_family != AF_INET))
		return EAI_FAMILY;
	if (host && host_size && !inet_ntop(sa->sa_family, address, host, host_size))
		return EAI_OVERFLOW;
	if (service && service_size &&
	    (socklen_t)snprintf(service, service_size, "%d",
				ntohs(is_six ? six->sin6_port : four->sin_port)) >= service_size)
		return EAI_OVERFLOW;
	return 0;
}

const char *gai_strerror(int code)
{
	return code == EAI_MEMORY ? "out of memory" : "neither an address nor a port in numbers";
}
