/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.h: a run request, checked and taken apart.
 */
#ifndef CLOISON_NATIVE_REQUEST_H
#define CLOISON_NATIVE_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/arena.h"
#include "runtime/native/native.h"

enum native_mount_type { NATIVE_BIND, NATIVE_VOLUME, NATIVE_TMPFS };

struct native_mount {
	const char *type_name, *source, *target;
	enum native_mount_type type;
	const char **options; /* NULL-terminated; NULL: none */
	bool create;	      /* the source, when it is not there */
};

struct native_ulimit {
	const char *name;   /* "nofile" */
	int64_t soft, hard; /* -1: no limit */
};

struct native_device {
	const char *source, *target; /* target NULL: as the source */
	const char *permissions;     /* of "rwm"; NULL: all */
};

/* name and value: a label, a kernel setting, a namespace */
struct native_pair {
	const char *name, *value;
};

struct native_health {
	const char **test; /* NULL: the image's, which has none */
	uint32_t interval_ms, timeout_ms, start_period_ms, retries;
};

/* Members that are absent are NULL, 0 and false. Lists end in NULL. */
struct native_request {
	const char *image, *name, *id, *workdir, *user, *hostname, *domainname;
	const char *restart, *stop_signal, *cidfile;
	const char **argv, **entrypoint, **env;
	const char **tmpfs; /* "TARGET[:OPTION,...]" */
	const char **cap_add, **cap_drop, **security_opt;
	struct native_mount *mounts;
	size_t n_mounts;
	struct native_ulimit *ulimits;
	size_t n_ulimits;
	struct native_device *devices;
	size_t n_devices;
	struct native_pair *sysctls, *namespaces, *labels;
	size_t n_sysctls, n_namespaces, n_labels;
	int64_t memory, memory_swap, memory_reservation; /* bytes; swap -1: no limit */
	int64_t nano_cpus;				 /* processors, in billionths */
	uint64_t cpu_shares;
	const char *cpuset_cpus, *cpuset_mems;
	int64_t pids_limit; /* -1: no limit */
	int32_t oom_score_adj;
	bool has_oom_score_adj;
	uint32_t stop_timeout;
	bool has_stop_timeout;
	struct native_health health;
	uint16_t console_rows, console_columns; /* of the terminal, from the start; 0: not known */
	int64_t shm_size, time_offset_s;
	bool tty, stdin_open, read_only, privileged, init, rm, detach;
};

/*
 * native_request_read - check @request and take it apart.
 * What @into points to lives in @arena.
 */
int native_request_read(const struct json_object *request, struct arena *arena,
			struct native_request *into, struct error *err) must_check;

#endif
