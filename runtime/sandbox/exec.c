/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * exec.c: PATH lookup and HOME. What is wrong with a program is in examine.c.
 *
 * Source: execve(2), execvp(3); OCI config.md "Process".
 */
#include "runtime/sandbox/exec.h"

#include <string.h>
#include <sys/stat.h>

#include "lib/sys.h"
#include "lib/text.h"

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* fail_code - exec errors the user caused leave with Docker's codes. */
static int fail_code(struct error *err, int errnum)
{
	err->code = errnum == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE;
	return -1;
}

/* check_file - is @path something execve can be asked for? Returns 0, or -1 with errno. */
static int check_file(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return -1;
	/* As execve: Docker and Podman know by the words of EACCES that it is 126. */
	if (!S_ISREG(st.st_mode)) {
		errno = EACCES;
		return -1;
	}
	return access(path, X_OK);
}

static int refuse(const char *path, int errnum, struct error *err)
{
	error_set(err, errnum, "cannot execute `%s`", path);
	exec_explain_path(path, errnum, err);
	return fail_code(err, errnum);
}

static const char *path_of(char *const *envp)
{
	for (; *envp; envp++)
		if (!strncmp(*envp, "PATH=", 5))
			return *envp + 5;
	return DEFAULT_PATH;
}

/* search - look for @name in the directories of @dirs; an empty one is the working directory. */
static int search(const char *name, const char *dirs, struct exec_target *t, struct error *err)
{
	char refused[PATH_MAX] = "";
	int refused_errnum = 0;

	for (const char *p = dirs;; p++) {
		size_t len = strcspn(p, ":");
		size_t n = text_append_n(t->path, sizeof(t->path), 0, len ? p : ".", len ? len : 1);

		n = text_append(t->path, sizeof(t->path), n, "/");
		n = text_append(t->path, sizeof(t->path), n, name);
		if (n < sizeof(t->path)) {
			if (check_file(t->path) == 0)
				return 0;
			if (errno != ENOENT && errno != ENOTDIR && !refused_errnum) {
				refused_errnum = errno;
				memcpy(refused, t->path, n + 1);
			}
		}
		p += len;
		if (!*p)
			break;
	}
	if (refused_errnum)
		return refuse(refused, refused_errnum, err);
	error_set(err, ENOENT, "cannot find the executable `%s` in PATH", name);
	error_cause(err, "PATH in the container is `%.200s`", dirs);
	return fail_code(err, ENOENT);
}

int exec_find(const char *name, char *const *envp, enum exec_look look, struct exec_target *t,
	      struct error *err)
{
	t->looked = look == EXEC_LOOK_NOW;
	if (!*name) {
		error_set(err, ENOENT, "the executable's name is empty");
		return fail_code(err, ENOENT);
	}
	if (!strchr(name, '/')) {
		if (search(name, path_of(envp), t, err) < 0)
			return -1;
	} else {
		if (text_append(t->path, sizeof(t->path), 0, name) >= sizeof(t->path))
			return error_set(err, ENAMETOOLONG, "cannot execute `%.64s...`", name);
		if (t->looked && check_file(name) < 0)
			return refuse(name, errno, err);
	}
	if (t->looked)
		exec_examine(t);
	return 0;
}

/* all_absolute - is each directory of a PATH independent of the working directory? */
static bool all_absolute(const char *dirs)
{
	for (const char *p = dirs;; p++) {
		if (*p != '/')
			return false;
		p += strcspn(p, ":");
		if (!*p)
			return true;
	}
}

bool exec_missing(const char *name, char *const *envp, struct error *err)
{
	struct error found = ERROR_INIT;
	struct exec_target t;
	struct stat st;

	if (*name == '/') {
		if (stat(name, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
			return false;
		refuse(name, errno, &found);
	} else if (!*name || strchr(name, '/') || !all_absolute(path_of(envp)) ||
		   search(name, path_of(envp), &t, &found) == 0 || found.errnum != ENOENT) {
		return false;
	}
	*err = found;
	return true;
}

int exec_explain(struct exec_target *t, char *const *argv, char *const *envp, int errnum,
		 struct error *err)
{
	if (!t->looked) {
		if (check_file(t->path) < 0)
			return refuse(t->path, errno, err);
		exec_examine(t);
	}
	error_set(err, errnum, "cannot execute `%s`", t->path);
	exec_explain_failure(t, argv, envp, errnum, err);
	return fail_code(err, errnum);
}

/* home_of - the home directory in a passwd line "name:pw:uid:gid:gecos:home:shell", if @uid's. */
static const char *home_of(char *line, uid_t uid)
{
	char *field[6] = {line};
	char *end;

	for (size_t i = 1; i < ARRAY_SIZE(field); i++) {
		field[i] = strchr(field[i - 1], ':');
		if (!field[i])
			return NULL;
		*field[i]++ = '\0';
	}
	field[5][strcspn(field[5], ":")] = '\0';
	errno = 0;
	if (strtoul(field[2], &end, 10) != uid || *end || end == field[2] || errno)
		return NULL;
	return field[5][0] == '/' ? field[5] : NULL;
}

int exec_home(struct sandbox *sb, struct inroot root, struct error *err)
{
	static char text[64 * 1024 + 1];
	_cleanup_fd_ int fd = FD_EMPTY;
	const char *home = "/";
	size_t n_env = 0;
	ssize_t n = 0;

	for (; sb->envp[n_env]; n_env++)
		if (!strncmp(sb->envp[n_env], "HOME=", 5))
			return 0;
	fd = inroot_open(root, "/etc/passwd", O_RDONLY | O_NONBLOCK);
	if (fd >= 0)
		n = read(fd, text, sizeof(text) - 1);
	else if (errno != ENOENT && errno != ENOTDIR)
		return error_set(err, errno, "cannot open the container's `/etc/passwd`");
	if (n < 0 && errno != EISDIR)
		return error_set(err, errno, "cannot read the container's `/etc/passwd`");
	if (n > 0)
		text[n] = '\0';
	for (char *line = text, *next; n > 0 && *line; line = next) {
		const char *found;

		next = line + strcspn(line, "\n");
		if (*next)
			*next++ = '\0';
		found = home_of(line, sb->process->uid);
		if (found) {
			home = found;
			break;
		}
	}
	if (strlen(home) >= HOME_SIZE - sizeof("HOME="))
		return error_set(err, ENAMETOOLONG, "the home directory of user %u",
				 sb->process->uid);
	stpcpy(stpcpy(sb->home, "HOME="), home);
	sb->envp[n_env] = sb->home;
	sb->envp[n_env + 1] = NULL;
	return 0;
}
