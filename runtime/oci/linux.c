/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * linux.c: the "linux" object, but for namespaces, resources, sysctls and seccomp, which have
 * files of their own.
 */
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "runtime/oci/decode.h"

#define DEFAULT_DEVICE_MODE 0666

static const struct name_value device_types[] = {
	{"b", S_IFBLK},
	{"c", S_IFCHR},
	{"p", S_IFIFO},
	{"u", S_IFCHR}, /* unbuffered, the name mknod(1) has for the same */
};

struct device {
	const char *type;
	bool has_major, has_minor;
	struct device_plan plan;
};

static int decode_device(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"path", JSON_STRING, .required = true, JSON_INTO(struct device, plan.path),
		 .decode = check_absolute},
		{"type", JSON_STRING, .required = true, JSON_INTO(struct device, type)},
		{"major", JSON_NUMBER, JSON_FLAGGED(struct device, plan.major, has_major),
		 .max = UINT32_MAX},
		{"minor", JSON_NUMBER, JSON_FLAGGED(struct device, plan.minor, has_minor),
		 .max = UINT32_MAX},
		{"fileMode", JSON_NUMBER, JSON_INTO(struct device, plan.mode), .max = 07777},
		{"uid", JSON_NUMBER, JSON_INTO(struct device, plan.uid), .max = UINT32_MAX - 1},
		{"gid", JSON_NUMBER, JSON_INTO(struct device, plan.gid), .max = UINT32_MAX - 1},
	};
	struct device device = {.plan = {.mode = DEFAULT_DEVICE_MODE}};
	const struct name_value *type;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &device) < 0)
		return -1;
	type = find_name(device_types, ARRAY_SIZE(device_types), device.type);
	if (!type)
		return json_fail_key(at, "type", "must be b, c, u or p, is `%s`", device.type);
	device.plan.type = (mode_t)type->value;
	if (device.plan.type != S_IFIFO && !device.has_major)
		return json_fail_key(at, "major", "is missing");
	if (device.plan.type != S_IFIFO && !device.has_minor)
		return json_fail_key(at, "minor", "is missing");
	*(struct device_plan *)into = device.plan;
	return 0;
}

static int decode_path(const struct json_at *at, void *into)
{
	static const struct json_field path = {"", JSON_STRING, .size = sizeof(char *),
					       .decode = check_absolute};

	return json_decode_value(at, &path, into);
}

/* decode_root_propagation - linux.rootfsPropagation; "" is what engines write for none. */
static int decode_root_propagation(const struct json_at *at, struct plan *plan)
{
	struct json_at member;
	const char *name;

	if (!json_member(at, "rootfsPropagation", &member))
		return 0;
	name = json_string(&member);
	if (!name)
		return -1;
	plan->root_propagation = find_propagation(name);
	if (!plan->root_propagation && name[0] != '\0')
		return json_fail(&member, "no such propagation: `%s`", name);
	plan->root_propagation_recursive = plan->root_propagation & MS_REC;
	plan->root_propagation &= ~(uint64_t)MS_REC;
	return 0;
}

/* check_cgroups_path - the path names a cgroup below the runtime's tree and may not leave it. */
static int check_cgroups_path(const struct json_at *at, void *member)
{
	const char **path = member;
	const char *p = *path;

	while (*p) {
		size_t length = strcspn(p, "/");

		if (length == 2 && p[0] == '.' && p[1] == '.')
			return json_fail(at, "must not contain `..`, is `%s`", *path);
		p += length;
		p += strspn(p, "/");
	}
	if ((*path)[0] == '\0')
		*path = NULL;
	return 0;
}

int decode_linux(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"devices", JSON_ARRAY, JSON_LIST(struct plan, devices, n_devices),
		 .decode = decode_device},
		{"cgroupsPath", JSON_STRING, JSON_INTO(struct plan, cgroup.path),
		 .decode = check_cgroups_path},
		{"resources", JSON_OBJECT, JSON_INTO(struct plan, cgroup),
		 .decode = decode_resources},
		{"maskedPaths", JSON_ARRAY, JSON_LIST(struct plan, masked_paths, n_masked),
		 .decode = decode_path},
		{"readonlyPaths", JSON_ARRAY, JSON_LIST(struct plan, readonly_paths, n_readonly),
		 .decode = decode_path},
		{"netDevices", JSON_MAP, JSON_LIST(struct plan, net_devices, n_net_devices),
		 .decode = decode_net_device},
		{"sysctl", JSON_MAP, JSON_LIST(struct plan, sysctls, n_sysctls),
		 .decode = decode_sysctl},
		{"mountLabel", JSON_STRING, JSON_INTO(struct plan, mount_label),
		 .decode = check_label},
		{"personality", JSON_OBJECT, .decode = decode_personality},
		{"memoryPolicy", JSON_OBJECT, .decode = decode_memory_policy},
		{"seccomp", JSON_ANY, JSON_INTO(struct plan, seccomp), .decode = decode_seccomp},
	};

	if (decode_namespaces(at, into) < 0 || decode_root_propagation(at, into) < 0 ||
	    json_decode_fields(at, fields, ARRAY_SIZE(fields), into) < 0)
		return -1;
	return refuse_unsupported(at, PART_LINUX);
}
