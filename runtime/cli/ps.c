/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ps.c: `ps`.
 *
 * As JSON an array of pids, which is what engines ask for. As a table, the rows of the host's ps(1)
 * that are about processes of the container: found by the column PID of its heading.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "runtime/cli/verb.h"

#define PS_ARGS_MAX 64

struct values {
	const char *format;
};

static const struct option table[] = {
	{"format", 'f', OPTION_STRING, offsetof(struct values, format), "table|json",
	 "how to print (default: table)"},
};

static int print_pids(const struct cgroup_pids *pids, struct error *err)
{
	putchar('[');
	for (size_t i = 0; i < pids->n; i++)
		printf("%s%d", i ? "," : "", pids->at[i]);
	puts("]");
	return fflush(stdout) ? error_set(err, errno, "cannot print the processes") : 0;
}

/* spawn_ps - start ps with @options; its output is readable at the file returned. */
static FILE *spawn_ps(char **options, pid_t *pid, struct error *err)
{
	char *argv[PS_ARGS_MAX + 2] = {(char *)"ps", (char *)"-ef", NULL};
	int ends[2];
	FILE *f;

	for (size_t i = 0; options[i]; i++) {
		if (i == PS_ARGS_MAX) {
			error_set(err, E2BIG, "more than %d options for ps", PS_ARGS_MAX);
			return NULL;
		}
		argv[i + 1] = options[i];
		argv[i + 2] = NULL;
	}
	if (pipe2(ends, O_CLOEXEC) < 0) {
		error_set(err, errno, "cannot make a pipe");
		return NULL;
	}
	*pid = fork();
	if (*pid == 0) {
		if (dup2(ends[1], STDOUT_FILENO) == STDOUT_FILENO)
			execvp("ps", argv);
		_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_INVOKE);
	}
	close_fd(ends[1]);
	f = *pid < 0 ? NULL : fdopen(ends[0], "re");
	if (!f) {
		error_set(err, errno, "cannot run ps");
		close_fd(ends[0]);
	}
	return f;
}

/* pid_column - which word of ps's heading is PID, -1 if none is. */
static int pid_column(const char *heading)
{
	int column = 0;

	for (const char *p = heading + strspn(heading, " \t"); *p && *p != '\n'; column++) {
		size_t len = strcspn(p, " \t\n");

		if (len == 3 && !memcmp(p, "PID", 3))
			return column;
		p += len;
		p += strspn(p, " \t");
	}
	return -1;
}

/* pid_in - the number in word @column of @line, 0 if there is none. */
static pid_t pid_in(const char *line, int column)
{
	const char *p = line + strspn(line, " \t");

	while (column-- > 0) {
		p += strcspn(p, " \t\n");
		p += strspn(p, " \t");
	}
	return (pid_t)strtol(p, NULL, 10);
}

static bool listed(const struct cgroup_pids *pids, pid_t pid)
{
	size_t low = 0, high = pids->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (pids->at[mid] == pid)
			return true;
		if (pids->at[mid] < pid)
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

static int filter(FILE *from, const struct cgroup_pids *pids, struct error *err)
{
	_cleanup_free_ char *line = NULL;
	size_t size = 0;
	int column;

	if (getline(&line, &size, from) < 0)
		return error_set(err, 0, "ps printed nothing");
	column = pid_column(line);
	if (column < 0)
		return error_set(err, 0, "ps printed no column PID");
	fputs(line, stdout);
	while (getline(&line, &size, from) >= 0)
		if (listed(pids, pid_in(line, column)))
			fputs(line, stdout);
	return fflush(stdout) ? error_set(err, errno, "cannot print the processes") : 0;
}

static int print_table(const struct cgroup_pids *pids, char **options, struct error *err)
{
	pid_t pid = -1;
	_cleanup_file_ FILE *from = spawn_ps(options, &pid, err);
	struct error none = ERROR_INIT;
	int status = 0, rc = from ? filter(from, pids, &none) : -1;

	if (from)
		fclose(take_ptr(from));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (pid < 0 || err->what[0])
		return -1;
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_NOT_FOUND)
		return error_set(err, ENOENT, "cannot run ps");
	if (status)
		return error_set(err, 0, "ps failed with status %d",
				 WIFEXITED(status) ? WEXITSTATUS(status)
						   : EXIT_BY_SIGNAL + WTERMSIG(status));
	if (rc < 0)
		*err = none;
	return rc;
}

static int ps(const struct runtime *rt, const void *values, char **argv, struct error *err)
{
	_cleanup_arena_ struct arena arena = {0};
	const struct values *v = values;
	bool json = v->format && !strcmp(v->format, "json");
	char **options = argv + 1;
	struct cgroup_pids pids;

	if (v->format && !json && strcmp(v->format, "table"))
		return error_set(err, EINVAL, "format `%s`: use table or json", v->format);
	if (*options && !strcmp(*options, "--"))
		options++;
	if (container_pids(rt, argv[0], &arena, &pids, err) < 0)
		return -1;
	return json ? print_pids(&pids, err) : print_table(&pids, options, err);
}

const struct verb verb_ps = {
	.name = "ps",
	.arguments = "ID [-- PS-OPTION...]",
	.summary = "list the processes of a container",
	VERB_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = -1,
	.run = ps,
};
