/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * log.c: one record per failed command, and one per warning.
 */
#include "runtime/cli/log.h"

#include <ctype.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <string.h>
#include <time.h>

#include "lib/json.h"

#define MSG_MAX 1400

/* json_record - the record as a JSON object; NULL without memory. */
static struct json_object *json_record(const char *level, const char *msg, const char *when)
{
	struct json_object *o = json_object_new_object();

	if (o) {
		json_object_object_add(o, "level", json_object_new_string(level));
		json_object_object_add(o, "msg", json_object_new_string(msg));
		json_object_object_add(o, "time", json_object_new_string(when));
	}
	return o;
}

static int open_log(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

int log_create(const char *path, struct error *err)
{
	_cleanup_fd_ int fd = open_log(path);

	return fd < 0 ? error_set(err, errno, "cannot open the log `%s`", path) : 0;
}

/* put - append one record in one write, so that records of several writers do not mix. */
static int put(const char *path, const char *record, size_t len)
{
	_cleanup_fd_ int fd = open_log(path);

	return fd >= 0 && write(fd, record, len) == (ssize_t)len ? 0 : -1;
}

static int put_json(const char *path, const char *level, const char *msg, const char *when)
{
	_cleanup_json_ struct json_object *o = json_record(level, msg, when);
	_cleanup_free_ char *line = NULL;
	const char *text;
	size_t len = 0;

	text = o ? json_object_to_json_string_length(o, JSON_C_TO_STRING_NOSLASHESCAPE, &len)
		 : NULL;
	line = text ? malloc(len + 1) : NULL;
	if (!line) {
		errno = ENOMEM;
		return -1;
	}
	memcpy(line, text, len);
	line[len] = '\n';
	return put(path, line, len + 1);
}

static int put_text(const char *path, const char *level, const char *msg, const char *when)
{
	char line[2 * MSG_MAX + 64], *to = line;

	to += snprintf(line, sizeof(line), "time=\"%s\" level=%s msg=\"", when, level);
	for (; *msg; msg++) {
		if (*msg == '"' || *msg == '\\')
			*to++ = '\\';
		*to++ = *msg;
	}
	*to++ = '"';
	*to++ = '\n';
	return put(path, line, (size_t)(to - line));
}

/*
 * add_words - put the words of @errnum behind the @n characters of @msg. Docker and Podman tell a
 * program that is missing (127) from one that may not run (126) by these words alone.
 */
static size_t add_words(char *msg, size_t n, int errnum)
{
	size_t at = n + 2;

	if (!errnum || at >= MSG_MAX)
		return n;
	n += (size_t)snprintf(msg + n, MSG_MAX - n, ": %s", strerror(errnum));
	msg[at] = (char)tolower((unsigned char)msg[at]);
	return n < MSG_MAX ? n : MSG_MAX - 1;
}

void log_append(const char *path, enum log_format format, enum log_level level,
		const struct error *err)
{
	const char *name = level == LEVEL_ERROR ? "error" : "warning";
	char msg[MSG_MAX], when[32];
	time_t now = time(NULL);
	struct tm tm;
	size_t n;
	int rc;

	n = add_words(msg, error_line(err, msg, sizeof(msg)), err->errnum);
	if (err->cause[0] && n < sizeof(msg) - 1)
		snprintf(msg + n, sizeof(msg) - n, " (%s)", err->cause);
	/* error_line() shows control characters as "?"; the cause must not forge a record either. */
	for (char *p = msg; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	/* Paths and arguments are any bytes, and a text too long may be cut inside a character. */
	json_make_utf8(msg);
	strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	rc = format == LOG_JSON ? put_json(path, name, msg, when) : put_text(path, name, msg, when);
	if (rc < 0) {
		struct error log_err = ERROR_INIT;

		error_set(&log_err, errno, "cannot write the log `%s`", path);
		error_print(&log_err, "cloison", STDERR_FILENO);
	}
}
