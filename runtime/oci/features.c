/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * features.c: the features document.
 *
 * Nothing is listed here a second time: names come from the tables by which config.json is read, and
 * "enabled" is true where unsupported.c has no row for it, or has no part for it any more.
 */
#include "runtime/oci/features.h"

#include <json-c/json.h>
#include <string.h>

#include "runtime/oci/decode.h"
#include "runtime/seccomp/calls.h"

typedef const char *names_at(size_t index);

static const char *hook_at(size_t index)
{
	return index < HOOK_COUNT ? hook_kind_name((enum hook_kind)index) : NULL;
}

static const char *namespace_at(size_t index)
{
	return index < NS_COUNT ? ns_name((enum ns_kind)index) : NULL;
}

static int compare(const void *a, const void *b)
{
	return strcmp(json_object_get_string(*(struct json_object *const *)a),
		      json_object_get_string(*(struct json_object *const *)b));
}

/* names - all of a table, sorted. */
static struct json_object *names(names_at *at)
{
	struct json_object *list = json_object_new_array();
	const char *name;

	for (size_t i = 0; list && (name = at(i)); i++)
		if (json_object_array_add(list, json_object_new_string(name)) < 0) {
			json_object_put(list);
			return NULL;
		}
	if (list)
		json_object_array_sort(list, compare);
	return list;
}

/* add - put @value, which is given up to @o, under @key; a part that is missing spoils the whole. */
static void add(struct json_object **o, const char *key, struct json_object *value)
{
	if (*o && value && json_object_object_add(*o, key, value) == 0)
		return;
	json_object_put(value);
	json_object_put(*o);
	*o = NULL;
}

static struct json_object *enabled(bool is)
{
	struct json_object *o = json_object_new_object();

	add(&o, "enabled", json_object_new_boolean(is));
	return o;
}

static struct json_object *cgroup(const struct features_more *more)
{
	struct json_object *o = json_object_new_object();

	add(&o, "v1", json_object_new_boolean(false));
	add(&o, "v2", json_object_new_boolean(true));
	add(&o, "systemd", json_object_new_boolean(more->systemd));
	add(&o, "systemdUser", json_object_new_boolean(more->systemd));
	add(&o, "rdma", json_object_new_boolean(is_supported(PART_RESOURCES, "rdma")));
	return o;
}

static struct json_object *seccomp(void)
{
	struct json_object *o = enabled(true);

	add(&o, "actions", names(seccomp_action_at));
	add(&o, "operators", names(seccomp_op_at));
	add(&o, "archs", names(seccomp_arch_at));
	add(&o, "knownFlags", names(seccomp_flag_at));
	add(&o, "supportedFlags", names(seccomp_flag_at));
	return o;
}

static struct json_object *mount_extensions(void)
{
	struct json_object *o = json_object_new_object();

	add(&o, "idmap", enabled(is_supported(PART_MOUNT, "uidMappings")));
	return o;
}

static struct json_object *memory_policy(void)
{
	struct json_object *o = json_object_new_object();

	add(&o, "modes", names(memory_mode_at));
	add(&o, "flags", names(memory_flag_at));
	return o;
}

static struct json_object *linux_part(const struct features_more *more)
{
	struct json_object *o = json_object_new_object();

	add(&o, "namespaces", names(namespace_at));
	add(&o, "capabilities", names(caps_name_at));
	add(&o, "cgroup", cgroup(more));
	add(&o, "seccomp", seccomp());
	add(&o, "apparmor", enabled(true));
	add(&o, "selinux", enabled(true));
	add(&o, "intelRdt", enabled(is_supported(PART_LINUX, "intelRdt")));
	add(&o, "memoryPolicy", memory_policy());
	add(&o, "mountExtensions", mount_extensions());
	add(&o, "netDevices", enabled(is_supported(PART_LINUX, "netDevices")));
	return o;
}

static struct json_object *annotations(const struct features_more *more)
{
	struct json_object *o = json_object_new_object();

	add(&o, "org.opencontainers.runc.checkpoint.enabled", json_object_new_string("false"));
	add(&o, "cloison.version", json_object_new_string(more->version));
	return o;
}

struct json_object *features_json(const struct features_more *more)
{
	struct json_object *o = json_object_new_object();

	add(&o, "ociVersionMin", json_object_new_string(OCI_VERSION_MIN));
	add(&o, "ociVersionMax", json_object_new_string(OCI_VERSION_MAX));
	add(&o, "hooks", names(hook_at));
	add(&o, "mountOptions", names(mount_option_at));
	add(&o, "linux", linux_part(more));
	add(&o, "annotations", annotations(more));
	add(&o, "potentiallyUnsafeConfigAnnotations", names(unsafe_annotation_at));
	return o;
}
