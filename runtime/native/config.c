/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * config.c: from a run request to a complete config.json.
 *
 * The bundle's configuration is read whole and changed step by step, one step for each part of the
 * configuration; what no member of the request speaks of stays as the bundle has it. Whether the result
 * is a configuration that the runtime takes, plan_load() says when the container is created.
 */
#include "runtime/native/config.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "runtime/native/image.h"
#include "runtime/oci/layers.h"

typedef int step(struct native_build *b);

static step *const steps[] = {
	native_apply_process, native_apply_user,      native_apply_security,   native_apply_mounts,
	native_apply_devices, native_apply_resources, native_apply_namespaces, native_apply_idmaps,
};

/* is_bundle - whether @image is the path of a bundle, or the name of one in @images. */
static bool is_bundle(const char *image, const char *images)
{
	char path[PATH_MAX];
	struct stat st;
	int n = image[0] == '/' ? snprintf(path, sizeof(path), "%s/config.json", image)
				: snprintf(path, sizeof(path), "%s/%s/config.json",
					   images ? images : NATIVE_IMAGES, image);

	if (image[0] != '/' && (strchr(image, '/') || image[0] == '.' || !image[0]))
		return false;
	return n > 0 && (size_t)n < sizeof(path) && stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

bool native_has_image(const char *image, const char *images)
{
	return is_bundle(image, images) || image_in_store(image);
}

/* bundle_path - where the image is: a path, NAME in @images, or a bundle of the store. */
static const char *bundle_path(struct arena *arena, const char *image, const char *images,
			       struct error *err)
{
	if (image[0] == '/')
		return arena_strdup(arena, image, err);
	if (is_bundle(image, images))
		return arena_path(arena, images ? images : NATIVE_IMAGES, image, err);
	return image_bundle(image, arena, err);
}

static struct json_object *read_bundle(const char *dir, const char *image, const char *images,
				       struct arena *arena, struct error *err)
{
	const char *path = arena_printf(arena, err, "%s/config.json", dir);
	const struct json_source source = {.name = path, .arena = arena, .err = err};
	struct stat st;

	if (!path)
		return NULL;
	if (stat(path, &st) < 0 && (errno == ENOENT || errno == ENOTDIR)) {
		error_set(err, 0, "no such image: `%s`", image);
		error_hint(
			err,
			"an image is what `cloison load` brought, or a directory with config.json and a root file "
			"system: its path, or its name in %s",
			images ? images : NATIVE_IMAGES);
		return NULL;
	}
	return json_read(AT_FDCWD, path, &source);
}

/* find_root - the root's absolute path, which goes into the configuration. */
static const char *find_root(struct native_build *b, const char *dir, struct arena *arena)
{
	struct json_object *root = tree_get(b->config, "root", json_type_object);
	const char *path = tree_text(root, "path");

	if (!path) {
		error_set(b->err, 0, "image `%s`: config.json: root.path: is missing",
			  b->request->image);
		return NULL;
	}
	if (tree_text(tree_get(b->config, "annotations", json_type_object), LAYERS_KEY)) {
		/* The container's own, in its bundle. */
		path = arena_strdup(arena, path, b->err);
	} else {
		path = path[0] == '/' ? arena_strdup(arena, path, b->err)
				      : arena_path(arena, dir, path, b->err);
		if (path)
			tree_put_text(&b->tree, root, "path", path);
	}
	if (!path)
		return NULL;
	if (b->request->read_only)
		tree_put_bool(&b->tree, root, "readonly", true);
	return path;
}

static int build(struct native_build *b)
{
	if (!tree_get(b->config, "process", json_type_object) ||
	    !tree_need(&b->tree, b->config, "linux", json_type_object))
		return error_set(b->err, 0, "image `%s`: config.json: process: is missing",
				 b->request->image);
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++)
		if (steps[i](b) < 0)
			return -1;
	return b->tree.lost ? error_set(b->err, ENOMEM, "cannot make config.json") : 0;
}

struct json_object *native_config(const struct json_object *request, const char *images,
				  struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_json_ struct json_object *config = NULL;
	struct native_request r = {0};
	struct native_build b = {.request = &r, .err = err};
	const char *dir;

	if (native_request_read(request, &arena, &r, err) < 0)
		return NULL;
	dir = bundle_path(&arena, r.image, images, err);
	config = dir ? read_bundle(dir, r.image, images, &arena, err) : NULL;
	if (!config)
		return NULL;
	b.config = config;
	b.rootfs = find_root(&b, dir, &arena);
	if (!b.rootfs || build(&b) < 0)
		return NULL;
	return take_ptr(config);
}
