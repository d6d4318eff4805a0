/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alone.h: doing without a supervisor, or starting it.
 */
#ifndef CLOISON_CLI_NATIVE_ALONE_H
#define CLOISON_CLI_NATIVE_ALONE_H

#include "runtime/cli/native/runflags.h"

/*
 * run_alone - run the request in the foreground, by this process. Returns the exit code of the program, or -1
 * with @err. The container is gone afterwards, whatever --rm says: nobody is there to keep it.
 */
int run_alone(const struct run_flags *f, struct json_object *request, struct error *err) must_check;

/* daemon_need - connect to the supervisor of this host, which is started when it is not there. */
int daemon_need(struct native_client *client, struct error *err) must_check;

/* native_make - `create`, or `run` in the background: send the request, taken, and print the id. */
int native_make(const char *verb, const struct run_flags *f, struct json_object *request,
		struct error *err) must_check;

#endif
