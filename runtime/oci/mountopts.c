/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountopts.c: mount options to what the new mount API takes.
 *
 * An option is about the mount (mount_setattr: ro, nosuid, noatime), about its propagation, about
 * the superblock (fsconfig flags: sync, dirsync) or, when no row has it, a parameter of the file
 * system itself (fsconfig: size=64m). Later options override earlier ones, as with mount(8).
 * Source: OCI config.md, "Linux mount options"; mount_setattr(2); fs/fs_context.c.
 */
#include <linux/mount.h>
#include <string.h>
#include <sys/mount.h>

#include "runtime/oci/decode.h"

enum option_kind {
	OPT_ATTR,     /* attributes of this mount */
	OPT_REC_ATTR, /* attributes of the whole tree below it */
	OPT_BIND,     /* bind, rbind */
	OPT_FS_FLAG,  /* a flag of the superblock */
	OPT_BOOL,     /* a switch of ours: @set is its place in struct mount_plan */
	OPT_IDMAP,    /* @set is an enum idmap_scope */
	OPT_NOTHING,  /* the default */
};

#define ATIME MOUNT_ATTR__ATIME

/*
 * Attributes are changed as (old & ~clr) | set; the three atime modes are one field. Both tables are
 * in the order of the names, for find_sorted().
 */
static const struct mount_option {
	const char *name;
	enum option_kind kind;
	uint64_t set, clr;
} mount_options[] = {
	{"async", OPT_FS_FLAG, 0, 0},
	{"atime", OPT_ATTR, 0, ATIME},
	{"bind", OPT_BIND, 0, 0},
	{"copy-symlink", OPT_BOOL, offsetof(struct mount_plan, copy_symlink), 0},
	{"defaults", OPT_NOTHING, 0, 0},
	{"dest-nofollow", OPT_BOOL, offsetof(struct mount_plan, dest_nofollow), 0},
	{"dev", OPT_ATTR, 0, MOUNT_ATTR_NODEV},
	{"diratime", OPT_ATTR, 0, MOUNT_ATTR_NODIRATIME},
	{"dirsync", OPT_FS_FLAG, 0, 0},
	{"exec", OPT_ATTR, 0, MOUNT_ATTR_NOEXEC},
	{"idmap", OPT_IDMAP, IDMAP_MOUNT, 0},
	/* Of the file systems that count inode versions all do so always (ext4 since Linux 6.1). */
	{"iversion", OPT_NOTHING, 0, 0},
	{"lazytime", OPT_FS_FLAG, 0, 0},
	{"loud", OPT_NOTHING, 0, 0},
	{"mand", OPT_FS_FLAG, 0, 0},
	{"noatime", OPT_ATTR, MOUNT_ATTR_NOATIME, ATIME},
	{"nodev", OPT_ATTR, MOUNT_ATTR_NODEV, 0},
	{"nodiratime", OPT_ATTR, MOUNT_ATTR_NODIRATIME, 0},
	{"noexec", OPT_ATTR, MOUNT_ATTR_NOEXEC, 0},
	{"noiversion", OPT_NOTHING, 0, 0},
	{"nolazytime", OPT_FS_FLAG, 0, 0},
	{"nomand", OPT_FS_FLAG, 0, 0},
	{"norelatime", OPT_NOTHING, 0, 0}, /* relatime has been the kernel's default since 2.6.30 */
	{"nostrictatime", OPT_ATTR, 0, ATIME},
	{"nosuid", OPT_ATTR, MOUNT_ATTR_NOSUID, 0},
	{"nosymfollow", OPT_ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"ratime", OPT_REC_ATTR, 0, ATIME},
	{"rbind", OPT_BIND, 1, 0},
	{"rdev", OPT_REC_ATTR, 0, MOUNT_ATTR_NODEV},
	{"rdiratime", OPT_REC_ATTR, 0, MOUNT_ATTR_NODIRATIME},
	{"relatime", OPT_ATTR, 0, ATIME},
	{"remount", OPT_BOOL, offsetof(struct mount_plan, remount), 0},
	{"rexec", OPT_REC_ATTR, 0, MOUNT_ATTR_NOEXEC},
	{"ridmap", OPT_IDMAP, IDMAP_TREE, 0},
	{"rnoatime", OPT_REC_ATTR, MOUNT_ATTR_NOATIME, ATIME},
	{"rnodev", OPT_REC_ATTR, MOUNT_ATTR_NODEV, 0},
	{"rnodiratime", OPT_REC_ATTR, MOUNT_ATTR_NODIRATIME, 0},
	{"rnoexec", OPT_REC_ATTR, MOUNT_ATTR_NOEXEC, 0},
	{"rnorelatime", OPT_NOTHING, 0, 0},
	{"rnostrictatime", OPT_REC_ATTR, 0, ATIME},
	{"rnosuid", OPT_REC_ATTR, MOUNT_ATTR_NOSUID, 0},
	{"rnosymfollow", OPT_REC_ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"ro", OPT_ATTR, MOUNT_ATTR_RDONLY, 0},
	{"rrelatime", OPT_REC_ATTR, 0, ATIME},
	{"rro", OPT_REC_ATTR, MOUNT_ATTR_RDONLY, 0},
	{"rrw", OPT_REC_ATTR, 0, MOUNT_ATTR_RDONLY},
	{"rstrictatime", OPT_REC_ATTR, MOUNT_ATTR_STRICTATIME, ATIME},
	{"rsuid", OPT_REC_ATTR, 0, MOUNT_ATTR_NOSUID},
	{"rsymfollow", OPT_REC_ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW},
	{"rw", OPT_ATTR, 0, MOUNT_ATTR_RDONLY},
	{"silent", OPT_NOTHING, 0, 0},
	{"src-nofollow", OPT_BOOL, offsetof(struct mount_plan, source_nofollow), 0},
	{"strictatime", OPT_ATTR, MOUNT_ATTR_STRICTATIME, ATIME},
	{"suid", OPT_ATTR, 0, MOUNT_ATTR_NOSUID},
	{"symfollow", OPT_ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW},
	{"sync", OPT_FS_FLAG, 0, 0},
	{"tmpcopyup", OPT_BOOL, offsetof(struct mount_plan, copy_up), 0},
};

static const struct name_value propagations[] = {
	{"private", MS_PRIVATE},
	{"rprivate", MS_PRIVATE | MS_REC},
	{"rshared", MS_SHARED | MS_REC},
	{"rslave", MS_SLAVE | MS_REC},
	{"runbindable", MS_UNBINDABLE | MS_REC},
	{"shared", MS_SHARED},
	{"slave", MS_SLAVE},
	{"unbindable", MS_UNBINDABLE},
};

uint64_t find_propagation(const char *name)
{
	const struct name_value *known =
		find_sorted(propagations, ARRAY_SIZE(propagations), sizeof(*propagations), name);

	return known ? known->value : 0;
}

static const struct mount_option *find_option(const char *name)
{
	return find_sorted(mount_options, ARRAY_SIZE(mount_options), sizeof(*mount_options), name);
}

static void change(uint64_t *set, uint64_t *clr, const struct mount_option *option)
{
	*set = (*set & ~option->clr) | option->set;
	*clr |= option->clr;
}

/* add_param - @text is "key" or "key=value"; the plan's copy is cut at the "=". */
static int add_param(const struct json_at *at, struct mount_plan *mount, struct mount_param *params,
		     const char *text)
{
	char *copy = arena_strdup(at->source->arena, text, at->source->err);
	char *equals;

	if (!copy)
		return -1;
	equals = strchr(copy, '=');
	if (copy[0] == '\0' || equals == copy)
		return json_fail(at, "no such option: `%s`", text);
	if (equals)
		*equals = '\0';
	params[mount->n_params++] =
		(struct mount_param){.key = copy, .value = equals ? equals + 1 : NULL};
	return 0;
}

static int apply_option(const struct json_at *at, struct mount_plan *mount,
			struct mount_param *params, const char *name)
{
	const struct mount_option *option = find_option(name);
	uint64_t propagation = option ? 0 : find_propagation(name);

	if (propagation) {
		mount->propagation = propagation & ~(uint64_t)MS_REC;
		mount->propagation_recursive = propagation & MS_REC;
		return 0;
	}
	if (!option)
		return add_param(at, mount, params, name);
	switch (option->kind) {
	case OPT_ATTR:
		change(&mount->attr_set, &mount->attr_clr, option);
		return 0;
	case OPT_REC_ATTR:
		change(&mount->rec_attr_set, &mount->rec_attr_clr, option);
		return 0;
	case OPT_BIND:
		mount->kind = MOUNT_BIND;
		mount->recursive = mount->recursive || option->set;
		return 0;
	case OPT_FS_FLAG:
		return add_param(at, mount, params, name);
	case OPT_NOTHING:
		return 0;
	case OPT_BOOL:
		*(bool *)((char *)mount + option->set) = true;
		return 0;
	case OPT_IDMAP:
		mount->idmap = (enum idmap_scope)option->set;
		return 0;
	}
	return 0;
}

int apply_mount_options(const struct json_at *at, struct mount_plan *mount)
{
	struct options {
		const char *const *names;
		size_t count;
	} options = {0};
	static const struct json_field fields[] = {
		{"options", JSON_STRINGS, JSON_LIST(struct options, names, count)},
	};
	struct json_at list = {.source = at->source, .parent = at, .key = "options"};
	struct mount_param *params;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &options) < 0)
		return -1;
	params = arena_new(at->source->arena, struct mount_param, options.count, at->source->err);
	if (!params)
		return -1;
	mount->params = params;
	for (size_t i = 0; i < options.count; i++) {
		struct json_at one = {.source = at->source, .parent = &list, .index = i};

		if (apply_option(&one, mount, params, options.names[i]) < 0)
			return -1;
	}
	return 0;
}

const char *mount_option_at(size_t index)
{
	if (index < ARRAY_SIZE(mount_options))
		return mount_options[index].name;
	index -= ARRAY_SIZE(mount_options);
	return index < ARRAY_SIZE(propagations) ? propagations[index].name : NULL;
}
