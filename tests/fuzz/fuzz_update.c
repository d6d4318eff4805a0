/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_update.c: JSON that comes by other ways than config.json: the resources of `update`, and,
 * behind an "L", the Landlock rules of an annotation.
 */
#include "runtime/oci/landlock.c"
#include "tests/fuzz/fuzz.h"

static void check_resources(const char *text, size_t size)
{
	static const int64_t now[] = {LIMIT_UNSET, LIMIT_MAX, 1 << 30};
	struct error err = ERROR_INIT;
	struct arena arena = {0};
	const struct cgroup_plan *p =
		plan_load_resources(text, size, "resources", now[size % 3], &arena, &err);

	if (!p) {
		REQUIRE(err.what[0]);
		arena_free(&arena);
		return;
	}
	REQUIRE(p->memory_max_bytes == LIMIT_UNSET || p->memory_max_bytes >= LIMIT_MAX);
	REQUIRE(p->cpu_weight == LIMIT_UNSET || (p->cpu_weight >= 1 && p->cpu_weight <= 10000));
	for (size_t i = 0; i < p->n_unified; i++)
		REQUIRE(p->unified[i].key[0] && !strchr(p->unified[i].key, '/') &&
			p->unified[i].value);
	for (size_t i = 0; i < p->n_device_rules; i++)
		REQUIRE(strchr("abc", p->device_rules[i].type));
	arena_free(&arena);
}

static void check_landlock(const char *text)
{
	struct error err = ERROR_INIT;
	struct arena arena = {0};
	const struct json_source source = {.name = "config.json", .arena = &arena, .err = &err};
	const struct json_at at = {.source = &source};
	struct plan plan = {0};

	if (parse(&at, &plan, text) < 0) {
		REQUIRE(err.what[0] && !plan.landlock);
		arena_free(&arena);
		return;
	}
	if (!plan.landlock)
		abort();
	REQUIRE(plan.landlock->handled_fs || plan.landlock->handled_net || plan.landlock->scoped);
	for (size_t i = 0; i < plan.landlock->n_paths; i++) {
		REQUIRE(plan.landlock->paths[i].path[0] == '/');
		REQUIRE(!(plan.landlock->paths[i].rights & ~plan.landlock->handled_fs));
	}
	for (size_t i = 0; i < plan.landlock->n_ports; i++)
		REQUIRE(plan.landlock->ports[i].port <= UINT16_MAX &&
			!(plan.landlock->ports[i].rights & ~plan.landlock->handled_net));
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	if (size && *text == 'L')
		check_landlock(text + 1);
	else
		check_resources(text, size);
	free(text);
	return 0;
}
