/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_supstate.c: the supervisor's state file of a container. What is taken from one is what a state can be, and
 * what another boot makes of it has no process.
 */
#include <string.h>

#include "runtime/supervisor/supervisor.h"
#include "tests/fuzz/fuzz.h"

#define BOOT "01234567-89ab-4cde-8f01-23456789abcd"
#define NOW 1795392000000000000

/* check_other_boot - with each policy */
static void check_other_boot(const struct container *was)
{
	for (enum restart_kind kind = RESTART_NO; kind <= RESTART_UNLESS_STOPPED; kind++) {
		struct container c = *was;

		c.error = was->error ? copy_text(was->error) : NULL;
		c.restart.kind = kind;
		boot_lapse(&c, BOOT, NOW);
		boot_decide(&c);
		REQUIRE(c.phase == PHASE_CREATED || c.phase == PHASE_EXITED);
		REQUIRE(!c.pid && !c.in_runtime && !c.paused && !c.stopping && !c.restarting);
		REQUIRE(c.exit_code >= 0 && c.exit_code <= 255);
		REQUIRE(!c.want_start || kind >= RESTART_ALWAYS);
		free(c.error);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct container c = {0};
	struct error err = ERROR_INIT;
	struct error bad = ERROR_INIT;

	if (state_parse(text, &c, &err) == 0) {
		REQUIRE(name_check(c.name, &bad) == 0);
		REQUIRE(c.phase <= PHASE_EXITED);
		REQUIRE(c.pid >= 0 && c.exit_code >= 0 && c.exit_code <= 255);
		REQUIRE(strlen(c.boot) < BOOT_BYTES);
		check_other_boot(&c);
		REQUIRE(c.early_status >= 0 && c.started_ns >= 0 && c.finished_ns >= 0);
	} else {
		REQUIRE(err.what[0]);
	}
	free(c.error);
	free(text);
	return 0;
}
