/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * test_spec.c: what `cloison spec` writes is a configuration that plan_load() takes
 * (runtime/oci/spec.c), and the image's demo bundle is made of it.
 *
 * `test_spec demo` writes the demo bundle's config.json; that is how
 * image/rootfs/demo-config.json is made again after a change.
 */
#include "bundle.h"

#include <linux/mount.h>

#include "runtime/oci/spec.h"
#include "runtime/seccomp/default.h"

#define DEMO "image/rootfs/demo-config.json"

static const struct spec_options usual = {.namespaces = SPEC_USUAL};
static const struct spec_options demo = {
	.namespaces = SPEC_ALL,
	.hostname = "demo",
	.memory_limit_bytes = 67108864,
	.pids_limit = 64,
};

/* written - the file for @options; the caller frees it. */
static char *written(const struct spec_options *options)
{
	FILE *file = tmpfile();
	struct error err = ERROR_INIT;
	char *text = calloc(1, 65536);

	assert_non_null(file);
	if (spec_write(fileno(file), options, &err) < 0)
		fail_msg("%s", err.what);
	rewind(file);
	assert_true(fread(text, 1, 65535, file) > 0);
	fclose(file);
	return text;
}

static const struct plan *load(struct bundle *b, const struct spec_options *options)
{
	char *text = written(options);
	const struct plan *plan = bundle_load(b, text);

	if (!plan)
		fail_msg("%s", b->err.what);
	free(text);
	return plan;
}

static void the_default_is_a_hardened_shell(void **state)
{
	const struct plan *p = load(*state, &usual);

	assert_string_equal(p->process.argv[0], "sh");
	assert_null(p->process.argv[1]);
	assert_string_equal(p->process.cwd, "/");
	assert_true(p->process.terminal && p->process.no_new_privileges && p->root_readonly);
	/* CAP_KILL, CAP_NET_BIND_SERVICE, CAP_AUDIT_WRITE */
	assert_true(p->process.caps.bounding == (1ULL << 5 | 1ULL << 10 | 1ULL << 29));
	assert_true(p->process.caps.effective == p->process.caps.bounding);
	assert_true(p->process.caps.permitted == p->process.caps.bounding);
	assert_int_equal(p->process.caps.inheritable, 0);
	assert_int_equal(p->process.caps.ambient, 0);
	assert_int_equal(p->process.rlimits[0].hard, 1024);
	assert_string_equal(p->hostname, "cloison");
	assert_int_equal(p->n_mounts, 7);
	assert_int_equal(p->mounts[6].kind, MOUNT_CGROUP);
	assert_true(p->mounts[6].attr_set & MOUNT_ATTR_RDONLY);
	assert_true(p->n_masked >= 10 && p->n_readonly >= 5);
	assert_int_equal(p->cgroup.n_device_rules, 1);
	assert_false(p->cgroup.device_rules[0].allow);
	assert_ptr_equal(p->seccomp.prog.filter, seccomp_default_filter);
	assert_true(p->cgroup.memory_max_bytes == LIMIT_UNSET);
	for (int kind = 0; kind < NS_COUNT; kind++)
		assert_int_equal(p->ns[kind].mode,
				 kind == NS_USER || kind == NS_TIME ? NS_HOST : NS_NEW);
}

static void all_namespaces_are_eight_new_ones(void **state)
{
	const struct plan *p = load(*state, &demo);

	for (int kind = 0; kind < NS_COUNT; kind++)
		assert_int_equal(p->ns[kind].mode, NS_NEW);
	assert_int_equal(p->n_uid_map, 1);
	assert_int_equal(p->uid_map[0].container_id, 0);
	assert_int_equal(p->uid_map[0].host_id, 100000);
	assert_int_equal(p->uid_map[0].size, 65536);
	assert_int_equal(p->gid_map[0].size, 65536);
	assert_string_equal(p->hostname, "demo");
	assert_int_equal(p->cgroup.memory_max_bytes, 67108864);
	assert_int_equal(p->cgroup.pids_max, 64);
	assert_ptr_equal(p->seccomp.prog.filter, seccomp_default_filter);
}

static void an_ordinary_user_s_has_one_id_and_the_host_s_network(void **state)
{
	static const struct spec_options rootless = {.namespaces = SPEC_ROOTLESS};
	const struct plan *p = load(*state, &rootless);

	assert_non_null(p);
	assert_int_equal(p->ns[NS_USER].mode, NS_NEW);
	assert_int_equal(p->ns[NS_NET].mode, NS_HOST);
	assert_int_equal(p->n_uid_map, 1);
	assert_int_equal(p->uid_map[0].container_id, 0);
	assert_int_equal(p->uid_map[0].host_id, geteuid());
	assert_int_equal(p->uid_map[0].size, 1);
	assert_int_equal(p->gid_map[0].host_id, getegid());
	assert_int_equal(p->cgroup.n_device_rules, 0);
	for (size_t i = 0; i < p->n_mounts; i++) {
		const struct mount_plan *m = &p->mounts[i];

		if (!strcmp(m->destination, "/sys"))
			assert_true(m->kind == MOUNT_BIND && m->recursive);
		for (size_t j = 0; j < m->n_params; j++)
			assert_string_not_equal(m->params[j].key, "gid");
	}
}

static void a_host_name_with_quotes_stays_one(void **state)
{
	static const char *const names[] = {
		"a\"b\\\nc",
		"seccomp goes here",
		"\"seccomp goes here\"",
		"\"seccomp\": \"seccomp goes here\"",
		"\\\"seccomp\": \"seccomp goes here",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct spec_options options = {.hostname = names[i]};
		const struct plan *p = load(*state, &options);

		assert_string_equal(p->hostname, names[i]);
		assert_ptr_equal(p->seccomp.prog.filter, seccomp_default_filter);
	}
}

static void the_image_s_demo_bundle_is_up_to_date(void **state)
{
	char *text = written(&demo), *there = calloc(1, 65536);
	FILE *file = fopen(DEMO, "re");

	(void)state;
	assert_non_null(file);
	assert_true(fread(there, 1, 65535, file) > 0);
	fclose(file);
	assert_string_equal(there, text);
	free(text);
	free(there);
}

static void a_full_disk_is_an_error(void **state)
{
	struct error err = ERROR_INIT;
	int fd = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(spec_write(fd, &usual, &err), -1);
	assert_int_equal(err.errnum, ENOSPC);
	close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, bundle_setup, bundle_teardown)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(the_default_is_a_hardened_shell),
		TEST(all_namespaces_are_eight_new_ones),
		TEST(an_ordinary_user_s_has_one_id_and_the_host_s_network),
		TEST(a_host_name_with_quotes_stays_one),
		TEST(the_image_s_demo_bundle_is_up_to_date),
		TEST(a_full_disk_is_an_error),
	};

	if (argc == 2 && strcmp(argv[1], "demo") == 0) {
		struct error err = ERROR_INIT;

		return spec_write(STDOUT_FILENO, &demo, &err) < 0;
	}
	return cmocka_run_group_tests_name("runtime/oci/spec", tests, NULL, NULL);
}
