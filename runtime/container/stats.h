/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * stats.h: what the kernel counts in a container's cgroup, in the form that engines read.
 */
#ifndef CLOISON_CONTAINER_STATS_H
#define CLOISON_CONTAINER_STATS_H

#include "runtime/sandbox/cgroup.h"

struct json_object;

/*
 * stats_read - the object "data" of runc's event "stats": times in nanoseconds, sizes in bytes, a
 * limit that there is not as 2^64 - 1. Counts of a controller that the cgroup does not have are 0.
 * Returns NULL with @err. To be given back with json_free().
 */
struct json_object *stats_read(const struct cgroup *cg, struct error *err) must_check;

#endif
