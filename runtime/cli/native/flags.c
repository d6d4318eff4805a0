/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * flags.c: options written as Docker's users write them.
 *
 * The tables are those of runtime/cli/options.h; the syntax is that of the library which Docker's command
 * line uses, so that what people type there means the same here. Options that Docker has and Cloison has
 * not are told apart from mistyped ones: whoever brings a command line along learns which part of it
 * is missing and what comes nearest.
 */
#include "runtime/cli/native/flags.h"

#include <string.h>

#include "lib/nearest.h"

/* Options of Docker's verbs that are not here, and what serves instead; NULL: nothing does. */
static const struct {
	const char *name, *nearest;
} absent[] = {
	{"add-host", NULL},
	{"annotation", "--label"},
	{"attach", "`cloison attach`"},
	{"blkio-weight", NULL},
	{"blkio-weight-device", NULL},
	{"cgroup-parent", NULL},
	{"cpu-period", "--cpus"},
	{"cpu-quota", "--cpus"},
	{"cpu-rt-period", NULL},
	{"cpu-rt-runtime", NULL},
	{"device-cgroup-rule", "--device"},
	{"device-read-bps", NULL},
	{"device-read-iops", NULL},
	{"device-write-bps", NULL},
	{"device-write-iops", NULL},
	{"disable-content-trust", NULL},
	{"dns", NULL},
	{"dns-option", NULL},
	{"dns-search", NULL},
	{"expose", NULL},
	{"gpus", "--device"},
	{"group-add", "--user USER:GROUP"},
	{"health-start-interval", "--health-interval"},
	{"ip", NULL},
	{"ip6", NULL},
	{"isolation", NULL},
	{"kernel-memory", "--memory"},
	{"label-file", "--label"},
	{"latest", "`cloison ps -n 1`"},
	{"link", "--network container:NAME"},
	{"link-local-ip", NULL},
	{"log-driver", "--log-opt"},
	{"mac-address", NULL},
	{"memory-swappiness", NULL},
	{"network-alias", NULL},
	{"no-healthcheck", "--health-cmd none"},
	{"oom-kill-disable", "--oom-score-adj"},
	{"platform", NULL},
	{"publish", "--network host"},
	{"publish-all", "--network host"},
	{"pull", NULL},
	{"quiet", NULL},
	{"runtime", NULL},
	{"size", NULL},
	{"storage-opt", NULL},
	{"use-api-socket", NULL},
	{"volume-driver", NULL},
	{"volumes-from", "-v"},
};

static const struct option *by_name(const struct option *table, size_t n, const char *name,
				    size_t length)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(table[i].name) == length && !strncmp(table[i].name, name, length))
			return &table[i];
	return NULL;
}

static const struct option *by_letter(const struct option *table, size_t n, char letter)
{
	for (size_t i = 0; i < n; i++)
		if (table[i].letter == letter)
			return &table[i];
	return NULL;
}

#define NAME_SHOWN 40

static int unknown(const struct option *table, size_t n, const char *name, size_t length,
		   struct error *err)
{
	struct nearest nearest;
	char text[NAME_SHOWN + 1];

	snprintf(text, sizeof(text), "%.*s", (int)(length < 1000 ? length : 1000), name);
	for (size_t i = 0; i < ARRAY_SIZE(absent); i++) {
		if (strcmp(absent[i].name, text) != 0)
			continue;
		error_set(err, 0, "option `--%s` is not implemented", text);
		return absent[i].nearest ? error_hint(err, "nearest: %s", absent[i].nearest) : -1;
	}
	error_set(err, 0, "unknown option `--%s`", text);
	nearest = nearest_begin(text);
	for (size_t i = 0; i < n; i++)
		nearest_try(&nearest, table[i].name);
	return nearest.name ? error_hint(err, "nearest: --%s", nearest.name) : -1;
}

static bool is_flag(const struct option *o)
{
	return o->kind == OPTION_FLAG || o->kind == OPTION_TOGGLE;
}

static int store_flag(const struct option *o, const char *value, void *values, struct error *err)
{
	void *to = (char *)values + o->offset;
	bool on = !value || !strcmp(value, "true") || !strcmp(value, "1");

	if (!on && strcmp(value, "false") != 0 && strcmp(value, "0") != 0)
		return error_set(err, 0, "option --%s: `%s` is neither true nor false", o->name,
				 value);
	if (o->kind == OPTION_TOGGLE)
		*(int *)to = on ? 1 : -1;
	else
		*(bool *)to = on;
	return 0;
}

/* parse_long - Returns the number of arguments taken, or -1. */
static int parse_long(const struct option *table, size_t n, char **argv, void *values,
		      struct error *err)
{
	char *name = argv[0] + 2;
	size_t length = strcspn(name, "=");
	const struct option *o = by_name(table, n, name, length);
	char *value = name[length] ? name + length + 1 : NULL;

	if (!o)
		return unknown(table, n, name, length, err);
	if (is_flag(o))
		return store_flag(o, value, values, err) < 0 ? -1 : 1;
	if (value)
		return option_store(o, value, values, err) < 0 ? -1 : 1;
	if (!argv[1])
		return error_set(err, 0, "option --%s needs a value", o->name);
	return option_store(o, argv[1], values, err) < 0 ? -1 : 2;
}

/* parse_letters - `-it`, `-p80:80`, `-e A=1`. Returns the number of arguments taken, or -1. */
static int parse_letters(const struct option *table, size_t n, char **argv, void *values,
			 struct error *err)
{
	for (char *p = argv[0] + 1; *p; p++) {
		const struct option *o = by_letter(table, n, *p);

		if (!o && (*p == 'p' || *p == 'P')) /* those of docker run that people use most */
			return unknown(table, n, "publish", 7, err);
		if (!o)
			return error_set(err, 0, "unknown option `-%c`%s%.40s", *p,
					 argv[0][2] ? " in " : "", argv[0][2] ? argv[0] : "");
		if (is_flag(o)) {
			char *value = p[1] == '=' ? p + 2 : NULL;

			if (store_flag(o, value, values, err) < 0)
				return -1;
			if (value)
				return 1;
			continue;
		}
		if (p[1])
			return option_store(o, p + 1 + (p[1] == '='), values, err) < 0 ? -1 : 1;
		if (!argv[1])
			return error_set(err, 0, "option -%c needs a value", *p);
		return option_store(o, argv[1], values, err) < 0 ? -1 : 2;
	}
	return 1;
}

int flags_parse(const struct option *table, size_t n, enum flags_order order, char **argv,
		void *values, bool *help, struct error *err)
{
	size_t kept = 0;

	*help = false;
	while (*argv) {
		int used;

		if ((*argv)[0] != '-' || !(*argv)[1]) {
			if (order == FLAGS_FIRST)
				break;
			/* arguments move to the front, over the options that have been taken */
			argv[-(ptrdiff_t)kept] = *argv;
			argv++;
			continue;
		}
		if (!strcmp(*argv, "--")) {
			argv++;
			kept++;
			break;
		}
		if (!strcmp(*argv, "--help") ||
		    (!strcmp(*argv, "-h") && !by_letter(table, n, 'h'))) {
			*help = true;
			return 0;
		}
		used = (*argv)[1] == '-' ? parse_long(table, n, argv, values, err)
					 : parse_letters(table, n, argv, values, err);
		if (used < 0)
			return -1;
		argv += used;
		kept += (size_t)used;
	}
	for (;; argv++) {
		argv[-(ptrdiff_t)kept] = *argv;
		if (!*argv)
			return 0;
	}
}
