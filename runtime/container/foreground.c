/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * foreground.c: waiting, passing signals on, relaying a terminal.
 *
 * With nothing but the process to wait for, its end comes as a signal like those to be passed on, and
 * one sigwaitinfo loop does. Otherwise it is a poll loop over the process (pidfd), the signals (signalfd),
 * the readiness socket and, with a terminal, two byte streams with a buffer each. The user's terminal is in raw mode meanwhile, so ^C travels as a byte
 * and the container's line discipline turns it into a signal. When the process is gone its
 * terminal is read until it is empty: the last line of output is the one people look for.
 */
#include "runtime/container/foreground.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>

#include "lib/sys.h"

#ifndef TIOCGPTPEER
#define TIOCGPTPEER _IO('T', 0x41)
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static const int not_passed[] = {SIGCHLD, SIGWINCH, SIGPIPE, SIGTSTP, SIGTTIN, SIGTTOU};

/* One direction of the relay. */
struct stream {
	int from, to;
	char buf[4096];
	size_t start, end;
	bool eof;
};

struct relay {
	struct stream in, out;
	int peer; /* the terminal's other end: while it is open the terminal never reads as closed */
	int terminal; /* our standard output opened again, not blocking; FD_EMPTY: not a terminal */
	struct termios saved;
	bool raw;
};

static void passed_signals(sigset_t *set)
{
	sigfillset(set);
	/* Faults of our own are ours. */
	sigdelset(set, SIGSEGV);
	sigdelset(set, SIGBUS);
	sigdelset(set, SIGILL);
	sigdelset(set, SIGFPE);
	sigdelset(set, SIGABRT);
}

int foreground_begin(struct error *err)
{
	sigset_t set;

	/* Where SIGCHLD is ignored, by whoever started us, a child's exit code is thrown away. */
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_set(err, errno, "cannot stop ignoring SIGCHLD");

	passed_signals(&set);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return error_set(err, errno, "cannot block signals");
	return 0;
}

static void copy_size(int console)
{
	struct winsize ws;

	/* Without a terminal on our side there is no size to copy. */
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) == 0)
		(void)ioctl(console, TIOCSWINSZ, &ws);
}

static int relay_begin(struct relay *r, int console, struct error *err)
{
	struct termios raw;

	r->in = (struct stream){.from = STDIN_FILENO, .to = console};
	r->out = (struct stream){.from = console, .to = STDOUT_FILENO};
	r->raw = false;
	r->terminal = FD_EMPTY;
	r->peer = ioctl(console, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (r->peer < 0 || fcntl(console, F_SETFL, O_NONBLOCK) < 0)
		return error_set(err, errno, "cannot set up the container's terminal");
	/*
	 * A terminal that is ready takes a byte, not the whole buffer, and blocks for the rest. A pipe
	 * takes what we have, and the flag would be everybody's who shares the descriptor.
	 */
	if (isatty(STDOUT_FILENO)) {
		r->terminal = open("/proc/self/fd/1", O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
		if (r->terminal < 0)
			return error_set(err, errno, "cannot open the terminal again");
		r->out.to = r->terminal;
	}
	copy_size(console);
	if (tcgetattr(STDIN_FILENO, &r->saved) < 0)
		return 0; /* not a terminal: bytes go through as they are */
	raw = r->saved;
	cfmakeraw(&raw);
	if (tcsetattr(STDIN_FILENO, TCSANOW, &raw) < 0)
		return error_set(err, errno, "cannot put the terminal into raw mode");
	r->raw = true;
	return 0;
}

static void relay_end(const struct relay *r)
{
	if (r->raw)
		(void)tcsetattr(STDIN_FILENO, TCSADRAIN, &r->saved);
	close_fd(r->peer);
	close_fd(r->terminal);
}

/* stream_read - fill an empty buffer. */
static void stream_read(struct stream *s)
{
	ssize_t n = read(s->from, s->buf, sizeof(s->buf));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	s->eof = n <= 0;
	s->start = 0;
	s->end = n > 0 ? (size_t)n : 0;
}

static void stream_write(struct stream *s)
{
	ssize_t n = write(s->to, s->buf + s->start, s->end - s->start);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		s->eof = true; /* nobody reads any more: what is left has nowhere to go */
		s->start = s->end;
		return;
	}
	s->start += (size_t)n;
}

static bool pending(const struct stream *s)
{
	return s->start < s->end;
}

/* watch - what to poll for: reading while the buffer is empty, writing while it is not. */
static void watch(const struct stream *s, struct pollfd *from, struct pollfd *to)
{
	from->fd = s->eof || pending(s) ? -1 : s->from;
	from->events = POLLIN;
	to->fd = pending(s) ? s->to : -1;
	to->events = POLLOUT;
}

static void move(struct stream *s, const struct pollfd *from, const struct pollfd *to)
{
	if (from->fd >= 0 && from->revents)
		stream_read(s);
	else if (to->fd >= 0 && to->revents)
		stream_write(s);
}

/*
 * drain - after the process's end, everything its terminal still holds. A reader who takes his time
 * is waited for; a signal ends that.
 */
static void drain(struct stream *out, int sigfd)
{
	for (;;) {
		while (pending(out)) {
			struct pollfd p[2] = {{.fd = out->to, .events = POLLOUT},
					      {.fd = sigfd, .events = POLLIN}};

			if (poll(p, 2, -1) < 0 && errno != EINTR)
				return;
			if (p[1].revents)
				return;
			if (p[0].revents)
				stream_write(out);
		}
		if (out->eof)
			return;
		stream_read(out);
		if (!pending(out))
			return;
	}
}

static void pass_signal(int sig, int pidfd)
{
	for (size_t i = 0; i < ARRAY_SIZE(not_passed); i++)
		if (sig == not_passed[i])
			return;
	/* ESRCH: it has just ended, which its own end tells as well. */
	(void)sys_pidfd_send_signal(pidfd, sig, NULL, 0);
}

static void pass_signals(int sigfd, int pidfd, int console)
{
	struct signalfd_siginfo info;

	while (read(sigfd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGWINCH && console >= 0)
			copy_size(console);
		pass_signal((int)info.ssi_signo, pidfd);
	}
}

/* reap - the exit code of the process; NOT_ENDED with WNOHANG in @options if it still runs. */
#define NOT_ENDED (-2)

static int reap(int pidfd, int options, struct error *err)
{
	siginfo_t info = {.si_pid = 0};

	while (waitid((idtype_t)P_PIDFD, (id_t)pidfd, &info, WEXITED | options) < 0)
		if (errno != EINTR)
			return error_set(err, errno, "cannot wait for the container's process");
	if (!info.si_pid)
		return NOT_ENDED;
	return info.si_code == CLD_EXITED ? info.si_status : EXIT_BY_SIGNAL + info.si_status;
}

/* wait_plainly - with neither a terminal to relay nor a socket to listen to. */
static int wait_plainly(int pidfd, struct error *err)
{
	sigset_t set;

	passed_signals(&set);
	for (;;) {
		int sig = sigwaitinfo(&set, NULL), code;

		if (sig < 0 && errno != EINTR)
			return error_set(err, errno, "cannot wait for the container's process");
		if (sig > 0 && sig != SIGCHLD)
			pass_signal(sig, pidfd);
		/* However many signals say so, the end has come once. */
		code = sig == SIGCHLD ? reap(pidfd, WNOHANG, err) : NOT_ENDED;
		if (code != NOT_ENDED)
			return code;
	}
}

int foreground_wait(int pidfd, int console, const struct foreground_notify *notify,
		    struct error *err)
{
	_cleanup_fd_ int sigfd = FD_EMPTY;
	struct relay relay;
	sigset_t set;
	int rc = 0;

	if (console < 0 && (!notify || notify->notify->sock < 0))
		return wait_plainly(pidfd, err);
	passed_signals(&set);
	sigfd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (sigfd < 0)
		return error_set(err, errno, "cannot listen for signals");
	if (console >= 0 && relay_begin(&relay, console, err) < 0)
		return -1;
	for (;;) {
		struct pollfd p[7] = {
			{.fd = pidfd, .events = POLLIN},
			{.fd = sigfd, .events = POLLIN},
			{.fd = -1},
			{.fd = -1},
			{.fd = -1},
			{.fd = -1},
			{.fd = notify ? notify->notify->sock : -1, .events = POLLIN},
		};

		if (console >= 0) {
			watch(&relay.in, &p[2], &p[3]);
			watch(&relay.out, &p[4], &p[5]);
		}
		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR) {
			rc = error_set(err, errno, "cannot wait for the container's process");
			break;
		}
		if (p[1].revents)
			pass_signals(sigfd, pidfd, console);
		if (console >= 0) {
			move(&relay.in, &p[2], &p[3]);
			move(&relay.out, &p[4], &p[5]);
		}
		if (notify && p[6].revents)
			notify_relay(notify->notify, notify->pid);
		if (p[0].revents)
			break;
	}
	if (console >= 0) {
		drain(&relay.out, sigfd);
		relay_end(&relay);
	}
	return rc < 0 ? -1 : reap(pidfd, 0, err);
}
