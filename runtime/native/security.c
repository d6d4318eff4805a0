/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * security.c: capabilities, --privileged and --security-opt.
 *
 * Capabilities are those of the bundle, changed by name; ALL means those that a process here can have. A
 * privileged container has all of them, every device and nothing masked or read-only; it keeps its
 * namespaces.
 */
#include <stdio.h>
#include <strings.h>
#include <sys/prctl.h>

#include "lib/json.h"
#include "runtime/native/config.h"
#include "runtime/oci/decode.h"

static const char *const cap_sets[] = {"bounding", "effective", "permitted"};

/* possible - the capabilities that this system has and our own bounding set still holds. */
static uint64_t possible(void)
{
	uint64_t mask = 0;
	const char *name;

	for (size_t i = 0; (name = caps_name_at(i)); i++) {
		uint64_t bit = plan_capability(name);

		if (prctl(PR_CAPBSET_READ, __builtin_ctzll(bit), 0, 0, 0) == 1)
			mask |= bit;
	}
	return mask;
}

/* add_names - the capabilities of a list: with or without CAP_, in any case; ALL. */
static int add_names(const char **names, const char *member, uint64_t *mask, struct error *err)
{
	for (; names && *names; names++) {
		char full[64];
		uint64_t bit;

		if (!strcasecmp(*names, "ALL")) {
			*mask |= possible();
			continue;
		}
		snprintf(full, sizeof(full), "%s%s", strncasecmp(*names, "CAP_", 4) ? "CAP_" : "",
			 *names);
		for (char *p = full; *p; p++)
			if (*p >= 'a' && *p <= 'z')
				*p = (char)(*p - 'a' + 'A');
		bit = plan_capability(full);
		if (!bit)
			return error_set(err, 0, "request: %s: no such capability: `%.64s`", member,
					 *names);
		*mask |= bit;
	}
	return 0;
}

static uint64_t bundle_caps(const struct json_object *caps)
{
	struct json_object *set = tree_get(caps, "bounding", json_type_array);
	uint64_t mask = 0;

	for (size_t i = 0; set && i < json_object_array_length(set); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(set, i));

		mask |= name ? plan_capability(name) : 0;
	}
	return mask;
}

static struct json_object *names_of(struct native_build *b, uint64_t mask)
{
	struct json_object *set = json_object_new_array();
	const char *name;

	for (size_t i = 0; (name = caps_name_at(i)); i++)
		if (mask & plan_capability(name))
			tree_add_text(&b->tree, set, name);
	return set;
}

static bool has_all(const char **names)
{
	for (; names && *names; names++)
		if (!strcasecmp(*names, "ALL"))
			return true;
	return false;
}

static int set_caps(struct native_build *b, struct json_object *process)
{
	const struct native_request *r = b->request;
	struct json_object *caps;
	uint64_t mask, added = 0, dropped = 0;

	if (!r->privileged && !r->cap_add && !r->cap_drop)
		return 0;
	caps = tree_need(&b->tree, process, "capabilities", json_type_object);
	if (!caps)
		return 0;
	if (add_names(r->cap_add, "cap_add", &added, b->err) < 0 ||
	    add_names(r->cap_drop, "cap_drop", &dropped, b->err) < 0)
		return -1;
	/* "drop ALL, add KILL" leaves one; "add ALL, drop KILL" all but one. */
	mask = r->privileged ? possible() : bundle_caps(caps);
	mask = has_all(r->cap_drop) ? added : (mask | added) & ~dropped;
	for (size_t i = 0; i < ARRAY_SIZE(cap_sets); i++)
		tree_put(&b->tree, caps, cap_sets[i], names_of(b, mask));
	json_object_object_del(caps, "inheritable");
	json_object_object_del(caps, "ambient");
	return 0;
}

/* no_ro - a mount's options without "ro" */
static void make_writable(struct native_build *b, struct json_object *mount)
{
	struct json_object *old = tree_get(mount, "options", json_type_array);
	struct json_object *kept = json_object_new_array();

	for (size_t i = 0; old && i < json_object_array_length(old); i++) {
		const char *text = json_object_get_string(json_object_array_get_idx(old, i));

		if (text && strcmp(text, "ro") != 0)
			tree_add_text(&b->tree, kept, text);
	}
	tree_put(&b->tree, mount, "options", kept);
}

static void unmask(struct native_build *b)
{
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);

	json_object_object_del(linux_part, "maskedPaths");
	json_object_object_del(linux_part, "readonlyPaths");
}

static void set_privileged(struct native_build *b, struct json_object *process)
{
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);
	struct json_object *mounts = tree_get(b->config, "mounts", json_type_array);
	struct json_object *resources =
		tree_need(&b->tree, linux_part, "resources", json_type_object);
	struct json_object *devices = json_object_new_array();
	struct json_object *all = json_object_new_object();

	unmask(b);
	json_object_object_del(linux_part, "seccomp");
	json_object_object_del(process, "apparmorProfile");
	tree_put_bool(&b->tree, process, "noNewPrivileges", false);
	tree_put_bool(&b->tree, all, "allow", true);
	tree_put_text(&b->tree, all, "access", "rwm");
	tree_add(&b->tree, devices, all);
	tree_put(&b->tree, resources, "devices", devices);
	for (size_t i = 0; mounts && i < json_object_array_length(mounts); i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);
		const char *type = tree_text(mount, "type");

		if (type && (!strcmp(type, "sysfs") || !strcmp(type, "cgroup")))
			make_writable(b, mount);
	}
}

static int set_seccomp(struct native_build *b, const char *value)
{
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);
	_cleanup_arena_ struct arena arena = {0};
	const struct json_source source = {.name = "request: security_opt: seccomp",
					   .arena = &arena,
					   .err = b->err};
	struct json_object *profile;

	if (!strcmp(value, "unconfined")) {
		json_object_object_del(linux_part, "seccomp");
		return 0;
	}
	if (!strcmp(value, "builtin"))
		return 0;
	profile = json_parse(value, strlen(value), &source);
	if (!profile)
		return -1;
	tree_put(&b->tree, linux_part, "seccomp", profile);
	return 0;
}

static int set_option(struct native_build *b, struct json_object *process, const char *option)
{
	size_t n = strcspn(option, "=:");
	const char *value = option[n] ? option + n + 1 : "";

#define IS(text) (n == sizeof(text) - 1 && !strncmp(option, text, n))
	if (IS("no-new-privileges") && (!*value || !strcmp(value, "true")))
		tree_put_bool(&b->tree, process, "noNewPrivileges", true);
	else if (IS("no-new-privileges") && !strcmp(value, "false"))
		tree_put_bool(&b->tree, process, "noNewPrivileges", false);
	else if (IS("seccomp") && *value)
		return set_seccomp(b, value);
	else if (IS("apparmor") && *value)
		tree_put_text(&b->tree, process, "apparmorProfile", value);
	else if (IS("systempaths") && !strcmp(value, "unconfined"))
		unmask(b);
	else {
		error_set(b->err, 0, "request: security_opt: `%.64s` is not implemented", option);
		return error_hint(b->err, "no-new-privileges[=BOOL], seccomp=unconfined or an OCI "
					  "profile, apparmor=PROFILE, systempaths=unconfined");
	}
#undef IS
	return 0;
}

int native_apply_security(struct native_build *b)
{
	struct json_object *process = tree_get(b->config, "process", json_type_object);

	if (b->request->privileged)
		set_privileged(b, process);
	if (set_caps(b, process) < 0)
		return -1;
	for (const char **p = b->request->security_opt; p && *p; p++)
		if (set_option(b, process, *p) < 0)
			return -1;
	return 0;
}
