/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * options.h: a verb's options as a table.
 *
 * One table per verb says what its options are called, where their values go and what they mean.
 * Parsing and --help are both made from it, so they cannot disagree.
 */
#ifndef CLOISON_CLI_OPTIONS_H
#define CLOISON_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "lib/error.h"

enum option_kind {
	OPTION_FLAG,   /* bool: true when given */
	OPTION_STRING, /* const char * */
	OPTION_NUMBER, /* unsigned int */
	OPTION_LIST,   /* struct option_list: may be given more than once */
	OPTION_TOGGLE, /* int: 1 when given or =true, -1 for =false: for what is on by default */
};

#define OPTION_LIST_MAX 64

struct option_list {
	size_t n;
	char *values[OPTION_LIST_MAX + 1]; /* NULL-terminated */
};

struct option {
	const char *name; /* without the dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	size_t offset;	      /* into the verb's structure of values */
	const char *argument; /* what --help calls the value; NULL for flags */
	const char *help;
};

/*
 * options_parse - take options from the front of @argv, up to the first argument that is none or
 * past "--". `--name=value`, `--name value`, `-l value` and `-lvalue` are understood.
 * @values: the structure the table's offsets point into
 * Returns the number of arguments consumed, or -1 with @err. *@help is set by --help or -h.
 */
int options_parse(const struct option *table, size_t n, char **argv, void *values, bool *help,
		  struct error *err) must_check;

/* option_store - put @value (NULL for a flag) where @o's offset points in @values. */
int option_store(const struct option *o, char *value, void *values, struct error *err) must_check;

/* options_help - print the table for a person to @out. */
void options_help(const struct option *table, size_t n, FILE *out);

#endif
