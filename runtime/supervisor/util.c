/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * util.c: memory, JSON values, times, small files.
 */
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "runtime/supervisor/supervisor.h"

void *must_have(void *p)
{
	static const char text[] = "cloisond: out of memory; it is started again\n";

	if (p)
		return p;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) < 0)
		_exit(EXIT_ENGINE + 1);
	_exit(EXIT_ENGINE);
}

void *zalloc(size_t size)
{
	return must_have(calloc(1, size));
}

char *copy_text(const char *text)
{
	return must_have(strdup(text));
}

char *copy_bytes(const char *data, size_t length)
{
	char *copy = must_have(malloc(length + 1));

	memcpy(copy, data, length);
	copy[length] = '\0';
	return copy;
}

void json_put(struct json_object *o, const char *key, struct json_object *value)
{
	if (json_object_object_add(o, key, value) != 0)
		(void)must_have(NULL);
}

void json_put_text(struct json_object *o, const char *key, const char *value)
{
	json_put(o, key, must_have(json_object_new_string(value ? value : "")));
}

void json_put_int(struct json_object *o, const char *key, int64_t value)
{
	json_put(o, key, must_have(json_object_new_int64(value)));
}

void json_put_bool(struct json_object *o, const char *key, bool value)
{
	json_put(o, key, must_have(json_object_new_boolean(value)));
}

struct json_object *json_get(const struct json_object *o, const char *key)
{
	struct json_object *value = NULL;

	return json_object_object_get_ex(o, key, &value) ? value : NULL;
}

const char *json_get_text(const struct json_object *o, const char *key)
{
	struct json_object *value = json_get(o, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : NULL;
}

int64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const char *format_time(int64_t ns, char text[TIME_BYTES])
{
	time_t seconds = (time_t)(ns / 1000000000);
	struct tm tm = {0};
	size_t n;

	if (ns <= 0)
		return "0001-01-01T00:00:00Z";
	gmtime_r(&seconds, &tm);
	n = strftime(text, TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, TIME_BYTES - n, ".%09uZ", (unsigned int)(ns % 1000000000));
	return text;
}

int write_file(int dir, const char *name, const void *data, size_t length, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	const char *from = data;
	char part[64];

	snprintf(part, sizeof(part), "%.40s.new", name);
	fd = openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return error_set(err, errno, "cannot make `%s`", part);
	while (length) {
		ssize_t n = write(fd, from, length);

		if (n < 0)
			return error_set(err, errno, "cannot write `%s`", part);
		from += n;
		length -= (size_t)n;
	}
	if (renameat(dir, part, dir, name) < 0)
		return error_set(err, errno, "cannot replace `%s`", name);
	return 0;
}

int write_json(int dir, const char *name, struct json_object *o, struct error *err)
{
	size_t length;
	const char *text = json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);

	return write_file(dir, name, must_have((void *)(uintptr_t)text), length, err);
}

ssize_t read_file(int dir, const char *name, char *text, size_t size)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t have = 0;

	if (fd < 0)
		return -1;
	while (have < size - 1) {
		ssize_t n = read(fd, text + have, size - 1 - have);

		if (n < 0)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	text[have] = '\0';
	return (ssize_t)have;
}

void say(const char *fmt, ...)
{
	struct error text = ERROR_INIT;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text.what, sizeof(text.what), fmt, ap);
	va_end(ap);
	say_error(&text);
}

void say_error(const struct error *err)
{
	error_print(err, "cloisond", STDERR_FILENO);
}
