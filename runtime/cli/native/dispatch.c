/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * dispatch.c: which of two verbs of one name is meant, and running the native ones.
 *
 * `run`, `exec`, `kill` and others are both the OCI runtime's, for engines, and Docker's, for people. An engine
 * gives global options, --bundle, or the id of a container that a verb has made; people name an image, or a
 * container that the supervisor knows. What can be parsed in one way only is meant in that way. When it is for
 * neither, the error is the OCI verb's where there is no supervisor.
 *
 *	run, create		--bundle: OCI. A known image: native. ./config.json: OCI. Otherwise native.
 *	ps, events		without a container: native
 *	these with one,		made by a verb: OCI. Known to the supervisor: native. Otherwise: OCI.
 *	start kill exec pause update
 */
#include "runtime/cli/native/dispatch.h"

#include <limits.h>

#include "lib/text.h"
#include "runtime/cli/native/common.h"
#include "runtime/cli/native/flags.h"
#include "runtime/container/state.h"

static const struct native_verb *const verbs[] = {
	&native_run,	&native_create,	 &native_start, &native_stop,	 &native_restart,
	&native_kill,	&native_rm,	 &native_ps,	&native_inspect, &native_logs,
	&native_attach, &native_exec,	 &native_wait,	&native_pause,	 &native_unpause,
	&native_rename, &native_top,	 &native_stats, &native_events,	 &native_update,
	&native_info,	&native_version, &native_api,	&native_cp,	 &native_archive,
	&native_purge,
};

/* Docker's commands that are not here, and what serves instead. */
static const struct {
	const char *name, *nearest;
} absent[] = {
	{"build", NULL},
	{"commit", NULL},
	{"compose", NULL},
	{"diff", NULL},
	{"export", "cloison exec CONTAINER tar -c /"},
	{"login", NULL},
	{"network", NULL},
	{"port", NULL},
	{"pull", NULL},
	{"push", NULL},
	{"save", NULL},
	{"system", "cloison info"},
	{"volume", "ls " NATIVE_VOLUMES},
};

static char values_buffer[NATIVE_VALUES_MAX] __attribute__((aligned(16)));

static const struct native_verb *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name) ||
		    (verbs[i]->alias && !strcmp(verbs[i]->alias, name)))
			return verbs[i];
	return NULL;
}

bool native_lacks(const char *name, const char **nearest)
{
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		if (strcmp(absent[i].name, name) != 0)
			continue;
		*nearest = absent[i].nearest;
		return true;
	}
	return false;
}

void native_near(struct nearest *nearest)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!verbs[i]->hidden)
			nearest_try(nearest, verbs[i]->name);
}

static size_t count(char **argv)
{
	size_t n = 0;

	while (argv[n])
		n++;
	return n;
}

/* copy - flags_parse() moves arguments, and the command line may be executed again as it was. */
static char **copy(char **argv)
{
	size_t bytes = (count(argv) + 1) * sizeof(*argv);
	char **copied = malloc(bytes);

	return copied ? memcpy(copied, argv, bytes) : NULL;
}

static int parse(const struct native_verb *v, char **argv, bool *help, struct error *err)
{
	memset(values_buffer, 0, sizeof(values_buffer));
	return flags_parse(v->options, v->n_options, v->command ? FLAGS_FIRST : FLAGS_ANYWHERE,
			   argv, values_buffer, help, err);
}

/* A command line read in both ways. */
struct reading {
	bool native, oci;    /* it can be read like this */
	bool help;	     /* --help, as a native one */
	bool oci_help;	     /* as an OCI one */
	bool bundle;	     /* --bundle, as an OCI one */
	const char *id;	     /* the OCI verb's first argument, or NULL */
	const char *subject; /* the native one's */
};

static void read_native(const struct native_verb *v, char **argv, struct reading *r)
{
	_cleanup_free_ char **copied = copy(argv + 1);
	struct error ignored = ERROR_INIT;

	r->native = copied && parse(v, copied, &r->help, &ignored) == 0;
	r->subject = r->native ? copied[0] : NULL;
}

static void read_oci(const struct verb *v, char **argv, struct reading *r)
{
	_Alignas(max_align_t) char values[VERB_VALUES_MAX] = {0};
	struct error ignored = ERROR_INIT;
	int taken =
		options_parse(v->options, v->n_options, argv + 1, values, &r->oci_help, &ignored);

	r->oci = taken >= 0;
	r->id = r->oci ? argv[1 + taken] : NULL;
	for (size_t i = 0; r->oci && i < v->n_options; i++)
		if (!strcmp(v->options[i].name, "bundle"))
			r->bundle = *(const char **)(values + v->options[i].offset);
}

/*
 * is_made_by_verb - whether a verb has made a container with exactly this id. The supervisor's have their
 * directories in the same place, under ids that look like its own.
 */
static bool is_made_by_verb(const char *id)
{
	char path[sizeof(STATE_ROOT) + NAME_MAX + 1];
	struct error ignored = ERROR_INIT;

	if (is_supervisors_id(id) || state_check_id(id, &ignored) < 0)
		return false;
	(void)text_append(path, sizeof(path), text_append(path, sizeof(path), 0, STATE_ROOT "/"),
			  id);
	return access(path, F_OK) == 0;
}

/* is_known - whether the supervisor has a container of this name. */
static bool is_known(const char *name)
{
	_cleanup_client_ struct native_client client = NATIVE_CLIENT_INIT;
	_cleanup_json_ struct json_object *request = NULL, *answer = NULL;
	struct error ignored = ERROR_INIT;

	if (native_connect(&client, &ignored) != 0)
		return false;
	request = request_for(name, &ignored);
	if (request)
		answer = native_request(&client, "inspect", take_ptr(request), &ignored);
	return answer;
}

static bool takes_image(const struct reading *r)
{
	if (r->bundle)
		return false;
	if (!r->native || !r->oci)
		return r->native || !r->oci;
	if (!r->subject || native_has_image(r->subject, getenv("CLOISON_IMAGES")))
		return r->subject || access("config.json", F_OK) < 0;
	return access("config.json", F_OK) < 0;
}

bool native_takes(char **argv, const struct verb *oci)
{
	const struct native_verb *v = find(argv[0]);
	struct reading r = {0};

	if (!strcmp(argv[0], "container"))
		return true;
	if (!v || !oci)
		return v;
	read_oci(oci, argv, &r);
	/*
	 * As engines call it, again and again. The rest is spared: to ask the supervisor takes longer than all
	 * that exec does before its program runs.
	 */
	if (r.bundle && !r.oci_help)
		return false;
	if (r.id && !r.oci_help && v == &native_exec && !native_is_remote() &&
	    is_made_by_verb(r.id))
		return false;
	read_native(v, argv, &r);
	if (r.help)
		return true;
	if (v == &native_run || v == &native_create)
		return takes_image(&r);
	if (!r.native || !r.subject)
		return r.native ? v->min_args == 0 || !r.oci : !r.oci;
	return native_is_remote() || (!is_made_by_verb(r.subject) && is_known(r.subject));
}

static void print_help(const struct native_verb *v)
{
	printf("usage: cloison %s%s%s%s\n\n%s\n", v->name, v->n_options ? " [OPTION...]" : "",
	       *v->arguments ? " " : "", v->arguments, v->summary);
	if (v->n_options) {
		puts("\noptions:");
		options_help(v->options, v->n_options, stdout);
	}
}

void native_help(FILE *out)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!verbs[i]->hidden)
			fprintf(out, "  %-8s  %s\n", verbs[i]->name, verbs[i]->summary);
}

static int check_args(const struct native_verb *v, char **argv, struct error *err)
{
	int n = (int)count(argv);

	if (n >= v->min_args && (v->max_args < 0 || n <= v->max_args))
		return 0;
	error_set(err, 0, n < v->min_args ? "too few arguments" : "too many arguments");
	return error_hint(err, "usage: cloison %s%s %s", v->name,
			  v->n_options ? " [OPTION...]" : "", v->arguments);
}

int native_main(char **argv, struct error *err)
{
	_cleanup_free_ char **copied = NULL;
	const struct native_verb *v;
	bool help = false;
	int code;

	if (!strcmp(argv[0], "container"))
		argv++;
	v = argv[0] ? find(argv[0]) : NULL;
	if (!v) {
		if (argv[0])
			error_set(err, 0, "there is no command `container %s`", argv[0]);
		else
			error_set(err, 0, "no command given");
		return error_hint(err, "`cloison --help` lists the commands");
	}
	copied = copy(argv + 1);
	if (!copied)
		return error_set(err, ENOMEM, "%s", v->name);
	if (parse(v, copied, &help, err) < 0)
		return error_wrap(err, "%s", v->name);
	if (help) {
		print_help(v);
		return 0;
	}
	/* `ps CONTAINER` lists its processes, as the OCI verb does */
	if (v == &native_ps && copied[0]) {
		memset(values_buffer, 0, sizeof(values_buffer));
		v = &native_top;
	}
	code = check_args(v, copied, err) < 0 ? -1 : v->run(values_buffer, copied, err);
	return code < 0 ? error_wrap(err, "%s", v->name) : code;
}
