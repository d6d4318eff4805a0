/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: cloison-config COMMAND: look at the configuration of the host, and apply it.
 *
 * A program of its own, so that neither PID 1 nor the runtime holds a YAML parser. PID 1 starts it as a
 * oneshot service (apply) before the services that need a network or a disk; a person calls it as
 * `cloison config`. Complaints go to standard error, one line each:
 *
 *	cloison: config: image file /etc/cloison/appliance.yaml:3: network.dns: `10.0.0.300`: not an IP address
 */
#include <fcntl.h>
#include <string.h>

#include "runtime/config/apply.h"
#include "runtime/config/channels.h"
#include "runtime/config/services.h"
#include "runtime/config/show.h"

#define FLAGS_MAX 32
#define COMPLAINTS_MAX 100 /* that are printed */

struct arguments {
	bool origin, json;
	size_t n_set;
	const char *set[FLAGS_MAX];
	const char *file;
};

static struct config config;
static unsigned int complaints;
static bool applies; /* as a service of PID 1, which has told of what is its own to read */

static const char usage[] =
	"usage: cloison config check [FILE]\n"
	"       cloison config show [--origin] [--json] [--set NAME=VALUE]...\n"
	"\n"
	"Looks at the configuration of the host.\n"
	"\n"
	"commands:\n"
	"  check    tell of every value that is wrong, in FILE or in all channels; status 1 if one is\n"
	"  show     print what counts, in the form of an appliance.yaml\n"
	"  apply    make the host what its configuration says (PID 1 calls it)\n"
	"  dhcp     speak DHCP where it is asked for (PID 1 calls it)\n"
	"  ntp      keep the time by the configured servers (PID 1 calls it)\n"
	"  log      send logs to the configured sinks (PID 1 calls it)\n"
	"  console  be what is on the console: a shell, a menu or nothing (PID 1 calls it)\n"
	"  ssh      serve the remote shell to the authorised keys (PID 1 calls it)\n"
	"  session  be the session of a key (the remote shell calls it)\n"
	"\n"
	"options:\n"
	"  --origin            show: where each value came from\n"
	"  --json              show: a list of objects, with where each value came from\n"
	"  --set NAME=VALUE    show: on top of all channels, a word of the kernel command line\n"
	"  --help              print this\n";

static void print_complaint(void *context, const struct config_origin *where, const char *key,
			    const char *text)
{
	struct error err = ERROR_INIT;
	char place[200];

	(void)context;
	if (applies && where->channel == CHANNEL_CMDLINE && key && !strcmp(key, "cloison.hostname"))
		return;
	if (++complaints > COMPLAINTS_MAX)
		return;
	show_place(where, place, sizeof(place));
	error_set(&err, 0, "%s: %s%s%s", place, key ? key : "", key ? ": " : "", text);
	error_print(&err, "cloison: config", STDERR_FILENO);
}

static void say_rest(void)
{
	if (complaints > COMPLAINTS_MAX)
		fprintf(stderr, "cloison: config: %u more\n", complaints - COMPLAINTS_MAX);
}

static int begin(struct error *err)
{
	if (config_begin(&config) < 0)
		return error_set(err, ENOMEM, "cannot read the configuration");
	config.complain = print_complaint;
	return 0;
}

static int check(const struct arguments *a, struct error *err)
{
	const struct config_origin where = {CHANNEL_FILE, a->file, 0};

	if (begin(err) < 0 || (a->file && channels_read_file(&config, &where, err) < 0))
		return -1;
	if (!a->file)
		channels_read(&config);
	config_finish(&config);
	say_rest();
	return complaints > 0;
}

static int show(const struct arguments *a, struct error *err)
{
	const struct config_origin where = {CHANNEL_FLAG, NULL, 0};

	if (begin(err) < 0)
		return -1;
	channels_read(&config);
	for (size_t i = 0; i < a->n_set; i++) {
		char word[4096];

		if ((size_t)snprintf(word, sizeof(word), "cloison.%s", a->set[i]) >= sizeof(word) ||
		    !config_read_word(&config, &where, word))
			return error_set(err, 0, "--set `%.64s`: no such word", a->set[i]);
	}
	config_finish(&config);
	say_rest();
	if (a->json)
		show_json(&config, stdout);
	else
		show_yaml(&config, a->origin, stdout);
	if (fflush(stdout) == 0)
		return 0;
	return error_set(err, errno, "cannot write the configuration");
}

/* apply - what is wrong is told and left out; the host comes up with the rest. */
static int apply(const struct arguments *a, struct error *err)
{
	bool has_data;

	(void)a;
	applies = true;
	if (begin(err) < 0)
		return -1;
	has_data = apply_data(&config);
	channels_read(&config);
	config_finish(&config);
	apply_all(&config, has_data);
	say_rest();
	return 0;
}

static int dhcp(const struct arguments *a, struct error *err)
{
	(void)a;
	return services_dhcp(err);
}

static int ntp(const struct arguments *a, struct error *err)
{
	(void)a;
	return services_ntp(err);
}

static int log_sinks(const struct arguments *a, struct error *err)
{
	(void)a;
	return services_log(err);
}

static int console(const struct arguments *a, struct error *err)
{
	(void)a;
	return services_console(err);
}

static int ssh(const struct arguments *a, struct error *err)
{
	(void)a;
	return services_ssh(err);
}

static int session(const struct arguments *a, struct error *err)
{
	if (a->file)
		return session_run(a->file, err);
	error_set(err, 0, "session: no name of a key given");
	return -1;
}

static const struct command {
	const char *name;
	bool shows, takes_file;
	int (*run)(const struct arguments *a, struct error *err);
} commands[] = {
	{"check", false, true, check},	    {"show", true, false, show},
	{"apply", false, false, apply},	    {"dhcp", false, false, dhcp},
	{"ntp", false, false, ntp},	    {"log", false, false, log_sinks},
	{"console", false, false, console}, {"ssh", false, false, ssh},
	{"session", false, true, session},
};

static int parse(const struct command *c, char **argv, struct arguments *a, struct error *err)
{
	for (; *argv; argv++) {
		if (c->shows && !strcmp(*argv, "--origin"))
			a->origin = true;
		else if (c->shows && !strcmp(*argv, "--json"))
			a->json = true;
		else if (c->shows && !strcmp(*argv, "--set") && argv[1] && a->n_set < FLAGS_MAX)
			a->set[a->n_set++] = *++argv;
		else if (c->takes_file && **argv != '-' && !a->file)
			a->file = *argv;
		else {
			error_set(err, 0, "%s: cannot take `%.64s`", c->name, *argv);
			return error_hint(err, "`cloison-config --help` says what there is");
		}
	}
	return 0;
}

static int run(char **argv, struct error *err)
{
	struct arguments a = {.file = NULL};

	for (char **p = argv; *p; p++)
		if (!strcmp(*p, "--help") || !strcmp(*p, "-h")) {
			fputs(usage, stdout);
			return 0;
		}
	for (size_t i = 0; *argv && i < ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i].name, *argv))
			continue;
		if (parse(&commands[i], argv + 1, &a, err) < 0)
			return -1;
		return commands[i].run(&a, err);
	}
	if (*argv)
		error_set(err, 0, "unknown command `%.64s`", *argv);
	else
		error_set(err, 0, "no command given");
	return error_hint(err, "use check or show; `cloison-config --help` says more");
}

int main(int argc, char **argv)
{
	struct error err = ERROR_INIT;
	int code = argc < 1 ? -1 : run(argv + 1, &err);

	config_end(&config);
	if (code >= 0)
		return code;
	error_print(&err, "cloison: config", STDERR_FILENO);
	return error_exit_code(&err);
}
