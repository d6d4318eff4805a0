/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * s23_selftest.c: does a system differ from itself?
 *
 * The comparison is the gate of every run (selftest.c) and has been made when scenarios begin; here its outcome
 * becomes a claim. `cloison-bench selftest` repeats it, with a slow-down that has to be found.
 */
#include "bench/scenarios/scenario.h"

#include "bench/view.h"

#include <string.h>

static int run(struct bench *b, struct error *err)
{
	static const char *const measures[] = {"cpu", "whole"};
	json_object *test = view_get(b->results.doc, "selftest");

	if (scenario_record(b, &scenario_selftest, NULL, err))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(measures); i++) {
		json_object *o = view_get(test, measures[i]);
		struct interval v = {view_number(o, "ratio"), view_number(o, "low"),
				     view_number(o, "high")};
		char text[120];

		snprintf(text, sizeof(text), "%s beside itself, %s", view_text(test, "system"),
			 measures[i]);
		if (o && results_claim(&b->results, text, v, "99.9% interval", "contains 1",
				       v.low <= 1 && v.high >= 1 ? "holds" : "fails", err))
			return -1;
	}
	return 0;
}

const struct scenario scenario_selftest = {
	.id = "s23-selftest",
	.title = "a system beside itself: no difference may be found",
	.run = run,
};
