/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * netdevices.c: linux.netDevices, a map from the host's names of network devices to what they are to be
 * called inside.
 */
#include <ctype.h>
#include <string.h>

#include "runtime/oci/decode.h"

#define NAME_BYTES 15 /* IFNAMSIZ - 1 */

/* is_device_name - as the kernel has it: dev_valid_name(), net/core/dev.c. */
static bool is_device_name(const char *name)
{
	size_t length = strlen(name);

	if (length == 0 || length > NAME_BYTES || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (; *name; name++)
		if (*name == '/' || *name == ':' || *name == '%' || isspace((unsigned char)*name))
			return false;
	return true;
}

/* split_template - "eth%d" asks for the first "eth" with a number that is free. */
static int split_template(const struct json_at *at, struct net_device_plan *device)
{
	size_t length = strlen(device->name);
	char *stem;

	if (length < 3 || strcmp(device->name + length - 2, "%d") != 0)
		return 0;
	stem = arena_strdup(at->source->arena, device->name, at->source->err);
	if (!stem)
		return -1;
	stem[length - 2] = '\0';
	device->name = stem;
	device->numbered = true;
	return 0;
}

int decode_net_device(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"name", JSON_STRING, JSON_INTO(struct net_device_plan, name)},
	};
	struct net_device_plan *device = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), device) < 0)
		return -1;
	device->host_name = arena_strdup(at->source->arena, at->key, at->source->err);
	if (!device->host_name)
		return -1;
	if (!is_device_name(device->host_name))
		return json_fail(at, "is not the name of a network device");
	if (!device->name || device->name[0] == '\0')
		device->name = device->host_name;
	else if (split_template(at, device) < 0)
		return -1;
	if (!is_device_name(device->name))
		return json_fail_key(at, "name", "`%s` is not the name of a network device",
				     device->name);
	return 0;
}

int check_net_devices(const struct json_at *at, const struct plan *plan)
{
	if (plan->n_net_devices && plan->ns[NS_NET].mode == NS_HOST)
		return json_fail_key(at, "linux.netDevices",
				     "needs a network namespace of its own");
	for (size_t i = 0; i < plan->n_net_devices; i++)
		for (size_t j = 0; j < i; j++)
			if (!plan->net_devices[i].numbered && !plan->net_devices[j].numbered &&
			    !strcmp(plan->net_devices[i].name, plan->net_devices[j].name))
				return json_fail_key(at, "linux.netDevices",
						     "has two devices called `%s` inside",
						     plan->net_devices[i].name);
	return 0;
}
