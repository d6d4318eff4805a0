/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_commands.c: what the commands known from Docker read: a command line of `run`, a template, values with
 * structure, detach keys; and the answers of a supervisor that may be another host's.
 *
 * The input is texts with a zero byte between them, and behind the last the frames.
 */
#include <json-c/json.h>
#include <sys/socket.h>

#include "fuzz.h"
#include "runtime/cli/native/flags.h"
#include "runtime/cli/native/runflags.h"

static void try_flags(char *text)
{
	static struct run_flags flags;
	char *argv[64] = {NULL};
	struct error err = ERROR_INIT;
	size_t n = 0;
	bool help;

	for (char *p = strtok(text, " "); p && n < 63; p = strtok(NULL, " "))
		argv[n++] = p;
	memset(&flags, 0, sizeof(flags));
	if (flags_parse(run_flags_table, RUN_FLAGS_COUNT, n % 2 ? FLAGS_FIRST : FLAGS_ANYWHERE,
			argv, &flags, &help, &err) < 0)
		REQUIRE(err.what[0]);
}

static void try_template(const char *template, const char *json)
{
	static FILE *to;
	struct json_object *rows = json_tokener_parse(json);
	struct error err = ERROR_INIT;

	if (!to)
		to = fopen("/dev/null", "w");
	if (json_object_is_type(rows, json_type_array)) {
		bool objects = true;

		for (size_t i = 0; i < json_object_array_length(rows); i++)
			objects &= json_object_is_type(json_object_array_get_idx(rows, i),
						       json_type_object);
		if (objects && output_rows(to, rows, NULL, 0, template, false, &err) < 0)
			REQUIRE(err.what[0]);
	}
	json_object_put(rows);
}

static void try_values(const char *text)
{
	struct error err = ERROR_INIT;
	struct json_object *mount = parse_volume(text, &err);
	struct detach_keys keys;
	uint8_t out[64 + DETACH_KEYS_MAX];
	char moment[64];
	int64_t value;
	size_t n;

	REQUIRE(mount || err.what[0]);
	json_object_put(mount);
	mount = parse_mount(text, &err);
	json_object_put(mount);
	if (parse_bytes("x", text, &value, &err) == 0)
		REQUIRE(value >= 0);
	if (parse_duration("x", text, 1000, &value, &err) == 0)
		REQUIRE(value >= 0);
	if (parse_moment("x", text, moment, sizeof(moment), &err) < 0)
		REQUIRE(err.what[0]);
	if (detach_keys_parse(&keys, text, &err) == 0) {
		size_t length = strlen(text) < 64 ? strlen(text) : 64;

		(void)detach_keys_feed(&keys, (const uint8_t *)text, length, out, &n);
		REQUIRE(n <= length && keys.held <= keys.n);
		n = detach_keys_flush(&keys, out);
		REQUIRE(n <= keys.n && !keys.held);
	}
}

static void try_answers(const uint8_t *data, size_t size)
{
	struct native_client c = NATIVE_CLIENT_INIT;
	struct error err = ERROR_INIT;
	struct json_object *answer;
	int pair[2];

	/* what fits the socket's buffer: nobody else reads it meanwhile */
	if (size > 32768 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return;
	if (size)
		REQUIRE(write(pair[1], data, size) == (ssize_t)size);
	REQUIRE(shutdown(pair[1], SHUT_WR) == 0);
	c.in = c.out = pair[0];
	do {
		answer = native_request(&c, "ps", NULL, &err);
		REQUIRE(answer || err.what[0]);
		json_object_put(answer);
	} while (answer);
	native_disconnect(&c);
	close(pair[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *flags = fuzz_part(&data, &size), *template = fuzz_part(&data, &size);
	char *json = fuzz_part(&data, &size), *value = fuzz_part(&data, &size);

	try_flags(flags);
	try_template(template, json);
	try_values(value);
	try_answers(data, size);
	free(flags);
	free(template);
	free(json);
	free(value);
	return 0;
}
