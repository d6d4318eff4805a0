/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * words.c: `cloison.NAME=VALUE`, from the kernel command line, an SMBIOS string or a flag.
 *
 * Most names are rows of the schema; several values stand with commas between them. Two are written as
 * the kernel and initramfs tools have them, since that is what people have in their boot menus:
 *
 *	cloison.ip=CLIENT[/PREFIX]:SERVER:GATEWAY:NETMASK:HOSTNAME:DEVICE:AUTOCONF:DNS0:DNS1:NTP0
 *	cloison.ip=DEVICE:dhcp   cloison.ip=dhcp
 *	cloison.vlan=NAME:PARENT[:ID]
 *
 * An IPv6 address stands in brackets. Without a device it is eth0.
 *
 * Source: the kernel's Documentation/admin-guide/nfs/nfsroot.rst; dracut.cmdline(7).
 */
#include <string.h>

#include "runtime/config/config.h"

#define PREFIX "cloison."
#define PREFIX_LEN (sizeof(PREFIX) - 1)
#define WORD_MAX 4096
#define FIELDS_MAX 10
#define DEVICE_DEFAULT "eth0"

enum ip_field {
	IP_CLIENT,
	IP_SERVER,
	IP_GATEWAY,
	IP_NETMASK,
	IP_HOSTNAME,
	IP_DEVICE,
	IP_AUTOCONF,
	IP_DNS0,
	IP_DNS1,
	IP_NTP0,
};

struct reader {
	struct config *c;
	const struct config_origin *where;
	const char *name; /* of the word, with its prefix */
};

static void put(const struct reader *r, const struct config_row *row, struct config_value *into,
		const char *text)
{
	config_put(r->c, row, into, r->where, r->name, &text, NULL, 1);
}

/* append - one more value behind those that the same word, or one before it, has given. */
static void append(const struct reader *r, const struct config_row *row, struct config_value *into,
		   const char *text)
{
	struct config_value one = {.n = 0};
	bool goes_on = into->n && into->origin.channel == r->where->channel;

	if (!goes_on) {
		put(r, row, into, text);
		return;
	}
	put(r, row, &one, text);
	if (!one.n)
		return;
	if (into->n == row->max)
		config_complain(r->c, r->where, r->name, "more than %zu values", row->max);
	else
		into->texts[into->n++] = one.texts[0];
}

/* split - fields at @divider outside brackets, which go; returns how many, FIELDS_MAX + 1: too many. */
static size_t split(char *text, char divider, char *fields[], size_t max)
{
	bool inside = false;
	size_t n = 1;
	char *to = text;

	fields[0] = text;
	for (const char *p = text; *p; p++) {
		if (*p == '[' || *p == ']') {
			inside = *p == '[';
		} else if (*p == divider && !inside) {
			if (n == max)
				return max + 1;
			*to++ = '\0';
			fields[n++] = to;
		} else {
			*to++ = *p;
		}
	}
	*to = '\0';
	return n;
}

static bool is_dhcp(const char *word)
{
	return !strcmp(word, "dhcp") || !strcmp(word, "on") || !strcmp(word, "any");
}

static bool is_off(const char *word)
{
	return !*word || !strcmp(word, "off") || !strcmp(word, "none") || !strcmp(word, "static");
}

static struct config_interface *device(const struct reader *r, const char *name)
{
	return config_interface(r->c, r->where, r->name, *name ? name : DEVICE_DEFAULT);
}

/* take_address - the client's, its prefix length from whichever field has it. */
static void take_address(const struct reader *r, struct config_interface *i, const char *client,
			 const char *netmask)
{
	char text[WORD_MAX + 4];

	/* Right or wrong, an address was asked for. */
	i->is_static = true;
	snprintf(text, sizeof(text), "%s%s%s", client, *netmask ? "/" : "", netmask);
	append(r, &config_interface_rows[INTERFACE_ADDRESSES], &i->values[INTERFACE_ADDRESSES],
	       text);
}

static void set_ip(const struct reader *r, char *value)
{
	char *f[FIELDS_MAX] = {NULL};
	char *const nothing = value + strlen(value);
	size_t n = split(value, ':', f, FIELDS_MAX);
	struct config_interface *i;

	for (size_t k = n; k < FIELDS_MAX; k++)
		f[k] = nothing;
	if (n > FIELDS_MAX) {
		config_complain(r->c, r->where, r->name, "more than %d fields", FIELDS_MAX);
		return;
	}
	if (n == 1 && is_off(f[0]))
		return;
	if (n <= 2 && is_dhcp(f[n - 1])) {
		i = device(r, n == 2 ? f[0] : "");
		if (i)
			put(r, &config_interface_rows[INTERFACE_DHCP], &i->values[INTERFACE_DHCP],
			    "yes");
		return;
	}
	if (!is_dhcp(f[IP_AUTOCONF]) && !is_off(f[IP_AUTOCONF]))
		config_complain(r->c, r->where, r->name, "`%.64s`: use dhcp or off",
				f[IP_AUTOCONF]);
	i = device(r, f[IP_DEVICE]);
	if (!i)
		return;
	if (*f[IP_CLIENT])
		take_address(r, i, f[IP_CLIENT], f[IP_NETMASK]);
	if (is_dhcp(f[IP_AUTOCONF]))
		put(r, &config_interface_rows[INTERFACE_DHCP], &i->values[INTERFACE_DHCP], "yes");
	if (*f[IP_GATEWAY])
		append(r, &config_interface_rows[INTERFACE_GATEWAY], &i->values[INTERFACE_GATEWAY],
		       f[IP_GATEWAY]);
	if (*f[IP_HOSTNAME])
		put(r, &config_rows[KEY_HOSTNAME], &r->c->values[KEY_HOSTNAME], f[IP_HOSTNAME]);
	for (size_t k = IP_DNS0; k <= IP_DNS1; k++)
		if (*f[k])
			append(r, &config_rows[KEY_DNS], &r->c->values[KEY_DNS], f[k]);
	if (*f[IP_NTP0])
		append(r, &config_rows[KEY_NTP], &r->c->values[KEY_NTP], f[IP_NTP0]);
}

/* set_vlan - without an ID it is the number at the end of the name: eth0.100, vlan100. */
static void set_vlan(const struct reader *r, char *value)
{
	char *f[3] = {NULL};
	size_t n = split(value, ':', f, ARRAY_SIZE(f));
	struct config_interface *i;
	const char *id;

	if (n != 2 && n != 3) {
		config_complain(r->c, r->where, r->name, "use NAME:PARENT or NAME:PARENT:ID");
		return;
	}
	i = config_interface(r->c, r->where, r->name, f[0]);
	if (!i)
		return;
	id = f[0] + strlen(f[0]);
	while (id > f[0] && id[-1] >= '0' && id[-1] <= '9')
		id--;
	put(r, &config_interface_rows[INTERFACE_PARENT], &i->values[INTERFACE_PARENT], f[1]);
	put(r, &config_interface_rows[INTERFACE_VLAN], &i->values[INTERFACE_VLAN],
	    n == 3 ? f[2] : id);
}

static const struct {
	const char *name;
	void (*set)(const struct reader *r, char *value);
} special[] = {
	{"ip", set_ip},
	{"vlan", set_vlan},
};

static void set_row(const struct reader *r, enum config_key key, char *value)
{
	const char *texts[CONFIG_VALUES_MAX];
	size_t n = 0;

	if (config_rows[key].max == 1) {
		put(r, &config_rows[key], &r->c->values[key], value);
		return;
	}
	for (char *p = value; p && *value; n++) {
		if (n == CONFIG_VALUES_MAX) {
			config_complain(r->c, r->where, r->name, "more than %d values",
					CONFIG_VALUES_MAX);
			break;
		}
		texts[n] = p;
		p = strchr(p, ',');
		if (p)
			*p++ = '\0';
	}
	config_put(r->c, &config_rows[key], &r->c->values[key], r->where, r->name, texts, NULL, n);
}

bool config_read_word(struct config *c, const struct config_origin *where, const char *word)
{
	struct reader r = {.c = c, .where = where};
	char copy[WORD_MAX], name[64], *value;

	if ((size_t)snprintf(copy, sizeof(copy), "%s", word) >= sizeof(copy) ||
	    strncmp(copy, PREFIX, PREFIX_LEN) != 0)
		return false;
	value = strchr(copy, '=');
	if (value)
		*value++ = '\0';
	snprintf(name, sizeof(name), "%.63s", copy);
	r.name = name;
	for (size_t i = 0; i < ARRAY_SIZE(special) + CONFIG_KEYS; i++) {
		size_t key = i - ARRAY_SIZE(special);
		const char *known =
			i < ARRAY_SIZE(special) ? special[i].name : config_rows[key].word;

		if (!known || strcmp(copy + PREFIX_LEN, known))
			continue;
		if (!value)
			config_complain(c, where, name, "a value is missing");
		else if (i < ARRAY_SIZE(special))
			special[i].set(&r, value);
		else
			set_row(&r, (enum config_key)key, value);
		return true;
	}
	return false;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* next_word - one word without its quotes, as the kernel's next_arg() divides; false: there is none. */
static bool next_word(const char **text, const char *end, char word[WORD_MAX])
{
	bool quoted = false;
	size_t n = 0;

	while (*text < end && is_space(**text))
		++*text;
	if (*text == end)
		return false;
	for (; *text < end && (quoted || !is_space(**text)); ++*text) {
		if (**text == '"')
			quoted = !quoted;
		/* A control character is no part of any value: the checks refuse the question mark. */
		else if (n < WORD_MAX - 1)
			word[n++] = (unsigned char)**text < ' ' ? '?' : **text;
	}
	word[n] = '\0';
	return true;
}

void config_read_words(struct config *c, const struct config_origin *where, const char *text,
		       size_t length)
{
	const char *end = text + length;
	struct config_origin at = *where;
	char word[WORD_MAX];

	for (at.line = 1; next_word(&text, end, word); at.line++)
		config_read_word(c, &at, word);
}
