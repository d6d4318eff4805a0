/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * user.c: USER[:GROUP] by the container's own /etc/passwd and /etc/group.
 *
 * Both files are an image's, so they are opened inside its root (lib/inroot.h), must be regular files and
 * of bounded size; a line that is not of the usual form is passed over. A number needs no entry. A user
 * that has one gets its group and, when no group is asked for, those that list it, as with Docker.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include "lib/inroot.h"
#include "runtime/native/config.h"
#include "runtime/native/image.h"
#include "runtime/oci/layers.h"

#define FILE_BYTES 1048576
#define FIELDS 4
#define GROUPS 64

struct found {
	uint32_t uid, gid;
	uint32_t groups[GROUPS];
	size_t n_groups;
	const char *name; /* of the user: in the text of passwd; NULL: a number without an entry */
};

/* read_database - the file's text, or NULL: there is none that can be read. */
static char *read_database(struct inroot root, const char *path)
{
	/* Looked at before it is opened: to open a device does something already. */
	_cleanup_fd_ int found = inroot_open(root, path, O_PATH), fd = FD_EMPTY;
	_cleanup_free_ char *text = NULL;
	char link[64];
	struct stat st;
	size_t done = 0;

	if (found < 0 || fstat(found, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_BYTES)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", found);
	fd = open(link, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return NULL;
	text = calloc(1, (size_t)st.st_size + 1);
	while (text && done < (size_t)st.st_size) {
		ssize_t n = read(fd, text + done, (size_t)st.st_size - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return take_ptr(text);
}

/* next_line - split the next line at its colons; false at the end. @*at moves on. */
static bool next_line(char **at, char *fields[FIELDS], size_t *n)
{
	char *line = *at, *end;

	if (!line || !*line)
		return false;
	end = strchr(line, '\n');
	*at = end ? end + 1 : NULL;
	if (end)
		*end = '\0';
	for (*n = 0; line && *n < FIELDS;) {
		fields[(*n)++] = line;
		line = strchr(line, ':');
		if (line)
			*line++ = '\0';
	}
	return true;
}

/* to_id - a number that the kernel takes; -1 means "no change" to it. */
static bool to_id(const char *text, uint32_t *id)
{
	unsigned long long n;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	n = strtoull(text, &end, 10);
	if (errno || *end || n > UINT32_MAX - 1)
		return false;
	*id = (uint32_t)n;
	return true;
}

static int find_user(char *passwd, const char *user, struct found *f, struct error *err)
{
	bool number = to_id(user, &f->uid);
	char *fields[FIELDS], *at = passwd;
	uint32_t uid, gid;
	size_t n;

	while (next_line(&at, fields, &n)) {
		if (n < 4 || !to_id(fields[2], &uid) || !to_id(fields[3], &gid))
			continue;
		if (number ? uid != f->uid : strcmp(fields[0], user) != 0)
			continue;
		f->uid = uid;
		f->gid = gid;
		f->name = fields[0];
		return 0;
	}
	if (number)
		return 0;
	return error_set(err, 0, "no such user: `%s`: it is not in the image's /etc/passwd", user);
}

static int find_group(char *group, const char *name, struct found *f, struct error *err)
{
	char *fields[FIELDS], *at = group;
	uint32_t gid;
	size_t n;

	if (to_id(name, &f->gid))
		return 0;
	while (next_line(&at, fields, &n)) {
		if (n < 3 || strcmp(fields[0], name) != 0 || !to_id(fields[2], &gid))
			continue;
		f->gid = gid;
		return 0;
	}
	return error_set(err, 0, "no such group: `%s`: it is not in the image's /etc/group", name);
}

/* lists - whether the names, joined by commas, have @name among them. */
static bool lists(const char *names, const char *name)
{
	size_t length = strlen(name);

	while (*names) {
		size_t n = strcspn(names, ",");

		if (n == length && !strncmp(names, name, n))
			return true;
		names += n + (names[n] == ',');
	}
	return false;
}

static void find_more_groups(char *group, struct found *f)
{
	char *fields[FIELDS], *at = group;
	uint32_t gid;
	size_t n;

	while (f->name && next_line(&at, fields, &n) && f->n_groups < GROUPS)
		if (n == 4 && to_id(fields[2], &gid) && gid != f->gid && lists(fields[3], f->name))
			f->groups[f->n_groups++] = gid;
}

static void store(struct native_build *b, const struct found *f)
{
	struct json_object *process = tree_get(b->config, "process", json_type_object);
	struct json_object *user = json_object_new_object();
	struct json_object *groups = json_object_new_array();

	tree_put(&b->tree, user, "uid", json_object_new_int64(f->uid));
	tree_put(&b->tree, user, "gid", json_object_new_int64(f->gid));
	for (size_t i = 0; i < f->n_groups; i++)
		tree_add(&b->tree, groups, json_object_new_int64(f->groups[i]));
	tree_put(&b->tree, user, "additionalGids", groups);
	tree_put(&b->tree, process, "user", user);
}

int native_apply_user(struct native_build *b)
{
	_cleanup_fd_ int fd = FD_EMPTY;
	_cleanup_free_ char *passwd = NULL, *group = NULL;
	struct found f = {0};
	const char *asked = b->request->user;
	char user[160];
	char *colon;

	if (!asked || !*asked)
		asked = tree_text(tree_get(b->config, "annotations", json_type_object),
				  LAYERS_USER);
	if (!asked || !*asked)
		return 0;
	if (strlen(asked) >= sizeof(user))
		return error_set(b->err, ENAMETOOLONG, "user `%.100s`", asked);
	snprintf(user, sizeof(user), "%s", asked);
	colon = strchr(user, ':');
	if (colon)
		*colon++ = '\0';
	fd = image_root(b->config, NULL, b->err);
	if (fd < 0)
		return -1;
	passwd = read_database((struct inroot){.fd = fd}, "/etc/passwd");
	group = read_database((struct inroot){.fd = fd}, "/etc/group");
	if (*user && find_user(passwd, user, &f, b->err) < 0)
		return -1;
	if (colon && *colon) {
		if (find_group(group, colon, &f, b->err) < 0)
			return -1;
	} else {
		find_more_groups(group, &f);
	}
	store(b, &f);
	return 0;
}
