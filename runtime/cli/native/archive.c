/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * archive.c: `archive`: the container's side of `cp`, which the supervisor executes: an archive on standard output, or one
 * from standard input.
 *
 * The root is that of the container's first process, with all that is mounted there, or without one the bundle's. That the
 * process is the right one is known by when it was started, looked at after its root was opened.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/cli/native/common.h"
#include "runtime/cli/native/copy.h"
#include "runtime/native/image.h"

struct values {
	const char *process;
	bool follow, archive, raw;
};

static const struct option table[] = {
	{"process", 0, OPTION_STRING, offsetof(struct values, process), "PID:TICKS",
	 "the first process, and when it was started"},
	{"follow-link", 'L', OPTION_FLAG, offsetof(struct values, follow), NULL,
	 "what a link leads to"},
	{"archive", 'a', OPTION_FLAG, offsetof(struct values, archive), NULL, "with the owners"},
	{"raw", 0, OPTION_FLAG, offsetof(struct values, raw), NULL, "names are below the path"},
};

static int pipe_push(void *context, const void *data, size_t size, struct error *err)
{
	(void)context;
	while (size) {
		ssize_t n = write(STDOUT_FILENO, data, size);

		if (n < 0 && errno != EINTR)
			return error_set(err, errno, "cannot write the archive");
		data = (const char *)data + (n > 0 ? n : 0);
		size -= n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static ssize_t pipe_pull(void *context, void *data, size_t size, struct error *err)
{
	ssize_t n;

	(void)context;
	while ((n = read(STDIN_FILENO, data, size)) < 0 && errno == EINTR)
		;
	return n < 0 ? error_set(err, errno, "cannot read the archive") : n;
}

/* start_ticks - field 22 of its stat file; 0: there is none */
static unsigned long long start_ticks(const char *pid)
{
	char path[64], text[512];
	_cleanup_file_ FILE *f = NULL;
	unsigned long long ticks = 0;
	const char *at;

	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	f = fopen(path, "re");
	if (!f || !fgets(text, sizeof(text), f) || !(at = strrchr(text, ')')))
		return 0;
	for (int field = 2; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at && sscanf(at, "%llu", &ticks) == 1 ? ticks : 0;
}

static int open_process(const char *process, struct error *err)
{
	char pid[16], path[40];
	unsigned long long ticks;
	int fd;

	if (sscanf(process, "%15[0-9]:%llu", pid, &ticks) != 2)
		return error_set(err, EINVAL, "process `%s`", process);
	snprintf(path, sizeof(path), "/proc/%s/root", pid);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && start_ticks(pid) == ticks)
		return fd;
	close_fd(fd);
	return error_set(err, ESRCH, "the container has ended");
}

/* is_below - is @path @top, or something in it? Links in it are not looked at: what is mounted is not there anyway. */
static bool is_below(const char *path, const char *top)
{
	for (;;) {
		while (*path == '/' || (*path == '.' && (path[1] == '/' || !path[1])))
			path++;
		while (*top == '/')
			top++;
		if (!*top)
			return true;
		while (*top && *top != '/')
			if (*top++ != *path++)
				return false;
		if (*path && *path != '/')
			return false;
	}
}

/* open_bundle - the root of a container that does not run: what is mounted in it is not there. */
static int open_bundle(const struct json_object *config, const char *path, int *lock,
		       struct error *err)
{
	struct json_object *root = tree_get(config, "root", json_type_object);
	struct json_object *mounts = tree_get(config, "mounts", json_type_array);

	for (size_t i = 0; mounts && i < json_object_array_length(mounts); i++) {
		const char *target = tree_text(json_object_array_get_idx(mounts, i), "destination");

		if (target && is_below(path, target)) {
			error_set(err, ENOENT, "`%s` is on what is mounted at `%s`", path, target);
			return error_hint(err, "start the container: then it is there");
		}
	}
	if (lock && tree_true(root, "readonly"))
		return error_set(err, EROFS, "the root file system is read-only");
	return image_root(config, lock, err);
}

static int read_maps(const struct json_object *config, const char *key, struct copy_map *maps,
		     size_t *n, struct error *err)
{
	struct json_object *list =
		tree_get(tree_get(config, "linux", json_type_object), key, json_type_array);
	size_t length = list ? json_object_array_length(list) : 0;

	if (length > COPY_MAPS)
		return error_set(err, E2BIG, "config.json: linux.%s has more than %d elements", key,
				 COPY_MAPS);
	for (*n = 0; *n < length; ++*n) {
		struct json_object *one = json_object_array_get_idx(list, *n);

		maps[*n] = (struct copy_map){(uint32_t)tree_number(one, "containerID"),
					     (uint32_t)tree_number(one, "hostID"),
					     (uint32_t)tree_number(one, "size")};
	}
	return 0;
}

static int archive(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	const struct json_source source = {.name = argv[1], .err = err};
	bool in = !strcmp(argv[0], "in");
	_cleanup_json_ struct json_object *config = json_read(AT_FDCWD, argv[1], &source);
	_cleanup_fd_ int root = FD_EMPTY, lock = FD_EMPTY;
	struct copy_ids ids = {.n_uid = 0};
	struct tar_reader reader = {.pull = pipe_pull};
	struct copy c = {.path = argv[2],
			 .ids = &ids,
			 .follow = v->follow,
			 .owners = v->archive,
			 .owner = true,
			 .special = true,
			 .raw = v->raw};

	if (!config || read_maps(config, "uidMappings", ids.uid, &ids.n_uid, err) < 0 ||
	    read_maps(config, "gidMappings", ids.gid, &ids.n_gid, err) < 0)
		return -1;
	root = v->process ? open_process(v->process, err)
			  : open_bundle(config, c.path, in ? &lock : NULL, err);
	if (root < 0)
		return -1;
	c.root.fd = root;
	umask(0);
	return in ? copy_in(&c, &reader, err) : copy_out(&c, pipe_push, NULL, err);
}

const struct native_verb native_archive = {
	.name = "archive",
	.arguments = "in|out CONFIG PATH",
	.summary = "the container's side of cp, for the supervisor",
	NATIVE_OPTIONS(table, struct values),
	.hidden = true,
	.min_args = 3,
	.max_args = 3,
	.run = archive,
};
