/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: cloison [GLOBAL OPTIONS] VERB [OPTIONS] [ARGUMENTS].
 *
 * The global options and the verbs' own are those of runc, so that an engine can be pointed at this
 * program by path. Exit codes are Docker's: 125 for usage and for errors of ours, 126 and 127 for a
 * program that cannot be invoked or found, otherwise the program's own.
 */
#include <fcntl.h>
#include <string.h>

#include "lib/warn.h"
#include "runtime/cli/log.h"
#include "runtime/cli/self.h"
#include "runtime/cli/verb.h"

#ifndef CLOISON_VERSION
#define CLOISON_VERSION "unknown" /* compiled by something else than the Makefile */
#endif

struct globals {
	const char *root, *log, *log_format, *cgroup_manager;
	bool debug, systemd_cgroup, version;
	char **argv; /* the whole command line */
};

static const struct option global_table[] = {
	{"root", 0, OPTION_STRING, offsetof(struct globals, root), "DIR",
	 "state directory (default: " STATE_ROOT ")"},
	{"log", 0, OPTION_STRING, offsetof(struct globals, log), "FILE", "append errors to FILE"},
	{"log-format", 0, OPTION_STRING, offsetof(struct globals, log_format), "text|json",
	 "format of the log (default: text)"},
	{"cgroup-manager", 0, OPTION_STRING, offsetof(struct globals, cgroup_manager),
	 "cgroupfs|disabled", "how containers get their cgroup (default: cgroupfs)"},
	{"systemd-cgroup", 0, OPTION_FLAG, offsetof(struct globals, systemd_cgroup), NULL,
	 "refused: scopes of systemd are not supported"},
	{"debug", 0, OPTION_FLAG, offsetof(struct globals, debug), NULL,
	 "accepted; there is no more to say than the error"},
	{"version", 'v', OPTION_FLAG, offsetof(struct globals, version), NULL, "print the version"},
};

/* In the order of a container's life. */
static const struct verb *const verbs[] = {
	&verb_spec,  &verb_run,	  &verb_create,	 &verb_start,	 &verb_exec,
	&verb_ps,    &verb_pause, &verb_resume,	 &verb_kill,	 &verb_delete,
	&verb_state, &verb_list,  &verb_explain, &verb_features,
};

static void print_help(FILE *out)
{
	fputs("usage: cloison [OPTION...] VERB [ARGUMENT...]\n\nRuns containers from OCI bundles.\n"
	      "\nverbs:\n",
	      out);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(out, "  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
	fputs("\noptions:\n", out);
	options_help(global_table, ARRAY_SIZE(global_table), out);
	fputs("\n`cloison VERB --help` says more about a verb.\n", out);
}

static void print_verb_help(const struct verb *v)
{
	printf("usage: cloison %s%s%s%s\n\n%s\n", v->name, v->n_options ? " [OPTION...]" : "",
	       *v->arguments ? " " : "", v->arguments, v->summary);
	if (v->n_options) {
		puts("\noptions:");
		options_help(v->options, v->n_options, stdout);
	}
}

/* print_version - in the form engines parse: the name, the commit, the spec. */
static void print_version(void)
{
	puts("cloison version " CLOISON_VERSION "\nspec: 1.2.0");
}

static const struct verb *find_verb(const char *name, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	error_set(err, 0, "unknown command `%s`", name);
	error_hint(err, "`cloison --help` lists the commands");
	return NULL;
}

static int count_args(char **argv)
{
	int n = 0;

	while (argv[n])
		n++;
	return n;
}

static int check_args(const struct verb *v, char **argv, struct error *err)
{
	int n = count_args(argv);

	if (n >= v->min_args && (v->max_args < 0 || n <= v->max_args))
		return 0;
	error_set(err, 0, n < v->min_args ? "%s: too few arguments" : "%s: too many arguments",
		  v->name);
	return error_hint(err, "usage: cloison %s%s %s", v->name,
			  v->n_options ? " [OPTION...]" : "", v->arguments);
}

static int configure(const struct globals *g, struct runtime *rt, struct error *err)
{
	const char *manager = g->cgroup_manager ? g->cgroup_manager : "cgroupfs";

	rt->root = g->root ? g->root : STATE_ROOT;
	if (g->systemd_cgroup)
		return error_set(err, 0, "--systemd-cgroup: scopes of systemd are not supported");
	if (!strcmp(manager, "cgroupfs"))
		rt->cgroup_manager = CGROUP_MANAGER_FS;
	else if (!strcmp(manager, "disabled"))
		rt->cgroup_manager = CGROUP_MANAGER_DISABLED;
	else
		return error_set(err, EINVAL, "--cgroup-manager `%s`: use cgroupfs or disabled",
				 manager);
	if (g->log_format && strcmp(g->log_format, "text") && strcmp(g->log_format, "json"))
		return error_set(err, EINVAL, "--log-format `%s`: use text or json", g->log_format);
	return 0;
}

/* run_verb - parse the verb's part and do it. Returns its exit code, or -1 with @err. */
static int run_verb(const struct verb *v, const struct globals *g, char **argv, struct error *err)
{
	_Alignas(max_align_t) char values[VERB_VALUES_MAX] = {0};
	struct runtime rt;
	bool help;
	int used, code;

	used = options_parse(v->options, v->n_options, argv, values, &help, err);
	if (used < 0)
		return error_wrap(err, "%s", v->name);
	if (help) {
		print_verb_help(v);
		return 0;
	}
	if (check_args(v, argv + used, err) < 0 || configure(g, &rt, err) < 0)
		return -1;
	if (v->enters && self_protect(g->argv, err) < 0)
		return error_wrap(err, "%s", v->name);
	code = v->run(&rt, values, argv + used, err);
	if (code >= 0)
		return code;
	return argv[used] ? error_wrap(err, "%s %.128s", v->name, argv[used])
			  : error_wrap(err, "%s", v->name);
}

/* Where warnings go: set before a verb is run. */
static const struct globals *warn_globals;

static enum log_format log_format(const struct globals *g)
{
	return g->log_format && !strcmp(g->log_format, "json") ? LOG_JSON : LOG_TEXT;
}

static void print_warning(const struct error *warning)
{
	error_print(warning, "cloison: warning", STDERR_FILENO);
	if (warn_globals->log)
		log_append(warn_globals->log, log_format(warn_globals), LEVEL_WARNING, warning);
}

static int run(char **argv, struct globals *g, struct error *err)
{
	const struct verb *v;
	bool help;
	int used = options_parse(global_table, ARRAY_SIZE(global_table), argv, g, &help, err);

	if (used < 0)
		return -1;
	argv += used;
	if (g->version) {
		print_version();
		return 0;
	}
	if (help || (argv[0] && !strcmp(argv[0], "help"))) {
		print_help(stdout);
		return 0;
	}
	if (!argv[0]) {
		error_set(err, 0, "no command given");
		return error_hint(err, "`cloison --help` lists the commands");
	}
	warn_globals = g;
	warn_set_sink(print_warning);
	v = find_verb(argv[0], err);
	return v ? run_verb(v, g, argv + 1, err) : -1;
}

/*
 * fill_standard_fds - put /dev/null on descriptors 0 to 2 that are closed. Otherwise the next file
 * we open would become the container's standard input or output.
 */
static int fill_standard_fds(struct error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (open("/dev/null", fd ? O_WRONLY : O_RDONLY) != fd)
			return error_set(err, errno, "cannot open `/dev/null` for descriptor %d",
					 fd);
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct globals g = {.argv = argv};
	struct error err = ERROR_INIT;
	int code;

	if (argc < 1)
		return EXIT_ENGINE;
	code = fill_standard_fds(&err);
	if (code == 0)
		code = run(argv + 1, &g, &err);
	if (code >= 0)
		return code;
	error_print(&err, "cloison", STDERR_FILENO);
	if (g.log)
		log_append(g.log, log_format(&g), LEVEL_ERROR, &err);
	return error_exit_code(&err);
}
