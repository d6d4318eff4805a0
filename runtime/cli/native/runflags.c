/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * runflags.c: from the options of `run` and `create` to a request.
 *
 * Spelled as Docker's. What an option says is put into the request as it is or, where Docker's way of writing
 * has structure (sizes, times, KEY=VALUE), taken apart here; whether the values make sense is for
 * native_request_check(), which the supervisor does as well. docs/reference/docker-compatibility.md has the whole
 * list, and what is different.
 */
#include "runtime/cli/native/runflags.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_BYTES 65536

/* clang-format off */
const struct option run_flags_table[] = {
	RUN_FLAG("detach", 'd', detach, "do not wait for the container: print its id"),
	{"sig-proxy", 0, OPTION_TOGGLE, offsetof(struct run_flags, sig_proxy), NULL,
	 "pass signals on to it (default: true)"},
	RUN_FLAG("interactive", 'i', stdin_open, "keep its standard input open, and connect to it"),
	RUN_FLAG("tty", 't', tty, "give it a terminal"),
	RUN_FLAG("init", 0, init, "a first process that passes signals on and reaps"),
	RUN_FLAG("rm", 0, rm, "remove the container when it has ended"),
	RUN_TEXT("name", 0, name, "NAME", "its name (default: one is made up)"),
	RUN_TEXT("cidfile", 0, cidfile, "FILE", "write its id to FILE, which must not exist"),
	RUN_TEXT("detach-keys", 0, detach_keys, "KEYS",
		 "leave it by these keys (default: " DETACH_KEYS "; \"\": none)"),
	RUN_TEXT("stop-signal", 0, stop_signal, "SIGNAL", "what `stop` sends (default: TERM)"),
	RUN_TEXT("stop-timeout", 0, stop_timeout, "SECONDS",
		 "how long `stop` waits before it kills (default: 10)"),
	RUN_LIST("env", 'e', env, "NAME[=VALUE]", "set a variable, or pass on one of ours"),
	RUN_LIST("env-file", 0, env_file, "FILE", "set the variables that FILE has, one a line"),
	RUN_TEXT("workdir", 'w', workdir, "DIR", "working directory"),
	RUN_TEXT("user", 'u', user, "USER[:GROUP]", "run as this user, by name or number"),
	RUN_TEXT("hostname", 'h', hostname, "NAME", "host name (default: the id's first digits)"),
	RUN_TEXT("domainname", 0, domainname, "NAME", "NIS domain name"),
	RUN_TEXT("entrypoint", 0, entrypoint, "PROGRAM", "in place of the image's command"),
	RUN_LIST("label", 'l', label, "KEY[=VALUE]", "something to find it by"),
	RUN_LIST("volume", 'v', volume, "[SOURCE:]TARGET[:OPTION,...]",
		 "mount a path of the host, a named volume, or one without a name"),
	RUN_LIST("mount", 0, mount, "KEY=VALUE,...", "the same by keys: type, source, target, readonly"),
	RUN_LIST("tmpfs", 0, tmpfs, "TARGET[:OPTION,...]", "mount a file system in memory"),
	RUN_LIST("device", 0, device, "SOURCE[:TARGET[:rwm]]", "a device of the host"),
	RUN_FLAG("read-only", 0, read_only, "make the root file system read-only"),
	RUN_TEXT("shm-size", 0, shm_size, "SIZE", "size of /dev/shm"),
	RUN_LIST("cap-add", 0, cap_add, "NAME", "add a capability, or ALL"),
	RUN_LIST("cap-drop", 0, cap_drop, "NAME", "take a capability away, or ALL"),
	RUN_LIST("security-opt", 0, security_opt, "OPTION",
		 "no-new-privileges, seccomp=unconfined|FILE, apparmor=PROFILE, systempaths=unconfined"),
	RUN_FLAG("privileged", 0, privileged, "all capabilities and devices, nothing masked"),
	RUN_LIST("sysctl", 0, sysctl, "NAME=VALUE", "a kernel setting of its namespaces"),
	RUN_LIST("ulimit", 0, ulimit, "NAME=SOFT[:HARD]", "a resource limit of its processes"),
	RUN_TEXT("oom-score-adj", 0, oom_score_adj, "N", "-1000 to 1000: killed late or early"),
	RUN_TEXT("pid", 0, pid, "NS", "host, private, container:NAME or a path"),
	RUN_TEXT("ipc", 0, ipc, "NS", "the same for System V and POSIX IPC"),
	RUN_TEXT("uts", 0, uts, "NS", "the same for the host name"),
	RUN_TEXT("userns", 0, userns, "NS", "the same for users"),
	RUN_TEXT("cgroupns", 0, cgroupns, "NS", "the same for the view of cgroups"),
	RUN_TEXT("network", 0, network, "NS", "none, or the same for the network"),
	RUN_TEXT("net", 0, network, "NS", "the same as --network"),
	RUN_TEXT("timens", 0, timens, "NS", "the same for the clocks since boot"),
	RUN_TEXT("time-offset", 0, time_offset, "SECONDS", "set its clocks since boot ahead"),
	RUN_TEXT("health-cmd", 0, health_cmd, "COMMAND", "a shell command that succeeds while it is well"),
	RUN_TEXT("health-interval", 0, health_interval, "DURATION", "how often (default: 30s)"),
	RUN_TEXT("health-timeout", 0, health_timeout, "DURATION", "for how long at most (default: 30s)"),
	RUN_TEXT("health-start-period", 0, health_start_period, "DURATION",
		 "failures do not count so long after the start (default: 0s)"),
	{"health-retries", 0, OPTION_NUMBER, offsetof(struct run_flags, health_retries), "N",
	 "unhealthy after so many failures (default: 3)"},
	RUN_LIST("log-opt", 0, log_opt, "NAME=VALUE", "max-size=SIZE, max-file=N"),
	/* the last, RUN_UPDATE_FLAGS: those of update */
	RUN_TEXT("restart", 0, restart, "POLICY", "no, on-failure[:N], always, unless-stopped"),
	RUN_TEXT("memory", 'm', memory, "SIZE", "limit of its memory"),
	RUN_TEXT("memory-swap", 0, memory_swap, "SIZE", "limit of memory and swap together; -1: none"),
	RUN_TEXT("memory-reservation", 0, memory_reservation, "SIZE", "what it keeps under pressure"),
	RUN_TEXT("cpus", 0, cpus, "N", "so many processors' time, as 1.5"),
	RUN_TEXT("cpu-shares", 'c', cpu_shares, "N", "its weight among others (default: 1024)"),
	RUN_TEXT("cpuset-cpus", 0, cpuset_cpus, "LIST", "the processors it may run on, as 0-2,4"),
	RUN_TEXT("cpuset-mems", 0, cpuset_mems, "LIST", "the memory nodes it may use"),
	RUN_TEXT("pids-limit", 0, pids_limit, "N", "how many tasks it may have; -1: no limit"),
};
/* clang-format on */
_Static_assert(ARRAY_SIZE(run_flags_table) == RUN_FLAGS_COUNT, "RUN_FLAGS_COUNT");
_Static_assert(sizeof(struct run_flags) <= NATIVE_VALUES_MAX, "NATIVE_VALUES_MAX");

/* A request in the making. */
struct making {
	struct json_object *request;
	struct tree tree;
	struct error *err;
};

/* --- plain members */

static void put_text(struct making *m, const char *key, const char *text)
{
	if (text)
		tree_put_text(&m->tree, m->request, key, text);
}

static void put_flag(struct making *m, const char *key, bool on)
{
	if (on)
		tree_put_bool(&m->tree, m->request, key, true);
}

static int put_bytes(struct making *m, const char *key, const char *option, const char *text)
{
	int64_t bytes;

	if (!text)
		return 0;
	if (!strcmp(text, "-1"))
		bytes = -1;
	else if (parse_bytes(option, text, &bytes, m->err) < 0)
		return -1;
	tree_put_number(&m->tree, m->request, key, bytes);
	return 0;
}

static int put_integer(struct making *m, const char *key, const char *option, const char *text,
		       int64_t least)
{
	int64_t n;

	if (!text)
		return 0;
	if (parse_integer(option, text, least, &n, m->err) < 0)
		return -1;
	tree_put_number(&m->tree, m->request, key, n);
	return 0;
}

static void put_list(struct making *m, const char *key, const struct option_list *list)
{
	if (list->n)
		tree_put(&m->tree, m->request, key, text_array(list->values));
}

/* --- the environment */

/* read_text - a small file into memory. */
static char *read_text(const char *path, struct error *err)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);
	_cleanup_free_ char *text = malloc(FILE_BYTES + 1);
	size_t length = 0;
	ssize_t n = -1;

	if (fd < 0 || !text) {
		error_set(err, errno, "cannot open `%s`", path);
		return NULL;
	}
	while (length <= FILE_BYTES &&
	       ((n = read(fd, text + length, FILE_BYTES + 1 - length)) > 0 ||
		(n < 0 && errno == EINTR)))
		length += n > 0 ? (size_t)n : 0;
	if (n < 0) {
		error_set(err, errno, "cannot read `%s`", path);
		return NULL;
	}
	if (length > FILE_BYTES || memchr(text, '\0', length)) {
		error_set(err, 0, "`%s` is %s", path,
			  length > FILE_BYTES ? "longer than 64 KiB" : "not a text");
		return NULL;
	}
	text[length] = '\0';
	return take_ptr(text);
}

/* add_variable - NAME=VALUE, or NAME, which is one of ours or left out. */
static void add_variable(struct tree *t, struct json_object *env, const char *text)
{
	const char *value = strchr(text, '=') ? NULL : getenv(text);
	_cleanup_free_ char *both = NULL;

	if (strchr(text, '='))
		tree_add_text(t, env, text);
	else if (value && asprintf(&both, "%s=%s", text, value) >= 0)
		tree_add_text(t, env, both);
}

/* add_file - a line each; empty ones and those that begin with # are passed over. */
static int add_file(struct tree *t, struct json_object *env, const char *path, struct error *err)
{
	_cleanup_free_ char *text = read_text(path, err);
	unsigned int number = 1;

	if (!text)
		return error_wrap(err, "option --env-file");
	for (char *line = text, *next; line; line = next, number++) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		line[strcspn(line, "\r")] = '\0';
		line += strspn(line, " \t");
		if (!*line || *line == '#')
			continue;
		if (*line == '=' || strcspn(line, " \t") < strcspn(line, "="))
			return error_set(err, 0, "option --env-file: `%s`: line %u: no name", path,
					 number);
		add_variable(t, env, line);
	}
	return 0;
}

struct json_object *environment(const struct option_list *files, const struct option_list *list,
				struct error *err)
{
	_cleanup_json_ struct json_object *env = json_object_new_array();
	struct tree tree = {.lost = !env};

	for (size_t i = 0; files && i < files->n; i++)
		if (add_file(&tree, env, files->values[i], err) < 0)
			return NULL;
	for (size_t i = 0; i < list->n; i++)
		add_variable(&tree, env, list->values[i]);
	if (!tree.lost)
		return take_ptr(env);
	error_set(err, ENOMEM, "cannot make a request");
	return NULL;
}

/* --- what has structure */

/* put_pairs - KEY=VALUE each, into an object. @alone: a KEY alone has an empty value. */
static int put_pairs(struct making *m, const char *key, const char *option,
		     const struct option_list *list, bool alone)
{
	for (size_t i = 0; i < list->n; i++) {
		_cleanup_free_ char *name = strdup(list->values[i]);
		char *equal = name ? strchr(name, '=') : NULL;

		if (!name || (!equal && !alone) || equal == name || !*name)
			return error_set(m->err, EINVAL, "option --%s: `%s` is not NAME=VALUE",
					 option, list->values[i]);
		if (equal)
			*equal++ = '\0';
		tree_put_text(&m->tree, tree_need(&m->tree, m->request, key, json_type_object),
			      name, equal ? equal : "");
	}
	return 0;
}

static int put_mounts(struct making *m, const struct run_flags *f)
{
	for (size_t i = 0; i < f->volume.n + f->mount.n; i++) {
		struct json_object *mount =
			i < f->volume.n ? parse_volume(f->volume.values[i], m->err)
					: parse_mount(f->mount.values[i - f->volume.n], m->err);

		if (!mount)
			return -1;
		tree_add(&m->tree, tree_need(&m->tree, m->request, "mounts", json_type_array),
			 mount);
	}
	return 0;
}

static int limit(const char *text, int64_t *value, struct error *err)
{
	if (!strcmp(text, "unlimited")) {
		*value = -1;
		return 0;
	}
	return parse_integer("ulimit", text, -1, value, err);
}

static int put_ulimits(struct making *m, const struct option_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		_cleanup_free_ char *name = strdup(list->values[i]);
		char *soft = name ? strchr(name, '=') : NULL, *hard;
		struct json_object *one;
		int64_t s, h;

		if (!soft)
			return error_set(m->err, EINVAL,
					 "option --ulimit: `%s` is not NAME=SOFT[:HARD]",
					 list->values[i]);
		*soft++ = '\0';
		hard = strchr(soft, ':');
		if (hard)
			*hard++ = '\0';
		if (limit(soft, &s, m->err) < 0 || limit(hard ? hard : soft, &h, m->err) < 0)
			return -1;
		one = json_object_new_object();
		tree_put_text(&m->tree, one, "name", name);
		tree_put_number(&m->tree, one, "soft", s);
		tree_put_number(&m->tree, one, "hard", h);
		tree_add(&m->tree, tree_need(&m->tree, m->request, "ulimits", json_type_array),
			 one);
	}
	return 0;
}

/* put_devices - SOURCE[:TARGET[:PERMISSIONS]], or SOURCE:PERMISSIONS */
static int put_devices(struct making *m, const struct option_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		_cleanup_free_ char *source = strdup(list->values[i]);
		char *target = source ? strchr(source, ':') : NULL, *permissions = NULL;
		struct json_object *one = json_object_new_object();

		if (target) {
			*target++ = '\0';
			permissions = strchr(target, ':');
			if (permissions)
				*permissions++ = '\0';
			if (target[0] != '/') {
				permissions = target;
				target = NULL;
			}
		}
		tree_put_text(&m->tree, one, "source", source ? source : "");
		if (target)
			tree_put_text(&m->tree, one, "target", target);
		if (permissions)
			tree_put_text(&m->tree, one, "permissions", permissions);
		tree_add(&m->tree, tree_need(&m->tree, m->request, "devices", json_type_array),
			 one);
	}
	return 0;
}

/* put_security - seccomp=FILE: the profile goes into the request, since the supervisor may be elsewhere. */
static int put_security(struct making *m, const struct option_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct json_object *array =
			tree_need(&m->tree, m->request, "security_opt", json_type_array);
		_cleanup_free_ char *text = NULL, *both = NULL;
		const char *value = list->values[i];

		if (!strncmp(value, "seccomp", 7) && (value[7] == '=' || value[7] == ':') &&
		    strcmp(value + 8, "unconfined") != 0 && strcmp(value + 8, "builtin") != 0) {
			text = read_text(value + 8, m->err);
			if (!text)
				return error_wrap(m->err, "option --security-opt");
			if (asprintf(&both, "seccomp=%s", text) < 0)
				return error_set(m->err, ENOMEM, "cannot make a request");
			value = both;
		}
		tree_add_text(&m->tree, array, value);
	}
	return 0;
}

static void put_namespaces(struct making *m, const struct run_flags *f)
{
	const struct {
		const char *kind, *value;
	} all[] = {
		{"pid", f->pid},     {"ipc", f->ipc},	      {"uts", f->uts},
		{"user", f->userns}, {"cgroup", f->cgroupns}, {"network", f->network},
		{"time", f->timens},
	};

	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		if (all[i].value)
			tree_put_text(&m->tree,
				      tree_need(&m->tree, m->request, "namespaces",
						json_type_object),
				      all[i].kind, all[i].value);
}

static int put_health(struct making *m, const struct run_flags *f)
{
	const struct {
		const char *key, *option, *value;
	} times[] = {
		{"interval_ms", "health-interval", f->health_interval},
		{"timeout_ms", "health-timeout", f->health_timeout},
		{"start_period_ms", "health-start-period", f->health_start_period},
	};
	struct json_object *health, *test;
	int64_t ms;

	if (!f->health_cmd)
		return 0;
	health = tree_need(&m->tree, m->request, "health", json_type_object);
	test = tree_need(&m->tree, health, "test", json_type_array);
	if (!strcmp(f->health_cmd, "none")) {
		tree_add_text(&m->tree, test, "NONE");
		return 0;
	}
	tree_add_text(&m->tree, test, "CMD-SHELL");
	tree_add_text(&m->tree, test, f->health_cmd);
	for (size_t i = 0; i < ARRAY_SIZE(times); i++) {
		if (!times[i].value)
			continue;
		if (parse_duration(times[i].option, times[i].value, 0, &ms, m->err) < 0)
			return -1;
		tree_put_number(&m->tree, health, times[i].key, ms);
	}
	if (f->health_retries)
		tree_put_number(&m->tree, health, "retries", f->health_retries);
	return 0;
}

static int put_log(struct making *m, const struct option_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		struct json_object *log = tree_need(&m->tree, m->request, "log", json_type_object);
		const char *text = list->values[i];
		int64_t n;

		if (!strncmp(text, "max-size=", 9)) {
			if (parse_bytes("log-opt", text + 9, &n, m->err) < 0)
				return -1;
			tree_put_number(&m->tree, log, "max_size", n);
		} else if (!strncmp(text, "max-file=", 9)) {
			if (parse_integer("log-opt", text + 9, 1, &n, m->err) < 0)
				return -1;
			tree_put_number(&m->tree, log, "max_file", n);
		} else {
			error_set(m->err, EINVAL, "option --log-opt: `%s`", text);
			return error_hint(m->err, "use max-size=SIZE or max-file=N");
		}
	}
	return 0;
}

/*
 * put_image - by name, or the path of a bundle, which the supervisor wants absolute. Names have a "/" too: what is to be
 * a path begins as one, or a directory that somebody else made here would be taken for the image.
 */
static int put_image(struct making *m, const char *image)
{
	_cleanup_free_ char *path = NULL;

	if (image[0] != '/' && image[0] != '.') {
		put_text(m, "image", image);
		return 0;
	}
	path = realpath(image, NULL);
	if (!path)
		return error_set(m->err, errno, "image `%s`", image);
	put_text(m, "image", path);
	return 0;
}

static int put_cpus(struct making *m, const char *text)
{
	const char *end;
	double n;

	if (!text)
		return 0;
	end = parse_decimal(text, &n);
	if (!end || *end)
		return error_set(m->err, EINVAL, "option --cpus: `%s` is no number", text);
	tree_put(&m->tree, m->request, "cpus", json_object_new_double(n));
	return 0;
}

/* put_size - of the user's terminal, so that the container's has it from the start. */
static void put_size(struct making *m, bool tty)
{
	struct winsize ws;

	if (!tty ||
	    (ioctl(STDIN_FILENO, TIOCGWINSZ, &ws) < 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &ws) < 0))
		return;
	tree_put_number(&m->tree, m->request, "console_rows", ws.ws_row);
	tree_put_number(&m->tree, m->request, "console_columns", ws.ws_col);
}

static int put_process(struct making *m, const struct run_flags *f, char **argv)
{
	struct json_object *env;

	if (put_image(m, argv[0]) < 0)
		return -1;
	if (argv[1])
		tree_put(&m->tree, m->request, "argv", text_array(argv + 1));
	if (f->entrypoint)
		tree_add_text(&m->tree,
			      tree_need(&m->tree, m->request, "entrypoint", json_type_array),
			      f->entrypoint);
	env = environment(&f->env_file, &f->env, m->err);
	if (!env)
		return -1;
	if (json_object_array_length(env))
		tree_put(&m->tree, m->request, "env", env);
	else
		json_object_put(env);
	put_text(m, "name", f->name);
	put_text(m, "workdir", f->workdir);
	put_text(m, "user", f->user);
	put_text(m, "hostname", f->hostname);
	put_text(m, "domainname", f->domainname);
	put_flag(m, "tty", f->tty);
	put_size(m, f->tty);
	put_flag(m, "stdin", f->stdin_open);
	put_flag(m, "rm", f->rm);
	put_flag(m, "init", f->init);
	put_flag(m, "detach", f->detach);
	put_text(m, "stop_signal", f->stop_signal);
	if (put_integer(m, "stop_timeout", "stop-timeout", f->stop_timeout, 0) < 0 ||
	    put_integer(m, "oom_score_adj", "oom-score-adj", f->oom_score_adj, -1000) < 0 ||
	    put_ulimits(m, &f->ulimit) < 0)
		return -1;
	return put_pairs(m, "labels", "label", &f->label, true);
}

static int put_limits(struct making *m, const struct run_flags *f)
{
	put_text(m, "restart", f->restart);
	put_text(m, "cpuset_cpus", f->cpuset_cpus);
	put_text(m, "cpuset_mems", f->cpuset_mems);
	return put_bytes(m, "memory", "memory", f->memory) < 0 ||
			       put_bytes(m, "memory_swap", "memory-swap", f->memory_swap) < 0 ||
			       put_bytes(m, "memory_reservation", "memory-reservation",
					 f->memory_reservation) < 0 ||
			       put_bytes(m, "shm_size", "shm-size", f->shm_size) < 0 ||
			       put_cpus(m, f->cpus) < 0 ||
			       put_integer(m, "cpu_shares", "cpu-shares", f->cpu_shares, 0) < 0 ||
			       put_integer(m, "pids_limit", "pids-limit", f->pids_limit, -1) < 0
		       ? -1
		       : 0;
}

static int put_rights(struct making *m, const struct run_flags *f)
{
	put_flag(m, "read_only", f->read_only);
	put_flag(m, "privileged", f->privileged);
	put_list(m, "tmpfs", &f->tmpfs);
	put_list(m, "cap_add", &f->cap_add);
	put_list(m, "cap_drop", &f->cap_drop);
	put_namespaces(m, f);
	if (put_security(m, &f->security_opt) < 0 || put_mounts(m, f) < 0 ||
	    put_devices(m, &f->device) < 0 ||
	    put_integer(m, "time_offset", "time-offset", f->time_offset, INT32_MIN) < 0)
		return -1;
	return put_pairs(m, "sysctls", "sysctl", &f->sysctl, false);
}

struct json_object *run_request(const struct run_flags *f, char **argv, struct error *err)
{
	_cleanup_json_ struct json_object *request = json_object_new_object();
	struct making m = {.request = request, .tree = {.lost = !request}, .err = err};

	if (m.tree.lost || put_process(&m, f, argv) < 0 || put_limits(&m, f) < 0 ||
	    put_rights(&m, f) < 0 || put_health(&m, f) < 0 || put_log(&m, &f->log_opt) < 0) {
		if (!err->what[0])
			error_set(err, ENOMEM, "cannot make a request");
		return NULL;
	}
	if (m.tree.lost) {
		error_set(err, ENOMEM, "cannot make a request");
		return NULL;
	}
	return native_request_check(request, err) < 0 ? NULL : take_ptr(request);
}

int update_request(const struct run_flags *f, struct json_object *request, struct error *err)
{
	struct making m = {.request = request, .err = err};

	if (put_limits(&m, f) < 0)
		return -1;
	return m.tree.lost ? error_set(err, ENOMEM, "cannot make a request") : 0;
}

int run_session(const struct run_flags *f, struct session_options *options, struct error *err)
{
	const char *keys = f->detach_keys ? f->detach_keys : getenv("CLOISON_DETACH_KEYS");

	*options = (struct session_options){
		.tty = f->tty,
		.input = f->stdin_open,
		.sig_proxy = f->sig_proxy >= 0,
	};
	/* Without a terminal the bytes are data, whatever they are. */
	if (!f->tty)
		return detach_keys_parse(&options->keys, "", err);
	return detach_keys_parse(&options->keys, keys ? keys : DETACH_KEYS, err);
}
