/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mountflags.c: -v and --mount.
 *
 * -v SOURCE:TARGET[:OPTIONS]: a source with a slash is a path on the host, made when it is not there; one without is a
 * volume's name; without a source it is a volume that has none and goes with the container. --mount says each thing by its key, and makes nothing.
 */
#include <limits.h>
#include <unistd.h>

#include "runtime/cli/native/runflags.h"

/* host_path - @path from the current directory when it is relative. */
static const char *host_path(const char *path, char *buf, size_t size, struct error *err)
{
	char here[PATH_MAX];

	if (path[0] == '/')
		return path;
	if (!getcwd(here, sizeof(here)))
		error_set(err, errno, "cannot tell the current directory");
	else if ((size_t)snprintf(buf, size, "%s/%s", here, path) < size)
		return buf;
	else
		error_set(err, ENAMETOOLONG, "`%s`", path);
	return NULL;
}

/* Options of -v that mean something here, and what they are for a mount. */
static const struct {
	const char *name, *option; /* option NULL: nothing to do */
} volume_options[] = {
	{"ro", "ro"},
	{"rw", NULL},
	{"z", NULL},
	{"Z", NULL},
	{"nocopy", NULL},
	{"consistent", NULL},
	{"cached", NULL},
	{"delegated", NULL},
	{"rprivate", "rprivate"},
	{"private", "private"},
	{"rslave", "rslave"},
	{"slave", "slave"},
	{"rshared", "rshared"},
	{"shared", "shared"},
	{"noexec", "noexec"},
	{"nosuid", "nosuid"},
	{"nodev", "nodev"},
};

static int add_option(struct tree *t, struct json_object *options, const char *text, size_t n,
		      struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(volume_options); i++) {
		if (strlen(volume_options[i].name) != n ||
		    strncmp(volume_options[i].name, text, n) != 0)
			continue;
		if (volume_options[i].option)
			tree_add_text(t, options, volume_options[i].option);
		return 0;
	}
	return error_set(err, EINVAL, "option `%.*s` of a volume", (int)(n < 100 ? n : 100), text);
}

static int add_options(struct tree *t, struct json_object *mount, const char *text,
		       struct error *err)
{
	struct json_object *options = tree_need(t, mount, "options", json_type_array);

	while (*text) {
		size_t n = strcspn(text, ",");

		if (add_option(t, options, text, n, err) < 0)
			return -1;
		text += n + (text[n] == ',');
	}
	return 0;
}

static struct json_object *finish(struct tree *t, struct json_object *mount, struct error *err)
{
	if (!t->lost)
		return mount;
	json_object_put(mount);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

struct json_object *parse_volume(const char *text, struct error *err)
{
	_cleanup_json_ struct json_object *mount = NULL;
	_cleanup_free_ char *copy = strdup(text);
	char *target = copy ? strchr(copy, ':') : NULL, *options;
	char buf[PATH_MAX + 256];
	const char *source;
	struct tree tree = {0};
	bool volume;

	if (copy && !target && copy[0] == '/') {
		mount = json_object_new_object();
		tree_put_text(&tree, mount, "type", "volume");
		tree_put_text(&tree, mount, "target", copy);
		return finish(&tree, take_ptr(mount), err);
	}
	if (!target) {
		error_set(err, EINVAL, "option --volume: `%s`", text);
		error_hint(err, "use [SOURCE:]TARGET[:OPTIONS]; the target is an absolute path");
		return NULL;
	}
	*target++ = '\0';
	options = strchr(target, ':');
	if (options)
		*options++ = '\0';
	volume = !strchr(copy, '/') && copy[0] != '.' && copy[0] != '~';
	source = volume ? copy : host_path(copy, buf, sizeof(buf), err);
	if (!source || !*copy || target[0] != '/') {
		if (source)
			error_set(err, EINVAL,
				  "option --volume: `%s`: the target must be an absolute path",
				  text);
		return NULL;
	}
	mount = json_object_new_object();
	tree_put_text(&tree, mount, "type", volume ? "volume" : "bind");
	tree_put_text(&tree, mount, "source", source);
	tree_put_text(&tree, mount, "target", target);
	tree_put_bool(&tree, mount, "create", true);
	if (options && add_options(&tree, mount, options, err) < 0) {
		error_wrap(err, "option --volume: `%s`", text);
		return NULL;
	}
	return finish(&tree, take_ptr(mount), err);
}

/* put_key - one KEY=VALUE of --mount; @value NULL: a KEY alone. */
static int put_key(struct tree *t, struct json_object *mount, const char *key, const char *value,
		   struct error *err)
{
	struct json_object *options = tree_need(t, mount, "options", json_type_array);
	char buf[PATH_MAX + 256];
	bool off = value && (!strcmp(value, "false") || !strcmp(value, "0"));

	if (!strcmp(key, "readonly") || !strcmp(key, "ro")) {
		if (!off)
			tree_add_text(t, options, "ro");
	} else if (!value) {
		return error_set(err, EINVAL, "`%s` needs a value", key);
	} else if (!strcmp(key, "type")) {
		tree_put_text(t, mount, "type", value);
	} else if (!strcmp(key, "source") || !strcmp(key, "src")) {
		tree_put_text(t, mount, "source", value);
	} else if (!strcmp(key, "target") || !strcmp(key, "destination") || !strcmp(key, "dst")) {
		tree_put_text(t, mount, "target", value);
	} else if (!strcmp(key, "bind-propagation")) {
		return add_options(t, mount, value, err);
	} else if (!strcmp(key, "tmpfs-size")) {
		int64_t bytes;

		if (parse_bytes(key, value, &bytes, err) < 0)
			return -1;
		snprintf(buf, sizeof(buf), "size=%jd", (intmax_t)bytes);
		tree_add_text(t, options, buf);
	} else if (!strcmp(key, "tmpfs-mode")) {
		snprintf(buf, sizeof(buf), "mode=%.16s", value);
		tree_add_text(t, options, buf);
	} else {
		error_set(err, EINVAL, "key `%s`", key);
		return error_hint(err,
				  "type, source, target, readonly, bind-propagation, tmpfs-size, "
				  "tmpfs-mode");
	}
	return 0;
}

struct json_object *parse_mount(const char *text, struct error *err)
{
	_cleanup_json_ struct json_object *mount = json_object_new_object();
	_cleanup_free_ char *copy = strdup(text);
	struct tree tree = {.lost = !mount || !copy};
	char buf[PATH_MAX + 256];

	for (char *p = copy, *next; !tree.lost && p && *p; p = next) {
		char *value;

		next = p + strcspn(p, ",");
		if (*next)
			*next++ = '\0';
		value = strchr(p, '=');
		if (value)
			*value++ = '\0';
		if (put_key(&tree, mount, p, value, err) < 0) {
			error_wrap(err, "option --mount: `%.100s`", text);
			return NULL;
		}
	}
	if (!tree.lost && !tree_text(mount, "type"))
		tree_put_text(&tree, mount, "type", "volume");
	if (!tree.lost && tree_text(mount, "source") && !strcmp(tree_text(mount, "type"), "bind")) {
		const char *source = host_path(tree_text(mount, "source"), buf, sizeof(buf), err);

		if (!source)
			return NULL;
		if (source == buf)
			tree_put_text(&tree, mount, "source", buf);
	}
	return finish(&tree, take_ptr(mount), err);
}
