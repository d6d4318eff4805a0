/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * serviceload.c: which services there are.
 *
 * First the built-in table: the shell, and the command of cloison.exec. Then the files NAME.service of
 * /etc/cloison/services.d, in the order of their names, so that the order is the same on each boot; other
 * files are no business of ours. A file is read whole, up to its limit. The directory is read by getdents64(2),
 * for opendir(3) allocates.
 *
 * A service about which something is wrong has been heard of: it stays in the table as failed, so that
 * those who need it are told that it is not started, and not that there is no such service.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init/console.h"
#include "init/file.h"
#include "init/say.h"
#include "init/servicestate.h"
#include "lib/fd.h"

#define DIRECTORY "/etc/cloison/services.d"
#define SUFFIX ".service"
#define COMPLAINTS_MAX 8 /* of one file that are said; the others are counted */

struct service services[SERVICES_MAX];
size_t service_count;
struct conditions service_conditions;

static bool shell_wanted(const struct cmdline *c)
{
	return c->shell && !c->exec[0] && console_terminal();
}

static bool exec_wanted(const struct cmdline *c)
{
	return c->exec[0];
}

/*
 * What is on the console is a matter of configuration, so the shell is executed by who can read that. What a person
 * leaves running in the background when leaving the shell is meant to run. Both may do what the system can do: no
 * limits.
 */
static const struct {
	const char *name;
	const char *argv[3];
	const char *path; /* NULL: the words of cloison.exec= */
	enum service_restart restart;
	bool ends_system;
	bool (*wanted)(const struct cmdline *c);
} builtin[] = {
	{"shell",
	 {"cloison-config", "console"},
	 "/bin/cloison-config",
	 RESTART_ALWAYS,
	 false,
	 shell_wanted},
	{"exec", {NULL}, NULL, RESTART_NO, true, exec_wanted},
};

static struct service *add(const char *name)
{
	struct service *s = &services[service_count++];

	servicedef_defaults(&s->def, name);
	servicelog_init(&s->log);
	servicegroup_init(&s->group);
	s->ready_fd = FD_EMPTY;
	return s;
}

static struct service *find(const char *name)
{
	for (size_t i = 0; i < service_count; i++)
		if (strcmp(services[i].def.name, name) == 0)
			return &services[i];
	return NULL;
}

static void add_builtin(const struct cmdline *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(builtin); i++) {
		struct service_def *d = &add(builtin[i].name)->def;

		memcpy(d->argv, builtin[i].path ? (char *const *)builtin[i].argv : c->exec,
		       builtin[i].path ? sizeof(builtin[i].argv) : sizeof(c->exec));
		d->path = builtin[i].path ? builtin[i].path : d->argv[0];
		d->restart = builtin[i].restart;
		d->ends_system = builtin[i].ends_system;
		d->terminal = true;
		d->kill = KILL_FIRST;
		d->pids = 0;
		services[i].state = builtin[i].wanted(c) ? SERVICE_WAITING : SERVICE_OFF;
	}
}

struct file_complaints {
	const char *file;
	unsigned int count;
};

static void complain(void *context, unsigned int line, const char *key, const char *why)
{
	struct file_complaints *f = context;

	if (++f->count > COMPLAINTS_MAX)
		return;
	if (line > 0)
		say("services: " DIRECTORY "/%s:%u: %s%s%s", f->file, line, key, key[0] ? ": " : "",
		    why);
	else
		say("services: " DIRECTORY "/%s: %s%s%s", f->file, key, key[0] ? ": " : "", why);
}

/* load_file - one service. @file fits into a path, for its name is a service's. */
static void load_file(int dir, const char *file, const char *name)
{
	/* one byte more than allowed shows that there is one more; and a NUL, of which nobody reads */
	static char text[SERVICE_FILE_BYTES + 2];
	struct file_complaints f = {file, 0};
	struct service *s;
	ssize_t n;

	if (find(name)) {
		say("services: " DIRECTORY "/%s: `%s` is the name of a built-in service", file,
		    name);
		return;
	}
	if (service_count == SERVICES_MAX) {
		say("services: " DIRECTORY "/%s: more than %d services, it is left out", file,
		    SERVICES_MAX);
		return;
	}
	s = add(name);
	n = file_read(dir, file, text, sizeof(text));
	if (n < 0) {
		say_error(errno, "services: cannot read `" DIRECTORY "/%s`", file);
		s->def.bad = true;
	} else {
		servicedef_parse(&s->def, text, (size_t)n, complain, &f);
	}
	if (f.count > COMPLAINTS_MAX)
		say("services: " DIRECTORY "/%s: %u more complaints", file,
		    f.count - COMPLAINTS_MAX);
	s->state = s->def.bad ? SERVICE_FAILED : SERVICE_WAITING;
}

struct names {
	char name[SERVICES_MAX][SERVICE_NAME_MAX + 1];
	size_t count;
	unsigned int more;
};

/* insert - into the sorted list; of too many the last ones fall out. */
static void insert(struct names *list, const char *name)
{
	size_t at = list->count;

	while (at > 0 && strcmp(list->name[at - 1], name) > 0)
		at--;
	if (list->count == SERVICES_MAX)
		list->more++;
	else
		list->count++;
	if (at == SERVICES_MAX)
		return;
	memmove(list->name[at + 1], list->name[at], (list->count - 1 - at) * sizeof(list->name[0]));
	memcpy(list->name[at], name, strlen(name) + 1);
}

/* consider - an entry of the directory. */
static void consider(struct names *list, const char *file)
{
	char name[SERVICE_NAME_MAX + 1];
	size_t len = strlen(file);

	if (file[0] == '.' || len <= sizeof(SUFFIX) - 1 ||
	    strcmp(file + len - (sizeof(SUFFIX) - 1), SUFFIX) != 0)
		return;
	len -= sizeof(SUFFIX) - 1;
	if (!servicedef_name_ok(file, len)) {
		say("services: " DIRECTORY
		    "/%.80s: a name has at most %d letters, digits, `-`, `_` and `.`",
		    file, SERVICE_NAME_MAX);
		return;
	}
	memcpy(name, file, len);
	name[len] = '\0';
	insert(list, name);
}

static int read_directory(int dir, struct names *list)
{
	union {
		struct dirent align;
		char bytes[4096];
	} buf;
	long n;

	while ((n = syscall(SYS_getdents64, dir, buf.bytes, sizeof(buf.bytes))) > 0) {
		for (long at = 0; at < n;) {
			const struct dirent *e = (const struct dirent *)(buf.bytes + at);

			consider(list, e->d_name);
			at += e->d_reclen;
		}
	}
	return n < 0 ? -1 : 0;
}

static void load_files(const struct cmdline *c)
{
	static struct names list;
	_cleanup_fd_ int dir = open(DIRECTORY, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 && errno == ENOENT)
		return;
	if (dir < 0 || read_directory(dir, &list) < 0)
		say_error(errno, "services: cannot read `" DIRECTORY "`");
	for (size_t i = 0; i < list.count; i++) {
		char file[SERVICE_NAME_MAX + sizeof(SUFFIX)];

		if (cmdline_masks(c, list.name[i]))
			continue;
		snprintf(file, sizeof(file), "%s" SUFFIX, list.name[i]);
		load_file(dir, file, list.name[i]);
	}
	if (list.more > 0)
		say("services: %u more files, which are left out", list.more);
}

static void refuse(size_t i, const char *why)
{
	say("service %s: %s; it is not started", services[i].def.name, why);
	services[i].state = SERVICE_FAILED;
}

static void told(void *context, size_t i, const char *why)
{
	(void)context;
	refuse(i, why);
}

/* refuse_seconds - there is one terminal, and one channel. */
static void refuse_seconds(void)
{
	const struct service *terminal = NULL;
	const struct service *channel = NULL;
	char why[96];

	for (size_t i = 0; i < service_count; i++) {
		struct service *s = &services[i];
		const struct service *first = NULL;
		const char *what = "terminal";

		if (s->state != SERVICE_WAITING)
			continue;
		if (s->def.terminal && terminal)
			first = terminal;
		if (s->def.channel && channel) {
			first = channel;
			what = "channel";
		}
		if (first) {
			snprintf(why, sizeof(why), "the %s is that of service `%s`", what,
				 first->def.name);
			refuse(i, why);
			s->def.bad = true;
			continue;
		}
		terminal = s->def.terminal ? s : terminal;
		channel = s->def.channel ? s : channel;
	}
}

void serviceload_all(const struct cmdline *c)
{
	const struct service_def *defs[SERVICES_MAX];

	add_builtin(c);
	load_files(c);
	refuse_seconds();
	for (size_t i = 0; i < service_count; i++)
		defs[i] = &services[i].def;
	conditions_link(&service_conditions, defs, service_count, told, NULL);
	/* of a circle one was told for all */
	for (size_t i = 0; i < service_count; i++)
		if (service_conditions.of[i].refused)
			services[i].state = SERVICE_FAILED;
}
