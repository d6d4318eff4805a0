/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * agent.h: the bench's part inside the appliance.
 */
#ifndef CLOISON_BENCH_AGENT_H
#define CLOISON_BENCH_AGENT_H

#include "lib/error.h"

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * agent_main - `cloison-bench agent start COUNT PAUSE_MS | density COUNT STARTS | mem COUNT | minmem |
 * supervised COUNT SECONDS ... | phases | show`, on the serial console.
 * Returns the exit status: 0, or 1 when a container failed.
 */
int agent_main(int argc, char **argv);

#define AGENT_BUNDLES "/bench/bundles"
#define AGENT_CLOISON "/bin/cloison"
#define AGENT_PHASES "/run/init/phases" /* PID 1's, see init(8) */
#define AGENT_DEMO "/usr/share/cloison/bundles/demo"

/* Around what `agent show` and its container say. */
#define AGENT_SHOW_BEGIN "--- a container in the appliance"
#define AGENT_SHOW_END "--- end"

/* What `agent density` begins its last line of text with: what gave out. */
#define AGENT_DENSITY_END "--- density: "

#define AGENT_MEM_LEVELS 5 /* the steps of the staircase of `agent mem` */

/* --- between the parts of the agent */

/* agent_say - a mark on the console. */
void agent_say(char kind, uint64_t value);

/* agent_complain - an error as a line of text there. */
void agent_complain(const char *what, const char *object, int errnum);

/*
 * agent_run - one command to its end. Returns its exit status; 255 when it did not start.
 * @actions: of its descriptors, NULL for the agent's own
 */
int agent_run(const char *const *argv, const posix_spawn_file_actions_t *actions);

/* agent_start - @count containers one after the other, marked. Returns how many failed. */
unsigned int agent_start(unsigned int count, unsigned int pause_ms);

/* agent_hold - a container that stays. Returns its process, or -1; what went wrong was printed. */
pid_t agent_hold(unsigned int number);

/* agent_say_memory - the marks of one level. Returns the number of failures: 0 or 1. */
unsigned int agent_say_memory(unsigned int running, pid_t one);

/* agent_density - see density.c. Returns the number of failures; to find the end is none. */
unsigned int agent_density(unsigned int count, unsigned int starts);

/* agent_smallest - see density.c. Returns the number of failures. */
unsigned int agent_smallest(void);

#endif
