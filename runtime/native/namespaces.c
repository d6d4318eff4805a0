/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * namespaces.c: which namespaces are the container's own, the host's or another's.
 *
 * What the request does not name stays as in the bundle. "host" takes the entry out, "private" puts one
 * in, a path joins. With a namespace that is not its own, what configures it goes as well: the host name
 * without a uts namespace, the identity map without a user namespace.
 */
#include <stdio.h>

#include "runtime/native/config.h"

#define CONTAINER "container:"
#define FIRST_HOST_ID 100000
#define HOST_IDS 65536

/* The files of /proc/PID/ns by config.json's names. */
static const struct {
	const char *kind, *file;
} files[] = {
	{"pid", "pid"},	  {"network", "net"},	{"ipc", "ipc"},	  {"uts", "uts"},
	{"user", "user"}, {"cgroup", "cgroup"}, {"mount", "mnt"}, {"time", "time"},
};

static void drop_kind(struct native_build *b, struct json_object *list, const char *kind)
{
	for (size_t i = json_object_array_length(list); i-- > 0;) {
		const char *there = tree_text(json_object_array_get_idx(list, i), "type");

		if (there && !strcmp(there, kind) && json_object_array_del_idx(list, i, 1) < 0)
			b->tree.lost = true;
	}
}

static bool has_kind(struct json_object *list, const char *kind)
{
	for (size_t i = 0; i < json_object_array_length(list); i++) {
		const char *there = tree_text(json_object_array_get_idx(list, i), "type");

		if (there && !strcmp(there, kind))
			return true;
	}
	return false;
}

static void add_kind(struct native_build *b, struct json_object *list, const char *kind,
		     const char *path)
{
	struct json_object *one = json_object_new_object();

	tree_put_text(&b->tree, one, "type", kind);
	if (path)
		tree_put_text(&b->tree, one, "path", path);
	tree_add(&b->tree, list, one);
}

static struct json_object *default_map(struct native_build *b)
{
	struct json_object *list = json_object_new_array(), *one = json_object_new_object();

	tree_put_number(&b->tree, one, "containerID", 0);
	tree_put_number(&b->tree, one, "hostID", FIRST_HOST_ID);
	tree_put_number(&b->tree, one, "size", HOST_IDS);
	tree_add(&b->tree, list, one);
	return list;
}

/* follow - what belongs to a namespace comes and goes with it. */
static void follow(struct native_build *b, struct json_object *linux_part, const char *kind,
		   bool own)
{
	if (!strcmp(kind, "user") && own) {
		if (!tree_get(linux_part, "uidMappings", json_type_array))
			tree_put(&b->tree, linux_part, "uidMappings", default_map(b));
		if (!tree_get(linux_part, "gidMappings", json_type_array))
			tree_put(&b->tree, linux_part, "gidMappings", default_map(b));
	} else if (!strcmp(kind, "user")) {
		json_object_object_del(linux_part, "uidMappings");
		json_object_object_del(linux_part, "gidMappings");
	} else if (!strcmp(kind, "uts") && !own) {
		json_object_object_del(b->config, "hostname");
		json_object_object_del(b->config, "domainname");
	} else if (!strcmp(kind, "time") && !own) {
		json_object_object_del(linux_part, "timeOffsets");
	}
}

static int set_kind(struct native_build *b, struct json_object *linux_part,
		    struct json_object *list, const struct native_pair *ns)
{
	bool own = !strcmp(ns->value, "private") || !strcmp(ns->value, "none");

	if (!strncmp(ns->value, CONTAINER, sizeof(CONTAINER) - 1))
		return error_set(b->err, 0,
				 "request: namespaces.%s: `%s` names a container that is not known "
				 "here",
				 ns->name, ns->value);
	if (!own || !has_kind(list, ns->name)) {
		drop_kind(b, list, ns->name);
		if (own || ns->value[0] == '/')
			add_kind(b, list, ns->name, own ? NULL : ns->value);
	}
	follow(b, linux_part, ns->name, own);
	return 0;
}

/* set_offset - the container's clocks since the boot, so many seconds ahead. */
static void set_offset(struct native_build *b, struct json_object *linux_part,
		       struct json_object *list)
{
	struct json_object *offsets;

	if (!b->request->time_offset_s)
		return;
	if (!has_kind(list, "time"))
		add_kind(b, list, "time", NULL);
	offsets = tree_need(&b->tree, linux_part, "timeOffsets", json_type_object);
	for (int i = 0; i < 2; i++) {
		struct json_object *one = json_object_new_object();

		tree_put_number(&b->tree, one, "secs", b->request->time_offset_s);
		tree_put_number(&b->tree, one, "nanosecs", 0);
		tree_put(&b->tree, offsets, i ? "boottime" : "monotonic", one);
	}
}

int native_apply_namespaces(struct native_build *b)
{
	const struct native_request *r = b->request;
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);
	struct json_object *list = tree_need(&b->tree, linux_part, "namespaces", json_type_array);

	if (!list)
		return 0;
	for (size_t i = 0; i < r->n_namespaces; i++)
		if (set_kind(b, linux_part, list, &r->namespaces[i]) < 0)
			return -1;
	set_offset(b, linux_part, list);
	return 0;
}

/* set_path - of the namespace of this kind in a configuration. */
static void set_path(struct tree *t, struct json_object *config, const char *kind, const char *path)
{
	struct json_object *list = tree_get(tree_get(config, "linux", json_type_object),
					    "namespaces", json_type_array);

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct json_object *one = json_object_array_get_idx(list, i);
		const char *there = tree_text(one, "type");

		if (there && !strcmp(there, kind))
			tree_put_text(t, one, "path", path);
	}
}

int native_config_join(struct json_object *request, struct json_object *config,
		       native_first_process *find, void *context, struct error *err)
{
	struct json_object *namespaces = tree_get(request, "namespaces", json_type_object);
	struct tree tree = {0};

	for (size_t i = 0; namespaces && i < ARRAY_SIZE(files); i++) {
		const char *value = tree_text(namespaces, files[i].kind);
		char path[64];
		pid_t pid;

		if (!value || strncmp(value, CONTAINER, sizeof(CONTAINER) - 1) != 0)
			continue;
		pid = find(value + sizeof(CONTAINER) - 1, context, err);
		if (pid < 0)
			return error_wrap(err, "namespaces.%s", files[i].kind);
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", (int)pid, files[i].file);
		if (config)
			set_path(&tree, config, files[i].kind, path);
		else
			tree_put_text(&tree, namespaces, files[i].kind, path);
	}
	return tree.lost ? error_set(err, ENOMEM, "cannot change the request") : 0;
}
