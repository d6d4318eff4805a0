/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * service.c: services that misbehave, or speak with PID 1, as tests/boot/services.exp needs them.
 *
 *	boot-service notify      say READY=1, then WATCHDOG=1 each 100 ms until /tmp/dead exists
 *	boot-service liar        say READY=1 in the name of others: from a process that has left its cgroup
 *	boot-service fd          write a newline to $CLOISON_READY_FD when /tmp/go exists
 *	boot-service bomb        fork for ever, and all children too
 *	boot-service channel     say what comes from the channel, and follow lines from the fifo /tmp/channel:
 *	                         ack N, store NAME (a pipe that holds NAME), drop NAME, bad
 *
 * What is said goes to the standard output, unbuffered.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/init_channel.h"

static void die(const char *what)
{
	printf("%s: %s\n", what, strerror(errno));
	exit(1);
}

static int number_in(const char *name)
{
	const char *value = getenv(name);

	if (!value)
		die(name);
	return atoi(value);
}

static void notify(const char *path, const char *text)
{
	struct sockaddr_un to = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	strncpy(to.sun_path, path, sizeof(to.sun_path) - 1);
	if (fd < 0 ||
	    sendto(fd, text, strlen(text), 0, (const struct sockaddr *)&to, sizeof(to)) < 0)
		die("notify");
	close(fd);
}

static void do_notify(void)
{
	const char *path = getenv("NOTIFY_SOCKET");

	if (!path)
		die("NOTIFY_SOCKET");
	printf("watchdog %s us\n", getenv("WATCHDOG_USEC") ? getenv("WATCHDOG_USEC") : "none");
	notify(path, "STATUS=hello\nREADY=1\n");
	for (;;) {
		if (access("/tmp/dead", F_OK) < 0)
			notify(path, "WATCHDOG=1");
		usleep(100000);
	}
}

/* A child in another cgroup is nobody of this service, and waits until it has been heard or not. */
static void do_liar(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	int fd;

	if (!path)
		die("NOTIFY_SOCKET");
	if (fork() == 0) {
		mkdir("/sys/fs/cgroup/liars", 0755);
		fd = open("/sys/fs/cgroup/liars/cgroup.procs", O_WRONLY | O_CLOEXEC);
		if (fd < 0 || write(fd, "0", 1) != 1)
			die("liars");
		notify(path, "READY=1");
		printf("lied\n");
		sleep(1000);
	}
	sleep(1000);
}

static void do_fd(void)
{
	int fd = number_in("CLOISON_READY_FD");

	while (access("/tmp/go", F_OK) < 0)
		usleep(100000);
	if (write(fd, "\n", 1) != 1)
		die("ready");
	close(fd);
	sleep(100000);
}

static void do_bomb(void)
{
	for (;;)
		if (fork() < 0)
			usleep(1000); /* else nobody of all these would ever get further */
}

/* show_stored - what is in the pipe that came. */
static void show_stored(const char *name, int fd)
{
	char text[INIT_NAME_BYTES] = "";
	ssize_t n = read(fd, text, sizeof(text) - 1);

	printf("stored %s: %s\n", name, n > 0 ? text : "nothing");
}

static void receive(int channel)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control;
	struct init_message m;
	struct iovec part = {&m, sizeof(m)};
	struct msghdr message = {.msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	int fd = -1;

	if (recvmsg(channel, &message, 0) != (ssize_t)sizeof(m))
		die("channel");
	if (CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	switch (m.kind) {
	case INIT_EXIT:
		printf("exit %llu status %d\n", (unsigned long long)m.seq, m.status);
		break;
	case INIT_LOST:
		/* the log will be too full of what follows */
		close(open("/tmp/lost", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
		printf("lost %llu\n", (unsigned long long)m.seq);
		break;
	case INIT_STORED:
		show_stored(m.name, fd);
		break;
	case INIT_FULL:
		printf("full %s\n", m.name);
		break;
	case INIT_REPLAYED:
		printf("replayed\n");
		break;
	default:
		printf("kind %u\n", m.kind);
		break;
	}
	if (fd >= 0)
		close(fd);
}

static void send_message(int channel, const struct init_message *m, int fd)
{
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = {0};
	struct iovec part = {(void *)(uintptr_t)m, sizeof(*m)};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};

	if (fd >= 0) {
		message.msg_control = &control;
		message.msg_controllen = sizeof(control);
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
	}
	if (sendmsg(channel, &message, 0) < 0)
		die("send");
}

static void follow(int channel, char *line)
{
	struct init_message m = {.kind = 99};
	int ends[2] = {-1, -1};
	char *word = strchr(line, ' ');

	if (word)
		*word++ = '\0';
	if (word && strcmp(line, "ack") == 0) {
		m.kind = INIT_ACK;
		m.seq = strtoull(word, NULL, 10);
	} else if (word && strcmp(line, "store") == 0) {
		m.kind = INIT_STORE;
		strncpy(m.name, word, sizeof(m.name) - 1);
		if (pipe(ends) < 0 || write(ends[1], word, strlen(word)) < 0)
			die("pipe");
	} else if (word && strcmp(line, "drop") == 0) {
		m.kind = INIT_DROP;
		strncpy(m.name, word, sizeof(m.name) - 1);
	}
	send_message(channel, &m, ends[0]);
	if (ends[0] >= 0) {
		close(ends[0]);
		close(ends[1]);
	}
	printf("did %s\n", line);
}

static void do_channel(void)
{
	int channel = number_in(INIT_CHANNEL_ENV);
	int fifo;

	printf("channel %d\n", channel);
	if (mkfifo("/tmp/channel", 0600) < 0 && errno != EEXIST)
		die("/tmp/channel");
	fifo = open("/tmp/channel", O_RDWR | O_CLOEXEC);
	for (;;) {
		struct pollfd p[] = {{.fd = channel, .events = POLLIN},
				     {.fd = fifo, .events = POLLIN}};
		char text[512];
		ssize_t n;

		if (poll(p, 2, -1) < 0)
			die("poll");
		if (p[0].revents)
			receive(channel);
		if (!p[1].revents)
			continue;
		n = read(fifo, text, sizeof(text) - 1);
		text[n > 0 ? n : 0] = '\0';
		for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
			follow(channel, line);
	}
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} modes[] = {
		{"notify", do_notify}, {"liar", do_liar},	{"fd", do_fd},
		{"bomb", do_bomb},     {"channel", do_channel},
	};

	setvbuf(stdout, NULL, _IONBF, 0);
	for (size_t i = 0; argc == 2 && i < sizeof(modes) / sizeof(modes[0]); i++)
		if (strcmp(modes[i].name, argv[1]) == 0)
			modes[i].run();
	return 2;
}
