/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mounts.c: -v, --mount, --tmpfs, --shm-size, and the directories behind them on the host.
 *
 * A mount of the request takes the place of the bundle's on the same path. Those of the request are
 * put in the order of their depth, so that what lies below another comes after it, however they were
 * given.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "runtime/native/config.h"

static const char *const bind_options[] = {"rbind", "rprivate", NULL};
static const char *const tmpfs_options[] = {"nosuid", "nodev", "noexec", NULL};

/* One to be put into the configuration. */
struct entry {
	const char *target, *source;
	enum native_mount_type type;
	const char **options; /* or NULL */
	const char *text;     /* options joined by commas, or NULL */
};

static size_t depth(const char *path)
{
	size_t n = 0;

	for (const char *p = path; *p; p++)
		n += p[0] == '/' && p[1] && p[1] != '/';
	return n;
}

/* same_path - but for slashes that say nothing. */
static bool same_path(const char *a, const char *b)
{
	for (;;) {
		while (*a == '/' && (a[1] == '/' || !a[1]))
			a++;
		while (*b == '/' && (b[1] == '/' || !b[1]))
			b++;
		if (*a != *b)
			return false;
		if (!*a)
			return true;
		a++;
		b++;
	}
}

static void drop_mount(struct native_build *b, struct json_object *mounts, const char *target)
{
	for (size_t i = json_object_array_length(mounts); i-- > 0;) {
		const char *there = tree_text(json_object_array_get_idx(mounts, i), "destination");

		if (there && same_path(there, target) &&
		    json_object_array_del_idx(mounts, i, 1) < 0)
			b->tree.lost = true;
	}
}

static void add_options(struct native_build *b, struct json_object *options, const struct entry *e)
{
	const char *const *usual = e->type == NATIVE_TMPFS ? tmpfs_options : bind_options;

	for (; *usual; usual++)
		tree_add_text(&b->tree, options, *usual);
	for (const char **p = e->options; p && *p; p++)
		tree_add_text(&b->tree, options, *p);
	for (const char *p = e->text; p && *p;) {
		size_t n = strcspn(p, ",");

		if (n)
			tree_add(&b->tree, options, json_object_new_string_len(p, (int)n));
		p += n + (p[n] == ',');
	}
}

static void add_mount(struct native_build *b, struct json_object *mounts, const struct entry *e)
{
	struct json_object *mount = json_object_new_object();
	struct json_object *options = json_object_new_array();

	drop_mount(b, mounts, e->target);
	tree_put_text(&b->tree, mount, "destination", e->target);
	tree_put_text(&b->tree, mount, "type", e->type == NATIVE_TMPFS ? "tmpfs" : "bind");
	tree_put_text(&b->tree, mount, "source", e->source);
	add_options(b, options, e);
	tree_put(&b->tree, mount, "options", options);
	tree_add(&b->tree, mounts, mount);
}

/* insert - keep the entries in the order of their depth, and otherwise as given. */
static void insert(struct entry *list, size_t *n, const struct entry *e)
{
	size_t i = *n;

	while (i > 0 && depth(list[i - 1].target) > depth(e->target)) {
		list[i] = list[i - 1];
		i--;
	}
	list[i] = *e;
	++*n;
}

/* volume_path - where the files of the @i-th mount are: of its name, or of the container's. */
static char *volume_path(struct arena *arena, const struct native_request *r, size_t i,
			 struct error *err)
{
	if (r->mounts[i].source)
		return arena_printf(arena, err, NATIVE_VOLUMES "/%s/_data", r->mounts[i].source);
	return arena_printf(arena, err, NATIVE_VOLUMES "/%s.%zu/_data", r->id ? r->id : "none", i);
}

static int collect_tmpfs(const struct native_request *r, struct arena *arena, struct entry *list,
			 size_t *n, struct error *err)
{
	for (const char **p = r->tmpfs; p && *p; p++) {
		struct entry e = {.type = NATIVE_TMPFS, .source = "tmpfs"};
		char *target = arena_strdup(arena, *p, err);
		char *colon;

		if (!target)
			return -1;
		colon = strchr(target, ':');
		if (colon)
			*colon++ = '\0';
		e.target = target;
		e.text = colon;
		insert(list, n, &e);
	}
	return 0;
}

/* set_shm - the size of /dev/shm, when it is a tmpfs. */
static int set_shm(struct native_build *b, struct json_object *mounts)
{
	for (size_t i = 0; b->request->shm_size && i < json_object_array_length(mounts); i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);
		const char *target = tree_text(mount, "destination");
		struct json_object *old = tree_get(mount, "options", json_type_array), *kept;
		char size[40];

		if (!target || !same_path(target, "/dev/shm"))
			continue;
		kept = json_object_new_array();
		for (size_t k = 0; old && k < json_object_array_length(old); k++) {
			const char *text =
				json_object_get_string(json_object_array_get_idx(old, k));

			if (text && strncmp(text, "size=", 5) != 0)
				tree_add_text(&b->tree, kept, text);
		}
		snprintf(size, sizeof(size), "size=%jd", (intmax_t)b->request->shm_size);
		tree_add_text(&b->tree, kept, size);
		tree_put(&b->tree, mount, "options", kept);
		return 0;
	}
	return b->request->shm_size
		       ? error_set(b->err, 0, "request: shm_size: the image mounts no /dev/shm")
		       : 0;
}

#define REAPER "cloison-reaper"

/* beside - the reaper beside the @n bytes of a program's path; false: it is not there */
static bool beside(char *path, ssize_t n)
{
	while (n > 0 && path[n - 1] != '/')
		n--;
	if (n <= 0)
		return false;
	memcpy(path + n, REAPER, sizeof(REAPER));
	return path[0] == '/' && access(path, X_OK) == 0;
}

/*
 * find_reaper - beside this program. `run` without the supervisor is executed again as a copy that is nowhere
 * (runtime/cli/self.c): then beside what it was called as, or where programs are.
 */
static const char *find_reaper(char path[PATH_MAX + sizeof(REAPER)])
{
	static const char *const usual[] = {"/bin/" REAPER, "/usr/bin/" REAPER,
					    "/usr/local/bin/" REAPER};
	_cleanup_fd_ int fd = FD_EMPTY;
	ssize_t n;

	if (beside(path, readlink("/proc/self/exe", path, PATH_MAX)))
		return path;
	fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	n = fd < 0 ? 0 : read(fd, path, PATH_MAX);
	if (n > 0 && beside(path, (ssize_t)strnlen(path, (size_t)n)))
		return path;
	for (size_t i = 0; i < ARRAY_SIZE(usual); i++)
		if (access(usual[i], X_OK) == 0)
			return usual[i];
	return NULL;
}

static int mount_reaper(struct native_build *b, struct json_object *mounts)
{
	static const char *options[] = {"ro", "nosuid", "nodev", NULL};
	char path[PATH_MAX + sizeof(REAPER)] = "";
	struct entry e = {.target = NATIVE_REAPER, .options = options};

	e.source = find_reaper(path);
	if (!e.source)
		return error_set(b->err, ENOENT, "init: cannot find the program `%s`", REAPER);
	add_mount(b, mounts, &e);
	return 0;
}

int native_apply_mounts(struct native_build *b)
{
	const struct native_request *r = b->request;
	_cleanup_arena_ struct arena arena = {0};
	struct json_object *mounts = tree_need(&b->tree, b->config, "mounts", json_type_array);
	struct entry *list;
	size_t n = 0, n_tmpfs = 0;

	while (r->tmpfs && r->tmpfs[n_tmpfs])
		n_tmpfs++;
	list = arena_new(&arena, struct entry, r->n_mounts + n_tmpfs, b->err);
	if (!mounts || !list)
		return error_set(b->err, ENOMEM, "cannot make config.json");
	if (set_shm(b, mounts) < 0)
		return -1;
	for (size_t i = 0; i < r->n_mounts; i++) {
		const struct native_mount *m = &r->mounts[i];
		struct entry e = {.target = m->target, .type = m->type, .options = m->options};

		e.source = m->type == NATIVE_TMPFS    ? "tmpfs"
			   : m->type == NATIVE_VOLUME ? volume_path(&arena, r, i, b->err)
						      : m->source;
		if (!e.source)
			return -1;
		insert(list, &n, &e);
	}
	if (collect_tmpfs(r, &arena, list, &n, b->err) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		add_mount(b, mounts, &list[i]);
	return r->init ? mount_reaper(b, mounts) : 0;
}

/*
 * native_apply_idmaps - volumes belong to the container's root, whatever its ids are outside. What they hold is
 * owned on the disk as the container sees it, so one of another range, or of none, can have it next.
 */
int native_apply_idmaps(struct native_build *b)
{
	const struct native_request *r = b->request;
	struct json_object *mounts = tree_get(b->config, "mounts", json_type_array);
	struct json_object *map = tree_get(tree_get(b->config, "linux", json_type_object),
					   "uidMappings", json_type_array);

	if (!map || json_object_array_length(map) == 0)
		return 0;
	for (size_t i = 0; i < json_object_array_length(mounts); i++) {
		struct json_object *mount = json_object_array_get_idx(mounts, i);
		const char *target = tree_text(mount, "destination");

		for (size_t k = 0; target && k < r->n_mounts; k++)
			if (r->mounts[k].type == NATIVE_VOLUME &&
			    strcmp(r->mounts[k].target, target) == 0)
				tree_add_text(&b->tree, tree_get(mount, "options", json_type_array),
					      "idmap");
	}
	return 0;
}

/* make_path - the directory and those above it; @path is cut and mended on the way. */
static int make_path(char *path, struct error *err)
{
	for (char *p = path + 1;; p++) {
		bool end = *p == '\0';

		if (*p != '/' && !end)
			continue;
		*p = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the directory `%s`", path);
		if (end)
			return 0;
		*p = '/';
	}
}

int native_prepare(const struct json_object *request, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	struct native_request r = {0};

	if (native_request_read(request, &arena, &r, err) < 0)
		return -1;
	for (size_t i = 0; i < r.n_mounts; i++) {
		const struct native_mount *m = &r.mounts[i];
		char *path;

		if (m->type == NATIVE_TMPFS || (m->type == NATIVE_BIND && !m->create))
			continue;
		path = m->type == NATIVE_BIND ? arena_strdup(&arena, m->source, err)
					      : volume_path(&arena, &r, i, err);
		if (!path)
			return -1;
		if (access(path, F_OK) < 0 && make_path(path, err) < 0)
			return -1;
	}
	return 0;
}
