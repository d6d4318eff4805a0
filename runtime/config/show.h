/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show.h: the configuration as a person reads it, and as a program does.
 */
#ifndef CLOISON_CONFIG_SHOW_H
#define CLOISON_CONFIG_SHOW_H

#include <stdio.h>

#include "runtime/config/config.h"

/* show_yaml - an appliance.yaml that says all of it; @origin: with where each value came from. */
void show_yaml(const struct config *c, bool origin, FILE *out);

/* show_json - a list of objects with key, value, channel, file and line. */
void show_json(const struct config *c, FILE *out);

/* show_place - "kernel command line /proc/cmdline:4", for messages too. */
void show_place(const struct config_origin *where, char *buf, size_t size);

#endif
