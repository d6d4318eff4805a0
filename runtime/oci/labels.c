/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * labels.c: AppArmor profiles and SELinux labels.
 *
 * "" is what engines write for none. "unconfined" is AppArmor's word for none, and needs no module.
 * Source: OCI config.md, "Linux Process"; config-linux.md, "Mount Label".
 */
#include <string.h>

#include "runtime/oci/decode.h"

/* File systems whose superblock takes a context: the others have labels of their own or none. */
static const char *const labelled[] = {"tmpfs", "devpts", "ramfs"};

static const char *label_fault(const char *label)
{
	if (strlen(label) > LSM_LABEL_MAX)
		return "is too long for a label";
	for (; *label; label++)
		if ((unsigned char)*label < ' ' || *label == 0x7f)
			return "has a control character";
	return NULL;
}

int check_label(const struct json_at *at, void *member)
{
	const char **label = member;
	const char *fault = label_fault(*label);

	if (fault)
		return json_fail(at, "%s", fault);
	if (!**label)
		*label = NULL;
	return 0;
}

int plan_check_label(const char **label, const char *what, struct error *err)
{
	const char *fault = label_fault(*label);

	if (fault)
		return error_set(err, EINVAL, "%s: %s", what, fault);
	if (!**label)
		*label = NULL;
	return 0;
}

static bool takes_label(const struct mount_plan *m)
{
	if (m->kind != MOUNT_FS)
		return false;
	for (size_t i = 0; i < m->n_params; i++)
		if (!strcmp(m->params[i].key, "context"))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(labelled); i++)
		if (!strcmp(m->type, labelled[i]))
			return true;
	return false;
}

int label_mounts(const struct json_at *at, struct plan *plan)
{
	/* The arena's memory is ours until plan_load() returns; only its users see it const. */
	struct mount_plan *mounts = (struct mount_plan *)plan->mounts;

	for (size_t i = 0; plan->mount_label && i < plan->n_mounts; i++) {
		struct mount_plan *m = &mounts[i];
		struct mount_param *params;

		if (!takes_label(m))
			continue;
		params = arena_new(at->source->arena, struct mount_param, m->n_params + 1,
				   at->source->err);
		if (!params)
			return -1;
		if (m->n_params)
			memcpy(params, m->params, m->n_params * sizeof(*params));
		params[m->n_params++] =
			(struct mount_param){.key = "context", .value = plan->mount_label};
		m->params = params;
	}
	return 0;
}
