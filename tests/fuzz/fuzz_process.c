/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_process.c: plan_load_process() on arbitrary bytes as the file of `exec --process`.
 */
#include <fcntl.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "runtime/oci/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define REQUIRE(condition)                \
	do {                              \
		if (!(condition))         \
			__builtin_trap(); \
	} while (0)

static void require_complete(const struct process_plan *p)
{
	REQUIRE(p->argv[0] && p->argv[0][0] && p->envp && p->cwd[0] == '/');
	REQUIRE(p->uid != UINT32_MAX && p->gid != UINT32_MAX);
	REQUIRE(!p->has_umask || p->umask <= 0777);
	REQUIRE(!p->has_oom_score_adj || (p->oom_score_adj >= -1000 && p->oom_score_adj <= 1000));
	REQUIRE((p->caps.effective & ~p->caps.permitted) == 0);
	REQUIRE((p->caps.inheritable & ~p->caps.bounding) == 0);
	REQUIRE((p->caps.ambient & ~(p->caps.inheritable & p->caps.permitted)) == 0);
	for (size_t i = 0; i < p->n_rlimits; i++) {
		REQUIRE(p->rlimits[i].soft <= p->rlimits[i].hard);
		REQUIRE(p->rlimits[i].resource >= 0 && p->rlimits[i].resource < RLIM_NLIMITS);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = FD_EMPTY;
	static char path[32];
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct process_plan *process;

	if (file < 0) {
		file = memfd_create("process", MFD_CLOEXEC);
		snprintf(path, sizeof(path), "/proc/self/fd/%d", file);
	}
	if (ftruncate(file, 0) < 0 || pwrite(file, data, size, 0) != (ssize_t)size)
		abort();
	process = plan_load_process(path, &arena, &err);
	if (process)
		require_complete(process);
	else
		REQUIRE(err.what[0] != '\0');
	arena_free(&arena);
	return 0;
}
