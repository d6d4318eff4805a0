/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * workspace.h: where the systems under test find bundles and keep their state.
 */
#ifndef CLOISON_BENCH_WORKSPACE_H
#define CLOISON_BENCH_WORKSPACE_H

#include "bench/bench.h"

/*
 * workspace_open - make b->work with the bundles in it.
 *
 * As root: in a new private mount namespace, on a tmpfs, so nothing is mounted on the host and
 * nothing outlives the process but an empty directory, which workspace_close removes. Where the
 * host's /sys/fs/cgroup is version 1 or hybrid, that namespace sees a cgroup2 file system there
 * instead: crun refuses hybrid hosts, and all systems shall see the same.
 * Without root: a plain directory, removed with its files at the end.
 */
must_check int workspace_open(struct bench *b, struct error *err);
void workspace_close(struct bench *b);

#define BUNDLE_ONCE "once" /* the probe says that it runs, and ends */
#define BUNDLE_TREE "tree" /* the same with the directories that a system's root has */
#define BUNDLE_WORK "work" /* a root with cloison-bench-work in it */
#define BUNDLE_HOLD "hold" /* the probe stays */

#endif
