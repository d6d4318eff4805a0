/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * repro_recipes.h: which of our figures stand beside which of a paper's.
 *
 * Only values that the notes on the literature have as checked against their source are here, each with that
 * source: an abstract, a README, a published table of raw data. Not each was looked up again for this table. What is known of a figure only from memory, or from others' summaries, is not; a
 * recipe without such values measures ours alone and says so.
 */
#ifndef CLOISON_BENCH_REPRO_RECIPES_H
#define CLOISON_BENCH_REPRO_RECIPES_H

#define MOST_ROWS 12
#define MOST_WORDS 16

/* One of our figures: the median of a summary, or a member of an entry of the list "memory". */
struct our_row {
	const char *label;
	const char *scenario, *system, *metric;
	double scale; /* it is divided by this ... */
	double of;    /* ... or, when not 0, this is divided by it: a time of many out of a rate */
	const char *unit;
};

struct paper_row {
	const char *label, *value, *evidence;
};

struct recipe {
	const char *id, *title, *paper, *hardware;
	int minutes;			 /* here, roughly */
	const char *options[MOST_WORDS]; /* of `run` */
	struct our_row ours[MOST_ROWS];
	struct paper_row theirs[MOST_ROWS];
	const char *differences[MOST_ROWS];
};

extern const struct recipe recipes[];
extern const unsigned long recipe_count;

#endif
