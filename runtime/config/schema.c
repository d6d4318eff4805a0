/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * schema.c: the keys there are, and how a value gets into the configuration.
 *
 * docs/man/cloison-appliance.5 says the same for people.
 */
#include <stdarg.h>
#include <string.h>

#include "runtime/config/config.h"

const struct config_row config_rows[CONFIG_KEYS] = {
	[KEY_HOSTNAME] = {"hostname", "hostname", 1, check_hostname, "cloison"},
	[KEY_TIMEZONE] = {"timezone", "timezone", 1, check_zone, "UTC0"},
	[KEY_NTP] = {"ntp", "ntp", 8, check_server, NULL},
	[KEY_AUTHORIZED_KEYS] = {"authorized_keys", NULL, 32, check_key, NULL},
	[KEY_CONSOLE] = {"console", "console", 1, check_console, "shell"},
	[KEY_PROJECTS] = {"projects", "projects", 1, check_path, "/var/lib/cloison/projects"},
	[KEY_LOG_SINKS] = {"log.sinks", "log", 4, check_sink, NULL},
	[KEY_DATA_CREATE] = {"data.create", "data.create", 1, check_bool, "no"},
	[KEY_DATA_DEVICE] = {"data.device", "data.device", 1, check_device, NULL},
	[KEY_DNS] = {"network.dns", "dns", 3, check_ip, NULL},
	[KEY_SEARCH] = {"network.search", "search", 6, check_domain, NULL},
};

const struct config_row config_interface_rows[INTERFACE_KEYS] = {
	[INTERFACE_ADDRESSES] = {"addresses", NULL, 16, check_address, NULL},
	[INTERFACE_GATEWAY] = {"gateway", NULL, 2, check_ip, NULL},
	[INTERFACE_DHCP] = {"dhcp", NULL, 1, check_bool, NULL},
	[INTERFACE_MTU] = {"mtu", NULL, 1, check_mtu, NULL},
	[INTERFACE_PARENT] = {"parent", NULL, 1, check_interface, NULL},
	[INTERFACE_VLAN] = {"vlan", NULL, 1, check_vlan, NULL},
};

static const char *const channel_names[CHANNELS] = {
	[CHANNEL_DEFAULT] = "built-in default",
	[CHANNEL_IMAGE] = "image file",
	[CHANNEL_DATA] = "data partition",
	[CHANNEL_APPENDED] = "appended file",
	[CHANNEL_FAT] = "partition CLOISON",
	[CHANNEL_FW_CFG] = "fw_cfg",
	[CHANNEL_SMBIOS] = "SMBIOS",
	[CHANNEL_CMDLINE] = "kernel command line",
	[CHANNEL_FLAG] = "flag",
	[CHANNEL_FILE] = "file",
};

const char *config_channel_name(enum config_channel channel)
{
	return channel_names[channel];
}

int config_begin(struct config *c)
{
	struct error err = ERROR_INIT;

	*c = (struct config){.n_interfaces = 0};
	for (size_t i = 0; i < CONFIG_KEYS; i++) {
		struct config_value *v = &c->values[i];

		if (!config_rows[i].fallback)
			continue;
		v->texts = arena_new(&c->arena, const char *, 1, &err);
		if (!v->texts)
			return -1;
		v->texts[0] = config_rows[i].fallback;
		v->n = 1;
		v->set = true;
	}
	return 0;
}

void config_end(struct config *c)
{
	arena_free(&c->arena);
}

void config_complain(struct config *c, const struct config_origin *where, const char *key,
		     const char *fmt, ...)
{
	char text[512];
	va_list ap;

	if (!c->complain)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	c->complain(c->context, where, key, text);
}

const char *config_text(const struct config *c, enum config_key key)
{
	return c->values[key].n ? c->values[key].texts[0] : NULL;
}

bool config_is_yes(const struct config_value *value)
{
	return value->n && !strcmp(value->texts[0], "yes");
}

bool config_wants_dhcp(const struct config_interface *i)
{
	return config_is_yes(&i->values[INTERFACE_DHCP]) && !i->is_static;
}

static const char *checked(struct config *c, const struct config_row *row,
			   const struct config_origin *where, const char *key, const char *text)
{
	struct error err = ERROR_INIT;
	char plain[CHECK_TEXT_MAX];
	const char *why, *copy;

	why = strlen(text) < sizeof(plain) ? row->check(text, plain) : "too long";
	if (why) {
		config_complain(c, where, key, "`%.64s%s`: %s", text,
				strlen(text) > 64 ? "..." : "", why);
		return NULL;
	}
	copy = arena_strdup(&c->arena, plain, &err);
	if (!copy)
		config_complain(c, where, key, "not enough memory");
	return copy;
}

void config_put(struct config *c, const struct config_row *row, struct config_value *into,
		const struct config_origin *where, const char *key, const char *const *texts,
		const unsigned int *lines, size_t n)
{
	struct config_value v = {.set = true, .origin = *where};
	struct error err = ERROR_INIT;

	if (n > row->max)
		config_complain(c, where, key, "%zu values, of which the first %zu count", n,
				row->max);
	v.texts = arena_new(&c->arena, const char *, row->max, &err);
	if (!v.texts) {
		config_complain(c, where, key, "not enough memory");
		return;
	}
	for (size_t i = 0; i < n && i < row->max; i++) {
		struct config_origin at = *where;

		if (lines)
			at.line = lines[i];
		v.texts[v.n] = checked(c, row, &at, key, texts[i]);
		v.n += v.texts[v.n] != NULL;
	}
	/* An empty list is a value; a list of which nothing is right is none. */
	if (v.n || n == 0)
		*into = v;
}

/* same_interface - a MAC address may be written in small letters and in large ones. */
static bool same_interface(const char *a, const char *b)
{
	return strchr(a, ':') ? !strcasecmp(a, b) : !strcmp(a, b);
}

static bool same_source(const struct config_origin *a, const struct config_origin *b)
{
	return a->channel == b->channel &&
	       (a->file == b->file || (a->file && b->file && !strcmp(a->file, b->file)));
}

struct config_interface *config_interface(struct config *c, const struct config_origin *where,
					  const char *key, const char *name)
{
	struct config_interface *found = NULL;
	struct error err = ERROR_INIT;

	if (!check_is_interface(name)) {
		config_complain(c, where, key,
				"`%.64s`: neither the name nor the MAC address of an interface",
				name);
		return NULL;
	}
	for (size_t i = 0; i < c->n_interfaces && !found; i++)
		if (same_interface(c->interfaces[i].name, name))
			found = &c->interfaces[i];
	if (found && same_source(&found->origin, where))
		return found;
	if (!found && c->n_interfaces == CONFIG_INTERFACES_MAX) {
		config_complain(c, where, key, "more than %d interfaces", CONFIG_INTERFACES_MAX);
		return NULL;
	}
	name = arena_strdup(&c->arena, name, &err);
	if (!name) {
		config_complain(c, where, key, "not enough memory");
		return NULL;
	}
	if (!found)
		found = &c->interfaces[c->n_interfaces++];
	*found = (struct config_interface){.name = name, .origin = *where};
	return found;
}

/* finish_interface - what of one interface has to agree. */
static void finish_interface(struct config *c, struct config_interface *i)
{
	struct config_value *v = i->values;
	uint8_t mac[6];
	char key[64];

	snprintf(key, sizeof(key), "network.interfaces.%.20s", i->name);
	if (config_is_yes(&v[INTERFACE_DHCP]) && i->is_static) {
		config_complain(c, &v[INTERFACE_DHCP].origin, key,
				"static addresses are asked for: DHCP is not spoken");
		v[INTERFACE_DHCP].texts[0] = "no";
	}
	if (v[INTERFACE_GATEWAY].n && !v[INTERFACE_ADDRESSES].n)
		config_complain(c, &v[INTERFACE_GATEWAY].origin, key,
				"a gateway without an address cannot be reached");
	if ((v[INTERFACE_VLAN].n > 0) != (v[INTERFACE_PARENT].n > 0))
		config_complain(c, &i->origin, key, "a VLAN needs both `parent` and `vlan`");
	else if (v[INTERFACE_VLAN].n && mac_parse(i->name, mac))
		config_complain(c, &i->origin, key, "a VLAN needs a name, not a MAC address");
}

void config_finish(struct config *c)
{
	for (size_t i = 0; i < c->n_interfaces; i++)
		finish_interface(c, &c->interfaces[i]);
}
