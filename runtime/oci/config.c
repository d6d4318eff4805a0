/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c: from BUNDLE/config.json to a plan.
 *
 * The file is parsed (lib/json.c), what this version does not do is refused by name
 * (unsupported.c), the tables here and in the neighbouring files fill the plan, and at last the
 * checks that need more than one part of it are made. The JSON tree goes into the arena too: the
 * plan's strings are those in it.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/oci/decode.h"
#include "runtime/seccomp/default.h"

#define HOSTNAME_BYTES 64 /* __NEW_UTS_LEN */

int check_absolute(const struct json_at *at, void *member)
{
	const char *path = *(const char **)member;

	if (path[0] != '/')
		return json_fail(at, "must be an absolute path, is `%s`", path);
	return 0;
}

/* skip_number - past a SemVer number, which has digits and no leading zero; NULL when there is none. */
static const char *skip_number(const char *s)
{
	size_t digits = strspn(s, "0123456789");

	return digits == 0 || (digits > 1 && *s == '0') ? NULL : s + digits;
}

/*
 * check_version - any 1.x.y, with or without a pre-release: the specification promises compatibility
 * within a major version. Source: semver.org, 2.0.0.
 */
static int check_version(const struct json_at *at, void *member)
{
	const char *version = *(const char **)member;

	const char *s = strncmp(version, "1.", 2) == 0 ? skip_number(version + 2) : NULL;

	s = s && *s == '.' ? skip_number(s + 1) : NULL;
	if (!s || (*s != '\0' && *s != '-' && *s != '+') || (*s != '\0' && s[1] == '\0'))
		return json_fail(at, "must be a version 1.x.y, is `%s`", version);
	return 0;
}

static int check_hostname(const struct json_at *at, void *member)
{
	size_t length = strlen(*(const char **)member);

	if (length > HOSTNAME_BYTES)
		return json_fail(at, "is %zu bytes long; the limit is %d", length, HOSTNAME_BYTES);
	return 0;
}

static int check_root_path(const struct json_at *at, void *member)
{
	if (**(const char **)member == '\0')
		return json_fail(at, "must not be empty");
	return 0;
}

static int decode_root(const struct json_at *at, void *into)
{
	static const struct json_field fields[] = {
		{"path", JSON_STRING, .required = true, JSON_INTO(struct plan, root_path),
		 .decode = check_root_path},
		{"readonly", JSON_BOOL, JSON_INTO(struct plan, root_readonly)},
	};

	return json_decode_fields(at, fields, ARRAY_SIZE(fields), into);
}

static int decode_annotation(const struct json_at *at, void *into)
{
	struct annotation *a = into;
	const char *value = json_string(at);

	if (!value)
		return -1;
	if (*at->key == '\0')
		return json_fail(at, "must have a name");
	a->key = arena_strdup(at->source->arena, at->key, at->source->err);
	a->value = arena_strdup(at->source->arena, value, at->source->err);
	return a->key && a->value ? 0 : -1;
}

/* The members of config.json; linux, the longest, comes last as it does in most files. */
static const struct json_field config_fields[] = {
	{"ociVersion", JSON_STRING, .required = true, JSON_INTO(struct plan, oci_version),
	 .decode = check_version},
	{"root", JSON_OBJECT, .required = true, .decode = decode_root},
	{"process", JSON_OBJECT, .required = true, JSON_INTO(struct plan, process),
	 .decode = decode_process},
	{"hostname", JSON_STRING, JSON_INTO(struct plan, hostname), .decode = check_hostname},
	{"domainname", JSON_STRING, JSON_INTO(struct plan, domainname), .decode = check_hostname},
	{"mounts", JSON_ARRAY, JSON_LIST(struct plan, mounts, n_mounts), .decode = decode_mount},
	{"hooks", JSON_OBJECT, JSON_INTO(struct plan, hooks), .decode = decode_hooks},
	{"annotations", JSON_MAP, JSON_LIST(struct plan, annotations, n_annotations),
	 .decode = decode_annotation},
	{"linux", JSON_OBJECT, .required = true, .decode = decode_linux},
};

/* in_bundle - make @path absolute; a relative one is in the bundle. */
static const char *in_bundle(const struct plan *plan, const char *path,
			     const struct json_source *source)
{
	size_t length = strlen(plan->bundle);
	char *whole;

	if (path[0] == '/')
		return path;
	whole = arena_new(source->arena, char, length + strlen(path) + sizeof("/"), source->err);
	if (whole)
		stpcpy(stpcpy(stpcpy(whole, plan->bundle), "/"), path);
	return whole;
}

/* resolve_paths - root.path and the sources of bind mounts, which are relative to the bundle. */
static int resolve_paths(struct plan *plan, const struct json_source *source)
{
	/* The arena's memory is ours until plan_load() returns; only its users see it const. */
	struct mount_plan *mounts = (struct mount_plan *)plan->mounts;

	plan->root_path = in_bundle(plan, plan->root_path, source);
	if (!plan->root_path)
		return -1;
	for (size_t i = 0; i < plan->n_mounts; i++) {
		if (mounts[i].kind != MOUNT_BIND)
			continue;
		mounts[i].source = in_bundle(plan, mounts[i].source, source);
		if (!mounts[i].source)
			return -1;
	}
	return 0;
}

/* check_plan - what no single part of the plan can tell. */
static int check_plan(const struct json_at *at, const struct plan *plan)
{
	if (check_namespaces(at, plan) < 0 || check_net_devices(at, plan) < 0 ||
	    check_sysctls(at, plan) < 0)
		return -1;
	if (plan->hostname && plan->ns[NS_UTS].mode == NS_HOST)
		return json_fail_key(at, "hostname", "needs a uts namespace of its own");
	if (plan->domainname && plan->ns[NS_UTS].mode == NS_HOST)
		return json_fail_key(at, "domainname", "needs a uts namespace of its own");
	return 0;
}

/* open_bundle - the bundle's directory; its absolute path goes to @path (PATH_MAX bytes). */
static int open_bundle(const char *bundle, char *path, struct error *err)
{
	int fd;

	if (!realpath(bundle, path))
		return error_set(err, errno, "cannot find bundle `%s`", bundle);
	fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_set(err, errno, "cannot open bundle `%s`", bundle);
	return fd;
}

static struct plan *decode_config(struct json_object *tree, const char *bundle, const char *root,
				  const struct json_source *source)
{
	const struct json_at at = {.source = source, .value = tree};
	struct plan *plan = arena_new(source->arena, struct plan, 1, source->err);

	if (!plan)
		return NULL;
	plan->cgroup = no_limits;
	plan->seccomp.cache_root = root;
	plan->bundle = arena_strdup(source->arena, bundle, source->err);
	if (!plan->bundle ||
	    json_decode_fields(&at, config_fields, ARRAY_SIZE(config_fields), plan) < 0 ||
	    resolve_paths(plan, source) < 0 || label_mounts(&at, plan) < 0 ||
	    decode_landlock(&at, plan) < 0 ||
	    (plan->n_annotations > 0 && decode_layers(&at, plan) < 0) || check_plan(&at, plan) < 0)
		return NULL;
	return plan;
}

static struct json_known known_seccomp(void)
{
	return (struct json_known){
		.key = "\"seccomp\"",
		.key_length = sizeof("\"seccomp\"") - 1,
		.text = seccomp_default_text,
		.length = seccomp_default_text_length,
	};
}

/* read_config - parse config.json in @bundle, whose absolute path goes to @path. */
static struct json_object *read_config(const char *bundle, char *path,
				       const struct json_source *source)
{
	_cleanup_fd_ int dir = open_bundle(bundle, path, source->err);
	struct json_object *tree;

	if (dir < 0)
		return NULL;
	tree = json_read(dir, source->name, source);
	if (!tree)
		error_wrap(source->err, "bundle `%s`", path);
	return tree;
}

const struct plan *plan_load_cached(const char *bundle, const char *root, struct arena *arena,
				    struct error *err)
{
	const struct json_known known = known_seccomp();
	struct json_text text = {0};
	const struct json_source source = {.name = "config.json",
					   .arena = arena,
					   .err = err,
					   .known = &known,
					   .keep = &text,
					   .lasting = true};
	struct json_object *tree;
	struct plan *plan;
	char path[PATH_MAX];

	tree = read_config(bundle, path, &source);
	plan = tree ? decode_config(tree, path, root, &source) : NULL;
	if (plan)
		plan->text = text;
	return plan;
}

const struct plan *plan_load_exec(int dir, const char *root, const char *id, struct arena *arena,
				  struct error *err)
{
	static const struct json_skip not_of_exec[] = {
		JSON_SKIP(1, "mounts"),
		JSON_SKIP(1, "hooks"),
		JSON_SKIP(2, "maskedPaths"),
		JSON_SKIP(2, "readonlyPaths"),
		{0},
	};
	const struct json_known known = known_seccomp();
	const struct json_source source = {.name = "config.json",
					   .arena = arena,
					   .err = err,
					   .known = &known,
					   .skip = not_of_exec,
					   .lasting = true};
	const char *bundle = arena_path(arena, root, id, err);
	struct json_object *tree = bundle ? json_read(dir, source.name, &source) : NULL;

	if (bundle && !tree)
		error_wrap(err, "container `%s`", id);
	return tree ? decode_config(tree, bundle, root, &source) : NULL;
}

const struct plan *plan_load(const char *bundle, struct arena *arena, struct error *err)
{
	return plan_load_cached(bundle, NULL, arena, err);
}

const struct hooks_plan *plan_load_hooks(const char *bundle, struct arena *arena, struct error *err)
{
	static const struct json_field fields[] = {
		{"hooks", JSON_OBJECT, .size = sizeof(struct hooks_plan), .decode = decode_hooks},
	};
	const struct json_known known = known_seccomp();
	const struct json_source source = {.name = "config.json",
					   .arena = arena,
					   .err = err,
					   .known = &known,
					   .lasting = true};
	struct json_at at = {.source = &source};
	struct json_object *tree;
	struct hooks_plan *hooks;
	char path[PATH_MAX];

	tree = read_config(bundle, path, &source);
	hooks = tree ? arena_new(arena, struct hooks_plan, 1, err) : NULL;
	if (!hooks)
		return NULL;
	at.value = tree;
	return json_decode_fields(&at, fields, ARRAY_SIZE(fields), hooks) < 0 ? NULL : hooks;
}

const struct process_plan *plan_load_process(const char *file, struct arena *arena,
					     struct error *err)
{
	const struct json_source source = {.name = file,
					   .arena = arena,
					   .err = err,
					   .lasting = true};
	struct json_object *tree = json_read(AT_FDCWD, file, &source);
	const struct json_at at = {.source = &source, .value = tree};
	struct process_plan *process;

	if (!tree)
		return NULL;
	process = arena_new(arena, struct process_plan, 1, err);
	if (!process || decode_process(&at, process) < 0)
		return NULL;
	return process;
}
