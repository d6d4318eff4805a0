/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * request.c: checking a run request and taking it apart.
 *
 * Tables say which members there are, of which type, and who checks the value. Everything a request
 * can hold is bounded: the frame it came in to 64 KiB, each list and each string by the limits below,
 * numbers by what the kernel takes. Members that no table names are ignored: the supervisor keeps its
 * own beside them. What only the runtime can judge, a mount option or a kernel setting, is left to it: it
 * says no before the container exists.
 */
#include "runtime/native/request.h"

#include <ctype.h>
#include <json-c/json.h>
#include <string.h>

#include "lib/json.h"
#include "runtime/store/reference.h"

#define NAME_LENGTH 128
#define HOSTNAME_LENGTH 64 /* HOST_NAME_MAX, <limits.h> */
#define ID_LENGTH 64
#define STRING_LENGTH 4096
#define TEXT_LENGTH 32768 /* an argument, a seccomp profile */
#define LIST_COUNT 1024
#define FEW 128
#define INTERVAL_MS 86400000 /* a day */
#define MEMORY_MIN 4096

/* --- values */

static int check_length(const struct json_at *at, const char *text, size_t most)
{
	if (strlen(text) > most)
		return json_fail(at, "is longer than %zu bytes", most);
	if (json_object_get_string_len(at->value) != (int)strlen(text))
		return json_fail(at, "has a NUL in it");
	return 0;
}

static int check_string(const struct json_at *at, void *into)
{
	return check_length(at, *(const char **)into, STRING_LENGTH);
}

/* is_name - of a container, an image, a volume: as Docker's, so that it is safe in a path. */
static bool is_name(const char *text)
{
	if (!isalnum((unsigned char)text[0]) || strlen(text) > NAME_LENGTH)
		return false;
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.-", *p))
			return false;
	return true;
}

static int check_name(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (check_length(at, text, NAME_LENGTH) < 0)
		return -1;
	if (!is_name(text))
		return json_fail(
			at,
			"`%s` is no name: letters, digits, `_`, `.` and `-`, and the first a "
			"letter or digit",
			text);
	return 0;
}

static int check_id(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (check_length(at, text, ID_LENGTH) < 0)
		return -1;
	if (!*text || strspn(text, "0123456789abcdef") != strlen(text))
		return json_fail(at, "`%s` is no id", text);
	return 0;
}

static int check_path(const struct json_at *at, const char *text)
{
	if (check_length(at, text, STRING_LENGTH - 1) < 0)
		return -1;
	return text[0] == '/' ? 0 : json_fail(at, "`%s` is not an absolute path", text);
}

static int check_absolute_path(const struct json_at *at, void *into)
{
	return check_path(at, *(const char **)into);
}

static int check_image(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;
	struct error ignored = ERROR_INIT;
	struct reference r;

	if (text[0] == '/')
		return check_path(at, text);
	if (reference_parse(text, &r, &ignored) == 0)
		return 0;
	return check_name(at, into);
}

static int check_hostname(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (check_length(at, text, HOSTNAME_LENGTH) < 0)
		return -1;
	if (!*text || text[0] == '-' ||
	    strspn(text, "abcdefghijklmnopqrstuvwxyz"
			 "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._") != strlen(text))
		return json_fail(at, "`%s` is no host name", text);
	return 0;
}

/* check_restart - no, always, unless-stopped, on-failure[:N] */
static int check_restart(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;
	static const char failure[] = "on-failure";
	size_t n = sizeof(failure) - 1;

	if (check_length(at, text, 32) < 0)
		return -1;
	if (!strcmp(text, "no") || !strcmp(text, "always") || !strcmp(text, "unless-stopped"))
		return 0;
	if (!strncmp(text, failure, n) &&
	    (!text[n] || (text[n] == ':' && text[n + 1] &&
			  strspn(text + n + 1, "0123456789") == strlen(text + n + 1) &&
			  strlen(text + n + 1) <= 6)))
		return 0;
	return json_fail(at, "`%s`: use no, on-failure[:N], always or unless-stopped", text);
}

/* check_signal - a name with or without SIG, or a number: whether it is one, kill says. */
static int check_signal(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (check_length(at, text, 16) < 0)
		return -1;
	for (const char *p = text; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '+' && *p != '-')
			return json_fail(at, "`%s` is no signal", text);
	return *text ? 0 : json_fail(at, "must not be empty");
}

static int check_user(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (check_length(at, text, NAME_LENGTH) < 0)
		return -1;
	for (const char *p = text; *p; p++)
		if (iscntrl((unsigned char)*p))
			return json_fail(at, "`%s` is no user", text);
	return 0;
}

/* decode_cpus - a number of processors, which may have a fraction. */
static int decode_cpus(const struct json_at *at, void *into)
{
	double cpus;

	if (!json_object_is_type(at->value, json_type_double) &&
	    !json_object_is_type(at->value, json_type_int))
		return json_fail(at, "must be a number");
	cpus = json_object_get_double(at->value);
	if (!(cpus >= 0) || cpus > 8192)
		return json_fail(at, "must be a number from 0 to 8192");
	/* cgroup v2 takes no quota below a millisecond of its period of 100 */
	if (cpus > 0 && cpus < 0.01)
		return json_fail(at, "is below 0.01");
	*(int64_t *)into = (int64_t)(cpus * 1e9 + 0.5);
	return 0;
}

/* --- lists */

static int check_count(const struct json_at *at, size_t count, size_t most)
{
	return count <= most ? 0 : json_fail(at, "has more than %zu elements", most);
}

static int decode_text(const struct json_at *at, void *into)
{
	static const struct json_field text = {"", JSON_STRING, .size = sizeof(char *)};

	if (json_decode_value(at, &text, into) < 0)
		return -1;
	return check_length(at, *(const char **)into, TEXT_LENGTH);
}

/* decode_list - an array of strings; @into: a const char **. */
static int decode_list(const struct json_at *at, void *into)
{
	static const struct json_field field = {"", JSON_ARRAY, .size = sizeof(char *),
						.count_offset = JSON_NO_COUNT,
						.decode = decode_text};

	if (json_object_is_type(at->value, json_type_array) &&
	    check_count(at, json_object_array_length(at->value), LIST_COUNT) < 0)
		return -1;
	return json_decode_value(at, &field, into);
}

static int decode_env(const struct json_at *at, void *into)
{
	const char **env;

	if (decode_list(at, into) < 0)
		return -1;
	env = *(const char ***)into;
	for (size_t i = 0; env[i]; i++)
		if (env[i][0] == '=' || !strchr(env[i], '='))
			return json_fail(at, "has `%.64s`, which is not NAME=VALUE", env[i]);
	return 0;
}

static int decode_tmpfs(const struct json_at *at, void *into)
{
	const char **list;

	if (decode_list(at, into) < 0)
		return -1;
	list = *(const char ***)into;
	for (size_t i = 0; list[i]; i++)
		if (list[i][0] != '/')
			return json_fail(at, "has `%.64s`, which is not an absolute path", list[i]);
	return 0;
}

static const char *const mount_types[] = {
	[NATIVE_BIND] = "bind", [NATIVE_VOLUME] = "volume", [NATIVE_TMPFS] = "tmpfs"};

static int check_mount_source(const struct json_at *at, const struct native_mount *m)
{
	if (m->type == NATIVE_TMPFS)
		return m->source ? json_fail_key(at, "source", "a tmpfs has none") : 0;
	if (!m->source && m->type == NATIVE_VOLUME)
		return 0; /* its name will be the container's id and a number */
	if (!m->source)
		return json_fail_key(at, "source", "is missing");
	if (m->type == NATIVE_BIND && m->source[0] != '/')
		return json_fail_key(at, "source", "`%s` is not an absolute path", m->source);
	if (m->type == NATIVE_VOLUME && !is_name(m->source))
		return json_fail_key(at, "source", "`%s` is no volume's name", m->source);
	return 0;
}

static int decode_mount(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"type", JSON_STRING, .required = true, JSON_INTO(struct native_mount, type_name)},
		{"source", JSON_STRING, JSON_INTO(struct native_mount, source),
		 .decode = check_string},
		{"target", JSON_STRING, .required = true, JSON_INTO(struct native_mount, target),
		 .decode = check_absolute_path},
		{"options", JSON_ANY, JSON_INTO(struct native_mount, options),
		 .decode = decode_list},
		{"create", JSON_BOOL, JSON_INTO(struct native_mount, create)},
	};
	struct native_mount *m = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), m) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(mount_types); i++) {
		if (strcmp(m->type_name, mount_types[i]) != 0)
			continue;
		m->type = (enum native_mount_type)i;
		return check_mount_source(at, m);
	}
	return json_fail_key(at, "type", "`%s`: use bind, volume or tmpfs", m->type_name);
}

static int decode_ulimit(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"name", JSON_STRING, .required = true, JSON_INTO(struct native_ulimit, name),
		 .decode = check_name},
		{"soft", JSON_NUMBER, .required = true, JSON_INTO(struct native_ulimit, soft),
		 .min = -1, .max = INT64_MAX},
		{"hard", JSON_NUMBER, .required = true, JSON_INTO(struct native_ulimit, hard),
		 .min = -1, .max = INT64_MAX},
	};
	const struct native_ulimit *u = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), into) < 0)
		return -1;
	if (u->hard >= 0 && (u->soft < 0 || u->soft > u->hard))
		return json_fail_key(at, "soft", "must not be above the hard limit");
	return 0;
}

static int check_permissions(const struct json_at *at, void *into)
{
	const char *text = *(const char **)into;

	if (!*text || strlen(text) > 3 || strspn(text, "rwm") != strlen(text))
		return json_fail(at, "`%.16s`: use some of r, w and m", text);
	return 0;
}

static int decode_device(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"source", JSON_STRING, .required = true, JSON_INTO(struct native_device, source),
		 .decode = check_absolute_path},
		{"target", JSON_STRING, JSON_INTO(struct native_device, target),
		 .decode = check_absolute_path},
		{"permissions", JSON_STRING, JSON_INTO(struct native_device, permissions),
		 .decode = check_permissions},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_pair(const struct json_at *at, void *into)
{
	struct native_pair *pair = into;

	if (strlen(at->key) > STRING_LENGTH)
		return json_fail(at->parent, "has a name of more than %d bytes", STRING_LENGTH);
	pair->name = arena_strdup(at->source->arena, at->key, at->source->err);
	return pair->name ? decode_text(at, &pair->value) : -1;
}

/* Names of kernel settings and namespaces end up in paths. */
static int decode_named_pair(const struct json_at *at, void *into)
{
	if (!is_name(at->key))
		return json_fail(at->parent, "has `%.64s`, which is no name", at->key);
	return decode_pair(at, into);
}

/* The kinds of namespaces as config.json calls them. */
static const char *const namespace_kinds[] = {"pid",  "network", "ipc",	  "uts",
					      "user", "cgroup",	 "mount", "time"};

static int decode_namespace(const struct json_at *at, void *into)
{
	struct native_pair *pair = into;
	size_t i = 0;

	if (decode_named_pair(at, into) < 0)
		return -1;
	while (i < ARRAY_SIZE(namespace_kinds) && strcmp(namespace_kinds[i], at->key) != 0)
		i++;
	if (i == ARRAY_SIZE(namespace_kinds))
		return json_fail(at->parent, "has `%.64s`, which is no kind of namespace", at->key);
	if (!strcmp(pair->value, "private") || pair->value[0] == '/' ||
	    !strncmp(pair->value, "container:", 10))
		return check_length(at, pair->value, STRING_LENGTH);
	if (!strcmp(pair->value, "host") && strcmp(at->key, "mount") != 0)
		return 0;
	if (!strcmp(pair->value, "none") && !strcmp(at->key, "network"))
		return 0;
	return json_fail(at, "`%.64s`: use host, private, container:NAME or an absolute path",
			 pair->value);
}

static int decode_health(const struct json_at *at, void *into)
{
#define MS(key, member)                                                                       \
	{                                                                                     \
		key, JSON_NUMBER, JSON_INTO(struct native_health, member), .min = 0,          \
									   .max = INTERVAL_MS \
	}
	static const struct json_field fields[] = {
		{"test", JSON_ANY, JSON_INTO(struct native_health, test), .decode = decode_list},
		MS("interval_ms", interval_ms),
		MS("timeout_ms", timeout_ms),
		MS("start_period_ms", start_period_ms),
		{"retries", JSON_NUMBER, JSON_INTO(struct native_health, retries), .max = 1000},
	};
#undef MS
	const struct native_health *h = into;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), into) < 0)
		return -1;
	if (!h->test || !h->test[0])
		return 0;
	if (!strcmp(h->test[0], "NONE"))
		return h->test[1] ? json_fail_key(at, "test", "NONE stands alone") : 0;
	if (!strcmp(h->test[0], "CMD-SHELL"))
		return h->test[1] && !h->test[2]
			       ? 0
			       : json_fail_key(at, "test", "CMD-SHELL takes one command");
	if (strcmp(h->test[0], "CMD") != 0 || !h->test[1])
		return json_fail_key(at, "test", "must begin with NONE, CMD or CMD-SHELL");
	return 0;
}

/* --- the request */

#define INTO(member) JSON_INTO(struct native_request, member)
#define TEXT(key, member, check)                                  \
	{                                                         \
		key, JSON_STRING, INTO(member), .decode = (check) \
	}
#define FLAG(key, member)                    \
	{                                    \
		key, JSON_BOOL, INTO(member) \
	}
#define STRINGS(key, member, list)                            \
	{                                                     \
		key, JSON_ANY, INTO(member), .decode = (list) \
	}
#define MANY(kind, key, member, one)                                                             \
	{                                                                                        \
		key, kind, JSON_LIST(struct native_request, member, n_##member), .decode = (one) \
	}
#define NUMBER(key, member, least, most)                                      \
	{                                                                     \
		key, JSON_NUMBER, INTO(member), .min = (least), .max = (most) \
	}

static const struct json_field what_fields[] = {
	{"image", JSON_STRING, .required = true, INTO(image), .decode = check_image},
	TEXT("name", name, check_name),
	TEXT("id", id, check_id),
	STRINGS("argv", argv, decode_list),
	STRINGS("entrypoint", entrypoint, decode_list),
	STRINGS("env", env, decode_env),
	TEXT("workdir", workdir, check_absolute_path),
	TEXT("user", user, check_user),
	TEXT("hostname", hostname, check_hostname),
	TEXT("domainname", domainname, check_hostname),
	FLAG("tty", tty),
	FLAG("stdin", stdin_open),
	FLAG("rm", rm),
	FLAG("detach", detach),
	FLAG("init", init),
	TEXT("restart", restart, check_restart),
	TEXT("stop_signal", stop_signal, check_signal),
	{"stop_timeout", JSON_NUMBER,
	 JSON_FLAGGED(struct native_request, stop_timeout, has_stop_timeout), .max = 86400},
	{"health", JSON_OBJECT, INTO(health), .decode = decode_health},
	{"console_rows", JSON_NUMBER, INTO(console_rows), .max = UINT16_MAX},
	{"console_columns", JSON_NUMBER, INTO(console_columns), .max = UINT16_MAX},
	TEXT("cidfile", cidfile, check_string),
	MANY(JSON_MAP, "labels", labels, decode_pair),
};

static const struct json_field how_fields[] = {
	FLAG("read_only", read_only),
	FLAG("privileged", privileged),
	MANY(JSON_ARRAY, "mounts", mounts, decode_mount),
	STRINGS("tmpfs", tmpfs, decode_tmpfs),
	STRINGS("cap_add", cap_add, decode_list),
	STRINGS("cap_drop", cap_drop, decode_list),
	STRINGS("security_opt", security_opt, decode_list),
	NUMBER("memory", memory, MEMORY_MIN, INT64_MAX),
	NUMBER("memory_swap", memory_swap, -1, INT64_MAX),
	NUMBER("memory_reservation", memory_reservation, 0, INT64_MAX),
	{"cpus", JSON_ANY, INTO(nano_cpus), .decode = decode_cpus},
	NUMBER("cpu_shares", cpu_shares, 0, 262144),
	TEXT("cpuset_cpus", cpuset_cpus, check_string),
	TEXT("cpuset_mems", cpuset_mems, check_string),
	NUMBER("pids_limit", pids_limit, -1, INT32_MAX),
	{"oom_score_adj", JSON_NUMBER,
	 JSON_FLAGGED(struct native_request, oom_score_adj, has_oom_score_adj), .min = -1000,
	 .max = 1000},
	NUMBER("shm_size", shm_size, 0, INT64_MAX),
	NUMBER("time_offset", time_offset_s, INT32_MIN, INT32_MAX),
	MANY(JSON_ARRAY, "ulimits", ulimits, decode_ulimit),
	MANY(JSON_MAP, "sysctls", sysctls, decode_named_pair),
	MANY(JSON_ARRAY, "devices", devices, decode_device),
	MANY(JSON_MAP, "namespaces", namespaces, decode_namespace),
};

/* check_counts - before anything is copied: arrays and objects, how long they may be. */
static int check_counts(const struct json_at *at)
{
	json_object_object_foreach(at->value, key, value)
	{
		struct json_at member = {.source = at->source,
					 .parent = at,
					 .key = key,
					 .value = value};
		size_t most = !strcmp(key, "argv") || !strcmp(key, "env") ||
					      !strcmp(key, "labels") || !strcmp(key, "entrypoint")
				      ? LIST_COUNT
				      : FEW;
		size_t count = json_object_is_type(value, json_type_array)
				       ? json_object_array_length(value)
			       : json_object_is_type(value, json_type_object)
				       ? (size_t)json_object_object_length(value)
				       : 0;

		if (check_count(&member, count, most) < 0)
			return -1;
	}
	return 0;
}

static int check_together(const struct native_request *r, struct error *err)
{
	bool restarts = r->restart && strcmp(r->restart, "no") != 0;

	if (r->rm && restarts)
		return error_set(err, 0, "request: rm and restart `%s` exclude each other",
				 r->restart);
	if (r->memory_swap > 0 && !r->memory)
		return error_set(err, 0, "request: memory_swap: needs memory");
	if (r->memory_swap > 0 && r->memory_swap < r->memory)
		return error_set(err, 0,
				 "request: memory_swap: is below memory, which it includes");
	if (r->memory && r->memory_reservation > r->memory)
		return error_set(err, 0, "request: memory_reservation: is above memory");
	return 0;
}

int native_request_read(const struct json_object *request, struct arena *arena,
			struct native_request *into, struct error *err)
{
	const struct json_source source = {.name = "request", .arena = arena, .err = err};
	/* json-c's readers take a pointer that is not const, and change nothing. */
	const struct json_at at = {.source = &source, .value = (struct json_object *)request};

	if (!json_object_is_type(at.value, json_type_object))
		return error_set(err, 0, "request: must be an object");
	if (check_counts(&at) < 0 ||
	    json_decode_fields(&at, what_fields, ARRAY_SIZE(what_fields), into) < 0 ||
	    json_decode_fields(&at, how_fields, ARRAY_SIZE(how_fields), into) < 0)
		return -1;
	return check_together(into, err);
}

int native_request_check(const struct json_object *request, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct native_request r = {0};

	return native_request_read(request, &arena, &r, err);
}
