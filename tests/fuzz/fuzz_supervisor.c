/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_supervisor.c: what a client sends to cloisond. The input is the bytes of a connection.
 *
 * Whatever it is, the answers are frames, the loop comes to rest, and when the client is gone nothing of
 * it is left. There is no runtime to execute, so a container that is asked for fails to start.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include "runtime/supervisor/supervisor.h"
#include "tests/fuzz/fuzz.h"

#define TURNS 64

static struct supervisor s = {
	.listener = LOOP_SOURCE_INIT,
	.signals = LOOP_SOURCE_INIT,
	.channel = LOOP_SOURCE_INIT,
	.notify = LOOP_SOURCE_INIT,
	.runtime = "/none",
	.runtime_root = "/none",
	.images = "/none",
	.replayed = true,
};
static char dir[64], path[100];

static void prepare(void)
{
	struct error err = ERROR_INIT;

	REQUIRE((size_t)snprintf(dir, sizeof(dir), "%s/%d", getenv("TMPDIR"), getpid()) <
		sizeof(dir));
	snprintf(path, sizeof(path), "%s/containers", dir);
	if (mkdir(dir, 0700) < 0 || mkdir(path, 0700) < 0)
		abort();
	s.dir = s.sockets = dir;
	s.containers_dir = open(path, O_DIRECTORY | O_RDONLY);
	snprintf(path, sizeof(path), "%s/socket", dir);
	if (s.containers_dir < 0 || loop_init(&s.loop, &err) < 0 ||
	    clients_listen(&s, path, &err) < 0)
		abort();
}

static int connect_client(void)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd < 0 || connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		abort();
	return fd;
}

static void nothing(struct loop_timer *timer)
{
	(void)timer;
}

static void turn(void)
{
	struct loop_timer at_once = {0};
	struct error err = ERROR_INIT;

	loop_after(&s.loop, &at_once, 0, nothing);
	if (loop_turn(&s.loop, &err) < 0)
		abort();
	loop_cancel(&s.loop, &at_once);
	clients_sweep(&s);
}

/* check_answers - the answers so far are whole frames, and begin as answers do. */
static void check_answers(int fd)
{
	static uint8_t answers[1 << 20];
	ssize_t n = recv(fd, answers, sizeof(answers), 0);
	size_t at = 0;

	while (n > 0 && at < (size_t)n) {
		size_t length;

		REQUIRE((size_t)n - at >= FRAME_HEADER);
		length = frame_length(answers + at);
		REQUIRE(length != SIZE_MAX && length <= (size_t)n - at - FRAME_HEADER);
		REQUIRE(answers[at] != FRAME_JSON || answers[at + FRAME_HEADER] == '{');
		at += FRAME_HEADER + length;
	}
}

static void forget_containers(void)
{
	struct container *c;

	while ((c = s.containers)) {
		char name[ID_DIGITS + 40];

		for (const char *const *file =
			     (const char *const[]){"state", "request.json", "config.json",
						   "limits.json", NULL};
		     *file; file++) {
			snprintf(name, sizeof(name), "%s/%s", c->id, *file);
			(void)unlinkat(s.containers_dir, name, 0);
		}
		REQUIRE(unlinkat(s.containers_dir, c->id, AT_REMOVEDIR) == 0);
		container_forget(c);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd;

	if (!s.dir)
		prepare();
	fd = connect_client();
	if (send(fd, data, size, MSG_NOSIGNAL) < 0 && size)
		abort();
	for (int i = 0; i < TURNS; i++)
		turn();
	check_answers(fd);
	close(fd);
	for (int i = 0; i < 4; i++)
		turn();
	REQUIRE(!s.clients && !s.n_clients);
	forget_containers();
	return 0;
}
