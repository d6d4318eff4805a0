/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_config.c: plan_load() on arbitrary bytes as config.json.
 *
 * The bytes go through a file, as they do in life; the bundle's config.json is a link to it, and it
 * is in memory, so that the disk does not set the pace. Beyond not crashing,
 * an error must say something, and a plan must have what its users rely on without asking. What a
 * container can be made of, exec can read too, and finds the same process in it.
 */
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/oci/plan.h"

static char bundle[256];
static int config = FD_EMPTY, directory = FD_EMPTY;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char path[sizeof(bundle) + 16], target[32];

	(void)argc;
	(void)argv;
	/* Whoever starts this gives a TMPDIR and removes it: a crash could not. */
	snprintf(bundle, sizeof(bundle), "%s/bundle.XXXXXX", getenv("TMPDIR"));
	if (!mkdtemp(bundle))
		abort();
	config = memfd_create("config.json", MFD_CLOEXEC);
	snprintf(path, sizeof(path), "%s/config.json", bundle);
	snprintf(target, sizeof(target), "/proc/self/fd/%d", config);
	if (config < 0 || symlink(target, path) < 0)
		abort();
	directory = open(bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		abort();
	return 0;
}

#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

static void require_absolute(const char *const *paths, size_t count)
{
	for (size_t i = 0; i < count; i++)
		REQUIRE(paths[i][0] == '/');
}

static void require_mounts(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_mounts; i++) {
		const struct mount_plan *m = &plan->mounts[i];

		REQUIRE(m->destination[0] == '/' && m->where[0] != '\0');
		REQUIRE(m->kind == MOUNT_BIND ? m->source[0] == '/' : m->type[0] != '\0');
		REQUIRE(m->kind != MOUNT_BIND || m->n_params == 0);
		for (size_t j = 0; j < m->n_params; j++)
			REQUIRE(m->params[j].key[0] != '\0');
	}
}

static void require_names(const struct plan *plan)
{
	for (size_t i = 0; i < plan->n_sysctls; i++) {
		REQUIRE(plan->sysctls[i].path[0] != '/' && !strstr(plan->sysctls[i].path, ".."));
		REQUIRE(plan->sysctls[i].value);
	}
	for (size_t i = 0; i < plan->cgroup.n_unified; i++)
		REQUIRE(!strchr(plan->cgroup.unified[i].key, '/') && plan->cgroup.unified[i].value);
	for (size_t i = 0; i < plan->n_annotations; i++)
		REQUIRE(plan->annotations[i].key && plan->annotations[i].value);
}

static void require_complete(const struct plan *plan)
{
	REQUIRE(plan->process.argv[0] && plan->process.envp && plan->process.cwd[0] == '/');
	REQUIRE(plan->root_path[0] == '/' && plan->bundle[0] == '/');
	REQUIRE(plan->ns[NS_MNT].mode != NS_HOST);
	for (int kind = 0; kind < NS_COUNT; kind++)
		REQUIRE(plan->ns[kind].mode != NS_JOIN || plan->ns[kind].path[0] == '/');
	REQUIRE((plan->ns[NS_USER].mode == NS_NEW) == (plan->n_uid_map > 0));
	REQUIRE(!plan->hostname || plan->ns[NS_UTS].mode != NS_HOST);
	REQUIRE(!plan->seccomp.prog.filter == !plan->seccomp.prog.len);
	require_absolute(plan->masked_paths, plan->n_masked);
	require_absolute(plan->readonly_paths, plan->n_readonly);
	require_mounts(plan);
	require_names(plan);
}

static bool same_strings(char *const *a, char *const *b)
{
	while (*a && *b && strcmp(*a, *b) == 0) {
		a++;
		b++;
	}
	return !*a && !*b;
}

static void require_same(const struct plan *plan, const struct plan *exec)
{
	const struct process_plan *p = &plan->process, *q = &exec->process;

	REQUIRE(same_strings(p->argv, q->argv) && same_strings(p->envp, q->envp));
	REQUIRE(strcmp(p->cwd, q->cwd) == 0);
	REQUIRE(p->uid == q->uid && p->gid == q->gid && p->n_groups == q->n_groups);
	REQUIRE(p->caps.bounding == q->caps.bounding && p->caps.effective == q->caps.effective);
	REQUIRE(p->caps.permitted == q->caps.permitted && p->caps.ambient == q->caps.ambient);
	REQUIRE(p->no_new_privileges == q->no_new_privileges && p->n_rlimits == q->n_rlimits);
	REQUIRE(!plan->landlock == !exec->landlock);
	REQUIRE(plan->seccomp.prog.len == exec->seccomp.prog.len);
	for (int kind = 0; kind < NS_COUNT; kind++)
		REQUIRE(plan->ns[kind].mode == exec->ns[kind].mode);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct plan *exec;
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct plan *plan;

	if (ftruncate(config, 0) < 0 || pwrite(config, data, size, 0) != (ssize_t)size)
		abort();
	plan = plan_load(bundle, &arena, &err);
	if (plan) {
		require_complete(plan);
		/* no directory: nothing compiled is kept there for the next input */
		exec = plan_load_exec(directory, "/dev/null", "id", &arena, &err);
		REQUIRE(exec);
		require_same(plan, exec);
	} else {
		REQUIRE(err.what[0] != '\0');
	}
	arena_free(&arena);
	return 0;
}
