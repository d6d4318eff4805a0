/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.h: the log file of --log, in which engines look for the error to show.
 */
#ifndef CLOISON_CLI_LOG_H
#define CLOISON_CLI_LOG_H

#include "lib/error.h"

enum log_format { LOG_TEXT, LOG_JSON };
enum log_level { LEVEL_WARNING, LEVEL_ERROR };

/*
 * log_create - make the file @path if it is missing. Engines read it also when a runtime was killed and could
 * write nothing, and take a missing file for a missing program.
 */
int log_create(const char *path, struct error *err) must_check;

/*
 * log_append - append @err to the file @path as one record; containerd and Docker show the last
 * record of level "error" (go-runc). Failing to log is reported on standard error.
 */
void log_append(const char *path, enum log_format format, enum log_level level,
		const struct error *err);

#endif
