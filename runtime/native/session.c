/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * session.c: being connected to a process in a container.
 *
 * A poll loop over three sources: the supervisor, our standard input, and a signalfd. Input is read
 * only when all that was read before has been written, so a process that does not read holds up
 * its own input and nothing else. Output is written as it comes, in portions that a pipe with room
 * takes at once; while it has none, signals are still looked at. With a terminal, its size is told at the
 * beginning and at each change.
 *
 * Without sig_proxy a signal that would have ended us does: the terminal is put back, and the signal
 * sent again with its own effect.
 */
#include "runtime/native/session.h"

#include <fcntl.h>
#include <json-c/json.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "lib/json.h"
#include "runtime/native/tree.h"

#define INPUT 4096
#define PORTION 4096 /* PIPE_BUF: a pipe that polls writable takes it without blocking */
#define PENDING (2 * (FRAME_HEADER + INPUT + DETACH_KEYS_MAX) + 1024)

/* Those that are for us, or for the shell's job control. */
static const int not_passed[] = {SIGCHLD, SIGWINCH, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT};
/* What a fault of our own raises: blocked, it would end us without a word. */
static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGSYS, SIGTRAP};
/* Passed on by name: the numbers of real-time signals are not the same everywhere. */
static const struct {
	int number;
	const char *name;
} names[] = {
	{SIGHUP, "HUP"},   {SIGINT, "INT"},   {SIGQUIT, "QUIT"},     {SIGUSR1, "USR1"},
	{SIGUSR2, "USR2"}, {SIGTERM, "TERM"}, {SIGALRM, "ALRM"},     {SIGURG, "URG"},
	{SIGIO, "IO"},	   {SIGPWR, "PWR"},   {SIGVTALRM, "VTALRM"}, {SIGPROF, "PROF"},
};

static bool is_in(int sig, const int *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == sig)
			return true;
	return false;
}

static void listened(sigset_t *set)
{
	sigfillset(set);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		sigdelset(set, own[i]);
}

int session_check(const struct session_options *options, struct error *err)
{
	if (!options->tty || !options->input || isatty(STDIN_FILENO))
		return 0;
	error_set(err, 0, "the input device is not a TTY");
	return error_hint(err, "-t wants a terminal as standard input; -i alone takes anything");
}

int session_begin(struct session *s, const struct session_options *options, struct error *err)
{
	sigset_t set;

	*s = (struct session){.options = *options, .signals = FD_EMPTY};
	listened(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	s->pending = malloc(PENDING);
	if (s->signals < 0 || !s->pending)
		return error_set(err, errno, "cannot listen for signals");
	return 0;
}

void session_end(struct session *s)
{
	sigset_t set;

	if (s->raw)
		terminal_restore();
	s->raw = false;
	free(take_ptr(s->pending));
	if (s->signals < 0)
		return;
	close_fd(take_fd(&s->signals));
	listened(&set);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

/* put - a frame behind those that wait; false: there is no room */
static bool put(struct session *s, enum frame_type type, const void *data, size_t length)
{
	if (s->start) {
		memmove(s->pending, s->pending + s->start, s->end - s->start);
		s->end -= s->start;
		s->start = 0;
	}
	if (s->end + FRAME_HEADER + length > PENDING)
		return false;
	frame_header(s->pending + s->end, type, (uint32_t)length);
	if (length)
		memcpy(s->pending + s->end + FRAME_HEADER, data, length);
	s->end += FRAME_HEADER + length;
	return true;
}

static void put_size(struct session *s)
{
	struct winsize ws;
	char text[64];
	int n;

	if (!s->options.tty ||
	    (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0))
		return;
	n = snprintf(text, sizeof(text), "{\"resize\":[%u,%u]}", ws.ws_row, ws.ws_col);
	/* Without room the size before this one waits; the next change tells. */
	(void)put(s, FRAME_JSON, text, (size_t)n);
}

/* end_by - a signal that is not passed on: what it does to every program. */
static void end_by(struct session *s, int sig)
{
	session_end(s);
	signal(sig, SIG_DFL);
	raise(sig);
}

static void handle_signal(struct session *s, int sig)
{
	char text[64];
	int n;

	if (sig == SIGWINCH)
		put_size(s);
	/* Where a job is stopped the terminal is the shell's meanwhile. */
	if (is_in(sig, not_passed, ARRAY_SIZE(not_passed)))
		return;
	if (!s->options.sig_proxy) {
		end_by(s, sig);
		return;
	}
	n = snprintf(text, sizeof(text), "{\"signal\":\"%d\"}", sig);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == sig)
			n = snprintf(text, sizeof(text), "{\"signal\":\"%s\"}", names[i].name);
	(void)put(s, FRAME_JSON, text, (size_t)n);
}

static void read_signals(struct session *s)
{
	struct signalfd_siginfo info;

	while (s->signals >= 0 && read(s->signals, &info, sizeof(info)) == (ssize_t)sizeof(info))
		handle_signal(s, (int)info.ssi_signo);
}

static int flush(struct session *s, const struct native_client *c, struct error *err)
{
	ssize_t n =
		send(c->out, s->pending + s->start, s->end - s->start, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN && errno != EINTR)
		return error_set(err, errno, "cannot write to the supervisor");
	s->start += n > 0 ? (size_t)n : 0;
	return 0;
}

/* write_out - all of it, to our standard output or error. Nobody who reads it: it is dropped. */
static void write_out(struct session *s, int fd, const char *data, size_t length)
{
	while (length > 0) {
		struct pollfd p[2] = {{.fd = fd, .events = POLLOUT},
				      {.fd = s->signals, .events = POLLIN}};
		ssize_t n;

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[1].revents)
			read_signals(s);
		if (!p[0].revents)
			continue;
		n = write(fd, data, length < PORTION ? length : PORTION);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		data += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
}

int session_start(struct session *s, struct native_client *starter, const char *container,
		  struct error *err)
{
	_cleanup_json_ struct json_object *request = json_object_new_object();
	struct tree tree = {0};

	tree_put_text(&tree, request, "verb", "start");
	tree_put_text(&tree, request, "container", container);
	if (tree.lost)
		return error_set(err, ENOMEM, "cannot make a request");
	s->starter = starter;
	return native_send_json(starter, request, err);
}

enum step { STEP_ON, STEP_DETACH, STEP_END, STEP_FAILED };

/* read_input - from our standard input into a frame. */
static enum step read_input(struct session *s)
{
	uint8_t in[INPUT], out[INPUT + DETACH_KEYS_MAX];
	ssize_t n = read(STDIN_FILENO, in, sizeof(in));
	size_t length;
	bool detach;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return STEP_ON;
	/* A terminal that is gone leaves nobody to go on for; an end of file ends the input alone. */
	if (n <= 0 && s->raw)
		return STEP_DETACH;
	if (n <= 0) {
		s->options.input = false;
		length = detach_keys_flush(&s->options.keys, out);
		if (length)
			(void)put(s, FRAME_STDIN, out, length);
		(void)put(s, FRAME_STDIN, NULL, 0);
		return STEP_ON;
	}
	detach = detach_keys_feed(&s->options.keys, in, (size_t)n, out, &length);
	if (length)
		(void)put(s, FRAME_STDIN, out, length);
	return detach ? STEP_DETACH : STEP_ON;
}

static void flush_keys(struct session *s)
{
	uint8_t out[DETACH_KEYS_MAX];
	size_t n = detach_keys_flush(&s->options.keys, out);

	if (n)
		(void)put(s, FRAME_STDIN, out, n);
}

static enum step handle_frame(struct session *s, const struct native_frame *frame, int *code,
			      struct error *err)
{
	_cleanup_json_ struct json_object *answer = NULL;

	if (frame->type == FRAME_STDOUT || frame->type == FRAME_STDERR) {
		write_out(s, frame->type == FRAME_STDOUT ? STDOUT_FILENO : STDERR_FILENO,
			  frame->data, frame->length);
		return STEP_ON;
	}
	answer = native_answer(frame, err);
	if (!answer)
		return STEP_FAILED;
	if (!tree_true(answer, "end"))
		return STEP_ON;
	*code = tree_get(answer, "exit", json_type_int) ? (int)tree_number(answer, "exit")
							: SESSION_DETACHED;
	return STEP_END;
}

static enum step handle_frames(struct session *s, struct native_client *c, int *code,
			       struct error *err)
{
	enum step step = STEP_ON;
	struct native_frame frame;
	int rc;

	while (step == STEP_ON && (rc = native_take(c, &frame, err)) != 0)
		step = rc < 0 ? STEP_FAILED : handle_frame(s, &frame, code, err);
	return step;
}

static enum step from_supervisor(struct session *s, struct native_client *c, int *code,
				 struct error *err)
{
	int rc = native_fill(c, err);

	if (rc == 0) {
		error_set(err, EPIPE, "the supervisor has closed the connection");
		error_hint(err, "the container goes on; `cloison attach` connects to it again");
	}
	return rc <= 0 ? STEP_FAILED : handle_frames(s, c, code, err);
}

/* from_starter - what came of the start. */
static enum step from_starter(struct session *s, struct error *err)
{
	_cleanup_json_ struct json_object *answer = NULL;
	struct native_frame frame;
	int rc = native_fill(s->starter, err);

	if (rc == 0)
		error_set(err, EPIPE, "the supervisor has closed the connection");
	if (rc > 0)
		rc = native_take(s->starter, &frame, err);
	else
		rc = -1;
	if (rc == 0)
		return STEP_ON;
	if (rc > 0)
		answer = native_answer(&frame, err);
	s->starter = NULL;
	s->start_failed = !answer;
	return answer ? STEP_ON : STEP_FAILED;
}

static enum step turn(struct session *s, struct native_client *c, int *code, struct error *err)
{
	bool busy = s->start < s->end;
	struct pollfd p[5] = {
		{.fd = c->in, .events = POLLIN},
		{.fd = busy ? c->out : -1, .events = POLLOUT},
		{.fd = s->options.input && !busy ? STDIN_FILENO : -1, .events = POLLIN},
		{.fd = s->signals, .events = POLLIN},
		{.fd = s->starter ? s->starter->in : -1, .events = POLLIN},
	};
	int n = poll(p, ARRAY_SIZE(p), s->options.keys.held ? DETACH_WAIT_MS : -1);
	enum step step = STEP_ON;

	if (n < 0 && errno != EINTR) {
		error_set(err, errno, "cannot wait for the container");
		return STEP_FAILED;
	}
	if (n == 0)
		flush_keys(s);
	if (p[3].revents)
		read_signals(s);
	if (p[1].revents && flush(s, c, err) < 0)
		return STEP_FAILED;
	if (p[2].revents)
		step = read_input(s);
	/* Before the stream: when nothing was started its end says less. */
	if (step == STEP_ON && p[4].revents)
		step = from_starter(s, err);
	if (step == STEP_ON && p[0].revents)
		step = from_supervisor(s, c, code, err);
	return step;
}

int session_relay(struct session *s, struct native_client *c, struct error *err)
{
	static const char detach[] = "{\"detach\":true}";
	int code = SESSION_DETACHED;
	enum step step;

	if (s->options.tty && s->options.input && isatty(STDIN_FILENO)) {
		if (terminal_raw(STDIN_FILENO, err) < 0)
			return -1;
		s->raw = true;
	}
	put_size(s);
	/* frames may have come with the answer */
	step = handle_frames(s, c, &code, err);
	while (step == STEP_ON)
		step = turn(s, c, &code, err);
	/* The keys are enough: that the supervisor is told as well spares it a broken connection. */
	if (step == STEP_DETACH && put(s, FRAME_JSON, detach, sizeof(detach) - 1))
		(void)flush(s, c, err);
	session_end(s);
	return step == STEP_FAILED ? -1 : code;
}
