/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.c: config.json of the container every runtime is asked for, from default_spec.h.
 */
#include "bench/bundle.h"

#include "bench/default_spec.h"
#include "lib/fd.h"

#include <stdbool.h>
#include <string.h>

static void put(json_object *o, const char *key, json_object *value)
{
	json_object_object_add(o, key, value);
}

static json_object *text(const char *s)
{
	return json_object_new_string(s);
}

static json_object *texts(const char *const *v, size_t n)
{
	json_object *a = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(a, text(v[i]));
	return a;
}

static json_object *capabilities(void)
{
	static const char *const sets[] = {"bounding", "effective", "inheritable", "permitted",
					   "ambient"};
	json_object *o = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		json_object *a = json_object_new_array();

		for (size_t j = 0; j < ARRAY_SIZE(spec_capabilities); j++)
			json_object_array_add(a, text(spec_capabilities[j].name));
		put(o, sets[i], a);
	}
	return o;
}

static json_object *process(const char *const *args, size_t n)
{
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"};
	json_object *o = json_object_new_object();
	json_object *user = json_object_new_object();
	json_object *limit = json_object_new_object();
	json_object *limits = json_object_new_array();

	put(user, "uid", json_object_new_int(0));
	put(user, "gid", json_object_new_int(0));
	put(limit, "type", text("RLIMIT_NOFILE"));
	put(limit, "hard", json_object_new_int(SPEC_RLIMIT_NOFILE));
	put(limit, "soft", json_object_new_int(SPEC_RLIMIT_NOFILE));
	json_object_array_add(limits, limit);
	put(o, "terminal", json_object_new_boolean(false));
	put(o, "user", user);
	put(o, "args", texts(args, n));
	put(o, "env", texts(env, ARRAY_SIZE(env)));
	put(o, "cwd", text("/"));
	put(o, "capabilities", capabilities());
	put(o, "rlimits", limits);
	put(o, "noNewPrivileges", json_object_new_boolean(true));
	return o;
}

/* options - a mount's flags and data as config.json writes them. */
static json_object *options(const struct spec_mount *m)
{
	json_object *a = json_object_new_array();
	char data[128], *rest = data;

	for (size_t i = 0; i < ARRAY_SIZE(spec_flags); i++)
		if (m->flags & spec_flags[i].flag)
			json_object_array_add(a, text(spec_flags[i].option));
	snprintf(data, sizeof(data), "%s", m->data);
	for (char *word = strsep(&rest, ","); word && *word; word = strsep(&rest, ","))
		json_object_array_add(a, text(word));
	return a;
}

static json_object *mounts(void)
{
	json_object *a = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(spec_mounts); i++) {
		const struct spec_mount *m = &spec_mounts[i];
		json_object *o = json_object_new_object();

		put(o, "destination", text(m->destination));
		put(o, "type", text(m->type));
		put(o, "source", text(m->source));
		if (m->flags || m->data[0])
			put(o, "options", options(m));
		json_object_array_add(a, o);
	}
	return a;
}

/* no_devices - the rules of what `crun spec` and `runc spec` write: none but the default ones. */
static json_object *no_devices(void)
{
	json_object *resources = json_object_new_object(), *rules = json_object_new_array();
	json_object *rule = json_object_new_object();

	put(rule, "allow", json_object_new_boolean(false));
	put(rule, "access", text("rwm"));
	json_object_array_add(rules, rule);
	put(resources, "devices", rules);
	return resources;
}

static json_object *linux_section(bool cgroups)
{
	json_object *o = json_object_new_object();
	json_object *spaces = json_object_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(spec_namespaces); i++) {
		json_object *ns = json_object_new_object();

		put(ns, "type", text(spec_namespaces[i].type));
		json_object_array_add(spaces, ns);
	}
	put(o, "namespaces", spaces);
	if (cgroups)
		put(o, "resources", no_devices());
	put(o, "maskedPaths", texts(spec_masked_paths, ARRAY_SIZE(spec_masked_paths)));
	put(o, "readonlyPaths", texts(spec_readonly_paths, ARRAY_SIZE(spec_readonly_paths)));
	return o;
}

json_object *bundle_json(const char *rootfs, const char *const *args, size_t n, bool cgroups)
{
	json_object *o = json_object_new_object();
	json_object *root = json_object_new_object();

	put(root, "path", text(rootfs));
	put(root, "readonly", json_object_new_boolean(true));
	put(o, "ociVersion", text("1.0.2"));
	put(o, "process", process(args, n));
	put(o, "root", root);
	put(o, "hostname", text(SPEC_HOSTNAME));
	put(o, "mounts", mounts());
	put(o, "linux", linux_section(cgroups));
	return o;
}
