/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * run.c: `run`.
 *
 * With a supervisor the container is its: created, attached to, started, in this order, so that no output and
 * no signal falls between. The terminal and the streams stay here. Without one a run in the foreground does
 * all by itself (alone.c), and one in the background starts the supervisor first (daemon.c).
 */
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "runtime/cli/native/alone.h"
#include "runtime/cli/native/runflags.h"

/* write_cidfile - made by us or not at all. @id NULL: only see that it can be made. */
static int open_cidfile(const char *path, struct error *err)
{
	int fd;

	if (!path)
		return FD_EMPTY;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0)
		return error_set(err, errno, "option --cidfile: `%s`", path);
	return fd;
}

static int write_cidfile(int fd, const char *path, const char *id, struct error *err)
{
	if (fd >= 0 && write(fd, id, strlen(id)) != (ssize_t)strlen(id))
		return error_set(err, errno, "option --cidfile: `%s`", path);
	return 0;
}

static void print_warnings(const struct json_object *answer)
{
	struct json_object *list = tree_get(answer, "warnings", json_type_array);

	for (size_t i = 0; list && i < json_object_array_length(list); i++) {
		struct error warning = ERROR_INIT;
		const char *text = json_object_get_string(json_object_array_get_idx(list, i));

		error_set(&warning, 0, "%s", text ? text : "");
		error_print(&warning, "cloison: warning", STDERR_FILENO);
	}
}

/* make - send the request; @id receives the container's. */
static int make(struct native_client *client, const char *verb, const struct run_flags *f,
		struct json_object *request, char **id, struct error *err)
{
	_cleanup_fd_ int fd = open_cidfile(f->cidfile, err);
	_cleanup_json_ struct json_object *answer = NULL;

	if (f->cidfile && fd < 0) {
		json_object_put(request);
		return -1;
	}
	answer = native_request(client, verb, request, err);
	if (answer && !tree_text(answer, "id"))
		error_set(err, EPROTO, "the supervisor told no id");
	if (!answer || !tree_text(answer, "id")) {
		if (fd >= 0)
			unlink(f->cidfile);
		return -1;
	}
	print_warnings(answer);
	*id = strdup(tree_text(answer, "id"));
	if (!*id)
		return error_set(err, ENOMEM, "cannot keep the id");
	return write_cidfile(fd, f->cidfile, *id, err);
}

int native_make(const char *verb, const struct run_flags *f, struct json_object *request,
		struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_free_ char *id = NULL;

	if ((native_is_remote() ? native_need(&client, err) : daemon_need(&client, err)) < 0) {
		json_object_put(request);
		return -1;
	}
	if (make(&client, verb, f, request, &id, err) < 0)
		return -1;
	puts(id);
	return 0;
}

/* remove_it - what never ran has no end at which it would be removed. */
static void remove_it(const char *id)
{
	struct error ignored = ERROR_INIT;
	_cleanup_json_ struct json_object *request = request_for(id, &ignored);
	struct json_object *answer;
	struct tree tree = {0};

	if (!request)
		return;
	tree_put_bool(&tree, request, "force", true);
	answer = ask("rm", take_ptr(request), &ignored);
	json_free(&answer);
}

/* say_oom - exit code 137 has two causes: one of them is told. */
static void say_oom(const char *id)
{
	struct error ignored = ERROR_INIT;
	_cleanup_json_ struct json_object *request = request_for(id, &ignored), *answer = NULL;
	struct json_object *list, *state = NULL;

	if (request)
		answer = ask("inspect", take_ptr(request), &ignored);
	list = tree_get(answer, "containers", json_type_array);
	if (list && json_object_array_length(list))
		state = tree_get(json_object_array_get_idx(list, 0), "State", json_type_object);
	if (tree_true(state, "OOMKilled"))
		dprintf(STDERR_FILENO, "cloison: %.12s: the kernel killed it at its memory limit\n",
			id);
}

static int attach(struct native_client *client, const char *id, const struct run_flags *f,
		  struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(id, err), *answer = NULL;
	struct tree tree = {0};

	if (!request)
		return -1;
	tree_put_bool(&tree, request, "stdin", f->stdin_open);
	tree_put_bool(&tree, request, "stdout", true);
	tree_put_bool(&tree, request, "stderr", true);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	answer = native_request(client, "attach", take_ptr(request), err);
	return answer ? 0 : -1;
}

static int run_supervised(struct native_client *client, const struct run_flags *f,
			  const struct session_options *options, struct json_object *request,
			  struct error *err)
{
	_cleanup_client_ struct native_client starter = NATIVE_CLIENT_INIT;
	_cleanup_session_ struct session session = SESSION_INIT;
	_cleanup_free_ char *id = NULL;
	int code;

	if (make(client, "create", f, request, &id, err) < 0)
		return -1;
	if (attach(client, id, f, err) < 0 || native_need(&starter, err) < 0 ||
	    session_begin(&session, options, err) < 0 ||
	    session_start(&session, &starter, id, err) < 0)
		code = -1;
	else
		code = session_relay(&session, client, err);
	if (session.start_failed && f->rm)
		remove_it(id);
	if (code == EXIT_BY_SIGNAL + SIGKILL && !f->rm)
		say_oom(id);
	return code == SESSION_DETACHED ? 0 : code;
}

static int run(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_json_ struct json_object *request = NULL;
	const struct run_flags *f = values;
	struct session_options options;
	int rc;

	if (run_session(f, &options, err) < 0)
		return -1;
	request = run_request(f, argv, err);
	if (!request || (!f->detach && session_check(&options, err) < 0))
		return -1;
	if (f->detach)
		return native_make("run", f, take_ptr(request), err);
	rc = native_connect(&client, err);
	if (rc < 0)
		return -1;
	if (rc == 0)
		return run_supervised(&client, f, &options, take_ptr(request), err);
	*err = (struct error)ERROR_INIT;
	return run_alone(f, request, err);
}

const struct native_verb native_run = {
	.name = "run",
	.arguments = "IMAGE [COMMAND [ARGUMENT...]]",
	.summary = "make a container from an image and run it",
	.options = run_flags_table,
	.n_options = RUN_FLAGS_COUNT,
	.command = true,
	.min_args = 1,
	.max_args = -1,
	.run = run,
};
