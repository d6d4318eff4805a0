/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * spec.c: the config.json that `cloison spec` writes.
 *
 * What all variants share is JSON below; what the options ask for is put into it. The seccomp
 * profile made at build time goes into the finished text as it is, so that plan_load() finds it
 * there word for word. It is what other runtimes write, so that a bundle made here
 * runs there, with two differences: a cgroup namespace and a seccomp profile.
 */
#include "runtime/oci/spec.h"

#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/seccomp/default.h"

#define PATH_ENV "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define CAPS "[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]"

static const char base[] =
	"{\"ociVersion\":\"1.1.0\","
	"\"process\":{"
	"\"terminal\":true,"
	"\"user\":{\"uid\":0,\"gid\":0},"
	"\"args\":[\"sh\"],"
	"\"env\":[\"" PATH_ENV "\",\"TERM=xterm\"],"
	"\"cwd\":\"/\","
	"\"capabilities\":{\"bounding\":" CAPS ",\"effective\":" CAPS ",\"permitted\":" CAPS "},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}],"
	"\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
	"\"hostname\":\"cloison\","
	"\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	"\"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\","
	"\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"ro\"]}],"
	"\"linux\":{"
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},"
	"{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"cgroup\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\",\"/proc/keys\","
	"\"/proc/latency_stats\",\"/proc/timer_list\",\"/proc/timer_stats\","
	"\"/proc/sched_debug\",\"/proc/scsi\",\"/sys/firmware\","
	"\"/sys/devices/virtual/powercap\"],"
	"\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\","
	"\"/proc/sysrq-trigger\"]}}";

/*
 * Stands in the text where the profile goes. It is looked for with its key: a quotation mark in
 * what the user gave (a host name) has a backslash before it in the text, so none of it can match.
 */
#define PLACEHOLDER "seccomp goes here"
#define KEY "\"seccomp\": "

static const char extra_namespaces[] = "[{\"type\":\"user\"},{\"type\":\"time\"}]";
static const char user_namespace[] = "{\"type\":\"user\"}";
static const char sys_options[] = "[\"rbind\",\"nosuid\",\"noexec\",\"nodev\",\"ro\"]";
static const char mappings[] = "[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]";

/* member - @tree's member by a path of keys ending in NULL; only for what @base contains. */
static struct json_object *member(struct json_object *tree, const char *const *keys)
{
	for (; *keys; keys++)
		tree = json_object_object_get(tree, *keys);
	return tree;
}
#define MEMBER(tree, ...) member(tree, (const char *const[]){__VA_ARGS__, NULL})

/* put - hand @value, new, to @object; false without memory. */
static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

/* put_limit - {"limit": N} as resources.KEY */
static bool put_limit(struct json_object *resources, const char *key, int64_t limit)
{
	struct json_object *object;

	if (limit == 0)
		return true;
	object = json_object_new_object();
	if (!object || !put(object, "limit", json_object_new_int64(limit))) {
		json_object_put(object);
		return false;
	}
	return put(resources, key, object);
}

static bool add_namespaces(struct json_object *linux_object, const struct json_source *source)
{
	struct json_object *namespaces = MEMBER(linux_object, "namespaces");
	_cleanup_json_ struct json_object *extra =
		json_parse(extra_namespaces, strlen(extra_namespaces), source);

	if (!extra)
		return false;
	for (size_t i = 0; i < json_object_array_length(extra); i++) {
		struct json_object *one = json_object_get(json_object_array_get_idx(extra, i));

		if (json_object_array_add(namespaces, one) < 0) {
			json_object_put(one);
			return false;
		}
	}
	return put(linux_object, "uidMappings", json_parse(mappings, strlen(mappings), source)) &&
	       put(linux_object, "gidMappings", json_parse(mappings, strlen(mappings), source));
}

/* without - a copy of @array without the elements of which @drop is true. */
static struct json_object *without(struct json_object *array, bool (*drop)(struct json_object *))
{
	struct json_object *kept = json_object_new_array();

	for (size_t i = 0; kept && i < json_object_array_length(array); i++) {
		struct json_object *one = json_object_array_get_idx(array, i);

		if (drop(one))
			continue;
		if (json_object_array_add(kept, json_object_get(one)) < 0) {
			json_object_put(one);
			json_object_put(kept);
			return NULL;
		}
	}
	return kept;
}

static bool is_network(struct json_object *namespace)
{
	return !strcmp(json_object_get_string(MEMBER(namespace, "type")), "network");
}

/* is_gid - devpts' gid=5: there is one group only. */
static bool is_gid(struct json_object *option)
{
	return !strncmp(json_object_get_string(option), "gid=", 4);
}

/* bind_sys - without a network namespace of its own a user namespace has no sysfs: the host's. */
static bool bind_sys(struct json_object *mount, const struct json_source *source)
{
	return put(mount, "type", json_object_new_string("bind")) &&
	       put(mount, "source", json_object_new_string("/sys")) &&
	       put(mount, "options", json_parse(sys_options, strlen(sys_options), source));
}

static bool own_id(struct json_object *linux_object, const char *key, unsigned int id)
{
	struct json_object *map = json_object_new_object();
	struct json_object *maps = json_object_new_array();

	if (!map || !maps || json_object_array_add(maps, map) < 0) {
		json_object_put(map);
		json_object_put(maps);
		return false;
	}
	return put(linux_object, key, maps) && put(map, "containerID", json_object_new_int64(0)) &&
	       put(map, "hostID", json_object_new_int64(id)) &&
	       put(map, "size", json_object_new_int64(1));
}

static bool make_rootless(struct json_object *spec, const struct json_source *source)
{
	struct json_object *linux_object = MEMBER(spec, "linux");
	struct json_object *mounts = MEMBER(spec, "mounts");
	struct json_object *user = json_parse(user_namespace, strlen(user_namespace), source);

	if (!user || json_object_array_add(MEMBER(linux_object, "namespaces"), user) < 0) {
		json_object_put(user);
		return false;
	}
	if (!put(linux_object, "namespaces",
		 without(MEMBER(linux_object, "namespaces"), is_network)) ||
	    !own_id(linux_object, "uidMappings", geteuid()) ||
	    !own_id(linux_object, "gidMappings", getegid()))
		return false;
	for (size_t i = 0; i < json_object_array_length(mounts); i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);
		const char *type = json_object_get_string(MEMBER(mount, "type"));

		if (!strcmp(type, "sysfs")) {
			/* @type is gone then */
			if (!bind_sys(mount, source))
				return false;
		} else if (!strcmp(type, "devpts") &&
			   !put(mount, "options", without(MEMBER(mount, "options"), is_gid)))
			return false;
	}
	json_object_object_del(linux_object, "resources");
	return true;
}

static bool build(struct json_object *spec, const struct spec_options *options,
		  const struct json_source *source)
{
	struct json_object *linux_object = MEMBER(spec, "linux");
	struct json_object *resources = MEMBER(spec, "linux", "resources");

	if (options->hostname && !put(spec, "hostname", json_object_new_string(options->hostname)))
		return false;
	if (options->namespaces == SPEC_ALL && !add_namespaces(linux_object, source))
		return false;
	if (options->namespaces == SPEC_ROOTLESS)
		return make_rootless(spec, source) &&
		       put(linux_object, "seccomp", json_object_new_string(PLACEHOLDER));
	return put_limit(resources, "memory", options->memory_limit_bytes) &&
	       put_limit(resources, "pids", options->pids_limit) &&
	       put(linux_object, "seccomp", json_object_new_string(PLACEHOLDER));
}

static int write_all(int fd, const char *text, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot write config.json");
		text += n;
		length -= (size_t)n;
	}
	return 0;
}

int spec_write(int fd, const struct spec_options *options, struct error *err)
{
	const struct json_source source = {.name = "the default config.json", .err = err};
	_cleanup_json_ struct json_object *spec = json_parse(base, strlen(base), &source);
	const char *text = NULL, *place;

	if (spec && build(spec, options, &source))
		text = json_object_to_json_string_ext(spec, JSON_C_TO_STRING_PRETTY |
								    JSON_C_TO_STRING_PRETTY_TAB |
								    JSON_C_TO_STRING_SPACED |
								    JSON_C_TO_STRING_NOSLASHESCAPE);
	place = text ? strstr(text, KEY "\"" PLACEHOLDER "\"") : NULL;
	if (!place)
		return error_set(err, ENOMEM, "cannot make config.json");
	place += strlen(KEY);
	if (write_all(fd, text, (size_t)(place - text), err) < 0 ||
	    write_all(fd, seccomp_default_text, seccomp_default_text_length, err) < 0)
		return -1;
	place += strlen("\"" PLACEHOLDER "\"");
	if (write_all(fd, place, strlen(place), err) < 0)
		return -1;
	return write_all(fd, "\n", 1, err);
}
