/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * landlock.c: the annotation org.cloison.landlock, rules that the program cannot get rid of.
 *
 * The OCI specification has no place for Landlock, so it is JSON in the text of an annotation:
 *
 *	{"fs": {"handled": ["write", "execute"],
 *	        "allow": [{"paths": ["/tmp"], "rights": ["write"]},
 *	                  {"paths": ["/bin", "/lib"], "rights": ["execute"]}]},
 *	 "net": {"handled": ["bind_tcp"], "allow": [{"ports": [8080], "rights": ["bind_tcp"]}]},
 *	 "scopes": ["signal"]}
 *
 * What is handled is refused unless a rule allows it; what is not handled stays as it is. Rights have
 * the kernel's names in small letters, and four names stand for several. A name that is not known, or
 * allowed without being handled, is an error: a rule that says nothing would look like protection.
 *
 * Source: landlock(7), Documentation/userspace-api/landlock.rst.
 */
#include <linux/landlock.h>
#include <string.h>

#include "runtime/oci/decode.h"

/* What came after Linux 6.1, whose headers the tests are compiled with. */
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif

#define KEY "org.cloison.landlock"
#define MAX_BYTES 65536
#define MAX_RULES 256 /* paths, and as many ports */

#define FS(name) LANDLOCK_ACCESS_FS_##name

#define FS_READ (FS(READ_FILE) | FS(READ_DIR))
#define FS_WRITE                                                                            \
	(FS(WRITE_FILE) | FS(TRUNCATE) | FS(REMOVE_DIR) | FS(REMOVE_FILE) | FS(MAKE_CHAR) | \
	 FS(MAKE_DIR) | FS(MAKE_REG) | FS(MAKE_SOCK) | FS(MAKE_FIFO) | FS(MAKE_BLOCK) |     \
	 FS(MAKE_SYM) | FS(REFER))
#define FS_ALL (FS_READ | FS_WRITE | FS(EXECUTE) | FS(IOCTL_DEV))

static const struct name_value fs_rights[] = {
	{"execute", FS(EXECUTE)},
	{"write_file", FS(WRITE_FILE)},
	{"read_file", FS(READ_FILE)},
	{"read_dir", FS(READ_DIR)},
	{"remove_dir", FS(REMOVE_DIR)},
	{"remove_file", FS(REMOVE_FILE)},
	{"make_char", FS(MAKE_CHAR)},
	{"make_dir", FS(MAKE_DIR)},
	{"make_reg", FS(MAKE_REG)},
	{"make_sock", FS(MAKE_SOCK)},
	{"make_fifo", FS(MAKE_FIFO)},
	{"make_block", FS(MAKE_BLOCK)},
	{"make_sym", FS(MAKE_SYM)},
	{"refer", FS(REFER)},
	{"truncate", FS(TRUNCATE)},
	{"ioctl_dev", FS(IOCTL_DEV)},
	{"read", FS_READ},
	{"write", FS_WRITE},
	{"all", FS_ALL},
};

static const struct name_value net_rights[] = {
	{"bind_tcp", LANDLOCK_ACCESS_NET_BIND_TCP},
	{"connect_tcp", LANDLOCK_ACCESS_NET_CONNECT_TCP},
	{"all", LANDLOCK_ACCESS_NET_BIND_TCP | LANDLOCK_ACCESS_NET_CONNECT_TCP},
};

static const struct name_value scopes[] = {
	{"abstract_unix_socket", LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET},
	{"signal", LANDLOCK_SCOPE_SIGNAL},
};

/* decode_names - the array of names @at as a mask. */
static int decode_names(const struct json_at *at, const struct name_value *table, size_t count,
			uint64_t *mask)
{
	struct names {
		char *const *list;
	} names = {0};
	static const struct json_field field = {"", JSON_STRINGS,
						JSON_TERMINATED(struct names, list)};

	if (json_decode_value(at, &field, &names) < 0)
		return -1;
	for (char *const *name = names.list; *name; name++) {
		const struct name_value *known = find_name(table, count, *name);

		if (!known)
			return json_fail(at, "no such right: `%s`", *name);
		*mask |= known->value;
	}
	return 0;
}

static int decode_fs_rights(const struct json_at *at, void *into)
{
	return decode_names(at, fs_rights, ARRAY_SIZE(fs_rights), into);
}

static int decode_net_rights(const struct json_at *at, void *into)
{
	return decode_names(at, net_rights, ARRAY_SIZE(net_rights), into);
}

static int decode_scopes(const struct json_at *at, void *into)
{
	return decode_names(at, scopes, ARRAY_SIZE(scopes), into);
}

/* ---- rules ----------------------------------------------------------------------------------- */

struct rule {
	size_t n;
	const struct landlock_path *paths;
	const struct landlock_port *ports;
	uint64_t rights;
};

struct part {
	uint64_t handled;
	size_t n;
	const struct rule *rules;
};

static int decode_path(const struct json_at *at, void *into)
{
	static const struct json_field path = {"", JSON_STRING, .size = sizeof(char *),
					       .decode = check_absolute};

	return json_decode_value(at, &path, &((struct landlock_path *)into)->path);
}

static int decode_port(const struct json_at *at, void *into)
{
	static const struct json_field port = {"", JSON_NUMBER, .size = sizeof(uint64_t),
					       .max = UINT16_MAX};

	return json_decode_value(at, &port, &((struct landlock_port *)into)->port);
}

static int decode_fs_rule(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"paths", JSON_ARRAY, .required = true, JSON_LIST(struct rule, paths, n),
		 .decode = decode_path},
		{"rights", JSON_ANY, .required = true, JSON_INTO(struct rule, rights),
		 .decode = decode_fs_rights},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_net_rule(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"ports", JSON_ARRAY, .required = true, JSON_LIST(struct rule, ports, n),
		 .decode = decode_port},
		{"rights", JSON_ANY, .required = true, JSON_INTO(struct rule, rights),
		 .decode = decode_net_rights},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

/* check_part - how many paths or ports the rules have; -1: something is wrong with them. */
static int check_part(const struct json_at *at, const struct part *part)
{
	size_t total = 0;

	if (!part->handled)
		return json_fail_key(at, "handled", "must not be empty");
	for (size_t i = 0; i < part->n; i++) {
		const struct rule *r = &part->rules[i];

		if (!r->rights || r->rights & ~part->handled)
			return json_fail_key(at, "allow", "[%zu]: %s", i,
					     r->rights ? "allows a right that is not handled"
						       : "allows nothing");
		total += r->n;
		if (total > MAX_RULES)
			return json_fail_key(at, "allow", "has more than %d paths or ports",
					     MAX_RULES);
	}
	return (int)total;
}

static int decode_fs(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"handled", JSON_ANY, .required = true, JSON_INTO(struct part, handled),
		 .decode = decode_fs_rights},
		{"allow", JSON_ARRAY, JSON_LIST(struct part, rules, n), .decode = decode_fs_rule},
	};
	struct landlock_plan *plan = into;
	struct landlock_path *paths;
	struct part part = {0};
	int total;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &part) < 0)
		return -1;
	total = check_part(at, &part);
	if (total < 0)
		return -1;
	paths = arena_new(at->source->arena, struct landlock_path, (size_t)total, at->source->err);
	if (!paths)
		return -1;
	plan->handled_fs = part.handled;
	plan->paths = paths;
	for (size_t i = 0; i < part.n; i++)
		for (size_t j = 0; j < part.rules[i].n; j++)
			paths[plan->n_paths++] =
				(struct landlock_path){.path = part.rules[i].paths[j].path,
						       .rights = part.rules[i].rights};
	return 0;
}

static int decode_net(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"handled", JSON_ANY, .required = true, JSON_INTO(struct part, handled),
		 .decode = decode_net_rights},
		{"allow", JSON_ARRAY, JSON_LIST(struct part, rules, n), .decode = decode_net_rule},
	};
	struct landlock_plan *plan = into;
	struct landlock_port *ports;
	struct part part = {0};
	int total;

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), &part) < 0)
		return -1;
	total = check_part(at, &part);
	if (total < 0)
		return -1;
	ports = arena_new(at->source->arena, struct landlock_port, (size_t)total, at->source->err);
	if (!ports)
		return -1;
	plan->handled_net = part.handled;
	plan->ports = ports;
	for (size_t i = 0; i < part.n; i++)
		for (size_t j = 0; j < part.rules[i].n; j++)
			ports[plan->n_ports++] =
				(struct landlock_port){.port = part.rules[i].ports[j].port,
						       .rights = part.rules[i].rights};
	return 0;
}

/* needed_abi - the first version of the kernel's interface that has all of it. */
static unsigned int needed_abi(const struct landlock_plan *plan)
{
	if (plan->scoped)
		return 6;
	if (plan->handled_fs & FS(IOCTL_DEV))
		return 5;
	if (plan->handled_net)
		return 4;
	if (plan->handled_fs & FS(TRUNCATE))
		return 3;
	return plan->handled_fs & FS(REFER) ? 2 : 1;
}

static int decode_rules(const struct json_at *at, struct landlock_plan *plan)
{
	static const struct json_field fields[] = {
		{"fs", JSON_OBJECT, .decode = decode_fs},
		{"net", JSON_OBJECT, .decode = decode_net},
		{"scopes", JSON_ANY, JSON_INTO(struct landlock_plan, scoped),
		 .decode = decode_scopes},
	};

	if (json_decode_fields(at, fields, ARRAY_SIZE(fields), plan) < 0)
		return -1;
	if (!plan->handled_fs && !plan->handled_net && !plan->scoped)
		return json_fail(at, "restricts nothing");
	plan->abi = needed_abi(plan);
	return 0;
}

static int parse(const struct json_at *outer, struct plan *plan, const char *text)
{
	const struct json_source source = {.name = KEY,
					   .arena = outer->source->arena,
					   .err = outer->source->err};
	_cleanup_json_ struct json_object *tree = json_parse(text, strlen(text), &source);
	const struct json_at at = {.source = &source, .value = tree};
	struct landlock_plan *rules;

	rules = tree ? arena_new(source.arena, struct landlock_plan, 1, source.err) : NULL;
	if (!rules || decode_rules(&at, rules) < 0)
		return error_wrap(source.err, "%s: annotations", outer->source->name);
	plan->landlock = rules;
	return 0;
}

int decode_landlock(const struct json_at *at, struct plan *plan)
{
	for (size_t i = 0; i < plan->n_annotations; i++) {
		const struct annotation *a = &plan->annotations[i];

		if (strcmp(a->key, KEY) != 0)
			continue;
		if (strlen(a->value) > MAX_BYTES)
			return json_fail_key(at, "annotations", KEY ": is longer than %d bytes",
					     MAX_BYTES);
		return parse(at, plan, a->value);
	}
	return 0;
}

const char *unsafe_annotation_at(size_t index)
{
	/* A dot at the end: all that begin so. Their values are properties of the host's systemd. */
	static const char *const unsafe[] = {KEY, "org.systemd.property."};

	return index < ARRAY_SIZE(unsafe) ? unsafe[index] : NULL;
}
