/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * cp.c: `cp`: files between a container and here, as archives through the supervisor (copy.h).
 *
 * CONTAINER:PATH is what has a colon and does not begin with `/` or `.`; `-` is an archive on standard input or output.
 * Where a file goes is decided on the side where it goes, by what is there.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "runtime/cli/native/common.h"
#include "runtime/cli/native/copy.h"

struct values {
	bool archive, follow;
};

static const struct option table[] = {
	{"archive", 'a', OPTION_FLAG, offsetof(struct values, archive), NULL,
	 "with the owners, by number, and set-user-ID"},
	{"follow-link", 'L', OPTION_FLAG, offsetof(struct values, follow), NULL,
	 "what SOURCE leads to, when it is a link"},
};

/* What comes from the supervisor: an archive, words, and how it ended. */
struct stream {
	struct native_client client;
	struct native_frame frame; /* what is left of it */
	bool over;
	int code;
};

/* split - "CONTAINER:PATH" is cut at the colon. NULL: it is a path here */
static char *split(char *text)
{
	char *colon = strchr(text, ':'), *slash = strchr(text, '/');

	if (!colon || text[0] == '.' || colon == text || (slash && slash < colon))
		return NULL;
	*colon = '\0';
	return colon + 1;
}

static int take_frame(struct stream *s, struct error *err)
{
	_cleanup_json_ struct json_object *answer = NULL;

	if (native_receive(&s->client, &s->frame, err) < 0)
		return -1;
	if (s->frame.type == FRAME_STDOUT)
		return 0;
	if (s->frame.type == FRAME_STDERR) {
		fwrite(s->frame.data, 1, s->frame.length, stderr);
	} else {
		answer = native_answer(&s->frame, err);
		if (!answer)
			return -1;
		s->over = tree_true(answer, "end");
		s->code = (int)tree_number(answer, "exit");
	}
	s->frame.length = 0;
	return 0;
}

static ssize_t stream_pull(void *context, void *data, size_t size, struct error *err)
{
	struct stream *s = context;

	while (!s->frame.length) {
		if (s->over)
			return 0;
		if (take_frame(s, err) < 0)
			return -1;
	}
	if (size > s->frame.length)
		size = s->frame.length;
	memcpy(data, s->frame.data, size);
	s->frame.data += size;
	s->frame.length -= size;
	return (ssize_t)size;
}

static int stream_push(void *context, const void *data, size_t size, struct error *err)
{
	struct stream *s = context;

	while (size) {
		size_t n = size < FRAME_MAX ? size : FRAME_MAX;

		if (native_send(&s->client, FRAME_STDIN, data, n, err) < 0)
			return -1;
		data = (const char *)data + n;
		size -= n;
	}
	return 0;
}

static int begin(struct stream *s, const struct values *v, const char *container, const char *path,
		 const char *direction, bool raw, struct error *err)
{
	_cleanup_json_ struct json_object *request = request_for(container, err), *answer = NULL;
	struct tree tree = {0};

	if (!request)
		return -1;
	tree_put_text(&tree, request, "path", *path ? path : "/");
	tree_put_text(&tree, request, "direction", direction);
	tree_put_bool(&tree, request, "archive", v->archive);
	tree_put_bool(&tree, request, "follow_link", v->follow);
	tree_put_bool(&tree, request, "raw", raw);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	if (native_need(&s->client, err) < 0)
		return -1;
	answer = native_request(&s->client, "cp", take_ptr(request), err);
	return answer ? 0 : -1;
}

/* finish - wait for the end. Returns the exit code: what went wrong there has been said. */
static int finish(struct stream *s, struct error *err)
{
	while (!s->over)
		if (take_frame(s, err) < 0)
			return -1;
	return s->code ? EXIT_ENGINE : 0;
}

/* here - the root, and @path from there. */
static int here(const char *path, char buf[2 * PATH_MAX], struct copy *c, struct error *err)
{
	char cwd[PATH_MAX] = "";

	if (path[0] != '/' && !getcwd(cwd, sizeof(cwd)))
		return error_set(err, errno, "cannot tell the current directory");
	snprintf(buf, 2 * PATH_MAX, "%s%s%s", cwd, cwd[0] ? "/" : "", path);
	c->path = buf;
	c->root.fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return c->root.fd < 0 ? error_set(err, errno, "cannot open `/`") : 0;
}

static int pass_out(struct stream *s, struct error *err)
{
	char data[32768];
	ssize_t n;

	while ((n = stream_pull(s, data, sizeof(data), err)) > 0)
		if (fwrite(data, 1, (size_t)n, stdout) != (size_t)n)
			return error_set(err, errno, "cannot write the archive");
	if (n == 0 && fflush(stdout) != 0)
		return error_set(err, errno, "cannot write the archive");
	return (int)n;
}

static int from(struct stream *s, const struct values *v, const char *to, struct error *err)
{
	struct tar_reader reader = {.pull = stream_pull, .context = s};
	struct copy c = {.owners = v->archive, .special = v->archive};
	_cleanup_free_ char *buf = malloc(2 * PATH_MAX);
	int rc;

	if (!strcmp(to, "-"))
		return pass_out(s, err) < 0 ? -1 : finish(s, err);
	if (!buf)
		return error_set(err, ENOMEM, "cannot copy to `%s`", to);
	rc = here(to, buf, &c, err) < 0 ? -1 : copy_in(&c, &reader, err);
	close_fd(c.root.fd);
	/* Nothing came since it failed over there, which has been said. */
	if (rc < 0 && s->over && s->code)
		return EXIT_ENGINE;
	return rc < 0 ? -1 : finish(s, err);
}

static int pass_in(struct stream *s, struct error *err)
{
	char data[32768];
	ssize_t n;

	while ((n = read(STDIN_FILENO, data, sizeof(data))) != 0) {
		if (n < 0 && errno != EINTR)
			return error_set(err, errno, "cannot read the archive");
		if (n > 0 && stream_push(s, data, (size_t)n, err) < 0)
			return -1;
	}
	return 0;
}

static int to(struct stream *s, const struct values *v, const char *source, struct error *err)
{
	struct copy c = {.follow = v->follow};
	_cleanup_free_ char *buf = malloc(2 * PATH_MAX);
	int rc;

	if (!buf)
		return error_set(err, ENOMEM, "cannot copy `%s`", source);
	if (!strcmp(source, "-")) {
		rc = pass_in(s, err);
	} else {
		rc = here(source, buf, &c, err) < 0 ? -1 : copy_out(&c, stream_push, s, err);
		close_fd(c.root.fd);
	}
	if (rc < 0 || native_send(&s->client, FRAME_STDIN, NULL, 0, err) < 0)
		return -1;
	return finish(s, err);
}

static int cp(const void *values, char **argv, struct error *err)
{
	const struct values *v = values;
	struct stream s = {.client = NATIVE_CLIENT_INIT};
	char *source = split(argv[0]), *target = split(argv[1]);
	int code = -1;

	if (!source == !target) {
		error_set(err, 0, source ? "both are containers" : "neither is a container");
		return error_hint(err, "CONTAINER:PATH and a path here, or `-`");
	}
	if (source && begin(&s, v, argv[0], source, "from", false, err) == 0)
		code = from(&s, v, argv[1], err);
	else if (target && begin(&s, v, argv[1], target, "to", !strcmp(argv[0], "-"), err) == 0)
		code = to(&s, v, argv[0], err);
	native_disconnect(&s.client);
	return code;
}

const struct native_verb native_cp = {
	.name = "cp",
	.arguments = "CONTAINER:PATH PATH|- | PATH|- CONTAINER:PATH",
	.summary = "copy files between a container and here",
	NATIVE_OPTIONS(table, struct values),
	.min_args = 2,
	.max_args = 2,
	.run = cp,
};
