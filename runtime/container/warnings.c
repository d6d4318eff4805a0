/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * warnings.c: what of a configuration is not done although it runs.
 *
 * Source: OCI config.md, "Linux Process": capabilities that cannot be granted MUST be logged as a
 * warning; runtime.md, "Warnings".
 */
#include "lib/warn.h"
#include "runtime/container/container.h"

void warn_capabilities(const struct process_plan *process)
{
	const struct caps_plan *caps = &process->caps;
	struct error warning = ERROR_INIT;
	char names[PLAN_CAPABILITIES_TEXT];

	if (caps->unknown) {
		error_set(&warning, 0,
			  "process.capabilities: left out, since Linux has no such capability: %s",
			  caps->unknown);
		warn(&warning);
	}
	if (caps->left_out) {
		plan_capability_names(caps->left_out, names, sizeof(names));
		error_set(
			&warning, 0,
			"process.capabilities: left out of a set, since the others do not allow it: %s",
			names);
		warn(&warning);
	}
}
