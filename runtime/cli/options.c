/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.c: parsing and printing option tables.
 */
#include "runtime/cli/options.h"

#include <string.h>

static const struct option *by_name(const struct option *table, size_t n, const char *name,
				    size_t len)
{
	for (size_t i = 0; i < n; i++)
		if (strlen(table[i].name) == len && !strncmp(table[i].name, name, len))
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

static int store_number(const struct option *o, const char *text, unsigned int *to,
			struct error *err)
{
	unsigned long v;
	char *end;

	errno = 0;
	v = strtoul(text, &end, 10);
	if (errno || end == text || *end || text[0] == '-' || v > 1000000)
		return error_set(err, EINVAL, "option --%s: `%s` is not a number", o->name, text);
	*to = (unsigned int)v;
	return 0;
}

int option_store(const struct option *o, char *value, void *values, struct error *err)
{
	void *to = (char *)values + o->offset;
	struct option_list *list = to;

	switch (o->kind) {
	case OPTION_FLAG:
		*(bool *)to = true;
		return 0;
	case OPTION_STRING:
		*(const char **)to = value;
		return 0;
	case OPTION_NUMBER:
		return store_number(o, value, to, err);
	case OPTION_LIST:
		if (list->n == OPTION_LIST_MAX)
			return error_set(err, E2BIG, "option --%s: given more than %d times",
					 o->name, OPTION_LIST_MAX);
		list->values[list->n++] = value;
		return 0;
	case OPTION_TOGGLE:
		*(int *)to = 1;
		return 0;
	}
	return 0;
}

static int unknown(const char *arg, struct error *err)
{
	return error_set(err, 0, "unknown option `%s`", arg);
}

/* parse_one - one option at @argv[0]. Returns the number of arguments it takes, or -1. */
static int parse_one(const struct option *table, size_t n, char **argv, void *values,
		     struct error *err)
{
	char *arg = argv[0], *value = NULL;
	/* One dash is enough for Go's flag package, and go-runc says -no-subreaper. */
	char *name = arg + (arg[1] == '-' ? 2 : 1);
	size_t len = strcspn(name, "=");
	const struct option *o = by_name(table, n, name, len);

	if (o && name[len])
		value = name + len + 1;
	if (!o && arg[1] != '-') {
		o = by_letter(table, n, arg[1]);
		if (o && arg[2])
			value = arg + 2 + (arg[2] == '=');
	}
	if (!o)
		return unknown(arg, err);
	if (o->kind == OPTION_FLAG) {
		/* Go's flag syntax, which engines use: --flag=true. */
		if (value && !strcmp(value, "false"))
			return 1;
		if (value && strcmp(value, "true"))
			return error_set(err, 0, "option --%s takes no value", o->name);
		return option_store(o, NULL, values, err) < 0 ? -1 : 1;
	}
	if (value)
		return option_store(o, value, values, err) < 0 ? -1 : 1;
	if (!argv[1])
		return error_set(err, 0, "option --%s needs a value", o->name);
	return option_store(o, argv[1], values, err) < 0 ? -1 : 2;
}

int options_parse(const struct option *table, size_t n, char **argv, void *values, bool *help,
		  struct error *err)
{
	int at = 0;

	*help = false;
	while (argv[at] && argv[at][0] == '-' && argv[at][1]) {
		int used;

		if (!strcmp(argv[at], "--"))
			return at + 1;
		if (!strcmp(argv[at], "--help") || !strcmp(argv[at], "-h")) {
			*help = true;
			return at + 1;
		}
		used = parse_one(table, n, argv + at, values, err);
		if (used < 0)
			return -1;
		at += used;
	}
	return at;
}

void options_help(const struct option *table, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++) {
		const struct option *o = &table[i];
		char left[64];
		int len = o->letter ? snprintf(left, sizeof(left), "-%c, --%s", o->letter, o->name)
				    : snprintf(left, sizeof(left), "    --%s", o->name);

		if (o->argument)
			snprintf(left + len, sizeof(left) - (size_t)len, " %s", o->argument);
		fprintf(out, "  %-28s  %s\n", left, o->help);
	}
}
