/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.c: from a frame to a verb.
 */
#include "runtime/supervisor/request.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "lib/audit.h"
#include "lib/json.h"

#define TIMEOUT_MOST_S 86400
#define NS 1000000000

/* ---- times ----------------------------------------------------------------------------------- */

/* duration - "1h30m", "10s", "500ms": nanoseconds; -1: it is none. */
static int64_t duration(const char *text)
{
	static const struct {
		const char *name;
		int64_t ns;
	} units[] = {{"ms", 1000000}, {"h", 3600LL * NS}, {"m", 60LL * NS}, {"s", NS}};
	int64_t total = 0;

	while (*text) {
		char *end;
		int64_t n;
		size_t i = 0;

		if (!isdigit((unsigned char)*text))
			return -1;
		n = strtoll(text, &end, 10);
		while (i < ARRAY_SIZE(units) && strncmp(end, units[i].name, strlen(units[i].name)))
			i++;
		if (i == ARRAY_SIZE(units) || n > INT64_MAX / units[i].ns ||
		    n * units[i].ns > INT64_MAX - total)
			return -1;
		total += n * units[i].ns;
		text = end + strlen(units[i].name);
	}
	return total;
}

/* fraction - ".25" in nanoseconds, and where it ends. */
static int64_t fraction(const char **text)
{
	int64_t ns = 0, unit = NS / 10;

	if (**text != '.')
		return 0;
	for (++*text; isdigit((unsigned char)**text); ++*text, unit /= 10)
		ns += (**text - '0') * unit;
	return ns;
}

/* zone - "Z", "+02:00" or nothing: seconds east of Greenwich; INT64_MIN: none of these. */
static int64_t zone(const char *text)
{
	int hours, minutes, n = 0;

	if (!*text || !strcmp(text, "Z"))
		return 0;
	if (*text != '+' && *text != '-')
		return INT64_MIN;
	if (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &n) != 2 || text[1 + n])
		return INT64_MIN;
	return (*text == '-' ? -60 : 60) * (hours * 60 + minutes);
}

int time_parse(const char *text, int64_t now, int64_t *ns)
{
	static const char *const forms[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"};
	int64_t value;
	char *end;

	value = strtoll(text, &end, 10);
	if (end != text && (!*end || *end == '.') && value >= 0 && value < INT64_MAX / NS) {
		const char *rest = end;

		*ns = value * NS + fraction(&rest);
		return *rest ? -1 : 0;
	}
	for (size_t i = 0; i < ARRAY_SIZE(forms); i++) {
		struct tm tm = {0};
		const char *rest = strptime(text, forms[i], &tm);
		int64_t extra, east;

		if (!rest || tm.tm_year > 8000)
			continue;
		extra = fraction(&rest);
		east = zone(rest);
		if (east == INT64_MIN)
			return -1;
		value = timegm(&tm) - east;
		if (value < 0 || value >= INT64_MAX / NS)
			return -1;
		*ns = value * NS + extra;
		return 0;
	}
	value = *text ? duration(text) : -1;
	if (value < 0 || value > now)
		return -1;
	*ns = now - value;
	return 0;
}

/* ---- members --------------------------------------------------------------------------------- */

static int decode_time(const struct json_at *at, void *into)
{
	const char *text;

	if (!json_object_is_type(at->value, json_type_string) &&
	    !json_object_is_type(at->value, json_type_int) &&
	    !json_object_is_type(at->value, json_type_double))
		return json_fail(at, "must be a time");
	text = json_object_get_string(at->value);
	if (time_parse(text, now_ns(), into) < 0)
		return json_fail(at,
				 "`%.40s` is neither a time (RFC 3339, seconds since 1970) nor a "
				 "duration (10m)",
				 text);
	return 0;
}

static int decode_tail(const struct json_at *at, void *into)
{
	const char *text = json_object_get_string(at->value);
	char *end;
	long long n;

	if (!strcmp(text, "all")) {
		*(int64_t *)into = -1;
		return 0;
	}
	n = strtoll(text, &end, 10);
	if (*end || end == text || n < -1)
		return json_fail(at, "must be a number of lines or \"all\"");
	*(int64_t *)into = n;
	return 0;
}

#define TEXT(key, member)                                           \
	{                                                           \
		key, JSON_STRING, JSON_INTO(struct request, member) \
	}
#define FLAG(key, member)                                         \
	{                                                         \
		key, JSON_BOOL, JSON_INTO(struct request, member) \
	}
#define LIST(key, member)                                                  \
	{                                                                  \
		key, JSON_STRINGS, JSON_TERMINATED(struct request, member) \
	}

static const struct json_field values[] = {
	TEXT("verb", verb),
	TEXT("container", container),
	TEXT("name", name),
	TEXT("signal", signal),
	TEXT("user", user),
	TEXT("workdir", workdir),
	LIST("containers", containers),
	LIST("argv", argv),
	LIST("env", env),
	{"timeout", JSON_NUMBER, JSON_FLAGGED(struct request, timeout_s, has_timeout), .min = -1,
	 .max = TIMEOUT_MOST_S},
	{"tail", JSON_ANY, JSON_INTO(struct request, tail), .decode = decode_tail},
	{"since", JSON_ANY, JSON_INTO(struct request, since_ns), .decode = decode_time},
	{"until", JSON_ANY, JSON_INTO(struct request, until_ns), .decode = decode_time},
};

static const struct json_field flags[] = {
	FLAG("all", all),
	FLAG("force", force),
	FLAG("volumes", volumes),
	FLAG("follow", follow),
	FLAG("timestamps", timestamps),
	FLAG("stdin", in),
	FLAG("logs", logs),
	FLAG("stdout", out),
	FLAG("stderr", err),
	FLAG("tty", tty),
	FLAG("detach", detach),
	FLAG("privileged", privileged),
	FLAG("stream", stream),
};

int request_parse(struct json_object *tree, struct arena *arena, struct request *r,
		  struct error *err)
{
	const struct json_source source = {.name = "request", .arena = arena, .err = err};
	const struct json_at at = {.source = &source, .value = tree};

	*r = (struct request){.tail = -1, .out = true, .err = true, .stream = true, .tree = tree};
	if (!json_object_is_type(tree, json_type_object))
		return error_set(err, EINVAL, "a request is a JSON object");
	if (json_decode_fields(&at, values, ARRAY_SIZE(values), r) < 0 ||
	    json_decode_fields(&at, flags, ARRAY_SIZE(flags), r) < 0)
		return -1;
	return 0;
}

struct control control_parse(const char *data, size_t length)
{
	_cleanup_free_ char *text = copy_bytes(data, length);
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "message", .err = &err};
	_cleanup_json_ struct json_object *o = json_parse(text, length, &source);
	struct json_object *size = json_get(o, "resize");
	const char *name = json_get_text(o, "signal");
	struct control said = {.detach = json_object_get_boolean(json_get(o, "detach"))};

	if (json_object_is_type(size, json_type_array) && json_object_array_length(size) == 2) {
		said.rows = json_object_get_int(json_object_array_get_idx(size, 0));
		said.columns = json_object_get_int(json_object_array_get_idx(size, 1));
	}
	if (name && signal_number(name) > 0)
		said.signal = signal_number(name);
	return said;
}

/* ---- verbs ----------------------------------------------------------------------------------- */

enum {
	OF_ONE = 1,  /* has "container" */
	CHANGES = 2, /* what it answers is to be on the disk: flush.c */
	STARTS = 4,  /* what must not begin when all is being stopped */
};

static const struct {
	const char *name;
	verb_run *run;
	unsigned int kind;
} verbs[] = {
	{"create", verb_create, CHANGES | STARTS},
	{"run", verb_run_, CHANGES | STARTS},
	{"start", verb_start, OF_ONE | CHANGES | STARTS},
	{"stop", verb_stop, OF_ONE | CHANGES},
	{"restart", verb_restart, OF_ONE | CHANGES | STARTS},
	{"kill", verb_kill, OF_ONE | CHANGES},
	{"pause", verb_pause, OF_ONE},
	{"unpause", verb_unpause, OF_ONE},
	{"rename", verb_rename, OF_ONE | CHANGES},
	{"rm", verb_rm, OF_ONE | CHANGES},
	{"wait", verb_wait, OF_ONE | CHANGES},
	{"update", verb_update, OF_ONE | CHANGES},
	{"ps", verb_ps, 0},
	{"inspect", verb_inspect, 0},
	{"logs", verb_logs, OF_ONE},
	{"attach", verb_attach, OF_ONE | CHANGES},
	{"exec", verb_exec, OF_ONE | STARTS},
	{"cp", verb_cp, OF_ONE},
	{"events", verb_events, 0},
	{"stats", verb_stats, 0},
	{"top", verb_top, OF_ONE},
	{"info", verb_info, 0},
	{"version", verb_version, 0},
};

void verb_error(struct client *client, const char *fmt, ...)
{
	struct error err = ERROR_INIT;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err.what, sizeof(err.what), fmt, ap);
	va_end(ap);
	client_fail(client, &err);
}

static void dispatch(struct client *client, const struct request *r)
{
	struct error err = ERROR_INIT;
	struct container *c = NULL;
	size_t i = 0;

	if (!r->verb) {
		verb_error(client, "request: verb is missing");
		return;
	}
	while (i < ARRAY_SIZE(verbs) && strcmp(verbs[i].name, r->verb) != 0)
		i++;
	if (i == ARRAY_SIZE(verbs)) {
		verb_error(client, "unknown verb `%.32s`", r->verb);
		return;
	}
	if (client->key)
		audit(client->key, "api: %s%s%s", r->verb, r->container ? " " : "",
		      r->container ? r->container : "");
	if ((verbs[i].kind & STARTS) && client->s->shutting_down) {
		verb_error(client, "all containers are being stopped");
		return;
	}
	client->changes = verbs[i].kind & CHANGES;
	if (verbs[i].kind & OF_ONE) {
		if (!r->container) {
			verb_error(client, "request: container is missing");
			return;
		}
		c = container_find(client->s, r->container, &err);
		if (!c) {
			client_fail(client, &err);
			return;
		}
	}
	verbs[i].run(client, r, c);
}

void request_handle(struct client *client, const char *text, size_t length)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_json_ struct json_object *tree = NULL;
	_cleanup_free_ char *copy = copy_bytes(text, length);
	struct error err = ERROR_INIT;
	const struct json_source source = {.name = "request", .arena = &arena, .err = &err};
	struct request r;

	tree = json_parse(copy, length, &source);
	if (!tree || request_parse(tree, &arena, &r, &err) < 0) {
		client_fail(client, &err);
		return;
	}
	dispatch(client, &r);
}
