/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * logs.c: `logs`: what a container has written, each stream to ours of the same name.
 */
#include "runtime/cli/native/common.h"

struct values {
	bool follow, timestamps, details;
	const char *tail, *since, *until;
};

static const struct option table[] = {
	{"follow", 'f', OPTION_FLAG, offsetof(struct values, follow), NULL,
	 "go on with what it writes from now on"},
	{"tail", 'n', OPTION_STRING, offsetof(struct values, tail), "N",
	 "the last N lines (default: all)"},
	{"since", 0, OPTION_STRING, offsetof(struct values, since), "TIME",
	 "from this time on: RFC 3339, seconds since 1970, or how long ago: 10m"},
	{"until", 0, OPTION_STRING, offsetof(struct values, until), "TIME", "up to this time"},
	{"timestamps", 't', OPTION_FLAG, offsetof(struct values, timestamps), NULL,
	 "the time before each line"},
	{"details", 0, OPTION_FLAG, offsetof(struct values, details), NULL,
	 "accepted; there are no more"},
};

static struct json_object *make_request(const struct values *v, const char *name, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(name, err);
	struct tree tree = {.lost = !request};
	char since[64], until[64];
	int64_t lines;

	if (v->since && parse_moment("since", v->since, since, sizeof(since), err) < 0)
		return NULL;
	if (v->until && parse_moment("until", v->until, until, sizeof(until), err) < 0)
		return NULL;
	if (v->tail && strcmp(v->tail, "all") != 0) {
		if (parse_integer("tail", v->tail, -1, &lines, err) < 0)
			return NULL;
		if (lines >= 0)
			tree_put_number(&tree, request, "tail", lines);
	}
	tree_put_bool(&tree, request, "follow", v->follow);
	tree_put_bool(&tree, request, "timestamps", v->timestamps);
	if (v->since)
		tree_put_text(&tree, request, "since", since);
	if (v->until)
		tree_put_text(&tree, request, "until", until);
	if (!tree.lost)
		return take_ptr(request);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

static int write_all(int fd, const char *data, size_t length, struct error *err)
{
	while (length > 0) {
		ssize_t n = write(fd, data, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return error_set(err, errno, "cannot print");
		data += n;
		length -= (size_t)n;
	}
	return 0;
}

static int logs(const void *values, char **argv, struct error *err)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_json_ struct json_object *request = make_request(values, argv[0], err);
	_cleanup_json_ struct json_object *answer = NULL;
	struct native_frame frame;

	if (!request || native_need(&client, err) < 0)
		return -1;
	answer = native_request(&client, "logs", take_ptr(request), err);
	while (answer && !tree_true(answer, "end")) {
		if (native_receive(&client, &frame, err) < 0)
			return -1;
		if (frame.type == FRAME_JSON) {
			json_free(&answer);
			answer = native_answer(&frame, err);
		} else if (write_all(frame.type == FRAME_STDERR ? STDERR_FILENO : STDOUT_FILENO,
				     frame.data, frame.length, err) < 0) {
			return -1;
		}
	}
	return answer ? 0 : -1;
}

const struct native_verb native_logs = {
	.name = "logs",
	.arguments = "CONTAINER",
	.summary = "print what a container has written",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 1,
	.max_args = 1,
	.run = logs,
};
