/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * bundle.c: the image's configuration as one of the OCI runtime's.
 *
 * Made once, when the image comes, of the configuration that `cloison spec` writes and of what the image says: command,
 * environment, directory. What it says of a user is a name in its own files, which is looked up when a container is
 * made. The layers are named by an annotation, which the runtime puts on top of each other (runtime/oci/layers.c).
 *
 * Source: image-spec, conversion.md.
 */
#include "runtime/image/bundle.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "runtime/native/tree.h"
#include "runtime/oci/layers.h"
#include "runtime/oci/spec.h"

#define JSON_FLAGS (JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE)
#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* What images of services take that begin as root and give that up: measured with five of them. */
static const char *const caps[] = {
	"CAP_CHOWN",  "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_NET_BIND_SERVICE",
	"CAP_SETGID", "CAP_SETUID",
};

struct making {
	const struct store *store;
	const struct image *image;
	struct json_object *config;
	struct tree tree;
};

static struct json_object *list_of(struct tree *t, char *const *texts)
{
	struct json_object *list = json_object_new_array();

	for (; texts && *texts; texts++)
		tree_add_text(t, list, *texts);
	return list;
}

/* set_command - entry point and arguments; how many of them the entry point has, a run that brings others asks. */
static void set_command(struct making *m, struct json_object *process,
			struct json_object *annotations)
{
	struct json_object *args = list_of(&m->tree, m->image->config.entrypoint);
	char text[32];

	snprintf(text, sizeof(text), "%zu", json_object_array_length(args));
	tree_put_text(&m->tree, annotations, LAYERS_ENTRYPOINT, text);
	for (char *const *p = m->image->config.cmd; p && *p; p++)
		tree_add_text(&m->tree, args, *p);
	tree_put(&m->tree, process, "args", args);
}

static bool has_path(char *const *env)
{
	for (; env && *env; env++)
		if (!strncmp(*env, "PATH=", 5))
			return true;
	return false;
}

static void set_environment(struct making *m, struct json_object *process)
{
	struct json_object *env = list_of(&m->tree, m->image->config.env);

	if (!has_path(m->image->config.env))
		tree_add_text(&m->tree, env, DEFAULT_PATH);
	tree_put(&m->tree, process, "env", env);
}

static void set_caps(struct making *m, struct json_object *process)
{
	static const char *const sets[] = {"bounding", "effective", "permitted"};
	struct json_object *all = json_object_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		struct json_object *list = json_object_new_array();

		for (size_t j = 0; j < ARRAY_SIZE(caps); j++)
			tree_add_text(&m->tree, list, caps[j]);
		tree_put(&m->tree, all, sets[i], list);
	}
	tree_put(&m->tree, process, "capabilities", all);
}

static void set_process(struct making *m, struct json_object *annotations)
{
	struct json_object *process = tree_need(&m->tree, m->config, "process", json_type_object);
	const struct image_config *c = &m->image->config;

	set_command(m, process, annotations);
	set_environment(m, process);
	set_caps(m, process);
	tree_put_text(&m->tree, process, "cwd", c->working_dir[0] ? c->working_dir : "/");
	tree_put_bool(&m->tree, process, "terminal", false);
	if (c->user[0])
		tree_put_text(&m->tree, annotations, LAYERS_USER, c->user);
	if (c->stop_signal[0])
		tree_put_text(&m->tree, annotations, "org.opencontainers.image.stopSignal",
			      c->stop_signal);
}

/* set_layers - by their paths, the topmost first. */
static int set_layers(struct making *m, struct json_object *annotations, struct error *err)
{
	struct json_object *root = tree_need(&m->tree, m->config, "root", json_type_object);
	size_t one = strlen(m->store->path) + sizeof("/layers//" STORE_FS ":") + SHA256_HEX_SIZE;
	char *text = calloc(m->image->m.count + 1, one), *at = text;

	if (!text)
		return error_set(err, ENOMEM, "cannot make config.json");
	for (size_t i = m->image->m.count; i-- > 0;)
		at += sprintf(at, "%s%s/layers/%s/" STORE_FS, at == text ? "" : ":", m->store->path,
			      m->image->chains[i].hex);
	tree_put_text(&m->tree, annotations, LAYERS_KEY, text);
	tree_put_text(&m->tree, annotations, LAYERS_STORE, m->store->path);
	tree_put_text(&m->tree, root, "path", LAYERS_ROOT);
	tree_put_bool(&m->tree, root, "readonly", false);
	free(text);
	return 0;
}

/* read_default - what `cloison spec` writes. */
static struct json_object *read_default(struct arena *arena, struct error *err)
{
	const struct json_source source = {.name = "config.json", .arena = arena, .err = err};
	static const struct spec_options options = {.namespaces = SPEC_USUAL};
	_cleanup_fd_ int fd = memfd_create("config.json", MFD_CLOEXEC);
	char path[64];

	if (fd < 0) {
		error_set(err, errno, "cannot make config.json");
		return NULL;
	}
	if (spec_write(fd, &options, err) < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return json_read(AT_FDCWD, path, &source);
}

/* sync_dir - the names in the store's directory @path are on the disk. */
static int sync_dir(const struct store *s, const char *path)
{
	_cleanup_fd_ int fd = openat(s->fd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

/* keep - the text as the bundle's file; one that is there already is replaced. */
static int keep(const struct store *s, const char *hex, const char *text, struct error *err)
{
	char dir[SHA256_HEX_SIZE + 16], path[SHA256_HEX_SIZE + 48], new[SHA256_HEX_SIZE + 48];
	_cleanup_fd_ int fd = FD_EMPTY;
	size_t left = strlen(text);

	snprintf(dir, sizeof(dir), "bundles/%s", hex);
	snprintf(path, sizeof(path), "%s/config.json", dir);
	snprintf(new, sizeof(new), "%s/config.json.%d", dir, getpid());
	if ((mkdirat(s->fd, "bundles", 0755) < 0 && errno != EEXIST) ||
	    (mkdirat(s->fd, dir, 0755) < 0 && errno != EEXIST))
		return error_set(err, errno, "cannot make `%s/%s`", s->path, dir);
	fd = openat(s->fd, new, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	while (fd >= 0 && left > 0) {
		ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			break;
		text += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	if (fd < 0 || left > 0 || fsync(fd) < 0 || renameat(s->fd, new, s->fd, path) < 0)
		return error_set(err, errno, "cannot write `%s/%s`", s->path, path);
	if (sync_dir(s, dir) < 0 || sync_dir(s, "bundles") < 0)
		return error_set(err, errno, "cannot write `%s/%s`", s->path, dir);
	return 0;
}

int bundle_write(const struct store *s, const struct image *image, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_json_ struct json_object *config = read_default(&arena, err);
	struct making m = {.store = s, .image = image, .config = config};
	struct json_object *annotations;
	const char *text;

	if (!config)
		return -1;
	if (strchr(s->path, ':') || s->path[0] != '/')
		return error_set(err, EINVAL,
				 "a store's path begins with `/` and has no `:`; this one is `%s`",
				 s->path);
	annotations = tree_need(&m.tree, config, "annotations", json_type_object);
	set_process(&m, annotations);
	if (set_layers(&m, annotations, err) < 0)
		return -1;
	text = m.tree.lost ? NULL : json_object_to_json_string_ext(config, JSON_FLAGS);
	if (!text)
		return error_set(err, ENOMEM, "cannot make config.json");
	return keep(s, image->top.hex, text, err);
}
