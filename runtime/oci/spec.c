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

static bool build(struct json_object *spec, const struct spec_options *options,
		  const struct json_source *source)
{
	struct json_object *linux_object = MEMBER(spec, "linux");
	struct json_object *resources = MEMBER(spec, "linux", "resources");

	if (options->hostname && !put(spec, "hostname", json_object_new_string(options->hostname)))
		return false;
	if (options->namespaces == SPEC_ALL && !add_namespaces(linux_object, source))
		return false;
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
