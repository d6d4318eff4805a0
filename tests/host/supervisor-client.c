/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * supervisor-client.c: one request to cloisond, for the tests.
 *
 * usage: supervisor-client [-i] [-q] SOCKET JSON [MESSAGE...]
 *
 * Sends JSON as a request and each MESSAGE as a JSON frame behind it; with -i also its standard input, as
 * frames of type 0, when the request was answered. Frames of types 1 and 2 go to standard output and standard
 * error as they are, JSON frames a line each to standard output, with -q to nowhere. The exit status is what "exit" says in the frame
 * that ends the stream, 125 when the request failed, 124 when the connection broke before.
 */
#include <errno.h>
#include <json-c/json.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/frame.h"

#define BROKEN 124
#define REFUSED 125

static void write_all(int fd, const void *data, size_t length)
{
	const char *from = data;

	while (length) {
		ssize_t n = write(fd, from, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			exit(BROKEN);
		from += n;
		length -= (size_t)n;
	}
}

static void send_frame(int fd, enum frame_type type, const void *data, size_t length)
{
	uint8_t header[FRAME_HEADER];

	frame_header(header, type, (uint32_t)length);
	write_all(fd, header, sizeof(header));
	write_all(fd, data, length);
}

/* read_all - false: the other side has hung up. */
static bool read_all(int fd, void *to, size_t length)
{
	char *at = to;

	while (length) {
		ssize_t n = read(fd, at, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		length -= (size_t)n;
	}
	return true;
}

/* json_frame - the exit status when it is the last one; -1: it is not */
static int json_frame(const char *text, bool stream, bool quiet)
{
	struct json_object *o = json_tokener_parse(text), *value;
	int code = -1;

	if (!quiet)
		printf("%s\n", text);
	fflush(stdout);
	if (json_object_object_get_ex(o, "ok", &value) && !json_object_get_boolean(value))
		code = REFUSED;
	else if (json_object_object_get_ex(o, "end", &value))
		code = json_object_object_get_ex(o, "exit", &value) ? json_object_get_int(value)
								    : 0;
	else if (!stream && !json_object_object_get_ex(o, "more", &value))
		code = 0;
	json_object_put(o);
	return code;
}

/* is_stream - does the answer to @text go on after its first frame? */
static bool is_stream(const char *text)
{
	static const char *const verbs[] = {"logs", "attach", "exec", "events", "stats", "wait"};
	struct json_object *o = json_tokener_parse(text), *verb, *detach;
	bool stream = false;

	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++)
		if (json_object_object_get_ex(o, "verb", &verb) &&
		    !strcmp(json_object_get_string(verb), verbs[i]))
			stream = true;
	if (json_object_object_get_ex(o, "detach", &detach) && json_object_get_boolean(detach))
		stream = false;
	json_object_put(o);
	return stream;
}

static int connect_to(const char *path)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0) {
		fprintf(stderr, "supervisor-client: %s: %s\n", path, strerror(errno));
		exit(BROKEN);
	}
	return fd;
}

/* take_frame - the exit status, or -1: go on. */
static int take_frame(int fd, bool stream, bool quiet)
{
	static char data[FRAME_MAX + 1];
	uint8_t header[FRAME_HEADER];
	size_t length;

	if (!read_all(fd, header, sizeof(header)))
		return BROKEN;
	length = frame_length(header);
	if (length == SIZE_MAX || !read_all(fd, data, length))
		return BROKEN;
	data[length] = '\0';
	if (header[0] == FRAME_JSON)
		return json_frame(data, stream, quiet);
	write_all(header[0] == FRAME_STDERR ? STDERR_FILENO : STDOUT_FILENO, data, length);
	return -1;
}

int main(int argc, char **argv)
{
	bool input = false, quiet = false, answered = false;
	int option, fd, code = -1;
	const char *request;

	while ((option = getopt(argc, argv, "iq")) >= 0)
		*(option == 'i' ? &input : &quiet) = true;
	if (argc - optind < 2)
		return REFUSED;
	fd = connect_to(argv[optind]);
	request = argv[optind + 1];
	send_frame(fd, FRAME_JSON, request, strlen(request));
	for (int i = optind + 2; i < argc; i++)
		send_frame(fd, FRAME_JSON, argv[i], strlen(argv[i]));
	while (code < 0) {
		struct pollfd p[] = {{.fd = fd, .events = POLLIN},
				     {.fd = input && answered ? STDIN_FILENO : -1,
				      .events = POLLIN}};
		char data[4096];
		ssize_t n;

		if (poll(p, 2, -1) < 0)
			return BROKEN;
		if (p[0].revents) {
			code = take_frame(fd, is_stream(request), quiet);
			answered = true;
		} else if (p[1].revents) {
			n = read(STDIN_FILENO, data, sizeof(data));
			send_frame(fd, FRAME_STDIN, data, n > 0 ? (size_t)n : 0);
			input = n > 0;
		}
	}
	return code;
}
