/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * services.h: others' programs with the arguments that the configuration gives them.
 */
#ifndef CLOISON_CONFIG_SERVICES_H
#define CLOISON_CONFIG_SERVICES_H

#include "lib/error.h"

/*
 * Each becomes its program, and returns 0 when the configuration does not ask for it, or -1 with @err.
 * services_dhcp returns the status of the first client that ended.
 */
int services_dhcp(struct error *err) must_check;
int services_ntp(struct error *err) must_check;
int services_log(struct error *err) must_check;
int services_ssh(struct error *err) must_check;

/* services_console - become what is on the console: a shell, or, for ever, a menu or nothing. */
int services_console(struct error *err) must_check;

/* session_run - one login over the remote shell with the key of that name. Returns its status, or -1 with @err. */
int session_run(const char *key, struct error *err) must_check;

#endif
