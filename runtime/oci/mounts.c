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
	return 0;
}

static int check_bind(const struct json_at *at, const struct mount_plan *mount)
{
	if (!mount->source || mount->source[0] == '\0')
		return json_fail_key(at, "source", "is missing; a bind mount needs it");
	if (mount->n_params > 0)
		return json_fail_key(at, "options", "`%s` cannot be set on a bind mount",
				     mount->params[0].key);
	return 0;
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
	if (apply_mount_options(at, mount) < 0)
		return -1;
	if (mount->kind == MOUNT_BIND)
		return check_bind(at, mount);
	if (is_cgroup(mount->type))
		mount->kind = MOUNT_CGROUP;
	return check_fs(at, mount);
}
