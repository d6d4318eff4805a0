/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c: one record per failed command.
 */
#include "runtime/cli/log.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "lib/json.h"

/* format_record - the record as a JSON object; NULL without memory. */
static struct json_object *json_record(const char *msg, const char *when)
{
	struct json_object *o = json_object_new_object();

	if (o) {
		json_object_object_add(o, "level", json_object_new_string("error"));
		json_object_object_add(o, "msg", json_object_new_string(msg));
		json_object_object_add(o, "time", json_object_new_string(when));
	}
	return o;
}

void log_error(const char *path, enum log_format format, const struct error *err)
{
	_cleanup_json_ struct json_object *o = NULL;
	_cleanup_fd_ int fd = FD_EMPTY;
	char msg[sizeof(struct error) + 64], line[2 * sizeof(msg)], when[32];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;
	int len;

	n = error_line(err, msg, sizeof(msg));
	if (err->cause[0])
		snprintf(msg + n, sizeof(msg) - n, " (%s)", err->cause);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (format == LOG_JSON) {
		o = json_record(msg, when);
		len = snprintf(line, sizeof(line), "%s\n",
			       o ? json_object_to_json_string_ext(o, JSON_C_TO_STRING_NOSLASHESCAPE)
				 : "{\"level\":\"error\",\"msg\":\"out of memory\"}");
	} else {
		len = snprintf(line, sizeof(line), "time=\"%s\" level=error msg=\"%s\"\n", when,
			       msg);
	}
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0 || write(fd, line, (size_t)len) != len) {
		struct error log_err = ERROR_INIT;

		error_set(&log_err, errno, "cannot write the log `%s`", path);
		error_print(&log_err, "cloison", STDERR_FILENO);
	}
}
