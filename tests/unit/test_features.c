/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_features.c: what `features` lists is what config.json may say (runtime/oci/features.c).
 */
#include "bundle.h"

#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/oci/features.h"

#define CONFIG                                                                                         \
	"{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"},\"process\":{\"args\":[\"x\"],\"cwd\":\"/\"" \
	"%s},\"mounts\":[%s],\"hooks\":{%s},\"linux\":{\"namespaces\":[{\"type\":\"mount\"}%s]%s}}"

/* load - a configuration with the given parts in it. */
static const struct plan *load(void **state, const char *version, const char *process,
			       const char *mounts, const char *hooks, const char *namespaces,
			       const char *more)
{
	char text[2048];

	assert_true((size_t)snprintf(text, sizeof(text), CONFIG, version, process, mounts, hooks,
				     namespaces, more) < sizeof(text));
	return bundle_load(*state, text);
}

static const struct features_more more = {.version = "1"};

/* list - the names at @path in the document, "linux.seccomp.archs". */
static struct json_object *list(struct json_object *features, const char *path)
{
	char copy[64], *rest = copy, *key;
	struct json_object *o = features;

	snprintf(copy, sizeof(copy), "%s", path);
	while ((key = strsep(&rest, ".")))
		if (!json_object_object_get_ex(o, key, &o))
			fail_msg("no %s", path);
	return o;
}

/* How a name of each list stands in config.json; %s is the name. */
static const struct {
	const char *path, *process, *mounts, *hooks, *namespaces, *more;
	size_t at_least;
} places[] = {
	{"hooks", "", "", "\"%s\":[{\"path\":\"/x\"}]", "", "", 6},
	{"mountOptions", "", "{\"destination\":\"/m\",\"type\":\"tmpfs\",\"options\":[\"%s\"]}", "",
	 "", "", 60},
	{"linux.capabilities", ",\"capabilities\":{\"bounding\":[\"%s\"]}", "", "", "", "", 41},
	{"linux.seccomp.actions", "", "", "", "",
	 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"listenerPath\":\"/l\",\"syscalls\":["
	 "{\"names\":[\"read\"],\"action\":\"%s\"}]}",
	 9},
	{"linux.seccomp.operators", "", "", "", "",
	 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"syscalls\":[{\"names\":[\"read\"],"
	 "\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,\"value\":1,\"op\":\"%s\"}]}]}",
	 7},
	{"linux.seccomp.archs", "", "", "", "",
	 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"architectures\":[\"%s\"]}", 17},
	{"linux.seccomp.knownFlags", "", "", "", "",
	 ",\"seccomp\":{\"defaultAction\":\"SCMP_ACT_LOG\",\"flags\":[\"%s\"]}", 4},
};

static const char *with(char *buf, size_t size, const char *fmt, const char *name)
{
	const char *at = strstr(fmt, "%s");

	if (!at)
		return fmt;
	snprintf(buf, size, "%.*s%s%s", (int)(at - fmt), fmt, name, at + 2);
	return buf;
}

static void what_is_listed_is_accepted_and_nothing_else(void **state)
{
	_cleanup_json_ struct json_object *features = features_json(&more);

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct json_object *names = list(features, places[i].path);
		size_t n = json_object_array_length(names);

		assert_true(n >= places[i].at_least);
		for (size_t j = 0; j <= n; j++) {
			const char *name =
				j < n ? json_object_get_string(json_object_array_get_idx(names, j))
				      : "NO_SUCH_NAME";
			char p[512], m[512], h[512], l[512];
			const struct plan *plan =
				load(state, "1.2.0", with(p, sizeof(p), places[i].process, name),
				     with(m, sizeof(m), places[i].mounts, name),
				     with(h, sizeof(h), places[i].hooks, name), "",
				     with(l, sizeof(l), places[i].more, name));
			const char *message = ((struct bundle *)*state)->err.what;

			/* Options that need a bind mount or a mapping are known; a hook or an option
			 * that is not is the file system's, or ignored as the specification asks,
			 * and a capability of another kernel is left out with a warning. */
			if (j < n && !plan && strstr(message, "no such"))
				fail_msg("%s: %s: %s", places[i].path, name, message);
			if (j == n && plan && i > 2)
				fail_msg("%s takes %s", places[i].path, name);
		}
	}
}

/*
 * An annotation that means something is one that can be wrong. Those that begin with what ends in a dot
 * are systemd's, and read when there is a scope to be made.
 */
static void annotations_that_are_listed_are_read(void **state)
{
	_cleanup_json_ struct json_object *features = features_json(&more);
	struct json_object *names = list(features, "potentiallyUnsafeConfigAnnotations");
	size_t prefixes = 0;

	assert_true(json_object_array_length(names) >= 1);
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));
		char text[256];

		if (name[strlen(name) - 1] == '.') {
			assert_string_equal(name, "org.systemd.property.");
			prefixes++;
			continue;
		}
		snprintf(text, sizeof(text),
			 "]},\"annotations\":{\"%s\":\"{nonsense\"},\"x\":{\"y\":[", name);
		assert_null(load(state, "1.2.0", "", "", "", text, ""));
		assert_non_null(strstr(((struct bundle *)*state)->err.what, name));
	}
	assert_int_equal(prefixes, 1);
}

static void namespaces_and_versions_are_accepted(void **state)
{
	_cleanup_json_ struct json_object *features = features_json(&more);
	struct json_object *names = list(features, "linux.namespaces");

	assert_int_equal(json_object_array_length(names), 8);
	for (size_t i = 0; i < 8; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));
		char entry[64];

		snprintf(entry, sizeof(entry), ",{\"type\":\"%s\"}", name);
		if (strcmp(name, "mount") && strcmp(name, "user"))
			assert_non_null(load(state, "1.2.0", "", "", "", entry, ""));
	}
	assert_non_null(load(state, json_object_get_string(list(features, "ociVersionMin")), "", "",
			     "", "", ""));
	assert_non_null(load(state, json_object_get_string(list(features, "ociVersionMax")), "", "",
			     "", "", ""));
}

static void lists_are_sorted_and_have_nothing_twice(void **state)
{
	_cleanup_json_ struct json_object *features = features_json(&more);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		struct json_object *names = list(features, places[i].path);

		for (size_t j = 1; j < json_object_array_length(names); j++)
			assert_true(strcmp(json_object_get_string(
						   json_object_array_get_idx(names, j - 1)),
					   json_object_get_string(
						   json_object_array_get_idx(names, j))) < 0);
	}
}

/* "enabled" is not a word only: what is not enabled is refused, what is is not. */
static void what_is_enabled_is_not_refused(void **state)
{
	static const struct {
		const char *path, *process, *more;
	} parts[] = {
		{"linux.apparmor.enabled", ",\"apparmorProfile\":\"x\"", ""},
		{"linux.selinux.enabled", ",\"selinuxLabel\":\"x\"", ""},
		{"linux.intelRdt.enabled", "", ",\"intelRdt\":{\"closID\":\"x\"}"},
		{"linux.cgroup.rdma", "", ",\"resources\":{\"rdma\":{\"x\":{\"hcaHandles\":1}}}"},
	};
	_cleanup_json_ struct json_object *features = features_json(&more);

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		bool is = json_object_get_boolean(list(features, parts[i].path));
		const struct plan *plan =
			load(state, "1.2.0", parts[i].process, "", "", "", parts[i].more);
		const char *message = ((struct bundle *)*state)->err.what;

		if (!is != (!plan && strstr(message, "is not supported")))
			fail_msg("%s is %d: %s", parts[i].path, is, message);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bundle_setup, bundle_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_listed_is_accepted_and_nothing_else),
		TEST(annotations_that_are_listed_are_read),
		TEST(namespaces_and_versions_are_accepted),
		TEST(lists_are_sorted_and_have_nothing_twice),
		TEST(what_is_enabled_is_not_refused),
	};

	return cmocka_run_group_tests_name("runtime/oci/features", tests, NULL, NULL);
}
