/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervised.h: what the supervisor takes for containers that do nothing.
 */
#ifndef CLOISON_BENCH_SUPERVISED_H
#define CLOISON_BENCH_SUPERVISED_H

#define SUPERVISED_LEVELS 5 /* steps of its staircase */
#define SUPERVISED_MAX 1000
#define SUPERVISED_MAX_S 3600

/*
 * supervised_main - `cloison-bench agent supervised COUNT SECONDS [CLOISON CLOISOND BUNDLE DIR]`: the marks of
 * its staircase and of its idleness on standard output. With the last four a supervisor of its own is started,
 * with its state below DIR; without them the appliance's is measured.
 * Returns the number of failures.
 */
unsigned int supervised_main(int argc, char **argv);

#endif
