/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * decode.h: what the decoders of config.json's parts offer one another; private to runtime/oci.
 *
 * Each fills its part of the plan from the JSON object it is given. What depends on two parts (a
 * host name needs a UTS namespace) is checked by check_plan() when all of them are known.
 */
#ifndef CLOISON_OCI_DECODE_H
#define CLOISON_OCI_DECODE_H

#include "lib/json.h"
#include "runtime/oci/plan.h"

/* A name of config.json and the kernel's number for it. */
struct name_value {
	const char *name;
	uint64_t value;
};

/* find_name - the row of @table called @name, or NULL. */
const struct name_value *find_name(const struct name_value *table, size_t count, const char *name);

/*
 * find_sorted - the same in a table of rows of @bytes bytes, each beginning with a pointer to its name,
 * in the order of strcmp(). Returns the row or NULL.
 */
const void *find_sorted(const void *table, size_t count, size_t bytes, const char *name);

/* check_absolute - a json_decode check: the path just stored must begin with "/". */
int check_absolute(const struct json_at *at, void *member);

/* Decoders of one value each; the second argument is what they fill. */
int decode_process(const struct json_at *at, void *process_plan);
int decode_capabilities(const struct json_at *at, void *caps_plan);
int decode_mount(const struct json_at *at, void *mount_plan);
int decode_linux(const struct json_at *at, void *plan);
int decode_namespaces(const struct json_at *linux_at, void *plan); /* with mappings and offsets */
int decode_id_map(const struct json_at *at, void *id_map);
int decode_resources(const struct json_at *at, void *cgroup_plan);
int decode_net_device(const struct json_at *at, void *net_device_plan);
int decode_sysctl(const struct json_at *at, void *sysctl_plan);
int decode_seccomp(const struct json_at *at, void *seccomp_plan);
int decode_hooks(const struct json_at *at, void *hooks_plan);
int decode_scheduler(const struct json_at *at, void *process_plan);
int decode_io_priority(const struct json_at *at, void *process_plan);
int decode_exec_affinity(const struct json_at *at, void *process_plan);
int decode_memory_policy(const struct json_at *at, void *plan);
int decode_personality(const struct json_at *at, void *plan);

/* check_label - a json_decode check: an LSM label; "" becomes NULL. */
int check_label(const struct json_at *at, void *member);
/* decode_landlock - the annotation org.cloison.landlock, if there is one. */
int decode_landlock(const struct json_at *at, struct plan *plan);
/* decode_layers - the annotation org.cloison.layers, if there is one. */
int decode_layers(const struct json_at *at, struct plan *plan);
/* label_mounts - put linux.mountLabel among the parameters of the file systems that take it. */
int label_mounts(const struct json_at *at, struct plan *plan);

/* parse_bit_list - add the numbers of a list like "0-3,7" to @list. Returns 0 or -1. */
int parse_bit_list(const char *text, struct bit_list *list);

/* no_limits - a cgroup_plan in which nothing is set; what decode_resources() begins with. */
extern const struct cgroup_plan no_limits;

/* apply_mount_options - translate a mount's "options" (mountopts.c). */
int apply_mount_options(const struct json_at *mount_at, struct mount_plan *mount);
/* find_propagation - MS_PRIVATE etc. with MS_REC for "rprivate" etc.; 0: no such name. */
uint64_t find_propagation(const char *name);

/* check_id_maps - the member @key of @at has at most as many entries as the kernel takes, disjoint. */
int check_id_maps(const struct json_at *at, const char *key, const struct id_map *map,
		  size_t count);

/* refuse_unsupported - fail if the object @at sets what unsupported.c has for that part. */
enum config_part {
	PART_MOUNT,
	PART_LINUX,
	PART_RESOURCES,
};
int refuse_unsupported(const struct json_at *at, enum config_part part);

/* is_supported - whether there is no row for @key in unsupported.c. */
bool is_supported(enum config_part part, const char *key);

/* The names this version knows, one by one; NULL behind the last. */
const char *mount_option_at(size_t index);
const char *caps_name_at(size_t index);
const char *seccomp_flag_at(size_t index);
const char *memory_mode_at(size_t index);
const char *memory_flag_at(size_t index);
const char *unsafe_annotation_at(size_t index); /* annotations that change what is done */

/* check_namespaces - what the namespaces asked for rule out (namespaces.c). */
int check_namespaces(const struct json_at *at, const struct plan *plan);
/* check_net_devices - they need a network namespace, and names of their own in it (netdevices.c). */
int check_net_devices(const struct json_at *at, const struct plan *plan);
/* check_sysctls - each sysctl needs the namespace it belongs to (sysctl.c). */
int check_sysctls(const struct json_at *at, const struct plan *plan);

#endif
