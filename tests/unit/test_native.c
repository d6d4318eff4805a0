/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_native.c: a run request is refused with the member's name, or becomes a configuration that the
 * runtime takes (runtime/native/). The image is the demo bundle's configuration with a root of our own.
 */
#include "bundle.h"

#include <json-c/json.h>
#include <linux/mount.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "runtime/native/native.h"
#include "runtime/native/tree.h"

#define PASSWD "root:x:0:0:root:/root:/bin/sh\nbroken\nweb:x:33:34:w:/var/www:/bin/sh\n"
#define GROUP "root:x:0:\nweb:x:34:\nlogs:x:50:db,web\nother:x:51:webs\n"

struct image {
	struct bundle *bundle;
	char images[64], dir[80];
	struct error err;
	struct json_object *config; /* of the request made last */
};

static void write_file(const char *dir, const char *name, const char *text, size_t size)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, size), size);
	close(fd);
}

static int setup(void **state)
{
	struct image *i = calloc(1, sizeof(*i));
	static char text[65536];
	int fd = open("image/rootfs/demo-config.json", O_RDONLY);
	ssize_t n = read(fd, text, sizeof(text));
	char path[160];

	close(fd);
	assert_true(n > 0 && (size_t)n < sizeof(text));
	strcpy(i->images, "/tmp/cloison-test-images.XXXXXX");
	assert_non_null(mkdtemp(i->images));
	snprintf(i->dir, sizeof(i->dir), "%s/web", i->images);
	mkdir(i->dir, 0755);
	write_file(i->dir, "config.json", text, (size_t)n);
	snprintf(path, sizeof(path), "%s/rootfs", i->dir);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/rootfs/etc", i->dir);
	mkdir(path, 0755);
	write_file(path, "passwd", PASSWD, sizeof(PASSWD) - 1);
	write_file(path, "group", GROUP, sizeof(GROUP) - 1);
	bundle_setup((void **)&i->bundle);
	*state = i;
	return 0;
}

static int teardown(void **state)
{
	static const char *const files[] = {"rootfs/etc/passwd", "rootfs/etc/group",
					    "rootfs/etc",	 "rootfs",
					    "config.json",	 ""};
	struct image *i = *state;
	char path[160];

	for (size_t k = 0; k < ARRAY_SIZE(files); k++) {
		snprintf(path, sizeof(path), "%s/%s", i->dir, files[k]);
		remove(path);
	}
	rmdir(i->images);
	json_object_put(i->config);
	bundle_teardown((void **)&i->bundle);
	free(i);
	return 0;
}

/* request - parsed from a text in which ' stands for " */
static struct json_object *request(const char *text)
{
	char *copy = strdup(text);
	struct json_object *tree;

	for (char *p = copy; *p; p++)
		if (*p == '\'')
			*p = '"';
	tree = json_tokener_parse(copy);
	if (!tree)
		fail_msg("not JSON: %s", copy);
	free(copy);
	return tree;
}

static struct json_object *config(struct image *i, const char *text)
{
	struct json_object *tree = request(text);

	json_object_put(i->config);
	i->err = (struct error)ERROR_INIT;
	i->config = native_config(tree, i->images, &i->err);
	json_object_put(tree);
	return i->config;
}

/* plan - what the runtime makes of the request's configuration. */
static const struct plan *plan(struct image *i, const char *text)
{
	const struct plan *p;

	if (!config(i, text))
		fail_msg("%s", i->err.what);
	p = bundle_load(i->bundle,
			json_object_to_json_string_ext(i->config, JSON_C_TO_STRING_NOSLASHESCAPE));
	if (!p)
		fail_msg("%s", i->bundle->err.what);
	return p;
}

static void refused(struct image *i, const char *text, const char *why)
{
	struct json_object *tree = request(text);
	struct error err = ERROR_INIT;
	int rc = native_request_check(tree, &err);

	json_object_put(tree);
	if (rc == 0 && config(i, text))
		fail_msg("not refused: %s", text);
	if (rc == 0)
		err = i->err;
	if (!strstr(err.what, why))
		fail_msg("`%s` does not say `%s`", err.what, why);
}

static void the_image_alone_is_the_bundle(void **state)
{
	struct image *i = *state;
	const struct plan *p = plan(i, "{'image': 'web'}");
	char root[160];

	snprintf(root, sizeof(root), "%s/rootfs", i->dir);
	assert_string_equal(p->root_path, root);
	assert_string_equal(p->process.argv[0], "sh");
	assert_string_equal(p->hostname, "demo");
	assert_false(p->process.terminal);
	assert_true(p->root_readonly && p->process.no_new_privileges);
}

static void an_image_may_be_a_path(void **state)
{
	struct image *i = *state;
	char text[160];

	snprintf(text, sizeof(text), "{'image': '%s'}", i->dir);
	assert_string_equal(plan(i, text)->process.argv[0], "sh");
	assert_true(native_has_image("web", i->images));
	assert_true(native_has_image(i->dir, NULL));
	assert_false(native_has_image("../web", i->images));
	assert_false(native_has_image("other", i->images));
	refused(i, "{'image': 'other'}", "no such image: `other`");
}

static void the_command_replaces_the_bundles(void **state)
{
	const struct plan *p = plan(*state, "{'image': 'web', 'argv': ['echo', 'a b']}");

	assert_string_equal(p->process.argv[1], "a b");
	p = plan(*state, "{'image': 'web', 'entrypoint': ['/bin/ls'], 'argv': ['-l']}");
	assert_string_equal(p->process.argv[0], "/bin/ls");
	assert_string_equal(p->process.argv[1], "-l");
	assert_null(p->process.argv[2]);
	p = plan(*state, "{'image': 'web', 'entrypoint': [''], 'argv': ['true']}");
	assert_string_equal(p->process.argv[0], "true");
}

static const char *variable(const struct plan *p, const char *name)
{
	size_t n = strlen(name);
	const char *found = NULL;

	for (char *const *e = p->process.envp; *e; e++)
		if (!strncmp(*e, name, n) && (*e)[n] == '=') {
			assert_null(found); /* each once */
			found = *e + n + 1;
		}
	return found;
}

static void variables_replace_those_of_their_name(void **state)
{
	const struct plan *p =
		plan(*state, "{'image': 'web', 'id': '0123456789abcdef', 'tty': true,"
			     " 'env': ['PATH=/opt', 'A=1', 'A=2', 'B=']}");

	assert_string_equal(variable(p, "PATH"), "/opt");
	assert_string_equal(variable(p, "A"), "2");
	assert_string_equal(variable(p, "B"), "");
	assert_string_equal(variable(p, "HOSTNAME"), "0123456789ab");
	assert_string_equal(variable(p, "TERM"), "xterm");
	assert_string_equal(p->hostname, "0123456789ab");
	assert_true(p->process.terminal);
}

static void users_are_looked_up_in_the_image(void **state)
{
	const struct plan *p = plan(*state, "{'image': 'web', 'user': 'web'}");

	assert_int_equal(p->process.uid, 33);
	assert_int_equal(p->process.gid, 34);
	assert_int_equal(p->process.n_groups, 1);
	assert_int_equal(p->process.groups[0], 50);
	p = plan(*state, "{'image': 'web', 'user': '7:logs'}");
	assert_int_equal(p->process.uid, 7);
	assert_int_equal(p->process.gid, 50);
	assert_int_equal(p->process.n_groups, 0);
	p = plan(*state, "{'image': 'web', 'user': '33'}");
	assert_int_equal(p->process.gid, 34);
	refused(*state, "{'image': 'web', 'user': 'nobody'}", "no such user: `nobody`");
	refused(*state, "{'image': 'web', 'user': 'web:none'}", "no such group: `none`");
	refused(*state, "{'image': 'web', 'user': '4294967295'}", "no such user");
}

static void capabilities_are_added_and_dropped(void **state)
{
	const struct plan *p = plan(*state, "{'image': 'web', 'cap_drop': ['ALL'],"
					    " 'cap_add': ['kill', 'CAP_CHOWN']}");

	assert_true(p->process.caps.bounding == (1ULL << 5 | 1ULL << 0));
	p = plan(*state, "{'image': 'web', 'cap_drop': ['KILL']}");
	assert_true(p->process.caps.effective == (1ULL << 10 | 1ULL << 29));
	refused(*state, "{'image': 'web', 'cap_add': ['FLY']}", "no such capability: `FLY`");
}

static void privileged_takes_the_masks_away(void **state)
{
	const struct plan *p = plan(*state, "{'image': 'web', 'privileged': true}");

	assert_int_equal(p->n_masked, 0);
	assert_int_equal(p->n_readonly, 0);
	assert_int_equal(p->seccomp.prog.len, 0);
	assert_false(p->process.no_new_privileges);
	assert_true(p->cgroup.device_rules[0].allow);
	for (size_t k = 0; k < p->n_mounts; k++)
		if (p->mounts[k].kind == MOUNT_CGROUP)
			assert_false(p->mounts[k].attr_set & MOUNT_ATTR_RDONLY);
}

static void security_options_are_taken_apart(void **state)
{
	const struct plan *p =
		plan(*state, "{'image': 'web', 'security_opt': ['no-new-privileges:false',"
			     " 'seccomp=unconfined', 'systempaths=unconfined']}");

	assert_false(p->process.no_new_privileges);
	assert_int_equal(p->seccomp.prog.len, 0);
	assert_int_equal(p->n_masked, 0);
	p = plan(*state,
		 "{'image': 'web', 'security_opt': "
		 "['seccomp={\\\"defaultAction\\\": \\\"SCMP_ACT_ALLOW\\\", \\\"syscalls\\\": "
		 "[{\\\"names\\\": [\\\"chroot\\\"], \\\"action\\\": \\\"SCMP_ACT_ERRNO\\\"}]}']}");
	assert_true(p->seccomp.prog.len > 0 && p->seccomp.prog.len < 30);
	refused(*state, "{'image': 'web', 'security_opt': ['label=disable']}",
		"security_opt: `label=disable` is not implemented");
	refused(*state, "{'image': 'web', 'security_opt': ['seccomp={']}", "seccomp");
}

static void volumes_belong_to_the_root_of_a_container_with_ids_of_its_own(void **state)
{
	static const char *const mounts =
		"'mounts': [{'type': 'volume', 'source': 'data', 'target': '/v'},"
		"{'type': 'bind', 'source': '/etc', 'target': '/b'}]";
	char request[512];
	const struct plan *p;

	snprintf(request, sizeof(request),
		 "{'image': 'web', 'namespaces': {'user': 'private'}, %s}", mounts);
	p = plan(*state, request);
	assert_string_equal(p->mounts[p->n_mounts - 2].destination, "/v");
	assert_int_equal(p->mounts[p->n_mounts - 2].idmap, IDMAP_MOUNT);
	assert_int_equal(p->mounts[p->n_mounts - 1].idmap, IDMAP_NONE);
	snprintf(request, sizeof(request), "{'image': 'web', 'namespaces': {'user': 'host'}, %s}",
		 mounts);
	p = plan(*state, request);
	assert_int_equal(p->mounts[p->n_mounts - 2].idmap, IDMAP_NONE);
}

static void mounts_replace_and_are_sorted_by_depth(void **state)
{
	const struct plan *p =
		plan(*state, "{'image': 'web', 'tmpfs': ['/tmp:size=64k,mode=1777'], 'mounts': ["
			     "{'type': 'bind', 'source': '/etc', 'target': '/a/b', 'options': "
			     "['ro']},"
			     "{'type': 'volume', 'source': 'data', 'target': '/a'},"
			     "{'type': 'tmpfs', 'target': '/dev/shm/'}]}");
	size_t n = p->n_mounts, shm = 0;

	/* of depth 1: /a, /tmp; then /a/b and /dev/shm, as given */
	assert_string_equal(p->mounts[n - 4].destination, "/a");
	assert_string_equal(p->mounts[n - 4].source, NATIVE_VOLUMES "/data/_data");
	assert_string_equal(p->mounts[n - 3].destination, "/tmp");
	assert_string_equal(p->mounts[n - 2].destination, "/a/b");
	assert_true(p->mounts[n - 2].attr_set & MOUNT_ATTR_RDONLY);
	for (size_t k = 0; k < n; k++)
		shm += !strncmp(p->mounts[k].destination, "/dev/shm", 8);
	assert_int_equal(shm, 1);
	refused(*state, "{'image': 'web', 'mounts': [{'type': 'bind', 'target': '/a'}]}",
		"mounts[0].source: is missing");
	refused(*state,
		"{'image': 'web', 'mounts': [{'type': 'volume', 'source': '../x', 'target': '/a'}]}",
		"is no volume's name");
	refused(*state, "{'image': 'web', 'mounts': [{'type': 'nfs', 'target': '/a'}]}",
		"use bind, volume or tmpfs");
	refused(*state, "{'image': 'web', 'mounts': [{'type': 'tmpfs', 'target': 'a'}]}",
		"mounts[0].target: `a` is not an absolute path");
}

static void limits_become_resources(void **state)
{
	const struct plan *p = plan(
		*state,
		"{'image': 'web', 'memory': 33554432, 'memory_swap': 67108864, 'cpus': 1.5,"
		" 'pids_limit': 10, 'cpuset_cpus': '0-1', 'shm_size': 4096,"
		" 'ulimits': [{'name': 'nofile', 'soft': 10, 'hard': 20},"
		" {'name': 'core', 'soft': -1, 'hard': -1}], 'sysctls': {'kernel.msgmax': '1'}}");

	assert_int_equal(p->cgroup.memory_max_bytes, 33554432);
	assert_int_equal(p->cgroup.pids_max, 10);
	assert_int_equal(p->process.n_rlimits, 2);
	assert_int_equal(p->process.rlimits[0].soft, 10);
	assert_true(p->process.rlimits[1].hard == UINT64_MAX);
	assert_string_equal(json_object_get_string(tree_get(
				    tree_get(tree_get(tree_get(((struct image *)*state)->config,
							       "linux", json_type_object),
						      "resources", json_type_object),
					     "cpu", json_type_object),
				    "quota", json_type_int)),
			    "150000");
}

static void namespaces_come_and_go_with_what_they_need(void **state)
{
	const struct plan *p =
		plan(*state, "{'image': 'web', 'namespaces': {'network': 'host', 'user': 'host',"
			     " 'uts': 'host', 'ipc': '/proc/self/ns/ipc', 'time': 'host'}}");

	assert_int_equal(p->ns[NS_NET].mode, NS_HOST);
	assert_int_equal(p->ns[NS_USER].mode, NS_HOST);
	assert_int_equal(p->ns[NS_UTS].mode, NS_HOST);
	assert_int_equal(p->ns[NS_PID].mode, NS_NEW);
	assert_int_equal(p->ns[NS_IPC].mode, NS_JOIN);
	assert_null(p->hostname);
	p = plan(*state, "{'image': 'web', 'time_offset': 3600, 'namespaces': {'user': 'host'}}");
	assert_int_equal(p->ns[NS_TIME].mode, NS_NEW);
	refused(*state, "{'image': 'web', 'namespaces': {'pid': 'container:x'}}", "not known here");
	refused(*state, "{'image': 'web', 'namespaces': {'mount': 'host'}}",
		"namespaces.mount: `host`: use");
	refused(*state, "{'image': 'web', 'namespaces': {'net': 'host'}}",
		"`net`, which is no kind");
}

static pid_t find_db(const char *container, void *context, struct error *err)
{
	*(int *)context += 1;
	if (!strcmp(container, "db"))
		return 4711;
	return error_set(err, 0, "no such container: `%s`", container);
}

static void another_containers_namespaces_are_joined(void **state)
{
	struct json_object *tree = request(
		"{'image': 'web', 'namespaces': {'network': 'container:db', 'pid': 'host'}}");
	struct error err = ERROR_INIT;
	int calls = 0;

	(void)state;
	assert_int_equal(native_config_join(tree, NULL, find_db, &calls, &err), 0);
	assert_int_equal(calls, 1);
	assert_string_equal(tree_text(tree_get(tree, "namespaces", json_type_object), "network"),
			    "/proc/4711/ns/net");
	json_object_put(tree);
	tree = request("{'image': 'web', 'namespaces': {'network': 'container:none'}}");
	assert_int_equal(native_config_join(tree, NULL, find_db, &calls, &err), -1);
	assert_string_equal(err.what, "namespaces.network: no such container: `none`");
	json_object_put(tree);
}

static void devices_are_those_of_the_host(void **state)
{
	const struct plan *p = plan(*state, "{'image': 'web', 'devices': [{'source': '/dev/null',"
					    " 'target': '/dev/nothing', 'permissions': 'rw'}]}");
	const struct device_plan *d = &p->devices[p->n_devices - 1];

	assert_string_equal(d->path, "/dev/nothing");
	refused(*state, "{'image': 'web', 'devices': [{'source': '/etc'}]}", "is no device");
	refused(*state, "{'image': 'web', 'devices': [{'source': '/dev/nil'}]}", "`/dev/nil`");
	refused(*state,
		"{'image': 'web', 'devices': [{'source': '/dev/null', 'permissions': 'x'}]}",
		"use some of r, w and m");
}

static void what_is_wrong_is_named(void **state)
{
	static const char *const cases[][2] = {
		{"[]", "must be an object"},
		{"{}", "image: is missing"},
		{"{'image': 'a//b'}", "image: `a//b` is no name"},
		{"{'image': '..'}", "image: `..` is no name"},
		{"{'image': 'web', 'name': 'a b'}", "name: `a b` is no name"},
		{"{'image': 'web', 'argv': 'x'}", "argv: must be an array"},
		{"{'image': 'web', 'argv': [1]}", "argv[0]: must be a string"},
		{"{'image': 'web', 'argv': ['a\\u0000b']}", "argv[0]: has a NUL"},
		{"{'image': 'web', 'env': ['A']}", "env: has `A`"},
		{"{'image': 'web', 'workdir': 'x'}", "workdir: `x` is not an absolute path"},
		{"{'image': 'web', 'hostname': 'a/b'}", "hostname: `a/b` is no host name"},
		{"{'image': 'web', 'restart': 'on-failure:x'}", "restart: `on-failure:x`"},
		{"{'image': 'web', 'restart': 'always', 'rm': true}", "exclude each other"},
		{"{'image': 'web', 'memory': 1}", "memory: must be a whole number from 4096"},
		{"{'image': 'web', 'memory': 8192, 'memory_swap': 4096}", "is below memory"},
		{"{'image': 'web', 'cpus': -1}", "cpus: must be a number from 0"},
		{"{'image': 'web', 'cpus': 'a'}", "cpus: must be a number"},
		{"{'image': 'web', 'health': {'test': ['RUN']}}", "health.test: must begin with"},
		{"{'image': 'web', 'health': {'interval_ms': -1}}", "health.interval_ms"},
		{"{'image': 'web', 'ulimits': [{'name': 'core', 'soft': 2, 'hard': 1}]}",
		 "ulimits[0].soft: must not be above"},
		{"{'image': 'web', 'stop_signal': 'TE RM'}", "stop_signal: `TE RM` is no signal"},
		{"{'image': 'web', 'labels': {'a': 1}}", "labels.a: must be a string"},
		{"{'image': 'web', 'tmpfs': ['x']}", "tmpfs: has `x`"},
	};

	for (size_t k = 0; k < ARRAY_SIZE(cases); k++)
		refused(*state, cases[k][0], cases[k][1]);
}

static void lists_have_an_end(void **state)
{
	struct json_object *tree = request("{'image': 'web'}");
	struct json_object *list = json_object_new_array();
	struct error err = ERROR_INIT;

	(void)state;
	for (int k = 0; k < 1025; k++)
		json_object_array_add(list, json_object_new_string("A=1"));
	json_object_object_add(tree, "env", list);
	assert_int_equal(native_request_check(tree, &err), -1);
	assert_string_equal(err.what, "request: env: has more than 1024 elements");
	json_object_put(tree);
}

static void what_is_known_to_nobody_is_passed_over(void **state)
{
	struct json_object *tree =
		request("{'image': 'web', 'verb': 'run', 'future': {'x': 1}, 'labels': {'a': 'b'},"
			" 'health': {'test': ['CMD', 'true'], 'retries': 3},"
			" 'restart': 'on-failure:5', 'log': {'max_size': 1}}");
	struct error err = ERROR_INIT;

	(void)state;
	if (native_request_check(tree, &err) < 0)
		fail_msg("%s", err.what);
	json_object_put(tree);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_image_alone_is_the_bundle),
		TEST(an_image_may_be_a_path),
		TEST(the_command_replaces_the_bundles),
		TEST(variables_replace_those_of_their_name),
		TEST(users_are_looked_up_in_the_image),
		TEST(capabilities_are_added_and_dropped),
		TEST(privileged_takes_the_masks_away),
		TEST(security_options_are_taken_apart),
		TEST(volumes_belong_to_the_root_of_a_container_with_ids_of_its_own),
		TEST(mounts_replace_and_are_sorted_by_depth),
		TEST(limits_become_resources),
		TEST(namespaces_come_and_go_with_what_they_need),
		TEST(another_containers_namespaces_are_joined),
		TEST(devices_are_those_of_the_host),
		TEST(what_is_wrong_is_named),
		TEST(lists_have_an_end),
		TEST(what_is_known_to_nobody_is_passed_over),
	};
#undef TEST
	return cmocka_run_group_tests(tests, NULL, NULL);
}
