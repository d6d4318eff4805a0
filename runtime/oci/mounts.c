/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c: one element of "mounts".
 *
 * What is mounted follows from the type and the options: "bind" or "rbind" anywhere makes it a
 * bind mount whatever the type says; "cgroup" is the container's view of its own tree; everything
 * else names a file system.
 */
#include <string.h>

#include "runtime/oci/decode.h"

static int check_destination(const struct json_at *at, void *member)
{
	const char **destination = member;

	/* A relative destination is deprecated and means: from the container's root. */
	if ((*destination)[0] != '/') {
		*destination =
			arena_printf(at->source->arena, at->source->err, "/%s", *destination);
		if (!*destination)
			return -1;
	}
	if (strspn(*destination, "/") == strlen(*destination))
		return json_fail(at, "must not be the container's root");
	return 0;
}

static int check_fs(const struct json_at *at, const struct mount_plan *mount)
{
	if (!mount->type || mount->type[0] == '\0')
		return json_fail_key(at, "type", "is missing, and no option says `bind`");
	if (mount->idmap != IDMAP_NONE)
		return json_fail_key(at, "options", "ids are mapped on bind mounts only");
	if (mount->copy_up && strcmp(mount->type, "tmpfs") != 0)
		return json_fail_key(at, "options", "`tmpcopyup` is for a tmpfs only");
	if (mount->source_nofollow || mount->copy_symlink)
		return json_fail_key(at, "options", "`%s` is for bind mounts only",
				     mount->copy_symlink ? "copy-symlink" : "src-nofollow");
	return 0;
}

/* first_set_param - the first parameter that says anything but a file system's default. */
static const char *first_set_param(const struct mount_plan *mount)
{
	static const char *const defaults[] = {"async", "nolazytime", "nomand"};

	for (size_t i = 0; i < mount->n_params; i++) {
		size_t known = 0;

		while (known < ARRAY_SIZE(defaults) &&
		       strcmp(mount->params[i].key, defaults[known]) != 0)
			known++;
		if (known == ARRAY_SIZE(defaults))
			return mount->params[i].key;
	}
	return NULL;
}

static int check_bind(const struct json_at *at, const struct mount_plan *mount)
{
	const char *param = first_set_param(mount);

	if (!mount->source || mount->source[0] == '\0')
		return json_fail_key(at, "source", "is missing; a bind mount needs it");
	if (param)
		return json_fail_key(at, "options", "`%s` cannot be set on a bind mount", param);
	if (mount->copy_up)
		return json_fail_key(at, "options", "`tmpcopyup` is for a tmpfs only");
	return 0;
}

/* check_remount - the file system itself may be in use elsewhere, so only this mount changes. */
static int check_remount(const struct json_at *at, const struct mount_plan *mount)
{
	const char *param = first_set_param(mount);

	if (param)
		return json_fail_key(at, "options", "`%s` cannot be changed by a remount", param);
	if (mount->copy_up || mount->idmap != IDMAP_NONE || mount->copy_symlink)
		return json_fail_key(at, "options", "`%s` is not possible with `remount`",
				     mount->copy_up	   ? "tmpcopyup"
				     : mount->copy_symlink ? "copy-symlink"
							   : "idmap");
	return 0;
}

/* check_maps - mappings come in pairs and mean `idmap` when no option says which. */
static int check_maps(const struct json_at *at, struct mount_plan *mount)
{
	if (!mount->n_uid_map && !mount->n_gid_map)
		return 0;
	if (!mount->n_uid_map || !mount->n_gid_map)
		return json_fail_key(at, mount->n_uid_map ? "gidMappings" : "uidMappings",
				     "is missing; the other is there");
	if (mount->idmap == IDMAP_NONE)
		mount->idmap = IDMAP_MOUNT;
	if (check_id_maps(at, "uidMappings", mount->uid_map, mount->n_uid_map) < 0)
		return -1;
	return check_id_maps(at, "gidMappings", mount->gid_map, mount->n_gid_map);
}

static bool is_cgroup(const char *type)
{
	return type && (strcmp(type, "cgroup") == 0 || strcmp(type, "cgroup2") == 0);
}

int decode_mount(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"destination", JSON_STRING, .required = true,
		 JSON_INTO(struct mount_plan, destination), .decode = check_destination},
		{"type", JSON_STRING, JSON_INTO(struct mount_plan, type)},
		{"source", JSON_STRING, JSON_INTO(struct mount_plan, source)},
		{"uidMappings", JSON_ARRAY, JSON_LIST(struct mount_plan, uid_map, n_uid_map),
		 .decode = decode_id_map},
		{"gidMappings", JSON_ARRAY, JSON_LIST(struct mount_plan, gid_map, n_gid_map),
		 .decode = decode_id_map},
	};
	struct mount_plan *mount = into;
	char where[64];

	json_place(at, where, sizeof(where));
	mount->where = arena_strdup(at->source->arena, where, at->source->err);
	if (!mount->where || json_decode_fields(at, fields, ARRAY_SIZE(fields), mount) < 0 ||
	    refuse_unsupported(at, PART_MOUNT) < 0)
		return -1;
	if (mount->type && strcmp(mount->type, "bind") == 0)
		mount->kind = MOUNT_BIND;
	if (apply_mount_options(at, mount) < 0 || check_maps(at, mount) < 0)
		return -1;
	if (mount->remount) {
		mount->kind = MOUNT_REMOUNT;
		return check_remount(at, mount);
	}
	if (mount->kind == MOUNT_BIND)
		return check_bind(at, mount);
	if (is_cgroup(mount->type))
		mount->kind = MOUNT_CGROUP;
	return check_fs(at, mount);
}
