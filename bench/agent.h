/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h: the bench's part inside the appliance.
 */
#ifndef CLOISON_BENCH_AGENT_H
#define CLOISON_BENCH_AGENT_H

#include "lib/error.h"

/*
 * agent_main - `cloison-bench agent start COUNT PAUSE_MS | mem COUNT | show`, on the serial console.
 * Returns the exit status: 0, or 1 when a container failed.
 */
int agent_main(int argc, char **argv);

#define AGENT_BUNDLES "/bench/bundles"
#define AGENT_CLOISON "/bin/cloison"
#define AGENT_DEMO "/usr/share/cloison/bundles/demo"

/* Around what `agent show` and its container say. */
#define AGENT_SHOW_BEGIN "--- a container in the appliance"
#define AGENT_SHOW_END "--- end"

#define AGENT_MEM_LEVELS 5 /* the steps of the staircase of `agent mem` */

#endif
