/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.h: the steps from a bundle's configuration to a container's.
 */
#ifndef CLOISON_NATIVE_CONFIG_H
#define CLOISON_NATIVE_CONFIG_H

#include "runtime/native/request.h"
#include "runtime/native/tree.h"

/* What a step works on. */
#define NATIVE_REAPER "/dev/init" /* what --init runs, in the container: runtime/reaper.c */

struct native_build {
	const struct native_request *request;
	struct json_object *config; /* being changed */
	const char *rootfs;	    /* absolute */
	struct tree tree;
	struct error *err;
};

/* Each returns 0, or -1 with the error set; for want of memory it marks the tree. */
int native_apply_process(struct native_build *b) must_check;
int native_apply_user(struct native_build *b) must_check;
int native_apply_security(struct native_build *b) must_check;
int native_apply_mounts(struct native_build *b) must_check;
int native_apply_devices(struct native_build *b) must_check;
int native_apply_resources(struct native_build *b) must_check;
int native_apply_namespaces(struct native_build *b) must_check;
int native_apply_idmaps(struct native_build *b) must_check;

#endif
