/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_log.c: an error whose texts are the attacker's, to the log and to the terminal.
 *
 * Engines parse the log: one record per error, valid JSON (so valid UTF-8), whatever a path or an
 * argument was made of; nothing that steers a terminal.
 */
#include <json-c/json.h>

#include "lib/json.h"
#include "runtime/cli/log.h"
#include "tests/fuzz/fuzz.h"

static size_t read_back(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	REQUIRE(n >= 0);
	buf[n] = '\0';
	return (size_t)n;
}

static void require_clean(const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		REQUIRE((text[i] & 0xe0) || text[i] == '\n');
}

static void check_json(const char *text, size_t len)
{
	struct arena arena = {0};
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "log", .arena = &arena, .err = &err};
	struct json_object *tree = json_parse(text, len, &source);
	struct json_object *msg;

	REQUIRE(tree && json_object_object_get_ex(tree, "msg", &msg));
	json_free(&tree);
	arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int file = FD_EMPTY;
	static char path[4096], buf[16384];
	char *what = fuzz_part(&data, &size), *cause = fuzz_part(&data, &size);
	char *hint = fuzz_part(&data, &size);
	struct error err = ERROR_INIT;
	size_t len;

	if (file < 0)
		file = fuzz_file("log", path, sizeof(path));
	error_set(&err, size % 140, "object `%s`", what);
	if (*cause)
		error_cause(&err, "cause `%s`", cause);
	if (*hint)
		error_hint(&err, "hint `%s`", hint);
	if (size % 3 == 0)
		error_wrap(&err, "%s", cause);
	fuzz_fill(file, "", 0);
	log_append(path, LOG_JSON, LEVEL_ERROR, &err);
	len = read_back(file, buf, sizeof(buf));
	REQUIRE(len > 0 && buf[len - 1] == '\n' && memchr(buf, '\n', len) == buf + len - 1);
	check_json(buf, len);
	fuzz_fill(file, "", 0);
	log_append(path, LOG_TEXT, LEVEL_WARNING, &err);
	len = read_back(file, buf, sizeof(buf));
	REQUIRE(len > 0 && buf[len - 1] == '\n' && memchr(buf, '\n', len) == buf + len - 1);
	require_clean(buf, len);
	fuzz_fill(file, "", 0);
	if (lseek(file, 0, SEEK_SET) < 0)
		abort();
	error_print(&err, "cloison", file);
	require_clean(buf, read_back(file, buf, sizeof(buf)));
	free(what);
	free(cause);
	free(hint);
	return 0;
}
