/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * container.c: the registry, and what a container has from its request.
 *
 * What stays in memory of a container is struct container, about a kilobyte. Its request and its
 * configuration are files, read when somebody asks.
 */
#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "lib/json.h"
#include "runtime/supervisor/supervisor.h"

#define LOG_MAX_SIZE 262144
#define LOG_MAX_FILE 4
#define LOG_SIZE_LEAST 16384
#define LOG_SIZE_MOST 1073741824
#define LOG_FILES_MOST 1000
#define STOP_TIMEOUT_S 10
#define STOP_TIMEOUT_MOST 86400

/* ---- names ----------------------------------------------------------------------------------- */

static const char *const adjectives[] = {
	"amber",  "brave", "calm",  "clear", "deft",  "eager", "early", "fair",
	"fleet",  "fresh", "glad",  "green", "hardy", "keen",  "kind",	"light",
	"lively", "lucid", "mild",  "neat",  "noble", "plain", "quick", "quiet",
	"ready",  "sharp", "sober", "solid", "sound", "stout", "swift", "tidy",
};

static const char *const nouns[] = {
	"alder", "badger", "beech",  "birch",  "cedar",	  "crane",  "dove",   "eagle",
	"elm",	 "falcon", "finch",  "fox",    "hazel",	  "heron",  "kite",   "larch",
	"lark",	 "lynx",   "maple",  "marten", "oak",	  "otter",  "owl",    "plover",
	"raven", "robin",  "spruce", "stoat",  "swallow", "thrush", "willow", "wren",
};

int name_check(const char *name, struct error *err)
{
	size_t length = strlen(name);

	if (length < 2 || length > NAME_BYTES || !isalnum((unsigned char)name[0]))
		goto bad;
	for (const char *p = name; *p; p++)
		if (!isalnum((unsigned char)*p) && !strchr("_.-", *p))
			goto bad;
	return 0;
bad:
	error_set(err, EINVAL, "container name `%.80s`", name);
	return error_hint(err, "2 to %d letters, digits and _ . -, with a letter or a digit first",
			  NAME_BYTES);
}

bool name_taken(const struct supervisor *s, const char *name)
{
	for (const struct container *c = s->containers; c; c = c->next)
		if (!strcmp(c->name, name) || !strcmp(c->id, name))
			return true;
	return false;
}

/* random_bytes - of the kernel; it has enough long before there are containers. */
static void random_bytes(void *to, size_t n)
{
	if (getrandom(to, n, 0) != (ssize_t)n)
		(void)must_have(NULL);
}

void name_invent(struct supervisor *s, char name[NAME_BYTES + 1])
{
	char text[NAME_BYTES + 1]; /* not @name: it may be a container's, and so taken */
	uint16_t r[3];

	do {
		random_bytes(r, sizeof(r));
		snprintf(text, sizeof(text), "%s_%s", adjectives[r[0] % ARRAY_SIZE(adjectives)],
			 nouns[r[1] % ARRAY_SIZE(nouns)]);
		if (name_taken(s, text))
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%u", r[2]);
	} while (name_taken(s, text));
	memcpy(name, text, sizeof(text));
}

/* ---- registry -------------------------------------------------------------------------------- */

struct container *container_new(struct supervisor *s)
{
	struct container *c = zalloc(sizeof(*c));
	uint8_t bytes[ID_DIGITS / 2];

	random_bytes(bytes, sizeof(bytes));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(c->id + 2 * i, 3, "%02x", bytes[i]);
	c->s = s;
	c->process.fd = c->console.fd = c->pump = c->console_listener = FD_EMPTY;
	for (int i = 0; i < 2; i++) {
		c->out[i] = (struct log_pipe){.source = LOOP_SOURCE_INIT, .c = c};
		c->pipes[i] = c->log.data[i] = FD_EMPTY;
	}
	c->log.index = FD_EMPTY;
	c->log.max_size = LOG_MAX_SIZE;
	c->log.max_file = LOG_MAX_FILE;
	c->stop_signal = SIGTERM;
	c->stop_timeout_s = STOP_TIMEOUT_S;
	c->created_ns = now_ns();
	memcpy(c->boot, s->boot, sizeof(c->boot));
	c->next = s->containers;
	s->containers = c;
	s->n_containers++;
	return c;
}

void container_forget(struct container *c)
{
	struct container **at = &c->s->containers;

	while (*at != c)
		at = &(*at)->next;
	*at = c->next;
	c->s->n_containers--;
	if (c->job)
		c->job->c = NULL;
	loop_cancel(&c->s->loop, &c->timer);
	loop_close(&c->s->loop, &c->process);
	log_close(c);
	health_free(c);
	free(c->error);
	free(c);
}

struct container *container_by_id(struct supervisor *s, const char *id)
{
	for (struct container *c = s->containers; c; c = c->next)
		if (!strcmp(c->id, id))
			return c;
	return NULL;
}

struct container *container_by_pid(struct supervisor *s, pid_t pid)
{
	for (struct container *c = s->containers; c; c = c->next)
		if (c->pid == pid)
			return c;
	return NULL;
}

struct container *container_find(struct supervisor *s, const char *name, struct error *err)
{
	struct container *found = NULL;
	size_t length = strlen(name);

	for (struct container *c = s->containers; c; c = c->next)
		if (!strcmp(c->name, name) || !strcmp(c->id, name))
			return c;
	for (struct container *c = s->containers; length && c; c = c->next) {
		if (strncmp(c->id, name, length) != 0)
			continue;
		if (found) {
			error_set(err, 0, "`%s` is the beginning of several containers' ids", name);
			return NULL;
		}
		found = c;
	}
	if (!found)
		error_set(err, 0, "no such container: %.128s", name);
	return found;
}

int container_dir(const struct container *c, struct error *err)
{
	int dir = openat(c->s->containers_dir, c->id, O_DIRECTORY | O_RDONLY | O_CLOEXEC);

	return dir < 0 ? error_set(err, errno, "cannot open the directory of container `%s`",
				   c->name)
		       : dir;
}

struct json_object *container_request(const struct container *c, struct error *err)
{
	char path[ID_DIGITS + sizeof("/request.json")];
	const struct json_source source = {.name = "request.json", .err = err};

	snprintf(path, sizeof(path), "%s/request.json", c->id);
	return json_read(c->s->containers_dir, path, &source);
}

/* ---- the request ----------------------------------------------------------------------------- */

static const char *const restart_names[] = {
	[RESTART_NO] = "no",
	[RESTART_ON_FAILURE] = "on-failure",
	[RESTART_ALWAYS] = "always",
	[RESTART_UNLESS_STOPPED] = "unless-stopped",
};

const char *restart_name(enum restart_kind kind)
{
	return restart_names[kind];
}

int restart_parse(const char *text, struct restart_policy *policy, struct error *err)
{
	size_t length = strcspn(text, ":");

	for (size_t i = 0; i < ARRAY_SIZE(restart_names); i++) {
		unsigned long max = 0;
		char *end = NULL;

		if (length != strlen(restart_names[i]) || strncmp(text, restart_names[i], length))
			continue;
		if (text[length]) {
			max = strtoul(text + length + 1, &end, 10);
			if (i != RESTART_ON_FAILURE || !isdigit((unsigned char)text[length + 1]) ||
			    *end || max > UINT_MAX)
				break;
		}
		*policy = (struct restart_policy){(enum restart_kind)i, (unsigned int)max};
		return 0;
	}
	error_set(err, EINVAL, "restart: `%.64s`", text);
	return error_hint(err, "no, on-failure, on-failure:N, always or unless-stopped");
}

/* The names of signal(7), without SIG; those that differ between architectures are the host's own. */
static const struct {
	const char *name;
	int number;
} signals[] = {
	{"HUP", SIGHUP},   {"INT", SIGINT},	  {"QUIT", SIGQUIT}, {"ILL", SIGILL},
	{"TRAP", SIGTRAP}, {"ABRT", SIGABRT},	  {"BUS", SIGBUS},   {"FPE", SIGFPE},
	{"KILL", SIGKILL}, {"USR1", SIGUSR1},	  {"SEGV", SIGSEGV}, {"USR2", SIGUSR2},
	{"PIPE", SIGPIPE}, {"ALRM", SIGALRM},	  {"TERM", SIGTERM}, {"STKFLT", SIGSTKFLT},
	{"CHLD", SIGCHLD}, {"CONT", SIGCONT},	  {"STOP", SIGSTOP}, {"TSTP", SIGTSTP},
	{"TTIN", SIGTTIN}, {"TTOU", SIGTTOU},	  {"URG", SIGURG},   {"XCPU", SIGXCPU},
	{"XFSZ", SIGXFSZ}, {"VTALRM", SIGVTALRM}, {"PROF", SIGPROF}, {"WINCH", SIGWINCH},
	{"IO", SIGIO},	   {"PWR", SIGPWR},	  {"SYS", SIGSYS},
};

int signal_number(const char *name)
{
	char *end;
	long number;

	if (isdigit((unsigned char)name[0])) {
		number = strtol(name, &end, 10);
		return *end || number < 1 || number > 64 ? -1 : (int)number;
	}
	if (!strncasecmp(name, "SIG", 3))
		name += 3;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (!strcasecmp(name, signals[i].name))
			return signals[i].number;
	if (!strncasecmp(name, "RTMIN+", 6)) {
		number = strtol(name + 6, &end, 10);
		return *end || number < 0 || number > 30 ? -1 : 34 + (int)number;
	}
	return -1;
}

const char *signal_name(int sig)
{
	static char text[16];

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		if (signals[i].number == sig) {
			snprintf(text, sizeof(text), "SIG%s", signals[i].name);
			return text;
		}
	snprintf(text, sizeof(text), "%d", sig);
	return text;
}

/* get_number - the member @key of @o when it is there, in @least..@most. */
static int get_number(const struct json_object *o, const char *key, int64_t least, int64_t most,
		      int64_t *to, struct error *err)
{
	struct json_object *value = json_get(o, key);
	int64_t number;

	if (!value)
		return 0;
	number = json_object_get_int64(value);
	if (!json_object_is_type(value, json_type_int) || number < least || number > most)
		return error_set(err, EINVAL, "%s: must be a whole number from %jd to %jd", key,
				 (intmax_t)least, (intmax_t)most);
	*to = number;
	return 0;
}

static int configure_log(struct container *c, const struct json_object *o, struct error *err)
{
	const struct json_object *log = json_get(o, "log");
	int64_t size = c->log.max_size, files = c->log.max_file;

	if (get_number(log, "max_size", LOG_SIZE_LEAST, LOG_SIZE_MOST, &size, err) < 0 ||
	    get_number(log, "max_file", 1, LOG_FILES_MOST, &files, err) < 0)
		return error_wrap(err, "log");
	c->log.max_size = (uint32_t)size;
	c->log.max_file = (uint32_t)files;
	return 0;
}

static bool get_bool(const struct json_object *o, const char *key)
{
	return json_object_get_boolean(json_get(o, key));
}

const char *container_joined(struct json_object *value)
{
	const char *text =
		json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";

	return strncmp(text, JOIN, sizeof(JOIN) - 1) ? NULL : text + sizeof(JOIN) - 1;
}

pid_t container_first_process(const char *name, void *context, struct error *err)
{
	struct container *c = container_find(context, name, err);

	if (!c)
		return -1;
	return c->pid ? c->pid : error_set(err, 0, "container `%s` is not running", c->name);
}

static bool joins(const struct json_object *o)
{
	struct json_object *namespaces = json_get(o, "namespaces");

	if (!json_object_is_type(namespaces, json_type_object) || json_get(o, "config"))
		return false;
	json_object_object_foreach(namespaces, key, value)
	{
		(void)key;
		if (container_joined(value))
			return true;
	}
	return false;
}

/* is_coming - is it being started? */
static bool is_coming(const struct container *c)
{
	return c->want_start || c->phase == PHASE_CREATING || c->phase == PHASE_STARTING;
}

bool container_waits_to_join(const struct container *c)
{
	struct error ignored = ERROR_INIT;
	_cleanup_json_ struct json_object *request =
		c->joins ? container_request(c, &ignored) : NULL;
	struct json_object *namespaces = json_get(request, "namespaces");

	if (!json_object_is_type(namespaces, json_type_object))
		return false;
	json_object_object_foreach(namespaces, key, value)
	{
		const char *name = container_joined(value);
		const struct container *other = name ? container_find(c->s, name, &ignored) : NULL;

		(void)key;
		if (other && other != c && is_coming(other))
			return true;
	}
	return false;
}

/* has_volumes - that go with it, if its removal says so */
static bool has_volumes(const struct json_object *o)
{
	struct json_object *mounts = json_get(o, "mounts");

	if (!json_object_is_type(mounts, json_type_array))
		return false;
	for (size_t i = 0; i < json_object_array_length(mounts); i++) {
		struct json_object *one = json_object_array_get_idx(mounts, i);
		const char *type = json_get_text(one, "type");

		if (type && !strcmp(type, "volume") && !json_get(one, "source"))
			return true;
	}
	return false;
}

int container_configure(struct container *c, const struct json_object *o, struct error *err)
{
	const char *restart = json_get_text(o, "restart");
	const char *sig = json_get_text(o, "stop_signal");
	const char *sdnotify = json_get_text(o, "sdnotify");
	int64_t timeout = c->stop_timeout_s;

	c->terminal = get_bool(o, "tty");
	c->stdin_open = get_bool(o, "stdin");
	c->auto_remove = get_bool(o, "rm");
	c->joins = joins(o);
	c->volumes = has_volumes(o);
	c->sdnotify = sdnotify && !strcmp(sdnotify, "container");
	if (restart && restart_parse(restart, &c->restart, err) < 0)
		return -1;
	if (c->auto_remove && c->restart.kind != RESTART_NO)
		return error_set(err, EINVAL, "rm and restart exclude each other");
	if (sig) {
		c->stop_signal = signal_number(sig);
		if (c->stop_signal < 0)
			return error_set(err, EINVAL, "stop_signal: `%.32s`", sig);
	}
	if (get_number(o, "stop_timeout", -1, STOP_TIMEOUT_MOST, &timeout, err) < 0 ||
	    configure_log(c, o, err) < 0)
		return -1;
	c->stop_timeout_s = (int)timeout;
	return health_configure(c, o, err);
}

const char *container_state_name(const struct container *c)
{
	switch (c->phase) {
	case PHASE_CREATED:
		return "created";
	case PHASE_CREATING:
	case PHASE_STARTING:
		return c->restarts || c->finished_ns ? "restarting" : "created";
	case PHASE_RUNNING:
		return c->paused ? "paused" : "running";
	case PHASE_EXITED:
		return c->restarting ? "restarting" : c->want_remove ? "removing" : "exited";
	}
	return "dead";
}
