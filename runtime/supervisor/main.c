/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: cloisond.
 *
 * It opens its directory, its channel to PID 1 and its socket, goes on with the containers that are there,
 * says that it is ready, and from then on is the loop.
 *
 * On SIGTERM it ends and leaves the containers running: who comes next takes them over. That is what a service
 * that is started anew needs. When the host goes down PID 1 sends SIGPWR instead, with the milliseconds that
 * there are as its value: then all containers are stopped first (life_stop.c).
 */
#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "runtime/native/native.h"
#include "runtime/supervisor/recover.h"
#include "runtime/supervisor/supervisor.h"

#define DIR_DEFAULT "/var/lib/cloison/supervisor"
#define SOCKETS_DEFAULT "/run/cloisond"
#define DIR_BYTES 60	  /* what is below it has room in a socket's address and in buffers */
#define SHUTDOWN_MS 15000 /* without a value; in sum less than who sends it waits for, usually */
#define SHUTDOWN_MOST_MS 3600000
#define RUNTIME_ROOT_DEFAULT "/run/cloison"
#define FILES_WANTED 65536
#define REPLAY_MS 5000

struct options {
	const char *socket;
	bool help, version, sockets;
};

static const struct option long_options[] = {
	/* clang-format off */
	{"foreground", no_argument, NULL, 'f'},
	{"dir", required_argument, NULL, 'd'},
	{"sockets", required_argument, NULL, 'S'},
	{"socket", required_argument, NULL, 's'},
	{"runtime", required_argument, NULL, 'r'},
	{"root", required_argument, NULL, 'R'},
	{"images", required_argument, NULL, 'i'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'v'},
	{NULL, 0, NULL, 0},
	/* clang-format on */
};

static void print_help(void)
{
	fputs("usage: cloisond [OPTION...]\n\n"
	      "Supervises containers: starts and restarts them, keeps their logs and exit statuses.\n"
	      "\noptions:\n"
	      "  --foreground       stay in the foreground (it always does)\n"
	      "  --dir DIR          its state (default: " DIR_DEFAULT ")\n"
	      "  --sockets DIR      its sockets (default: the DIR of --dir, or " SOCKETS_DEFAULT
	      ")\n"
	      "  --socket PATH      where clients connect (default: `socket` there)\n"
	      "  --runtime PATH     the runtime (default: $CLOISON_RUNTIME, or cloison beside this "
	      "program)\n"
	      "  --root DIR         the runtime's state (default: " RUNTIME_ROOT_DEFAULT ")\n"
	      "  --images DIR       where images are looked for (default: " NATIVE_IMAGES ")\n"
	      "  --version          print the version\n"
	      "  --help             print this\n",
	      stdout);
}

static int parse(int argc, char **argv, struct supervisor *s, struct options *o, struct error *err)
{
	int letter;

	while ((letter = getopt_long(argc, argv, "", long_options, NULL)) >= 0) {
		switch (letter) {
		case 'f':
			break;
		case 'd':
			s->dir = optarg;
			if (!o->sockets)
				s->sockets = optarg;
			break;
		case 'S':
			s->sockets = optarg;
			o->sockets = true;
			break;
		case 's':
			o->socket = optarg;
			break;
		case 'r':
			s->runtime = optarg;
			break;
		case 'R':
			s->runtime_root = optarg;
			break;
		case 'i':
			s->images = optarg;
			break;
		case 'h':
			o->help = true;
			break;
		case 'v':
			o->version = true;
			break;
		default:
			return error_set(err, EINVAL, "`cloisond --help` lists the options");
		}
	}
	if (argv[optind])
		return error_set(err, EINVAL, "argument `%.64s`", argv[optind]);
	if (!*s->dir || !*s->sockets)
		return error_set(err, EINVAL, "--dir or --sockets is empty");
	if (strlen(s->dir) > DIR_BYTES || strlen(s->sockets) > DIR_BYTES)
		return error_set(err, ENAMETOOLONG, "--dir or --sockets `%.64s`",
				 strlen(s->dir) > DIR_BYTES ? s->dir : s->sockets);
	return 0;
}

/* beside - the file @name in the directory of this program. */
static const char *beside(const char *name)
{
	static char path[512];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *slash;

	path[n > 0 ? n : 0] = '\0';
	slash = strrchr(path, '/');
	if (!slash || (size_t)(slash - path) + strlen(name) + 2 > sizeof(path))
		return name;
	memcpy(slash + 1, name, strlen(name) + 1);
	return path;
}

/* make_dirs - @path, with what is missing above it; clients of the socket's group go through them. */
static int make_dirs(const char *path)
{
	char part[DIR_BYTES + 1];
	mode_t mask = umask(022);
	int rc = 0;

	for (const char *p = path + 1; rc == 0 && (p = strchr(p, '/')); p++) {
		snprintf(part, sizeof(part), "%.*s", (int)(p - path), path);
		rc = mkdir(part, 0755) < 0 && errno != EEXIST ? -1 : 0;
	}
	if (rc == 0)
		rc = mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
	umask(mask);
	return rc;
}

/*
 * take_lock - wait a second for it: a child of one that was killed a moment ago has it until it has closed what
 * it has inherited (job_fork).
 */
static int take_lock(int fd)
{
	const struct timespec pause = {.tv_nsec = 20000000};

	for (int tries = 50; flock(fd, LOCK_EX | LOCK_NB) < 0; tries--) {
		if (errno != EWOULDBLOCK || tries == 0)
			return -1;
		(void)nanosleep(&pause, NULL);
	}
	return 0;
}

/* lock_dir - a descriptor that stays open: there is one cloisond to a directory. */
static int lock_dir(const char *path, struct error *err)
{
	int lock = make_dirs(path) < 0
			   ? -1
			   : open(path, O_DIRECTORY | O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (lock < 0 || fstat(lock, &st) < 0)
		return error_set(err, errno, "cannot open the directory `%s`", path);
	if (st.st_uid != geteuid() || (st.st_mode & 022)) {
		close_fd(lock);
		return error_set(err, EPERM, "others may write to the directory `%s`", path);
	}
	if (take_lock(lock) < 0) {
		close_fd(lock);
		return error_set(err, errno, "another cloisond has `%s`", path);
	}
	return lock;
}

/* is_dir - is @path, which may not be there, the directory that is open as @fd? */
static bool is_dir(const char *path, int fd)
{
	struct stat one, other;

	return stat(path, &one) == 0 && fstat(fd, &other) == 0 && one.st_dev == other.st_dev &&
	       one.st_ino == other.st_ino;
}

static int open_dirs(struct supervisor *s, struct error *err)
{
	int lock = lock_dir(s->dir, err);

	if (lock < 0 || (!is_dir(s->sockets, lock) && lock_dir(s->sockets, err) < 0))
		return -1;
	if (mkdirat(lock, "containers", 0700) < 0 && errno != EEXIST)
		return error_set(err, errno, "cannot make `%s/containers`", s->dir);
	s->containers_dir = openat(lock, "containers", O_DIRECTORY | O_RDONLY | O_CLOEXEC);
	return s->containers_dir < 0 ? error_set(err, errno, "cannot open `%s/containers`", s->dir)
				     : 0;
}

/* ---- PID 1 and the service manager ----------------------------------------------------------- */

static char manager[108];

/* notify_manager - sd_notify(3). */
static void notify_manager(const char *text)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	size_t length = strlen(manager);
	_cleanup_fd_ int fd = FD_EMPTY;

	if (!length)
		return;
	memcpy(addr.sun_path, manager, length);
	if (addr.sun_path[0] == '@')
		addr.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || sendto(fd, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&addr,
			     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		say("cannot tell the service manager: %s", errno_name(errno));
}

static void feed(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, watchdog);

	notify_manager("WATCHDOG=1");
	loop_after(&s->loop, timer, s->watchdog_ms, feed);
}

/* take_environment - what is for us alone, and is not handed on. */
static void take_environment(struct supervisor *s)
{
	const char *socket = getenv("NOTIFY_SOCKET"), *usec = getenv("WATCHDOG_USEC");
	static const char *const ours[] = {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID",
					   "LISTEN_FDS",    "LISTEN_PID",    "LISTEN_FDNAMES"};

	if (socket && strlen(socket) < sizeof(manager))
		memcpy(manager, socket, strlen(socket) + 1);
	if (usec && manager[0])
		s->watchdog_ms = strtoll(usec, NULL, 10) / 1000 / 3;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		unsetenv(ours[i]);
}

/* ---- readiness of containers ----------------------------------------------------------------- */

/* ready_message - the runtime relays READY=1 with MAINPID, the host's number of the first process. */
static void ready_message(struct loop_source *source, uint32_t events)
{
	struct supervisor *s = owner_of(source, struct supervisor, notify);
	char text[256], *at;
	ssize_t n = recv(source->fd, text, sizeof(text) - 1, MSG_DONTWAIT);
	struct container *c;

	(void)events;
	if (n < 0)
		return;
	text[n] = '\0';
	at = strstr(text, "MAINPID=");
	if (strncmp(text, "READY=1\n", 8) != 0 || !at)
		return;
	c = container_by_pid(s, (pid_t)strtol(at + 8, NULL, 10));
	if (c)
		event(c, "ready", NULL, NULL);
}

static int listen_for_readiness(struct supervisor *s, struct error *err)
{
	struct sockaddr_un addr = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	snprintf(s->notify_path, sizeof(s->notify_path), "%s/notify", s->sockets);
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", s->notify_path);
	(void)unlink(s->notify_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    chmod(s->notify_path, 0600) < 0)
		return error_set(err, errno, "cannot listen on `%s`", s->notify_path);
	if (loop_add(&s->loop, &s->notify, fd, EPOLLIN, ready_message, err) < 0)
		return -1;
	(void)take_fd(&fd);
	return 0;
}

/* ---- signals --------------------------------------------------------------------------------- */

/* limit_of - the milliseconds that came with SIGPWR; kill(1) sends none. */
static int64_t limit_of(const struct signalfd_siginfo *info)
{
	if (info->ssi_code != SI_QUEUE || info->ssi_int <= 0)
		return SHUTDOWN_MS;
	return info->ssi_int < SHUTDOWN_MOST_MS ? info->ssi_int : SHUTDOWN_MOST_MS;
}

static void signalled(struct loop_source *source, uint32_t events)
{
	struct supervisor *s = owner_of(source, struct supervisor, signals);
	struct signalfd_siginfo info;

	(void)events;
	while (read(source->fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGPWR)
			life_shut_down(s, limit_of(&info));
		else if (info.ssi_signo != SIGCHLD)
			s->ending = true;
	process_reap(s);
}

static int listen_for_signals(struct supervisor *s, struct error *err)
{
	sigset_t wanted;
	int fd;

	sigemptyset(&wanted);
	sigaddset(&wanted, SIGCHLD);
	sigaddset(&wanted, SIGTERM);
	sigaddset(&wanted, SIGINT);
	sigaddset(&wanted, SIGPWR);
	if (signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return error_set(err, errno, "cannot stop ignoring SIGCHLD");
	fd = loop_signals(&wanted, err);
	return fd < 0 ? -1 : loop_add(&s->loop, &s->signals, fd, EPOLLIN, signalled, err);
}

/* ---- beginning ------------------------------------------------------------------------------- */

/* raise_limits - six descriptors for each container. */
static void raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0)
		return;
	job_files(&files);
	if (files.rlim_max < FILES_WANTED) {
		struct rlimit more = {.rlim_cur = FILES_WANTED, .rlim_max = FILES_WANTED};

		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			return;
	}
	/* Then as many as it may. */
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) < 0)
		say("cannot raise the limit of open files: %s", errno_name(errno));
}

static void replay_late(struct loop_timer *timer)
{
	struct supervisor *s = owner_of(timer, struct supervisor, watchdog);

	say("PID 1 has not said what it kept");
	recover_end(s);
}

/* recover - wait for PID 1 to say what it has, but not for ever. */
static int recover(struct supervisor *s, struct error *err)
{
	if (recover_begin(s, err) < 0)
		return -1;
	if (s->channel.fd < 0)
		recover_end(s);
	loop_after(&s->loop, &s->watchdog, REPLAY_MS, replay_late);
	while (!s->replayed)
		if (loop_turn(&s->loop, err) < 0)
			return -1;
	loop_cancel(&s->loop, &s->watchdog);
	return 0;
}

static int begin(struct supervisor *s, const struct options *o, struct error *err)
{
	char path[108];

	umask(077);
	raise_limits();
	take_environment(s);
	if (loop_init(&s->loop, err) < 0 || listen_for_signals(s, err) < 0 ||
	    boot_read(s->boot, err) < 0 || open_dirs(s, err) < 0 || flush_begin(s, err) < 0 ||
	    channel_open(s, err) < 0 || listen_for_readiness(s, err) < 0 || recover(s, err) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/socket", s->sockets);
	if (clients_listen(s, o->socket ? o->socket : path, err) < 0)
		return -1;
	life_empty_trash(s);
	notify_manager("READY=1");
	if (s->watchdog_ms > 0)
		feed(&s->watchdog);
	return 0;
}

int main(int argc, char **argv)
{
	static struct supervisor s = {.listener = LOOP_SOURCE_INIT,
				      .signals = LOOP_SOURCE_INIT,
				      .channel = LOOP_SOURCE_INIT,
				      .notify = LOOP_SOURCE_INIT,
				      .dir = DIR_DEFAULT,
				      .sockets = SOCKETS_DEFAULT,
				      .runtime_root = RUNTIME_ROOT_DEFAULT,
				      .images = NATIVE_IMAGES};
	struct options o = {0};
	struct error err = ERROR_INIT;
	int rc = parse(argc, argv, &s, &o, &err);

	if (rc == 0 && o.help) {
		print_help();
		return 0;
	}
	if (rc == 0 && o.version) {
		puts("cloisond version " CLOISON_VERSION);
		return 0;
	}
	if (!s.runtime)
		s.runtime = getenv("CLOISON_RUNTIME");
	if (!s.runtime)
		s.runtime = beside("cloison");
	s.started_ns = now_ns();
	if (rc == 0)
		rc = begin(&s, &o, &err);
	while (rc == 0 && !s.ending) {
		rc = loop_turn(&s.loop, &err);
		clients_sweep(&s);
		life_is_down(&s);
	}
	flush_finish(&s);
	(void)clients_told(&s);
	if (rc == 0)
		return 0;
	say_error(&err);
	return error_exit_code(&err);
}
