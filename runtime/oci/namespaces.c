/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces.c: linux.namespaces and what belongs to the user and time namespaces: ID mappings
 * and clock offsets.
 */
#include <linux/sched.h>
#include <string.h>

#include "runtime/oci/decode.h"

#define MAX_MAPPINGS 340 /* UID_GID_MAP_MAX_EXTENTS, user_namespaces(7) */
#define MAX_NANOSECS 999999999

static const struct {
	const char *name, *proc_name;
	uint64_t flag;
} kinds[NS_COUNT] = {
	[NS_USER] = {"user", "user", CLONE_NEWUSER},
	[NS_CGROUP] = {"cgroup", "cgroup", CLONE_NEWCGROUP},
	[NS_IPC] = {"ipc", "ipc", CLONE_NEWIPC},
	[NS_UTS] = {"uts", "uts", CLONE_NEWUTS},
	[NS_NET] = {"network", "net", CLONE_NEWNET},
	[NS_PID] = {"pid", "pid", CLONE_NEWPID},
	[NS_TIME] = {"time", "time", CLONE_NEWTIME},
	[NS_MNT] = {"mount", "mnt", CLONE_NEWNS},
};

uint64_t ns_clone_flag(enum ns_kind kind)
{
	return kinds[kind].flag;
}

const char *ns_name(enum ns_kind kind)
{
	return kinds[kind].name;
}

const char *ns_proc_name(enum ns_kind kind)
{
	return kinds[kind].proc_name;
}

struct entry {
	const char *type;
	const char *path;
};

struct entries {
	size_t count;
	const struct entry *list;
};

static int decode_entry(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"type", JSON_STRING, .required = true, JSON_INTO(struct entry, type)},
		{"path", JSON_STRING, JSON_INTO(struct entry, path)},
	};
	struct entry *entry = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), entry) < 0)
		return -1;
	if (entry->path && entry->path[0] == '\0')
		entry->path = NULL; /* engines written in Go write "no path" so */
	if (entry->path && entry->path[0] != '/')
		return json_fail_key(at, "path", "must be an absolute path, is `%s`", entry->path);
	return 0;
}

static int add_entry(const struct json_at *at, struct plan *plan, const struct entry *entry)
{
	for (int kind = 0; kind < NS_COUNT; kind++) {
		struct ns_plan *ns = &plan->ns[kind];

		if (strcmp(kinds[kind].name, entry->type) != 0)
			continue;
		if (ns->mode != NS_HOST)
			return json_fail_key(at, "namespaces", "has `%s` twice", entry->type);
		ns->mode = entry->path ? NS_JOIN : NS_NEW;
		ns->path = entry->path;
		return 0;
	}
	return json_fail_key(at, "namespaces", "no such namespace: `%s`", entry->type);
}

int decode_id_map(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"containerID", JSON_NUMBER, .required = true,
		 JSON_INTO(struct id_map, container_id), .max = UINT32_MAX - 1},
		{"hostID", JSON_NUMBER, .required = true, JSON_INTO(struct id_map, host_id),
		 .max = UINT32_MAX - 1},
		{"size", JSON_NUMBER, .required = true, JSON_INTO(struct id_map, size), .min = 1,
		 .max = UINT32_MAX},
	};
	struct id_map *map = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), map) < 0)
		return -1;
	if (map->size > UINT32_MAX - map->container_id || map->size > UINT32_MAX - map->host_id)
		return json_fail_key(at, "size", "goes beyond the last ID, %u", UINT32_MAX - 1);
	return 0;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

int check_id_maps(const struct json_at *at, const char *key, const struct id_map *map, size_t count)
{
	if (count > MAX_MAPPINGS)
		return json_fail_key(at, key, "has %zu entries; the kernel takes %d", count,
				     MAX_MAPPINGS);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < i; j++)
			if (overlap(map[i].container_id, map[i].size, map[j].container_id,
				    map[j].size) ||
			    overlap(map[i].host_id, map[i].size, map[j].host_id, map[j].size))
				return json_fail_key(at, key, "entries %zu and %zu overlap", j, i);
	return 0;
}

static int decode_time_offset(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"secs", JSON_NUMBER, JSON_INTO(struct time_offset, secs), .min = INT64_MIN,
		 .max = INT64_MAX},
		{"nanosecs", JSON_NUMBER, JSON_INTO(struct time_offset, nanosecs),
		 .max = MAX_NANOSECS},
	};
	struct time_offset *offset = into;

	if (strcmp(at->key, "monotonic") == 0)
		offset->clock = "monotonic";
	else if (strcmp(at->key, "boottime") == 0)
		offset->clock = "boottime";
	else
		return json_fail(at, "no such clock; there are monotonic and boottime");
	return json_decode_fields(at, fields, ARRAY_SIZE(fields), offset);
}

int decode_namespaces(const struct json_at *at, void *into)
{
	static const struct json_field entry_fields[] = {
		{"namespaces", JSON_ARRAY, JSON_LIST(struct entries, list, count),
		 .decode = decode_entry},
	};
	static const struct json_field fields[] = {
		{"uidMappings", JSON_ARRAY, JSON_LIST(struct plan, uid_map, n_uid_map),
		 .decode = decode_id_map},
		{"gidMappings", JSON_ARRAY, JSON_LIST(struct plan, gid_map, n_gid_map),
		 .decode = decode_id_map},
		{"timeOffsets", JSON_MAP, JSON_LIST(struct plan, time_offsets, n_time_offsets),
		 .decode = decode_time_offset},
	};
	struct entries entries = {0};
	struct plan *plan = into;

	if (json_decode_fields(at, entry_fields, ARRAY_SIZE(entry_fields), &entries) < 0 ||
	    json_decode_fields(at, fields, ARRAY_SIZE(fields), plan) < 0)
		return -1;
	for (size_t i = 0; i < entries.count; i++)
		if (add_entry(at, plan, &entries.list[i]) < 0)
			return -1;
	if (check_id_maps(at, "uidMappings", plan->uid_map, plan->n_uid_map) < 0)
		return -1;
	return check_id_maps(at, "gidMappings", plan->gid_map, plan->n_gid_map);
}

static bool is_mapped(const struct id_map *map, size_t count, uint32_t id)
{
	for (size_t i = 0; i < count; i++)
		if (id >= map[i].container_id && id - map[i].container_id < map[i].size)
			return true;
	return false;
}

/* check_user - the process's IDs must exist in the container's user namespace. */
static int check_user(const struct json_at *at, const struct plan *plan)
{
	const struct process_plan *process = &plan->process;

	if (!is_mapped(plan->uid_map, plan->n_uid_map, process->uid))
		return json_fail_key(at, "process.user.uid", "%u is not in linux.uidMappings",
				     process->uid);
	if (!is_mapped(plan->gid_map, plan->n_gid_map, process->gid))
		return json_fail_key(at, "process.user.gid", "%u is not in linux.gidMappings",
				     process->gid);
	for (size_t i = 0; i < process->n_groups; i++)
		if (!is_mapped(plan->gid_map, plan->n_gid_map, process->groups[i]))
			return json_fail_key(at, "process.user.additionalGids",
					     "%u is not in linux.gidMappings", process->groups[i]);
	return 0;
}

/*
 * check_joined_mounts - a mount namespace that is joined has its root, its mounts and its /dev:
 * nothing of them is made, so nothing may be asked for.
 */
static int check_joined_mounts(const struct json_at *at, const struct plan *plan)
{
	const struct {
		const char *key;
		bool asked_for;
	} members[] = {
		{"root.readonly", plan->root_readonly},
		{"mounts", plan->n_mounts > 0},
		{"linux.devices", plan->n_devices > 0},
		{"linux.rootfsPropagation", plan->root_propagation != 0},
		{"linux.maskedPaths", plan->n_masked > 0},
		{"linux.readonlyPaths", plan->n_readonly > 0},
		{"linux.sysctl", plan->n_sysctls > 0}, /* written through the container's /proc */
	};

	for (size_t i = 0; i < ARRAY_SIZE(members); i++)
		if (members[i].asked_for)
			return json_fail_key(at, members[i].key,
					     "not possible in a mount namespace that is joined");
	return 0;
}

/* check_idmaps - a mount that takes the container's ids needs the container to have some. */
static int check_idmaps(const struct json_at *at, const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_mounts; i++) {
		const struct mount_plan *m = &plan->mounts[i];

		if (m->idmap == IDMAP_NONE || m->n_uid_map || plan->ns[NS_USER].mode != NS_HOST)
			continue;
		return json_fail_key(
			at, m->where,
			"idmap needs a user namespace, or uidMappings and gidMappings");
	}
	return 0;
}

int check_namespaces(const struct json_at *at, const struct plan *plan)
{
	bool new_user = plan->ns[NS_USER].mode == NS_NEW;

	if (plan->ns[NS_MNT].mode == NS_HOST)
		return json_fail_key(
			at, "linux.namespaces",
			"must have `mount`: a container never shares the host's mounts");
	if (plan->ns[NS_MNT].mode == NS_JOIN && check_joined_mounts(at, plan) < 0)
		return -1;
	if (new_user && plan->n_uid_map == 0)
		return json_fail_key(at, "linux.uidMappings", "a new user namespace needs it");
	if (new_user && plan->n_gid_map == 0)
		return json_fail_key(at, "linux.gidMappings", "a new user namespace needs it");
	if (!new_user && plan->n_uid_map > 0)
		return json_fail_key(at, "linux.uidMappings", "needs a new user namespace");
	if (!new_user && plan->n_gid_map > 0)
		return json_fail_key(at, "linux.gidMappings", "needs a new user namespace");
	if (plan->n_time_offsets > 0 && plan->ns[NS_TIME].mode != NS_NEW)
		return json_fail_key(at, "linux.timeOffsets", "needs a new time namespace");
	if (check_idmaps(at, plan) < 0)
		return -1;
	return new_user ? check_user(at, plan) : 0;
}
