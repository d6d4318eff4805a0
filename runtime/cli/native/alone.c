/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * alone.c: `run` in the foreground without a supervisor.
 *
 * The request becomes a bundle in a temporary directory below the state root, ROOT/~native/ID, a name that no container can
 * have; what follows is the OCI `run`, in this process. Its id is the name that was given, so that `cloison exec NAME` and
 * the other OCI verbs find it. If this process is killed the container may go on: its bundle, with what it has written,
 * stays until a run finds that there is no such container any more.
 */
#include "runtime/cli/native/alone.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/warn.h"
#include "runtime/cli/native/purge.h"
#include "runtime/cli/verb.h"
#include "runtime/native/image.h"

#define BUNDLES "~native"
#define NAME_FILE "name" /* in a bundle: the container's OCI id */
#define ID_DIGITS 64

/* A bundle of ours; its lock is held as long as it is used. */
struct own_bundle {
	int parent, dir;
	char id[ID_DIGITS + 1];
	char path[PATH_MAX];
};

static void remove_bundle(int parent, int dir, const char *id)
{
	(void)unlinkat(dir, "config.json", 0);
	(void)unlinkat(dir, NAME_FILE, 0);
	/* What cannot be removed now, the next run's sweep removes. */
	if (image_remove_files(dir) == 0) {
		(void)unlinkat(parent, id, AT_REMOVEDIR);
		image_unuse(id);
	}
}

static void bundle_end(struct own_bundle *b)
{
	if (b->dir >= 0)
		remove_bundle(b->parent, b->dir, b->id);
	close_fd(b->dir);
	close_fd(b->parent);
}

/* has_container - whether the container of the bundle @dir has a state below @parent's parent still. */
static bool has_container(int parent, int dir)
{
	_cleanup_fd_ int fd = openat(dir, NAME_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char path[NAME_MAX + 8] = "../";
	ssize_t n = fd < 0 ? 0 : read(fd, path + 3, NAME_MAX);

	/* Without a name it did not get so far as to have a container. */
	if (n <= 0)
		return false;
	path[3 + n] = '\0';
	return faccessat(parent, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0 || errno != ENOENT;
}

/* sweep - remove the bundles that nobody has locked and whose container is gone: of runs that were killed. */
static void sweep(int parent)
{
	int fd = openat(parent, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir)
		close_fd(fd);
	while (dir && (entry = readdir(dir))) {
		_cleanup_fd_ int one = FD_EMPTY;

		if (entry->d_name[0] == '.')
			continue;
		one = openat(parent, entry->d_name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (one >= 0 && flock(one, LOCK_EX | LOCK_NB) == 0 && !has_container(parent, one))
			remove_bundle(parent, one, entry->d_name);
	}
}

static int new_id(char id[ID_DIGITS + 1], struct error *err)
{
	uint8_t bytes[ID_DIGITS / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return error_set(err, errno, "cannot make an id");
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(id + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int make_bundle(struct own_bundle *b, const char *root, struct error *err)
{
	/* the root itself is made as the OCI verbs make it */
	snprintf(b->path, sizeof(b->path), "%s/" BUNDLES, root);
	for (char *p = b->path + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		if (mkdir(b->path, 0700) < 0 && errno != EEXIST)
			return error_set(err, errno, "cannot make the directory `%s`", b->path);
		*p = '/';
	}
	if (mkdir(b->path, 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make the directory `%s`", b->path);
	b->parent = open(b->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->parent < 0)
		return error_set(err, errno, "cannot open the directory `%s`", b->path);
	/* Between mkdir and the lock another run's sweep would take it away. */
	if (flock(b->parent, LOCK_EX) < 0)
		return error_set(err, errno, "cannot lock the directory `%s`", b->path);
	sweep(b->parent);
	if (new_id(b->id, err) < 0)
		return -1;
	if (mkdirat(b->parent, b->id, 0700) < 0)
		return error_set(err, errno, "cannot make the directory `%s/%s`", b->path, b->id);
	b->dir = openat(b->parent, b->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (b->dir < 0 || flock(b->dir, LOCK_EX | LOCK_NB) < 0 || flock(b->parent, LOCK_UN) < 0)
		return error_set(err, errno, "cannot lock the directory `%s/%s`", b->path, b->id);
	snprintf(b->path, sizeof(b->path), "%s/" BUNDLES "/%s", root, b->id);
	return 0;
}

static int write_config(const struct own_bundle *b, struct json_object *config, struct error *err)
{
	_cleanup_fd_ int fd =
		openat(b->dir, "config.json", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const char *text;
	size_t length;

	text = json_object_to_json_string_length(
		config, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (fd < 0 || !text)
		return error_set(err, text ? errno : ENOMEM, "cannot write `%s/config.json`",
				 b->path);
	while (length > 0) {
		ssize_t n = write(fd, text, length);

		if (n < 0 && errno != EINTR)
			return error_set(err, errno, "cannot write `%s/config.json`", b->path);
		text += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* first_process - of an OCI container below the same root. */
static pid_t first_process(const char *container, void *context, struct error *err)
{
	const struct runtime *rt = context;
	_cleanup_arena_ struct arena arena = {0};
	_cleanup_fd_ int dir = FD_EMPTY;
	struct state state = {0};

	if (state_check_id(container, err) < 0)
		return -1;
	dir = state_open_dir(rt->root, container, STATE_LOOK, err);
	if (dir < 0 || state_read(dir, container, &arena, &state, err) < 0)
		return -1;
	if (state.pid <= 0)
		return error_set(err, 0, "container `%s` has no process", container);
	return state.pid;
}

/* say_ignored - what only somebody who stays could do. */
static void say_ignored(const struct run_flags *f)
{
	const struct {
		const char *option;
		bool given;
	} all[] = {
		{"restart", f->restart && strcmp(f->restart, "no") != 0},
		{"health-cmd", f->health_cmd},
		{"log-opt", f->log_opt.n > 0},
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		struct error warning = ERROR_INIT;

		if (!all[i].given)
			continue;
		error_set(&warning, 0, "run: --%s does nothing without the supervisor",
			  all[i].option);
		warn(&warning);
	}
}

static int no_input(struct error *err)
{
	_cleanup_fd_ int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDIN_FILENO) < 0)
		return error_set(err, errno, "cannot open `/dev/null` as standard input");
	return 0;
}

static int write_name(const struct own_bundle *b, const char *id, struct error *err)
{
	_cleanup_fd_ int fd =
		openat(b->dir, NAME_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0 || write(fd, id, strlen(id)) != (ssize_t)strlen(id))
		return error_set(err, errno, "cannot write `%s/" NAME_FILE "`", b->path);
	return 0;
}

static int write_id(const char *path, const char *id, struct error *err)
{
	_cleanup_fd_ int fd = FD_EMPTY;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, id, strlen(id)) != (ssize_t)strlen(id))
		return error_set(err, errno, "option --cidfile: `%s`", path);
	return 0;
}

/* configure - the request into the bundle's config.json. */
static int configure(const struct own_bundle *b, struct runtime *rt, struct json_object *request,
		     struct error *err)
{
	_cleanup_json_ struct json_object *config = NULL;
	struct tree tree = {0};

	tree_put_text(&tree, request, "id", b->id);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make config.json");
	if (native_config_join(request, NULL, first_process, rt, err) < 0)
		return -1;
	config = native_config(request, getenv("CLOISON_IMAGES"), err);
	if (!config || native_prepare(request, err) < 0 || image_place(config, b->path, err) < 0)
		return -1;
	if (write_config(b, config, err) < 0)
		return -1;
	return image_use(config, b->path, b->id, err);
}

int run_alone(const struct run_flags *f, struct json_object *request, struct error *err)
{
	__attribute__((cleanup(bundle_end))) struct own_bundle b = {.parent = FD_EMPTY,
								    .dir = FD_EMPTY};
	struct create_options options = {.bundle = b.path};
	struct error purging = ERROR_INIT;
	struct runtime rt = {0};
	const char *id;
	int code = 0;

	if (runtime_alone(&rt, err) < 0 || make_bundle(&b, rt.root, err) < 0 ||
	    configure(&b, &rt, request, err) < 0)
		return -1;
	id = f->name ? f->name : b.id;
	say_ignored(f);
	if (write_name(&b, id, err) < 0 || write_id(f->cidfile, id, err) < 0 ||
	    (!f->stdin_open && no_input(err) < 0))
		return -1;
	if (container_run(&rt, id, &options, RUN_FOREGROUND, &code, err) < 0)
		code = -1;
	if (purge_volumes(b.id, &purging) < 0)
		warn(&purging);
	return code;
}
