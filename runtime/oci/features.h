/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * features.h: what this version can be asked for, as JSON.
 */
#ifndef CLOISON_OCI_FEATURES_H
#define CLOISON_OCI_FEATURES_H

#include <stdbool.h>

struct json_object;

/* The versions of the specification that a config.json may name. */
#define OCI_VERSION_MIN "1.0.0"
#define OCI_VERSION_MAX "1.3.0"

/* What is not in a table of runtime/oci. */
struct features_more {
	bool systemd;	     /* cgroups as systemd's scopes */
	const char *version; /* of Cloison */
};

/*
 * features_json - the features document, made from the tables that config.json is read by.
 * Returns a tree to be given back with json_free(), or NULL when there is no memory.
 * Source: OCI features.md, features-linux.md.
 */
struct json_object *features_json(const struct features_more *more);

#endif
