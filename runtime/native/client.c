/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * client.c: talking to the supervisor.
 *
 * By a socket on this host, or through ssh, which executes `cloison api` over there and so needs no port,
 * no certificate and no rights but those of the login. Requests wait for their answer; what streams
 * (attach, logs) polls and takes frames as they come, with native_fill() and native_take().
 */
#include "runtime/native/client.h"

#include <json-c/json.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include "lib/json.h"
#include "runtime/native/tree.h"

#define HOST_ENV "CLOISON_HOST"
#define INIT_SERVICES "/run/init/services" /* init(8) */
#define KEPT_WAIT_MS 3000
#define PAUSE_MS 20
#define BUFFER (FRAME_HEADER + FRAME_MAX + 1)
#define ANSWER_DEPTH 32

void native_disconnect(struct native_client *c)
{
	if (c->out != c->in)
		close_fd(c->out);
	close_fd(c->in);
	while (c->child > 0 && waitpid(c->child, NULL, 0) < 0 && errno == EINTR)
		;
	free(c->data);
	*c = (struct native_client)NATIVE_CLIENT_INIT;
}

bool native_is_remote(void)
{
	const char *host = getenv(HOST_ENV);

	return host && *host;
}

static int connect_socket(struct native_client *c, const char *path, struct error *err)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = FD_EMPTY;

	if (strlen(path) >= sizeof(address.sun_path))
		return error_set(err, ENAMETOOLONG, "cannot connect to `%s`", path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set(err, errno, "cannot make a socket");
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0) {
		c->in = c->out = take_fd(&fd);
		return 0;
	}
	error_set(err, errno, "cannot connect to the supervisor at `%s`", path);
	if (err->errnum == EACCES)
		error_hint(err, "it serves root and the members of the socket's group");
	return err->errnum == ENOENT || err->errnum == ECONNREFUSED ? 1 : -1;
}

/* exec_ssh - in the child: @host is "[USER@]HOST[:PORT]". */
static void exec_ssh(char *host, int fd)
{
	char *colon = strrchr(host, ':'), *args[10];
	size_t n = 0;
	sigset_t none;

	/* an IPv6 address has colons of its own, in brackets */
	if (colon && strchr(colon, ']'))
		colon = NULL;
	args[n++] = (char *)"ssh";
	args[n++] = (char *)"-T";
	if (colon) {
		*colon = '\0';
		args[n++] = (char *)"-p";
		args[n++] = colon + 1;
	}
	args[n++] = (char *)"--";
	args[n++] = host;
	args[n++] = (char *)"cloison";
	args[n++] = (char *)"api";
	args[n] = NULL;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (dup2(fd, STDIN_FILENO) < 0 || dup2(fd, STDOUT_FILENO) < 0)
		_exit(EXIT_ENGINE);
	execvp("ssh", args);
	dprintf(STDERR_FILENO, "cloison: cannot execute ssh: %s\n", errno_name(errno));
	_exit(EXIT_NOT_FOUND);
}

static int connect_ssh(struct native_client *c, const char *host, struct error *err)
{
	_cleanup_free_ char *copy = strdup(host);
	int pair[2];

	if (!copy)
		return error_set(err, ENOMEM, "cannot connect to `%s`", host);
	copy[strcspn(copy, "/")] = '\0'; /* a path says nothing here */
	if (!*copy || *copy == '-')
		return error_set(err, EINVAL, HOST_ENV ": `ssh://%s` names no host", host);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_set(err, errno, "cannot make a socket");
	c->child = fork();
	if (c->child == 0)
		exec_ssh(copy, pair[1]);
	close(pair[1]);
	c->in = c->out = pair[0];
	return c->child < 0 ? error_set(err, errno, "cannot start ssh") : 0;
}

bool native_is_kept(void)
{
	_cleanup_file_ FILE *f = fopen(INIT_SERVICES, "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "cloisond ", strlen("cloisond ")))
			return true;
	return false;
}

/* connect_own - to this host's. One that init keeps and that is not there is on its way back. */
static int connect_own(struct native_client *c, struct error *err)
{
	const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
	int rc = connect_socket(c, SUPERVISOR_SOCKET, err);

	if (rc <= 0 || !native_is_kept())
		return rc;
	for (int waited = 0; rc > 0 && waited < KEPT_WAIT_MS; waited += PAUSE_MS) {
		nanosleep(&pause, NULL);
		*err = (struct error)ERROR_INIT;
		rc = connect_socket(c, SUPERVISOR_SOCKET, err);
	}
	return rc;
}

int native_connect(struct native_client *c, struct error *err)
{
	const char *host = getenv(HOST_ENV);

	*c = (struct native_client)NATIVE_CLIENT_INIT;
	if (!host || !*host)
		return connect_own(c, err);
	if (!strncmp(host, "ssh://", 6))
		return connect_ssh(c, host + 6, err);
	/* who names a socket means that one */
	if (!strncmp(host, "unix://", 7))
		return connect_socket(c, host + 7, err) ? -1 : 0;
	error_set(err, EINVAL, HOST_ENV ": `%s`", host);
	return error_hint(err, "use unix://PATH or ssh://[USER@]HOST[:PORT]");
}

int native_need(struct native_client *c, struct error *err)
{
	int rc = native_connect(c, err);

	if (rc <= 0)
		return rc;
	error_cause(err, "the supervisor is not running");
	if (native_is_kept())
		return error_hint(err, "see " INIT_SERVICES " and /run/init/log/cloisond");
	return error_hint(err, "start `cloisond`; `cloison run -d` starts it by itself");
}

static int send_all(struct native_client *c, const uint8_t *data, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t n = send(c->out, data, length, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot write to the supervisor");
		data += n;
		length -= (size_t)n;
	}
	return 0;
}

int native_send(struct native_client *c, enum frame_type type, const void *data, size_t length,
		struct error *err)
{
	uint8_t header[FRAME_HEADER];

	if (length > FRAME_MAX)
		return error_set(err, E2BIG, "the request does not fit a message of %d bytes",
				 FRAME_MAX);
	frame_header(header, type, (uint32_t)length);
	if (send_all(c, header, sizeof(header), err) < 0)
		return -1;
	return send_all(c, data, length, err);
}

int native_send_json(struct native_client *c, struct json_object *object, struct error *err)
{
	const char *text;
	size_t length;

	text = json_object_to_json_string_length(
		object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &length);
	if (!text)
		return error_set(err, ENOMEM, "cannot write to the supervisor");
	return native_send(c, FRAME_JSON, text, length, err);
}

int native_fill(struct native_client *c, struct error *err)
{
	ssize_t n;

	if (!c->data)
		c->data = malloc(BUFFER);
	if (!c->data)
		return error_set(err, ENOMEM, "cannot read from the supervisor");
	if (c->start) {
		memmove(c->data, c->data + c->start, c->end - c->start);
		c->end -= c->start;
		c->start = 0;
	}
	/* There is always room: frames that are complete are taken first, and one fits. */
	n = read(c->in, c->data + c->end, BUFFER - 1 - c->end);
	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return 1;
	if (n < 0)
		return error_set(err, errno, "cannot read from the supervisor");
	c->end += (size_t)n;
	return n > 0;
}

int native_take(struct native_client *c, struct native_frame *frame, struct error *err)
{
	size_t length;

	if (c->end - c->start < FRAME_HEADER)
		return 0;
	length = frame_length(c->data + c->start);
	if (length == SIZE_MAX)
		return error_set(err, EPROTO, "what the supervisor sent is no message");
	if (c->end - c->start < FRAME_HEADER + length)
		return 0;
	frame->type = (enum frame_type)c->data[c->start];
	frame->data = (const char *)c->data + c->start + FRAME_HEADER;
	frame->length = length;
	c->start += FRAME_HEADER + length;
	return 1;
}

int native_receive(struct native_client *c, struct native_frame *frame, struct error *err)
{
	for (;;) {
		int rc = native_take(c, frame, err);

		if (rc)
			return rc < 0 ? -1 : 0;
		rc = native_fill(c, err);
		if (rc < 0)
			return -1;
		if (rc == 0)
			return error_set(err, EPIPE, "the supervisor has closed the connection");
	}
}

/* copy_error - what the supervisor says went wrong, with its cause, hint and exit code. */
static void copy_error(const struct json_object *answer, struct error *err)
{
	const char *what = tree_text(answer, "error");
	const char *cause = tree_text(answer, "cause"), *hint = tree_text(answer, "hint");
	int64_t code = tree_number(answer, "code");

	error_set(err, 0, "%s", what ? what : "the supervisor refuses without a reason");
	if (cause && *cause)
		error_cause(err, "%s", cause);
	if (hint && *hint)
		error_hint(err, "%s", hint);
	if (code > 0 && code < 256)
		err->code = (int)code;
}

struct json_object *native_answer(const struct native_frame *frame, struct error *err)
{
	_cleanup_json_ struct json_object *answer = NULL;
	struct json_tokener *tok;

	if (frame->type != FRAME_JSON) {
		error_set(err, EPROTO, "the supervisor answered with something else");
		return NULL;
	}
	tok = json_tokener_new_ex(ANSWER_DEPTH);
	if (tok) {
		answer = json_tokener_parse_ex(tok, frame->data, (int)frame->length);
		json_tokener_free(tok);
	}
	if (!json_object_is_type(answer, json_type_object)) {
		error_set(err, EPROTO, "the supervisor answered with something else");
		return NULL;
	}
	if (tree_get(answer, "ok", json_type_boolean) && !tree_true(answer, "ok")) {
		copy_error(answer, err);
		return NULL;
	}
	return take_ptr(answer);
}

/* join - put the elements of @next's arrays behind those of @first. */
static void join(struct tree *t, struct json_object *first, struct json_object *next)
{
	json_object_object_foreach(next, key, value)
	{
		struct json_object *list = tree_get(first, key, json_type_array);

		if (!list || !json_object_is_type(value, json_type_array))
			continue;
		for (size_t i = 0; i < json_object_array_length(value); i++)
			tree_add(t, list, json_object_get(json_object_array_get_idx(value, i)));
	}
}

struct json_object *native_receive_answer(struct native_client *c, struct error *err)
{
	_cleanup_json_ struct json_object *answer = NULL;
	struct native_frame frame = {.data = NULL};
	struct tree tree = {0};
	bool more = true;

	while (more) {
		_cleanup_json_ struct json_object *next = NULL;

		if (native_receive(c, &frame, err) < 0)
			return NULL;
		next = native_answer(&frame, err);
		if (!next)
			return NULL;
		more = tree_true(next, "more");
		if (!answer)
			answer = take_ptr(next);
		else
			join(&tree, answer, next);
	}
	if (tree.lost) {
		error_set(err, ENOMEM, "cannot read the supervisor's answer");
		return NULL;
	}
	return take_ptr(answer);
}

struct json_object *native_request(struct native_client *c, const char *verb,
				   struct json_object *object, struct error *err)
{
	_cleanup_json_ struct json_object *request = object ? object : json_object_new_object();
	struct tree tree = {0};

	tree_put_text(&tree, request, "verb", verb);
	if (tree.lost) {
		error_set(err, ENOMEM, "cannot make a request");
		return NULL;
	}
	return native_send_json(c, request, err) < 0 ? NULL : native_receive_answer(c, err);
}
