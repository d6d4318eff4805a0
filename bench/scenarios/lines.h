/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * lines.h: programs that time themselves, piece by piece, and print a line for each.
 *
 * cloison-bench-work and `cloison-bench-floor phases` print "round<TAB>nanoseconds<TAB>name" and
 * "skip<TAB>errno<TAB>name". Each line becomes a sample of the "system" called "WHERE: name", where WHERE says
 * what the program ran in.
 */
#ifndef CLOISON_BENCH_SCENARIOS_LINES_H
#define CLOISON_BENCH_SCENARIOS_LINES_H

#include "bench/scenarios/scenario.h"

#define LINES_NAMES 128

struct lines {
	const char *scenario;
	json_object *skipped;		/* name to reason; part of the scenario's parameters */
	const char *names[LINES_NAMES]; /* in the order in which they came */
	size_t count;
};

/* lines_open - record @sc with @params and an empty list of what was skipped. */
must_check int lines_open(struct bench *b, const struct scenario *sc, json_object *params,
			  struct lines *l, struct error *err);

/* lines_skip - @where was not measured, for the reason. */
void lines_skip(struct lines *l, const char *where, const char *why);

/*
 * lines_run - run @cmd to its end and take its lines as block @block.
 * A program that fails is no error: @where is skipped with what it said last.
 */
must_check int lines_run(struct bench *b, struct lines *l, const char *where,
			 const struct command *cmd, int block, int deadline_ms, struct error *err);

/*
 * lines_boot - the same with the program and arguments @exec, divided by commas, in a boot of the appliance.
 * @icount:	its nanoseconds are instructions and skipped idle time then
 */
must_check int lines_boot(struct bench *b, struct lines *l, const char *where, const char *exec,
			  bool icount, int block, struct error *err);

/* lines_close - summaries of all, in the order of their names. */
must_check int lines_close(struct bench *b, struct lines *l, struct error *err);

/* lines_compare - the ratio "OF: name" to "TO: name" for each name that both have. */
must_check int lines_compare(struct bench *b, const struct lines *l, const char *of, const char *to,
			     const char *rung, struct error *err);

#endif
