/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * check.c: single values.
 *
 * Sources: RFC 952 and 1123 (host names), RFC 4291 (IPv6 text), RFC 4253 section 6.6 (public keys),
 * POSIX.1-2017 base definitions section 8.3 (TZ).
 */
#include "runtime/config/check.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/config/zones.h"

#define HOSTNAME_MAX 64 /* of the kernel's */
#define DOMAIN_MAX 253	/* of the DNS */
#define DNS_LABEL_MAX 63
#define DEFAULT_SYSLOG_PORT "514"

static const char *keep(const char *text, char *out)
{
	snprintf(out, CHECK_TEXT_MAX, "%s", text);
	return NULL;
}

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* is_name - labels of letters, digits and inner hyphens, joined by dots. */
static bool is_name(const char *s, size_t max)
{
	size_t label = 0, length = strlen(s);

	if (length == 0 || length > max)
		return false;
	for (size_t i = 0; i <= length; i++) {
		if (s[i] == '.' || s[i] == '\0') {
			if (label == 0 || label > DNS_LABEL_MAX || s[i - 1] == '-')
				return false;
			label = 0;
			continue;
		}
		if (!is_alnum(s[i]) && (s[i] != '-' || label == 0))
			return false;
		label++;
	}
	return true;
}

bool number_parse(const char *text, unsigned long min, unsigned long max, unsigned long *value)
{
	unsigned long n = 0;

	if (!*text)
		return false;
	for (const char *p = text; *p; p++) {
		if (*p < '0' || *p > '9' || p - text > 9)
			return false;
		n = n * 10 + (unsigned long)(*p - '0');
	}
	*value = n;
	return n >= min && n <= max;
}

bool mac_parse(const char *text, uint8_t mac[6])
{
	static const char digits[] = "0123456789abcdef";

	memset(mac, 0, 6);
	for (size_t i = 0; i < 17; i++) {
		char c = text[i];
		const char *d;

		if (i % 3 == 2) {
			if (c != ':')
				return false;
			continue;
		}
		if (c >= 'A' && c <= 'F')
			c = (char)(c - 'A' + 'a');
		d = c ? strchr(digits, c) : NULL;
		if (!d)
			return false;
		mac[i / 3] = (uint8_t)(mac[i / 3] << 4 | (d - digits));
	}
	return text[17] == '\0';
}

/* mask_prefix - the length of a netmask; false: its ones are not all in front. */
static bool mask_prefix(const char *text, unsigned int *prefix)
{
	struct in_addr a;
	uint32_t bits;

	if (inet_pton(AF_INET, text, &a) != 1)
		return false;
	bits = ntohl(a.s_addr);
	*prefix = bits ? (unsigned int)__builtin_popcount(bits) : 0;
	return bits == (*prefix ? ~UINT32_C(0) << (32 - *prefix) : 0);
}

bool ip_parse(const char *text, bool prefix, struct ip_address *ip)
{
	char copy[64];
	unsigned long n;
	char *slash;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", text) >= sizeof(copy))
		return false;
	slash = strchr(copy, '/');
	if (slash)
		*slash++ = '\0';
	*ip = (struct ip_address){.family = strchr(copy, ':') ? AF_INET6 : AF_INET};
	ip->prefix = ip->family == AF_INET ? 32 : 128;
	if (inet_pton(ip->family, copy, ip->bytes) != 1 || (slash != NULL) != prefix)
		return false;
	if (!slash)
		return true;
	if (ip->family == AF_INET && strchr(slash, '.'))
		return mask_prefix(slash, &ip->prefix);
	if (!number_parse(slash, 0, ip->prefix, &n))
		return false;
	ip->prefix = (unsigned int)n;
	return true;
}

static void ip_text(const struct ip_address *ip, bool prefix, char *out)
{
	char text[INET6_ADDRSTRLEN];

	inet_ntop(ip->family, ip->bytes, text, sizeof(text));
	if (prefix)
		snprintf(out, CHECK_TEXT_MAX, "%s/%u", text, ip->prefix);
	else
		snprintf(out, CHECK_TEXT_MAX, "%s", text);
}

const char *check_hostname(const char *text, char *out)
{
	return is_name(text, HOSTNAME_MAX) ? keep(text, out) : "not a host name";
}

const char *check_domain(const char *text, char *out)
{
	return is_name(text, DOMAIN_MAX) ? keep(text, out) : "not a domain";
}

const char *check_zone(const char *text, char *out)
{
	const char *rule = zone_rule(text);

	return rule ? keep(rule, out)
		    : "not a time zone: use a POSIX rule such as CET-1CEST,M3.5.0,M10.5.0/3, "
		      "or a name that cloison-appliance(5) lists";
}

const char *check_bool(const char *text, char *out)
{
	static const char *const words[][2] = {{"yes", "no"},
					       {"true", "false"},
					       {"on", "off"},
					       {"1", "0"}};

	for (size_t i = 0; i < 8; i++)
		if (!strcmp(words[i / 2][i % 2], text))
			return keep(words[0][i % 2], out);
	return "must be yes or no";
}

const char *check_ip(const char *text, char *out)
{
	struct ip_address ip;

	if (!ip_parse(text, false, &ip))
		return "not an IP address";
	ip_text(&ip, false, out);
	return NULL;
}

const char *check_address(const char *text, char *out)
{
	struct ip_address ip;

	if (!ip_parse(text, true, &ip))
		return "not an IP address with a prefix length, such as 192.168.1.2/24";
	if (ip.prefix == 0)
		return "a prefix length of 0 covers every address there is";
	ip_text(&ip, true, out);
	return NULL;
}

const char *check_server(const char *text, char *out)
{
	if (!check_ip(text, out))
		return NULL;
	return is_name(text, DOMAIN_MAX) ? keep(text, out)
					 : "neither a host name nor an IP address";
}

/* is_base64 - at least @min characters of it, padded at the end only. */
static bool is_base64(const char *text, size_t length, size_t min)
{
	while (length && text[length - 1] == '=')
		length--;
	for (size_t i = 0; i < length; i++)
		if (!is_alnum(text[i]) && text[i] != '+' && text[i] != '/')
			return false;
	return length >= min;
}

const char *check_key(const char *text, char *out)
{
	/* Each blob begins with the length and the text of its type, so in base64 with "AAAA". */
	static const char *const types[] = {"ssh-ed25519", "sk-ssh-ed25519@openssh.com"};
	/* The server has no arithmetic for these. */
	static const char *const others[] = {"ssh-rsa ", "ecdsa-sha2-", "sk-ecdsa-sha2-",
					     "ssh-dss "};
	const char *space = strchr(text, ' ');

	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			return "a public key is one line";
	for (size_t i = 0; space && i < sizeof(types) / sizeof(*types); i++) {
		size_t n = strlen(types[i]);

		if ((size_t)(space - text) != n || strncmp(text, types[i], n) != 0)
			continue;
		if (strncmp(space + 1, "AAAA", 4) != 0 ||
		    !is_base64(space + 1, strcspn(space + 1, " "), 64))
			return "the key after its type is not one";
		keep(text, out);
		/* Only the comment can hold them, and it is for people who read ASCII files. */
		for (char *p = out; *p; p++)
			*p = (signed char)*p < 0 ? '?' : *p;
		return NULL;
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (!strncmp(text, others[i], strlen(others[i])))
			return "the remote shell takes keys of type ssh-ed25519 and sk-ssh-ed25519@openssh.com";
	return "not a public key: it begins with its type, such as ssh-ed25519";
}

const char *check_console(const char *text, char *out)
{
	if (strcmp(text, "shell") && strcmp(text, "menu") && strcmp(text, "none"))
		return "what is on the console is shell, menu or none";
	keep(text, out);
	return NULL;
}

/* check_sink - udp://HOST[:PORT]; what goes out is HOST:PORT, as syslogd takes it. */
const char *check_sink(const char *text, char *out)
{
	static const char wrong[] = "not a log sink: use udp://HOST or udp://HOST:PORT";
	char host[DOMAIN_MAX + 1], plain[CHECK_TEXT_MAX];
	const char *port = DEFAULT_SYSLOG_PORT;
	unsigned long n;
	char *colon;

	if (strncmp(text, "udp://", 6) != 0 ||
	    (size_t)snprintf(host, sizeof(host), "%s", text + 6) >= sizeof(host))
		return wrong;
	colon = strchr(host, ':');
	if (colon) {
		*colon = '\0';
		port = colon + 1;
	}
	if (check_server(host, plain) || !number_parse(port, 1, 65535, &n))
		return wrong;
	snprintf(out, CHECK_TEXT_MAX, "udp://%.253s:%lu", plain, n);
	return NULL;
}

/* check_path - absolute, and without a way back. */
const char *check_path(const char *text, char *out)
{
	if (text[0] != '/')
		return "the path must begin with `/`";
	if (strlen(text) > 1023)
		return "a path has at most 1023 characters";
	for (const char *p = text; *p; p++) {
		if (*p < ' ' || *p >= 0x7f)
			return "a path here holds printable ASCII characters only";
		if (!strncmp(p, "/..", 3) && (p[3] == '/' || p[3] == '\0'))
			return "a path cannot hold `..`";
	}
	return keep(text, out);
}

const char *check_device(const char *text, char *out)
{
	const char *name = text + 5;

	if (strncmp(text, "/dev/", 5) != 0 || !*name || strlen(name) > 31)
		return "not a disk: use /dev/NAME";
	for (const char *p = name; *p; p++)
		if (!is_alnum(*p) && *p != '-' && *p != '_')
			return "not a disk: use /dev/NAME";
	return keep(text, out);
}

const char *check_mtu(const char *text, char *out)
{
	unsigned long n;

	/* RFC 791: every host takes 68 bytes; the kernel sets the upper bound for each device. */
	return number_parse(text, 68, 65535, &n) ? keep(text, out)
						 : "must be a number from 68 to 65535";
}

const char *check_vlan(const char *text, char *out)
{
	unsigned long n;

	return number_parse(text, 1, 4094, &n) ? keep(text, out)
					       : "must be a number from 1 to 4094";
}

bool check_is_interface(const char *name)
{
	uint8_t mac[6];

	if (mac_parse(name, mac))
		return true;
	/* What the kernel takes (dev_valid_name), without what would need quoting anywhere. */
	if (!*name || strlen(name) >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, "..") ||
	    !strcmp(name, "lo"))
		return false;
	for (const char *p = name; *p; p++)
		if (!is_alnum(*p) && *p != '.' && *p != '-' && *p != '_')
			return false;
	return true;
}

const char *check_interface(const char *text, char *out)
{
	return check_is_interface(text) ? keep(text, out)
					: "neither the name nor the MAC address of an interface";
}

const char *check_sysctl_name(const char *name)
{
	/* The rest of /proc/sys is what hardens the host, and says what the kernel executes. */
	static const char *const groups[] = {"net.", "vm.", "fs.inotify.", "fs.file-max",
					     "fs.aio-max-nr"};
	bool known = false;

	for (size_t i = 0; i < sizeof(groups) / sizeof(*groups); i++)
		known |= !strncmp(name, groups[i], strlen(groups[i]));
	if (!known)
		return "only net.*, vm.*, fs.inotify.*, fs.file-max and fs.aio-max-nr can be set";
	for (const char *p = name; *p; p++)
		if ((!is_alnum(*p) && !strchr("._-/", *p)) ||
		    (*p == '.' && (p[1] == '.' || !p[1])) || (*p == '/' && p[1] == '.'))
			return "not the name of a kernel setting";
	return strlen(name) > 100 ? "not the name of a kernel setting" : NULL;
}

const char *check_sysctl_value(const char *text, char *out)
{
	for (const char *p = text; *p; p++)
		if (!is_alnum(*p) && !strchr(" ._-", *p))
			return "not a value of a kernel setting";
	return strlen(text) < 1 || strlen(text) > 100 ? "not a value of a kernel setting"
						      : keep(text, out);
}
