/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devices.c: --device: a node in the container as it is on the host, and the right to use it.
 */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "runtime/native/config.h"

static void add_node(struct native_build *b, struct json_object *devices, const char *path,
		     const struct stat *st)
{
	struct json_object *node = json_object_new_object();

	tree_put_text(&b->tree, node, "path", path);
	tree_put_text(&b->tree, node, "type", S_ISBLK(st->st_mode) ? "b" : "c");
	tree_put_number(&b->tree, node, "major", major(st->st_rdev));
	tree_put_number(&b->tree, node, "minor", minor(st->st_rdev));
	tree_put_number(&b->tree, node, "fileMode", st->st_mode & 0777);
	tree_put_number(&b->tree, node, "uid", st->st_uid);
	tree_put_number(&b->tree, node, "gid", st->st_gid);
	tree_add(&b->tree, devices, node);
}

static void add_rule(struct native_build *b, struct json_object *rules, const char *access,
		     const struct stat *st)
{
	struct json_object *rule = json_object_new_object();

	tree_put_bool(&b->tree, rule, "allow", true);
	tree_put_text(&b->tree, rule, "type", S_ISBLK(st->st_mode) ? "b" : "c");
	tree_put_number(&b->tree, rule, "major", major(st->st_rdev));
	tree_put_number(&b->tree, rule, "minor", minor(st->st_rdev));
	tree_put_text(&b->tree, rule, "access", access);
	tree_add(&b->tree, rules, rule);
}

int native_apply_devices(struct native_build *b)
{
	const struct native_request *r = b->request;
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);
	struct json_object *resources, *nodes, *rules;

	if (!r->n_devices)
		return 0;
	resources = tree_need(&b->tree, linux_part, "resources", json_type_object);
	nodes = tree_need(&b->tree, linux_part, "devices", json_type_array);
	rules = tree_need(&b->tree, resources, "devices", json_type_array);
	for (size_t i = 0; i < r->n_devices; i++) {
		const struct native_device *d = &r->devices[i];
		struct stat st;

		if (stat(d->source, &st) < 0)
			return error_set(b->err, errno, "request: devices: `%s`", d->source);
		if (!S_ISBLK(st.st_mode) && !S_ISCHR(st.st_mode))
			return error_set(b->err, 0, "request: devices: `%s` is no device",
					 d->source);
		add_node(b, nodes, d->target ? d->target : d->source, &st);
		add_rule(b, rules, d->permissions ? d->permissions : "rwm", &st);
	}
	return 0;
}
