/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * main.c: cloison [GLOBAL OPTIONS] VERB [OPTIONS] [ARGUMENTS].
 *
 * The global options and the verbs' own are those of runc, so that an engine can be pointed at this
 * program by path. Without global options a verb may be one that people know from Docker, too:
 * native/dispatch.c tells them apart. Exit codes are Docker's: 125 for usage and for errors of ours, 126 and 127 for a
 * program that cannot be invoked or found, otherwise the program's own.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>

#include "lib/audit.h"
#include "lib/warn.h"
#include "runtime/cli/log.h"
#include "runtime/cli/native/dispatch.h"
#include "runtime/cli/self.h"
#include "runtime/cli/verb.h"
#include "runtime/oci/features.h"

#ifndef CLOISON_VERSION
#define CLOISON_VERSION "unknown" /* compiled by something else than the Makefile */
#endif

#define FIRST_USERNS "user:[4026531837]" /* PROC_USER_INIT_INO, <linux/proc_ns.h> */

struct globals {
	const char *root, *log, *log_format, *cgroup_manager, *rootless;
	bool debug, systemd_cgroup, version;
	char **argv; /* the whole command line */
};

static const struct option global_table[] = {
	{"root", 0, OPTION_STRING, offsetof(struct globals, root), "DIR",
	 "state directory (default: " STATE_ROOT ", an ordinary user's $XDG_RUNTIME_DIR/cloison)"},
	{"log", 0, OPTION_STRING, offsetof(struct globals, log), "FILE", "append errors to FILE"},
	{"log-format", 0, OPTION_STRING, offsetof(struct globals, log_format), "text|json",
	 "format of the log (default: text)"},
	{"cgroup-manager", 0, OPTION_STRING, offsetof(struct globals, cgroup_manager),
	 "cgroupfs|systemd|disabled", "how containers get their cgroup (default: cgroupfs)"},
	{"systemd-cgroup", 0, OPTION_FLAG, offsetof(struct globals, systemd_cgroup), NULL,
	 "have systemd make the cgroup, a scope: as --cgroup-manager systemd"},
	{"rootless", 0, OPTION_STRING, offsetof(struct globals, rootless), "true|false|auto",
	 "do without root's rights (default: auto, as the caller is)"},
	{"debug", 0, OPTION_FLAG, offsetof(struct globals, debug), NULL,
	 "accepted; there is no more to say than the error"},
	{"version", 'v', OPTION_FLAG, offsetof(struct globals, version), NULL, "print the version"},
};

/* In the order of a container's life. */
static const struct verb *const verbs[] = {
	&verb_spec,    &verb_run,      &verb_create, &verb_start,   &verb_exec,
	&verb_ps,      &verb_pause,    &verb_resume, &verb_update,  &verb_events,
	&verb_kill,    &verb_delete,   &verb_state,  &verb_list,    &verb_why,
	&verb_explain, &verb_features, &verb_config, &verb_doctor,  &verb_images,
	&verb_load,    &verb_rmi,      &verb_tag,    &verb_history, &verb_image,
};

/* print_verbs - those that parse their command line themselves, or the others. */
static void print_verbs(bool whole, FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (verbs[i]->whole == whole)
			fprintf(out, "  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
}

static void print_help(FILE *out)
{
	fputs("usage: cloison COMMAND [OPTION...] [ARGUMENT...]\n"
	      "       cloison [OPTION...] VERB [ARGUMENT...]\n\nRuns containers.\n"
	      "\ncommands, as Docker's, with the supervisor:\n",
	      out);
	native_help(out);
	fputs("\nverbs, as an OCI runtime's, for engines; those that share a name with a command\n"
	      "are meant with one of the options below, with --bundle, and for containers that\n"
	      "they have made:\n\nverbs:\n",
	      out);
	print_verbs(false, out);
	fputs("\nimages, in the store of this host:\n", out);
	print_verbs(true, out);
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
	puts("cloison version " CLOISON_VERSION "\ncommit: v" CLOISON_VERSION
	     "\nspec: " OCI_VERSION_MAX);
}

static const struct verb *look_up(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static const struct verb *find_verb(const char *name, struct error *err)
{
	const struct verb *v = look_up(name);
	const char *nearest;
	struct nearest near;

	if (v)
		return v;
	if (native_lacks(name, &nearest)) {
		error_set(err, 0, "`%s` is not implemented", name);
		if (nearest)
			error_hint(err, "nearest: `%s`", nearest);
		return NULL;
	}
	if (!strcmp(name, "checkpoint") || !strcmp(name, "restore")) {
		error_set(err, 0, "`%s` is not supported: Cloison does not save containers", name);
		return NULL;
	}
	error_set(err, 0, "unknown command `%s`", name);
	near = nearest_begin(name);
	native_near(&near);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		nearest_try(&near, verbs[i]->name);
	if (near.name)
		error_hint(err, "nearest: `%s`", near.name);
	else
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

/*
 * look_at_userns - is it the one that the kernel began with? That has a fixed number; a kernel without user
 * namespaces has that one alone, and no file for it.
 */
static int look_at_userns(bool *first, struct error *err)
{
	char name[sizeof(FIRST_USERNS)]; /* one byte more than the name: a longer one differs */
	ssize_t n = readlink("/proc/self/ns/user", name, sizeof(name));

	if (n < 0 && errno != ENOENT)
		return error_set(err, errno, "cannot read `/proc/self/ns/user`");
	*first = n < 0 || (n == sizeof(FIRST_USERNS) - 1 && !memcmp(name, FIRST_USERNS, (size_t)n));
	return 0;
}

/* is_root - by the user ID this program was started with, which costs no system call. */
static bool is_root(void)
{
	return getauxval(AT_EUID) == 0;
}

/* set_rootless - --rootless: what the caller says, or what it is. Only @enters matters to root. */
static int set_rootless(const char *value, bool enters, bool *rootless, struct error *err)
{
	bool first = true;

	if (!value || !strcmp(value, "auto")) {
		if (is_root() && enters && look_at_userns(&first, err) < 0)
			return -1;
		*rootless = !is_root() || !first;
	} else if (!strcmp(value, "true") || !strcmp(value, "false")) {
		*rootless = value[0] == 't';
	} else {
		return error_set(err, EINVAL, "--rootless `%s`: use true, false or auto", value);
	}
	return 0;
}

/* default_root - where an ordinary user keeps state: the session's directory, on a tmpfs. */
static int default_root(const char **root, struct error *err)
{
	static char buf[512];
	const char *dir = getenv("XDG_RUNTIME_DIR");

	*root = STATE_ROOT;
	if (is_root())
		return 0;
	if (!dir || dir[0] != '/') {
		error_set(err, 0, "there is no directory for the containers' state");
		return error_hint(err, "set XDG_RUNTIME_DIR, or use --root");
	}
	if ((size_t)snprintf(buf, sizeof(buf), "%s/cloison", dir) >= sizeof(buf))
		return error_set(err, ENAMETOOLONG, "XDG_RUNTIME_DIR");
	*root = buf;
	return 0;
}

static int configure(const struct globals *g, const struct verb *v, struct runtime *rt,
		     struct error *err)
{
	const char *manager = g->cgroup_manager;

	if (set_rootless(g->rootless, v->enters, &rt->rootless, err) < 0)
		return -1;
	/* A cgroup takes a directory that was delegated: who has one says so. */
	if (!manager)
		manager = rt->rootless ? "disabled" : "cgroupfs";
	rt->root = g->root;
	if (!rt->root && !v->stateless && default_root(&rt->root, err) < 0)
		return -1;
	if (g->systemd_cgroup && g->cgroup_manager && strcmp(manager, "systemd") != 0)
		return error_set(err, EINVAL,
				 "--systemd-cgroup and --cgroup-manager `%s` exclude "
				 "each other",
				 manager);
	if (g->systemd_cgroup || !strcmp(manager, "systemd"))
		rt->cgroup_manager = CGROUP_MANAGER_SYSTEMD;
	else if (!strcmp(manager, "cgroupfs"))
		rt->cgroup_manager = CGROUP_MANAGER_FS;
	else if (!strcmp(manager, "disabled"))
		rt->cgroup_manager = CGROUP_MANAGER_DISABLED;
	else
		return error_set(err, EINVAL,
				 "--cgroup-manager `%s`: use cgroupfs, systemd or disabled",
				 manager);
	if (g->log_format && strcmp(g->log_format, "text") && strcmp(g->log_format, "json"))
		return error_set(err, EINVAL, "--log-format `%s`: use text or json", g->log_format);
	return 0;
}

static int protect(const struct globals *g, const struct runtime *rt, struct error *err)
{
	return rt->rootless ? self_protect_rootless(g->argv, err) : self_protect(g->argv, err);
}

/* run_verb - parse the verb's part and do it. Returns its exit code, or -1 with @err. */
static int run_verb(const struct verb *v, struct globals *g, char **argv, struct error *err)
{
	_Alignas(max_align_t) char values[VERB_VALUES_MAX] = {0};
	struct runtime rt = {0};
	bool help;
	int used, code;

	if (v->whole)
		return v->run(&rt, values, argv - 1, err);
	used = options_parse(v->options, v->n_options, argv, values, &help, err);
	if (used < 0)
		return error_wrap(err, "%s", v->name);
	if (help) {
		print_verb_help(v);
		return 0;
	}
	if (check_args(v, argv + used, err) < 0 || configure(g, v, &rt, err) < 0)
		return -1;
	if (v->enters && g->log && log_create(g->log, err) < 0) {
		g->log = NULL; /* there is nowhere to write that down */
		return error_wrap(err, "%s", v->name);
	}
	if (v->enters && protect(g, &rt, err) < 0)
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

int runtime_alone(struct runtime *rt, struct error *err)
{
	if (configure(warn_globals, &verb_run, rt, err) < 0)
		return -1;
	return protect(warn_globals, rt, err);
}

const char *runtime_version(void)
{
	return CLOISON_VERSION;
}

/* is_runtime - called by another name, as engines do where another runtime is expected. */
static bool is_runtime(const char *program)
{
	const char *slash = strrchr(program, '/');

	return strcmp(slash ? slash + 1 : program, "cloison") != 0;
}

static int run(char **argv, struct globals *g, struct error *err)
{
	const char *key = getenv(AUDIT_KEY_ENV);
	const struct verb *v;
	bool help;
	int used = options_parse(global_table, ARRAY_SIZE(global_table), argv, g, &help, err);

	if (key)
		audit_words(key, g->argv);

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
	if (used == 0 && !is_runtime(g->argv[0]) && native_takes(argv, look_up(argv[0])))
		return native_main(argv, err);
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

/* end - what exit(3) would do besides lies behind all that seldom runs: sixteen pages for one instruction. */
static _Noreturn void end(int code)
{
	fflush(stdout);
	_exit(code);
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
		end(code);
	error_print(&err, "cloison", STDERR_FILENO);
	if (g.log)
		log_append(g.log, log_format(&g), LEVEL_ERROR, &err);
	end(error_exit_code(&err));
}
