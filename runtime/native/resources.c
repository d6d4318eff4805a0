/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * resources.c: limits and kernel settings.
 *
 * A request's 0 means "as the image has it", -1 "no limit". Without memory_swap the swap is left alone:
 * Docker would allow as much again as memory, and the appliance has none.
 */
#include "runtime/native/config.h"

#define PERIOD_US 100000 /* of the processors' quota */

static void set_memory(struct native_build *b, struct json_object *resources)
{
	const struct native_request *r = b->request;
	struct json_object *memory;

	if (!r->memory && !r->memory_swap && !r->memory_reservation)
		return;
	memory = tree_need(&b->tree, resources, "memory", json_type_object);
	if (r->memory)
		tree_put_number(&b->tree, memory, "limit", r->memory);
	if (r->memory_swap)
		tree_put_number(&b->tree, memory, "swap", r->memory_swap);
	if (r->memory_reservation)
		tree_put_number(&b->tree, memory, "reservation", r->memory_reservation);
}

static void set_cpu(struct native_build *b, struct json_object *resources)
{
	const struct native_request *r = b->request;
	struct json_object *cpu;

	if (!r->nano_cpus && !r->cpu_shares && !r->cpuset_cpus && !r->cpuset_mems)
		return;
	cpu = tree_need(&b->tree, resources, "cpu", json_type_object);
	if (r->nano_cpus) {
		tree_put_number(&b->tree, cpu, "quota", r->nano_cpus / (1000000000 / PERIOD_US));
		tree_put_number(&b->tree, cpu, "period", PERIOD_US);
	}
	if (r->cpu_shares)
		tree_put_number(&b->tree, cpu, "shares", (int64_t)r->cpu_shares);
	if (r->cpuset_cpus)
		tree_put_text(&b->tree, cpu, "cpus", r->cpuset_cpus);
	if (r->cpuset_mems)
		tree_put_text(&b->tree, cpu, "mems", r->cpuset_mems);
}

int native_apply_resources(struct native_build *b)
{
	const struct native_request *r = b->request;
	struct json_object *linux_part = tree_get(b->config, "linux", json_type_object);
	struct json_object *resources =
		tree_need(&b->tree, linux_part, "resources", json_type_object);

	set_memory(b, resources);
	set_cpu(b, resources);
	if (r->pids_limit)
		tree_put_number(&b->tree, tree_need(&b->tree, resources, "pids", json_type_object),
				"limit", r->pids_limit);
	for (size_t i = 0; i < r->n_sysctls; i++)
		tree_put_text(&b->tree, tree_need(&b->tree, linux_part, "sysctl", json_type_object),
			      r->sysctls[i].name, r->sysctls[i].value);
	return 0;
}
