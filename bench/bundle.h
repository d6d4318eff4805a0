/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.h: the container every runtime is asked for, as config.json.
 */
#ifndef CLOISON_BENCH_BUNDLE_H
#define CLOISON_BENCH_BUNDLE_H

#include <json-c/json.h>
#include <stdbool.h>

/*
 * bundle_json - the default spec (default_spec.h) running the @n words of @args in @rootfs.
 * @cgroups: with the device rules of the default spec, which take a cgroup
 */
json_object *bundle_json(const char *rootfs, const char *const *args, size_t n, bool cgroups);

#endif
